// SPDX-License-Identifier: GPL-2.0
/* Sockets of generic netlink, and what its controller says of the family */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"

#define FOREACH_ATTR(a, data, len)						\
	for (a = (const void *)(data);						\
	     (const uint8_t *)(a) + NLA_HDRLEN <= (const uint8_t *)(data) + (len) &&	\
	     (a)->nla_len >= NLA_HDRLEN;					\
	     a = (const void *)((const uint8_t *)(a) + NLA_ALIGN((a)->nla_len)))

static const void *payload(const struct nlattr *a)
{
	return (const uint8_t *)a + NLA_HDRLEN;
}

/* Refusals come without what was refused: all bytes that are received are the kernel's own. */
static int sock_new(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int on = 1, size = 256 << 10;

	if (fd < 0)
		die("no netlink socket: %m");
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static int sock_bind_to(int fd, uint32_t groups)
{
	struct sockaddr_nl at = { .nl_family = AF_NETLINK, .nl_groups = groups };

	return bind(fd, (void *)&at, sizeof(at)) ? errno : 0;
}

/**
 * sock_open() - a socket of generic netlink
 *
 * Without an address of its own it would be told nothing of the groups it joins.
 *
 * Return: the descriptor.
 */
int sock_open(void)
{
	int fd = sock_new();

	if (sock_bind_to(fd, 0))
		die("no address for a netlink socket: %m");
	return fd;
}

/**
 * sock_join() - join a multicast group, or leave it
 * @fd: the socket
 * @group: the group's number
 * @join: which of the two
 *
 * Return: 0 or a positive errno.
 */
int sock_join(int fd, uint32_t group, bool join)
{
	return setsockopt(fd, SOL_NETLINK, join ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
			  &group, sizeof(group)) ? errno : 0;
}

/**
 * sock_bind() - join groups in the old way
 * @groups: bits, the first one is group 1
 *
 * Return: 0 or a positive errno.
 */
int sock_bind(uint32_t groups)
{
	int fd = sock_new();
	int err = sock_bind_to(fd, groups);

	close(fd);
	return err;
}

static void take_group(struct family *f, const struct nlattr *group)
{
	const struct nlattr *a;
	const char *name = "";
	uint32_t id = 0;
	unsigned int i;

	FOREACH_ATTR(a, payload(group), group->nla_len - NLA_HDRLEN) {
		if (a->nla_type == CTRL_ATTR_MCAST_GRP_NAME)
			name = payload(a);
		else if (a->nla_type == CTRL_ATTR_MCAST_GRP_ID)
			memcpy(&id, payload(a), sizeof(id));
	}
	for (i = 0; i < spec_n_groups && i < ARRAY_SIZE(f->groups); i++)
		if (!strcmp(name, spec_groups[i]))
			f->groups[i] = id;
}

/**
 * family_find() - ask the controller for the family
 * @f: set
 *
 * Return: 0, or what the controller says, a positive errno: ENOENT when the module is not loaded.
 */
int family_find(struct family *f)
{
	struct {
		struct nlmsghdr		nlh;
		struct genlmsghdr	genl;
		struct nlattr		attr;
		char			name[16];
	} rq = {
		.nlh = { .nlmsg_type = GENL_ID_CTRL, .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.attr = { .nla_type = CTRL_ATTR_FAMILY_NAME },
	};
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;
	uint8_t buf[8192] __attribute__((aligned(8)));
	const struct nlmsghdr *h = (void *)buf;
	const struct nlattr *a, *g;
	int fd = sock_open();
	ssize_t n;

	memset(f, 0, sizeof(*f));
	strncpy(rq.name, spec_family, sizeof(rq.name) - 1);
	rq.attr.nla_len = NLA_HDRLEN + strlen(rq.name) + 1;
	rq.nlh.nlmsg_len = offsetof(typeof(rq), attr) + NLA_ALIGN(rq.attr.nla_len);
	n = send(fd, &rq, rq.nlh.nlmsg_len, 0);
	if (n > 0)
		n = recv(fd, buf, sizeof(buf), 0);
	close(fd);
	if (n < (ssize_t)NLMSG_HDRLEN)
		die("generic netlink's controller does not answer: %m");
	if (h->nlmsg_type == NLMSG_ERROR)
		return -((const struct nlmsgerr *)NLMSG_DATA(h))->error;
	FOREACH_ATTR(a, buf + head, h->nlmsg_len - head) {
		if ((a->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_FAMILY_ID)
			memcpy(&f->id, payload(a), sizeof(f->id));
		if ((a->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_MCAST_GROUPS)
			FOREACH_ATTR(g, payload(a), a->nla_len - NLA_HDRLEN)
				take_group(f, g);
	}
	return 0;
}

/**
 * errno_word() - the name of an error
 * @err: positive errno
 *
 * Return: the name; "ok" for 0.
 */
const char *errno_word(int err)
{
	const char *name = err ? strerrorname_np(err) : "ok";

	return name ? name : "?";
}
