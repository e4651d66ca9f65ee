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

#define MESSAGE_MAX	(64 << 10)	/* bytes; the module's are smaller */
#define SLOTS		8		/* datagrams that one system call takes in */

/* Where datagrams are received */
struct slots {
	struct mmsghdr		head[SLOTS];
	struct iovec		iov[SLOTS];
	struct sockaddr_nl	from[SLOTS];
	uint8_t			data[SLOTS][MESSAGE_MAX] __attribute__((aligned(8)));
};

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

static void lay_out(struct slots *slots)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		slots->iov[i] = (struct iovec){
			.iov_base = slots->data[i], .iov_len = sizeof(slots->data[i]),
		};
		slots->head[i] = (struct mmsghdr){
			.msg_hdr = {
				.msg_name = &slots->from[i],
				.msg_iov = &slots->iov[i], .msg_iovlen = 1,
			},
		};
	}
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
	s->slots = malloc(sizeof(*s->slots));
	s->sk = nl_socket_alloc();
	if (!s->slots || !s->sk)
		return -ENOMEM;
	lay_out(s->slots);
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
	free(s->slots);
	*s = (struct stream){ .fd = -1 };
}

/* By hand, as nla_parse() does it: it is what costs most of a short message. */
static int parse_events(struct nlmsghdr *h, struct batch *b)
{
	const uint8_t *at = (const uint8_t *)h + NLMSG_HDRLEN + GENL_HDRLEN;
	size_t left = h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	const struct nlattr *a;
	size_t step;

	*b = (struct batch){ 0 };
	for (; left >= NLA_HDRLEN; at += step, left -= step) {
		a = (const struct nlattr *)at;
		if (a->nla_len < NLA_HDRLEN || a->nla_len > left)
			break;
		if ((a->nla_type & NLA_TYPE_MASK) == TCPFSM_A_RECORDS) {
			b->records = at + NLA_HDRLEN;
			b->len = a->nla_len - NLA_HDRLEN;
		} else if ((a->nla_type & NLA_TYPE_MASK) == TCPFSM_A_INDEX &&
			   a->nla_len >= NLA_HDRLEN + sizeof(b->index)) {
			memcpy(&b->index, at + NLA_HDRLEN, sizeof(b->index));
			b->has_index = true;
		} else if ((a->nla_type & NLA_TYPE_MASK) == TCPFSM_A_UNTIL &&
			   a->nla_len >= NLA_HDRLEN + sizeof(b->until)) {
			memcpy(&b->until, at + NLA_HDRLEN, sizeof(b->until));
		}
		step = NLA_ALIGN(a->nla_len);
		if (step > left)
			break;
	}
	return b->records ? STREAM_BATCH : -EBADMSG;
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

/* Datagrams into the slots; 0 when there is none now. */
static int receive(struct stream *s)
{
	unsigned int i;
	int n;

	for (i = 0; i < SLOTS; i++)
		s->slots->head[i].msg_hdr.msg_namelen = sizeof(s->slots->from[i]);
	for (;;) {
		n = recvmmsg(s->fd, s->slots->head, SLOTS, MSG_DONTWAIT, NULL);
		if (n > 0)
			break;
		if (n < 0 && errno == ENOBUFS)
			s->overrun = true;
		else if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? 0 : -errno;
	}
	s->slot = 0;
	s->filled = n;
	/* it would have filled another one */
	s->empty = n < SLOTS;
	return 1;
}

/* The next datagram; 0 when there is none now. */
static int next_datagram(struct stream *s)
{
	const struct mmsghdr *m;
	int got;

	for (;;) {
		if (s->slot == s->filled) {
			got = s->empty ? 0 : receive(s);
			s->empty = s->empty && got;
			if (got <= 0)
				return got;
		}
		m = &s->slots->head[s->slot];
		s->data = s->slots->data[s->slot];
		s->left = m->msg_len;
		s->at = 0;
		/* from the kernel and whole; what was cut off shows as a gap */
		if (!s->slots->from[s->slot++].nl_pid && !(m->msg_hdr.msg_flags & MSG_TRUNC) &&
		    s->left)
			return 1;
	}
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
			found = next_datagram(s);
			if (found <= 0)
				return found;
		}
		found = stream_parse(s->data + s->at, s->left, s->family, b);
		step(s);
		if (found != STREAM_NOTHING)
			return found;
	}
}
