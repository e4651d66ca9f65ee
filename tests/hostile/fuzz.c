// SPDX-License-Identifier: GPL-2.0
/*
 * Senders, each a thread with sockets of its own: most may do everything, one is in a network
 * namespace of its own, one may do nothing. What is sent depends on the seed alone; what
 * answers it is counted, and compared with what has to.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/capability.h>

#include "hostile.h"

#define ERRNOS		256
#define PENDING		4096	/* messages whose answers are awaited, a power of two */
#define COMPLAINTS	10

enum role {
	ROLE_ROOT,
	ROLE_OWN,		/* in a network namespace of its own */
	ROLE_NONE,		/* without CAP_NET_ADMIN */
	ROLES,
};

static const char *const roles[] = { "root", "own-netns", "no-rights" };

/* A message on its way */
struct pending {
	uint32_t	seq;
	uint8_t		trick;
	uint8_t		op;
	bool		request;	/* it says it is one */
};

/**
 * struct counts - what became of messages
 * @sent: them
 * @accepted: answered with what was asked for
 * @refused: by errno
 * @wrong: not answered as they have to be
 * @left: dumps that were not read to their end
 * @joined: groups joined
 * @denied: groups not joined
 * @closed: sockets closed, whatever went on
 * @overrun: receive buffers that were full
 * @tricks: sent and accepted, of each kind
 * @ops: sent and accepted, of right requests of each operation
 * @found: in what came
 */
struct counts {
	uint64_t	sent;
	uint64_t	accepted;
	uint64_t	refused[ERRNOS];
	uint64_t	wrong;
	uint64_t	left;
	uint64_t	joined;
	uint64_t	denied;
	uint64_t	closed;
	uint64_t	overrun;
	uint64_t	tricks[16][2];
	uint64_t	ops[64][2];
	struct findings	found;
};

struct sender {
	const struct plan *plan;
	pthread_barrier_t *ready;	/* all know the family */
	enum role	role;
	uint64_t	todo;
	struct rng	rng;
	struct family	family;
	int		fd;		/* asks */
	int		groups;		/* listens */
	uint32_t	seq;
	uint32_t	netns;		/* inode of its own */
	struct pending	pending[PENDING];
	struct message	m, batch;
	uint8_t		buf[1 << 18];
	struct counts	counts;
};

static void complain(struct sender *s, const char *what, const struct pending *p, int err)
{
	if (s->counts.wrong++ < COMPLAINTS)
		printf("wrong: %s: %s of %s: %s: %s\n", roles[s->role], tricks[p->trick].name,
		       spec_ops[p->op].name, what, errno_word(err));
}

/* What never has to do with the message: too much at once, no memory, the module gone */
static bool is_circumstance(const struct sender *s, int err)
{
	if (err == EBUSY || err == ENOBUFS || err == ENOMEM)
		return true;
	return s->plan->moving && (err == ENOENT || err == EPROTONOSUPPORT || err == EOPNOTSUPP ||
				   err == EINVAL || err == EPERM);
}

static void judge(struct sender *s, const struct pending *p, int err)
{
	/* while the module moves its number may be another family's */
	if (is_circumstance(s, err) || (s->plan->moving && s->role != ROLE_NONE))
		return;
	if (s->role == ROLE_NONE) {
		if (!err && !s->plan->moving)
			complain(s, "accepted without rights", p, err);
		return;
	}
	if (s->role == ROLE_OWN && err == EPERM)
		return;
	if (tricks[p->trick].answer == ANSWER_OK && err)
		complain(s, "refused", p, err);
	else if (tricks[p->trick].answer == ANSWER_REFUSED && err != EINVAL && err != ERANGE)
		complain(s, "not refused", p, err);
	else if (tricks[p->trick].answer == ANSWER_UNKNOWN && err != EOPNOTSUPP)
		complain(s, "not unknown", p, err);
}

/* The module is gone, or is back under another number; until it is, go on with the old one. */
static void look_again(struct sender *s)
{
	struct family now;

	if (!family_find(&now))
		s->family = now;
}

static void answered(struct sender *s, uint32_t seq, int err)
{
	struct pending *p = &s->pending[seq % PENDING];

	if (!seq || p->seq != seq)
		return;
	p->seq = 0;
	if (!p->request)
		return;
	if (err) {
		s->counts.refused[err < ERRNOS ? err : 0]++;
	} else {
		s->counts.accepted++;
		if (s->role == ROLE_ROOT) {
			s->counts.tricks[p->trick][1]++;
			s->counts.ops[p->op][1] += tricks[p->trick].answer == ANSWER_OK;
		}
	}
	judge(s, p, err);
	if (err == ENOENT)
		look_again(s);
}

/* In a namespace of its own: of other namespaces than that one */
static bool is_told_of_others(const struct sender *s)
{
	unsigned int i;

	for (i = 0; i < s->counts.found.n; i++)
		if (s->counts.found.netns[i] != s->netns)
			return true;
	return false;
}

