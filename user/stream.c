// SPDX-License-Identifier: GPL-2.0
/*
 * The socket events come over. It is read without libnl's receive functions: they
 * allocate for each message, and report a full buffer (ENOBUFS) as if memory had
 * run out. An overrun is never hidden (NETLINK_NO_ENOBUFS): it is what makes the
 * reader ask for the exact loss, see gap.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/genetlink.h>
#include <netlink/netlink.h>
#include <netlink/genl/genl.h>

#include "stream.h"

#define MESSAGE_MAX	(256 << 10)	/* bytes; the module's are far smaller */

/* The kernel doubles what it is given, to have room for its own bookkeeping. */
static void grow_buffer(struct stream *s, size_t buffer)
{
	int half = buffer / 2;
	socklen_t len = sizeof(half);

	if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof(half)))
		setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &half, sizeof(half));
	if (!getsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &half, &len))
		s->buffer = half;
}

static int join(struct stream *s, int group)
{
	if (group < 0)
		return group;
	if (setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return -errno;
	return 0;
}

/**
 * stream_open() - begin to listen
 * @s: set; stream_close() it in any case
 * @nl: connection for requests
 * @group: TCPFSM_MCGRP_EVENTS or TCPFSM_MCGRP_ALERTS
 * @buffer: bytes the kernel may keep for us
 *
 * Beside the module's events it listens to generic netlink's own news, to learn of
 * the module's end; where that is impossible the end goes unnoticed, no more.
 *
 * Context: process.
 * Return: 0, -EPERM when access is denied, -ENOENT when the module has no such group,
 * or another negative errno.
 */
int stream_open(struct stream *s, struct tcpnl *nl, const char *group, size_t buffer)
{
	*s = (struct stream){ .fd = -1, .family = nl->family };
	s->data = malloc(MESSAGE_MAX);
	s->sk = nl_socket_alloc();
	if (!s->data || !s->sk)
		return -ENOMEM;
	if (genl_connect(s->sk))
		return errno ? -errno : -EIO;
	s->fd = nl_socket_get_fd(s->sk);
	grow_buffer(s, buffer);
	join(s, tcpnl_group(nl, "nlctrl", "notify"));
	return join(s, tcpnl_group(nl, TCPFSM_GENL_NAME, group));
}

/**
 * stream_close() - listen no more
 * @s: the stream
 *
 * Context: process.
 */
void stream_close(struct stream *s)
{
	nl_socket_free(s->sk);
	free(s->data);
	*s = (struct stream){ .fd = -1 };
}

static int parse_events(struct nlmsghdr *h, struct batch *b)
{
	struct nlattr *attrs[TCPFSM_A_MAX + 1];

	if (genlmsg_parse(h, 0, attrs, TCPFSM_A_MAX, NULL) || !attrs[TCPFSM_A_RECORDS])
		return -EBADMSG;
	*b = (struct batch){
		.records = nla_data(attrs[TCPFSM_A_RECORDS]),
		.len = nla_len(attrs[TCPFSM_A_RECORDS]),
	};
	if (attrs[TCPFSM_A_INDEX] && nla_len(attrs[TCPFSM_A_INDEX]) >= 8) {
		b->index = nla_get_u64(attrs[TCPFSM_A_INDEX]);
		b->has_index = true;
	}
	return STREAM_BATCH;
}

static int parse_news(struct nlmsghdr *h, int family)
{
	struct nlattr *attrs[CTRL_ATTR_MAX + 1];

	if (genlmsg_parse(h, 0, attrs, CTRL_ATTR_MAX, NULL) || !attrs[CTRL_ATTR_FAMILY_ID] ||
	    nla_len(attrs[CTRL_ATTR_FAMILY_ID]) < 2)
		return STREAM_NOTHING;
	return nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]) == family ? STREAM_UNLOADED
								 : STREAM_NOTHING;
}

/**
 * stream_parse() - what a netlink message says
 * @message: the message, from its struct nlmsghdr on, in alignment for that
 * @len: bytes of it that are there
 * @family: number of the module's generic netlink family
 * @b: set for STREAM_BATCH; points into @message
 *
 * Context: any; there is no socket in here.
 * Return: enum stream_found, or -EBADMSG when it cannot be read.
 */
int stream_parse(const void *message, size_t len, int family, struct batch *b)
{
	struct nlmsghdr *h = (struct nlmsghdr *)message;
	const struct genlmsghdr *g;

	if (len > INT32_MAX || !nlmsg_ok(h, len) || !genlmsg_valid_hdr(h, 0))
		return -EBADMSG;
	g = nlmsg_data(h);
	if (h->nlmsg_type == family)
		return g->cmd == TCPFSM_CMD_EVENTS || g->cmd == TCPFSM_CMD_ALERTS ?
		       parse_events(h, b) : STREAM_NOTHING;
	if (h->nlmsg_type == GENL_ID_CTRL && g->cmd == CTRL_CMD_DELFAMILY)
		return parse_news(h, family);
	return STREAM_NOTHING;
}

/* The next datagram; 0 when there is none now. */
static int receive(struct stream *s)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = s->data, .iov_len = MESSAGE_MAX };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t n;

	for (;;) {
		m.msg_namelen = sizeof(from);
		n = recvmsg(s->fd, &m, MSG_DONTWAIT);
		if (n < 0 && errno == ENOBUFS)
			s->overrun = true;
		else if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? 0 : -errno;
		/* from the kernel and whole; what was cut off shows as a gap */
		else if (n > 0 && !from.nl_pid && !(m.msg_flags & MSG_TRUNC))
			break;
	}
	s->at = 0;
	s->left = n;
	return 1;
}

/* Step over one message of the datagram. */
static void step(struct stream *s)
{
	const struct nlmsghdr *h = (void *)(s->data + s->at);
	size_t len = s->left;

	if (len >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) && NLMSG_ALIGN(h->nlmsg_len) < len)
		len = NLMSG_ALIGN(h->nlmsg_len);
	s->at += len;
	s->left -= len;
}

/**
 * stream_next() - the next message with records
 * @s: the stream
 * @b: set for STREAM_BATCH; valid until the next call
 *
 * Context: process; does not wait.
 * Return: STREAM_BATCH; STREAM_UNLOADED; STREAM_NOTHING when the socket is empty;
 * -EBADMSG for a message that cannot be read, after which one goes on; or another
 * negative errno of the socket.
 */
int stream_next(struct stream *s, struct batch *b)
{
	int found;

	for (;;) {
		if (!s->left) {
			found = receive(s);
			if (found <= 0)
				return found;
		}
		found = stream_parse(s->data + s->at, s->left, s->family, b);
		step(s);
		if (found != STREAM_NOTHING)
			return found;
	}
}
