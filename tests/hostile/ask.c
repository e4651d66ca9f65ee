// SPDX-License-Identifier: GPL-2.0
/* Every request once, with the rights of whoever runs this; and a listener to all it can hear. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"

static uint8_t buf[1 << 18];

/* Return: 0 or a positive errno */
static int answer_to(int fd, uint16_t family, struct findings *f)
{
	const struct nlmsgerr *e;
	struct nlmsghdr *h;
	ssize_t n;
	int left;

	for (;;) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0)
			return errno;
		left = n;
		for (h = (void *)buf; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			e = NLMSG_DATA(h);
			if (h->nlmsg_type == NLMSG_ERROR)
				return -e->error;
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == family)
				scan(f, h);
		}
	}
}

/* Change what is there to what is there: a threshold is asked for first */
static int ask_one(unsigned int op, const struct family *family, struct findings *f)
{
	static struct message m;
	struct nlmsghdr *h = (void *)m.data;
	int fd = sock_open();
	struct rng r;
	int err;

	rng_init(&r, 1);
	make_valid(&m, &r, op);
	if (spec_ops[op].way == SPEC_DUMP) {
		/* all there is */
		begin(&m, op, NLM_F_DUMP);
		end(&m);
	}
	h->nlmsg_type = family->id;
	h->nlmsg_seq = 1;
	err = send(fd, m.data, m.len, 0) < 0 ? errno : answer_to(fd, family->id, f);
	close(fd);
	return err;
}

static void print_netns(const struct findings *f)
{
	unsigned int i;

	for (i = 0; i < f->n; i++)
		printf("%c%u", i ? ',' : '\t', f->netns[i]);
	putchar('\n');
}

static void ask_groups(const struct family *family, unsigned int i)
{
	int fd = sock_open();

	printf("join %s\t%s\n", spec_groups[i],
	       errno_word(sock_join(fd, family->groups[i], true)));
	if (family->groups[i] <= 32)
		printf("bind %s\t%s\n", spec_groups[i],
		       errno_word(sock_bind(1U << (family->groups[i] - 1))));
	close(fd);
}

/**
 * ask() - make every request there is
 *
 * Prints a line each: request, answer, and of the records that came the namespaces they are of.
 *
 * Return: exit status: 1 when what must not be was found in an answer.
 */
int ask(void)
{
	struct findings all = { 0 };
	struct family family;
	unsigned int i;
	int err;

	err = family_find(&family);
	if (err)
		die("no family %s: %s", spec_family, errno_word(err));
	for (i = 0; i < spec_n_ops; i++) {
		struct findings f = { 0 };

		if (spec_ops[i].way == SPEC_EVENT)
			continue;
		err = ask_one(i, &family, &f);
		printf("%s\t%s\t%llu", spec_ops[i].name, errno_word(err),
		       (unsigned long long)f.messages);
		print_netns(&f);
		if (err && f.messages)
			die("%s is refused, and answered", spec_ops[i].name);
		findings_add(&all, &f);
	}
	for (i = 0; i < spec_n_groups; i++)
		ask_groups(&family, i);
	printf("bytes\t%llu\n", (unsigned long long)all.bytes);
	return all.addresses || all.padding;
}

/* Take in what there is. The family's number is not known before it is there, and may change. */
static void hear(int fd, struct family *family, struct findings *f)
{
	struct nlmsghdr *h;
	ssize_t n;
	int left;

	for (;;) {
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && errno == ENOBUFS)
			continue;
		if (n < 0)
			return;
		left = n;
		for (h = (void *)buf; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type != GENL_ID_CTRL && h->nlmsg_type != family->id)
				family_find(family);
			if (h->nlmsg_type == family->id)
				scan(f, h);
		}
	}
}

/**
 * listen_in() - join groups, and tell what came when there is something on standard input
 * @any: all numbers a group may have, rather than those the family has
 *
 * Return: exit status: 1 when what must not be was found in it.
 */
int listen_in(bool any)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	struct findings f = { 0 };
	struct family family = { 0 };
	unsigned int i, joined = 0;

	fds[1] = (struct pollfd){ .fd = sock_open(), .events = POLLIN };
	if (any) {
		for (i = 1; i <= 1024; i++)
			joined += !sock_join(fds[1].fd, i, true);
	} else {
		i = family_find(&family);
		if (i)
			die("no family %s: %s", spec_family, errno_word(i));
		for (i = 0; i < spec_n_groups; i++)
			joined += !sock_join(fds[1].fd, family.groups[i], true);
	}
	printf("joined %u\n", joined);
	while (!fds[0].revents) {
		if (poll(fds, 2, -1) < 0)
			die("poll: %m");
		hear(fds[1].fd, &family, &f);
	}
	findings_print(&f);
	return f.addresses || f.padding;
}