static void take(struct sender *s, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const struct pending none = { 0 };
	int err = 0;

	if (h->nlmsg_type == NLMSG_ERROR) {
		answered(s, h->nlmsg_seq, -e->error);
	} else if (h->nlmsg_type == NLMSG_DONE) {
		if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(err)))
			memcpy(&err, NLMSG_DATA(h), sizeof(err));
		answered(s, h->nlmsg_seq, err < 0 ? -err : 0);
	} else if (h->nlmsg_type == s->family.id) {
		scan(&s->counts.found, h);
		if (s->role == ROLE_NONE)
			complain(s, "was told something", &none, 0);
		if (s->role == ROLE_OWN && is_told_of_others(s))
			complain(s, "was told of other namespaces", &none, 0);
	}
}

/* Take in at most @most datagrams. Return: whether there may be more. */
static bool read_some(struct sender *s, int fd, unsigned int most)
{
	const struct nlmsghdr *h;
	ssize_t n;
	int left;

	while (most--) {
		n = recv(fd, s->buf, sizeof(s->buf), MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && errno == ENOBUFS) {
			s->counts.overrun++;
			continue;
		}
		if (n < 0)
			return false;
		if ((size_t)n > sizeof(s->buf))
			die("a datagram of %zd bytes", n);
		left = n;
		for (h = (void *)s->buf; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
			take(s, h);
	}
	return true;
}

static void groups_now_and_then(struct sender *s)
{
	unsigned int i = below(&s->rng, spec_n_groups);
	bool join = !one_in(&s->rng, 3);
	const struct pending p = { .op = i };
	int err;

	if (s->family.groups[i]) {
		err = sock_join(s->groups, s->family.groups[i], join);
		if (!err && join) {
			s->counts.joined++;
			if (s->role == ROLE_NONE && !s->plan->moving)
				complain(s, "joined a group", &p, err);
		} else if (err) {
			s->counts.denied++;
		}
	}
	read_some(s, s->groups, 64);
	if (one_in(&s->rng, 16)) {
		close(s->groups);
		s->groups = sock_open();
		s->counts.closed++;
	}
}

static void send_it(struct sender *s, struct message *m)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (m->len && sendto(s->fd, m->data, m->len, 0, (void *)&kernel, sizeof(kernel)) < 0 &&
	    errno != ENOBUFS && errno != EAGAIN && errno != ENOMEM && errno != ECONNREFUSED)
		die("sending %zu bytes: %m", m->len);
	m->len = 0;
	if (one_in(&s->rng, 16)) {
		/* later, or never */
		s->counts.left += read_some(s, s->fd, 1);
	} else {
		while (read_some(s, s->fd, 64))
			;
	}
	if (one_in(&s->rng, 128)) {
		close(s->fd);
		s->fd = sock_open();
		s->counts.closed++;
	}
}

static void one_message(struct sender *s)
{
	struct nlmsghdr *h = (void *)s->m.data;
	unsigned int trick = pick_trick(&s->rng);
	struct pending *p;

	s->m.len = 0;
	tricks[trick].make(&s->m, &s->rng, below(&s->rng, spec_n_ops));
	h->nlmsg_type = s->family.id;
	h->nlmsg_pid = 0;
	h->nlmsg_seq = ++s->seq ? s->seq : ++s->seq;
	p = &s->pending[s->seq % PENDING];
	*p = (struct pending){ .seq = s->seq, .trick = trick, .op = s->m.op,
			       .request = h->nlmsg_flags & NLM_F_REQUEST };
	s->counts.sent++;
	if (s->role == ROLE_ROOT) {
		s->counts.tricks[trick][0]++;
		s->counts.ops[s->m.op][0] += tricks[trick].answer == ANSWER_OK;
	}

	/*
	 * Several in one datagram, as long as each says rightly where the next one begins; a dump
	 * is the last one, as there can be but one.
	 */
	if (s->batch.len + s->m.len > MESSAGE_MAX)
		send_it(s, &s->batch);
	memcpy(s->batch.data + s->batch.len, s->m.data, s->m.len);
	s->batch.len += NLMSG_ALIGN(s->m.len);
	if (h->nlmsg_len != s->m.len || h->nlmsg_flags & NLM_F_ROOT || one_in(&s->rng, 32))
		send_it(s, &s->batch);
}

static void give_up_rights(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	/* of this thread alone, which libc's functions would not leave at that */
	if (syscall(SYS_capset, &head, none))
		die("capset: %m");
}

static bool goes_on(const struct sender *s)
{
	struct timespec now;

	if (s->plan->moving && access(s->plan->moving, F_OK))
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return s->counts.sent < s->todo && (!s->plan->until || now.tv_sec < s->plan->until);
}

static void *run(void *arg)
{
	struct sender *s = arg;
	struct stat st;

	if (s->role == ROLE_OWN && unshare(CLONE_NEWNET))
		die("no namespace: %m");
	if (stat("/proc/thread-self/ns/net", &st))
		die("/proc/thread-self/ns/net: %m");
	s->netns = st.st_ino;
	if (s->role == ROLE_NONE)
		give_up_rights();
	s->fd = sock_open();
	s->groups = sock_open();
	if (family_find(&s->family))
		die("no family %s", spec_family);
	pthread_barrier_wait(s->ready);
	while (goes_on(s)) {
		one_message(s);
		if (one_in(&s->rng, 64))
			groups_now_and_then(s);
	}
	send_it(s, &s->batch);
	while (read_some(s, s->fd, 64))
		;
	close(s->fd);
	close(s->groups);
	return NULL;
}

static void add(struct counts *to, const struct counts *from)
{
	unsigned int i;

	to->sent += from->sent;
	to->accepted += from->accepted;
	to->wrong += from->wrong;
	to->left += from->left;
	to->joined += from->joined;
	to->denied += from->denied;
	to->closed += from->closed;
	to->overrun += from->overrun;
	for (i = 0; i < ERRNOS; i++)
		to->refused[i] += from->refused[i];
	for (i = 0; i < ARRAY_SIZE(to->tricks); i++) {
		to->tricks[i][0] += from->tricks[i][0];
		to->tricks[i][1] += from->tricks[i][1];
	}
	for (i = 0; i < ARRAY_SIZE(to->ops); i++) {
		to->ops[i][0] += from->ops[i][0];
		to->ops[i][1] += from->ops[i][1];
	}
	findings_add(&to->found, &from->found);
}

static void report_counts(const char *whose, const struct counts *c)
{
	uint64_t refused = 0;
	unsigned int i;

	for (i = 0; i < ERRNOS; i++)
		refused += c->refused[i];
	printf("%s sent %llu accepted %llu refused %llu unanswered %llu\n", whose,
	       (unsigned long long)c->sent, (unsigned long long)c->accepted,
	       (unsigned long long)refused,
	       (unsigned long long)(c->sent - c->accepted - refused));
	for (i = 0; i < ERRNOS; i++)
		if (c->refused[i])
			printf("%s %s %llu\n", whose, errno_word(i),
			       (unsigned long long)c->refused[i]);
	printf("%s left %llu joined %llu denied %llu closed %llu overrun %llu\n", whose,
	       (unsigned long long)c->left, (unsigned long long)c->joined,
	       (unsigned long long)c->denied, (unsigned long long)c->closed,
	       (unsigned long long)c->overrun);
}

static void report(const struct counts *by_role)
{
	struct counts sum = { 0 };
	unsigned int i;

	for (i = 0; i < ROLES; i++) {
		add(&sum, &by_role[i]);
		report_counts(roles[i], &by_role[i]);
	}
	report_counts("all", &sum);
	for (i = 0; i < n_tricks; i++)
		printf("trick %s sent %llu accepted %llu\n", tricks[i].name,
		       (unsigned long long)sum.tricks[i][0], (unsigned long long)sum.tricks[i][1]);
	for (i = 0; i < spec_n_ops; i++)
		if (spec_ops[i].way != SPEC_EVENT)
			printf("op %s sent %llu accepted %llu\n", spec_ops[i].name,
			       (unsigned long long)sum.ops[i][0],
			       (unsigned long long)sum.ops[i][1]);
	printf("wrong %llu\n", (unsigned long long)sum.wrong);
	findings_print(&sum.found);
}

static enum role role_of(const struct plan *p, unsigned int i)
{
	if (i + 1 == p->threads)
		return ROLE_NONE;
	return i + 2 == p->threads ? ROLE_OWN : ROLE_ROOT;
}

/**
 * fuzz() - send messages, and count what becomes of them
 * @p: how many, by how many
 *
 * Return: exit status: 1 when a message was not answered as it has to be, or what must not be
 * was found in an answer.
 */
int fuzz(const struct plan *p)
{
	struct counts *by_role = calloc(ROLES, sizeof(*by_role));
	struct sender *senders = calloc(p->threads, sizeof(*senders));
	pthread_barrier_t ready;
	pthread_t threads[16];
	bool bad = false;
	unsigned int i;

	if (!senders || !by_role)
		die("no memory");
	pthread_barrier_init(&ready, NULL, p->threads + 1);
	printf("seed %llu\n", (unsigned long long)p->seed);
	for (i = 0; i < p->threads; i++) {
		senders[i].plan = p;
		senders[i].ready = &ready;
		senders[i].role = role_of(p, i);
		senders[i].todo = p->messages / p->threads +
				  (i < p->messages % p->threads ? 1 : 0);
		rng_init(&senders[i].rng, p->seed + i);
		if (pthread_create(&threads[i], NULL, run, &senders[i]))
			die("no thread: %m");
	}
	pthread_barrier_wait(&ready);
	puts("ready");
	for (i = 0; i < p->threads; i++) {
		pthread_join(threads[i], NULL);
		add(&by_role[senders[i].role], &senders[i].counts);
		bad |= senders[i].counts.wrong || senders[i].counts.found.addresses ||
		       senders[i].counts.found.padding;
	}
	report(by_role);
	free(senders);
	free(by_role);
	return bad;
}
