// SPDX-License-Identifier: GPL-2.0
/*
 * A client of sock_diag. The namespace it asks is the one its socket was opened in, so
 * this process enters another one only for as long as it takes to open it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include "diag.h"
#include "exit.h"
#include "util.h"

#define ANSWER_MAX	(64 << 10)	/* bytes; what the kernel sends at once in a dump */

/* The kernel's numbers (tcp_states.h) */
static const uint8_t kernel_states[] = {
	[TCPFSM_S_ESTABLISHED]	= 1,
	[TCPFSM_S_SYN_SENT]	= 2,
	[TCPFSM_S_SYN_RECEIVED]	= 3,
	[TCPFSM_S_FIN_WAIT_1]	= 4,
	[TCPFSM_S_FIN_WAIT_2]	= 5,
	[TCPFSM_S_TIME_WAIT]	= 6,
	[TCPFSM_S_CLOSED]	= 7,
	[TCPFSM_S_CLOSE_WAIT]	= 8,
	[TCPFSM_S_LAST_ACK]	= 9,
	[TCPFSM_S_LISTEN]	= 10,
	[TCPFSM_S_CLOSING]	= 11,
};

struct request {
	struct nlmsghdr		nlh;
	struct inet_diag_req_v2	req;
};

/* In the wrong namespace every further answer would be about the wrong sockets. */
static void go_back(int self)
{
	if (!setns(self, CLONE_NEWNET))
		return;
	fprintf(stderr, "tcpfsm: cannot return to its network namespace: %s\n", strerror(errno));
	exit(STATUS_FAILED);
}

static int open_there(int netns)
{
	int self, fd;

	self = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (self < 0)
		return -errno;
	if (setns(netns, CLONE_NEWNET)) {
		fd = -errno;
	} else {
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
		fd = fd < 0 ? -errno : fd;
		go_back(self);
	}
	close(self);
	return fd;
}

/**
 * diag_open() - connect to sock_diag
 * @d: set; diag_close() it in any case
 * @netns: descriptor of the network namespace, -1 for this process's own
 *
 * Context: process of one thread.
 * Return: 0, -EPERM when the namespace may not be entered, or another negative errno.
 */
int diag_open(struct diag *d, int netns)
{
	int fd;

	*d = (struct diag){ .fd = -1 };
	d->data = malloc(ANSWER_MAX);
	if (!d->data)
		return -ENOMEM;
	if (netns >= 0) {
		fd = open_there(netns);
	} else {
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
		fd = fd < 0 ? -errno : fd;
	}
	d->fd = fd;
	return fd < 0 ? fd : 0;
}

/**
 * diag_close() - disconnect
 * @d: the connection
 *
 * Context: process.
 */
void diag_close(struct diag *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->data);
	*d = (struct diag){ .fd = -1 };
}

static unsigned int state_of(unsigned int kernel)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kernel_states); i++)
		if (kernel && kernel_states[i] == kernel)
			return i;
	return TCPFSM_S_UNKNOWN;
}

static uint32_t kernel_mask(uint32_t states)
{
	uint32_t mask = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kernel_states); i++)
		if (states & BIT(i) && kernel_states[i])
			mask |= BIT(kernel_states[i]);
	return mask;
}

static uint64_t cookie_of(const struct inet_diag_sockid *id)
{
	return (uint64_t)id->idiag_cookie[1] << 32 | id->idiag_cookie[0];
}

/**
 * diag_set_cookie() - ask for another socket of the same addresses
 * @id: the addresses
 * @cookie: of the socket, DIAG_ANY_COOKIE for whichever has them
 *
 * Context: any.
 */
void diag_set_cookie(struct inet_diag_sockid *id, uint64_t cookie)
{
	id->idiag_cookie[0] = cookie;
	id->idiag_cookie[1] = cookie >> 32;
}

/* An older kernel's struct is shorter, a newer one's longer. */
static void take_info(struct diag_sock *s, const void *data, size_t len)
{
	struct tcp_info info = { 0 };

	if (len < offsetof(struct tcp_info, tcpi_pmtu))
		return;
	memcpy(&info, data, len < sizeof(info) ? len : sizeof(info));
	/* before the first segment the times are those of the boot */
	s->has_heard = s->state != TCPFSM_S_SYN_SENT && s->state != TCPFSM_S_LISTEN;
	s->heard = info.tcpi_last_ack_recv < info.tcpi_last_data_recv ?
		   info.tcpi_last_ack_recv : info.tcpi_last_data_recv;
}

static void take_memory(struct diag_sock *s, const void *data, size_t len)
{
	uint32_t vars[SK_MEMINFO_VARS] = { 0 };

	if (len <= SK_MEMINFO_WMEM_QUEUED * sizeof(*vars))
		return;
	memcpy(vars, data, len < sizeof(vars) ? len : sizeof(vars));
	s->has_memory = true;
	s->memory = (uint64_t)vars[SK_MEMINFO_RMEM_ALLOC] + vars[SK_MEMINFO_WMEM_QUEUED];
}

/**
 * diag_parse() - what the payload of an answer says
 * @data: struct inet_diag_msg and attributes, aligned to 4 bytes
 * @len: bytes of it
 * @s: set
 *
 * Context: any; there is no socket in here.
 * Return: 0, or -EBADMSG when it is too short.
 */
int diag_parse(const void *data, size_t len, struct diag_sock *s)
{
	const struct inet_diag_msg *m = data;
	const struct rtattr *a;
	int left;

	if (len < sizeof(*m) || len > ANSWER_MAX)
		return -EBADMSG;
	*s = (struct diag_sock){
		.id = m->id, .cookie = cookie_of(&m->id), .inode = m->idiag_inode,
		.family = m->idiag_family, .state = state_of(m->idiag_state),
		.timer = m->idiag_timer, .retrans = m->idiag_retrans,
		.expires = m->idiag_expires, .rqueue = m->idiag_rqueue,
		.wqueue = m->idiag_wqueue,
	};
	left = len - NLMSG_ALIGN(sizeof(*m));
	for (a = (void *)((uint8_t *)data + NLMSG_ALIGN(sizeof(*m))); RTA_OK(a, left);
	     a = RTA_NEXT(a, left)) {
		if (a->rta_type == INET_DIAG_INFO)
			take_info(s, RTA_DATA(a), RTA_PAYLOAD(a));
		else if (a->rta_type == INET_DIAG_SKMEMINFO)
			take_memory(s, RTA_DATA(a), RTA_PAYLOAD(a));
	}
	return 0;
}

static void begin(struct diag *d, struct request *r, unsigned int type, unsigned int flags)
{
	*r = (struct request){
		.nlh = {
			.nlmsg_len = sizeof(*r), .nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = ++d->seq,
		},
		.req = {
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1),
		},
	};
}

static int send_request(struct diag *d, const struct request *r)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(d->fd, r, sizeof(*r), 0, (void *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

/* What answers a request: with @each or @s, what is told; without, that it was done */
struct answer {
	uint32_t	seq;
	diag_each	each;
	void		*arg;
	bool		dump;
	bool		done;
	int		err;
};

static void take_message(struct answer *a, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	struct diag_sock s;

	if (h->nlmsg_seq != a->seq)
		return;
	if (h->nlmsg_type == NLMSG_ERROR) {
		a->err = h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)) ? -EBADMSG : e->error;
		a->done = true;
	} else if (h->nlmsg_type == NLMSG_DONE) {
		/* a dump that failed half way says so here */
		if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(int)))
			a->err = *(const int *)NLMSG_DATA(h);
		a->done = true;
	} else if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY && a->each) {
		if (diag_parse(NLMSG_DATA(h), h->nlmsg_len - NLMSG_HDRLEN, &s))
			a->err = -EBADMSG;
		else
			a->each(&s, a->arg);
		a->done = !a->dump;
	}
}

static int receive(struct diag *d, struct answer *a)
{
	const struct nlmsghdr *h;
	ssize_t n;
	int left;

	while (!a->done) {
		n = recv(d->fd, d->data, ANSWER_MAX, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		left = n;
		for (h = (void *)d->data; NLMSG_OK(h, left) && !a->done;
		     h = NLMSG_NEXT(h, left))
			take_message(a, h);
	}
	return a->err;
}

/**
 * diag_dump() - all sockets of some states
 * @d: the connection
 * @family: AF_INET or AF_INET6
 * @states: bits 1 << enum tcpfsm_state
 * @each: called once a socket
 * @arg: passed to @each
 *
 * Sockets that come or go meanwhile may be missing, and others too that share a chain of
 * the kernel's table with them.
 *
 * Context: process.
 * Return: 0, or a negative errno: -ENOENT when the kernel has no tcp_diag.
 */
int diag_dump(struct diag *d, unsigned int family, uint32_t states, diag_each each, void *arg)
{
	struct answer a = { .each = each, .arg = arg, .dump = true };
	struct request r;
	int err;

	begin(d, &r, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
	r.req.sdiag_family = family;
	r.req.idiag_states = kernel_mask(states);
	a.seq = d->seq;
	err = send_request(d, &r);
	return err ? err : receive(d, &a);
}

static void keep_one(const struct diag_sock *s, void *arg)
{
	struct diag_sock *to = arg;

	*to = *s;
}

/**
 * diag_id() - a flow's addresses as sock_diag wants them
 * @id: the flow
 *
 * The interface a socket is bound to is not known to the flow: such a socket is found in
 * a dump only.
 *
 * Context: any.
 * Return: the addresses, with the flow's cookie.
 */
struct inet_diag_sockid diag_id(const struct tcpfsm_id *id)
{
	struct inet_diag_sockid to = { .idiag_sport = id->lport, .idiag_dport = id->rport };

	memcpy(to.idiag_src, id->laddr, sizeof(id->laddr));
	memcpy(to.idiag_dst, id->raddr, sizeof(id->raddr));
	diag_set_cookie(&to, id->cookie);
	return to;
}

/**
 * diag_get() - one socket
 * @d: the connection
 * @family: AF_INET or AF_INET6
 * @id: its addresses and its cookie, or DIAG_ANY_COOKIE
 * @s: set
 *
 * Context: process.
 * Return: 0, -ENOENT when there is none, or another negative errno.
 */
int diag_get(struct diag *d, unsigned int family, const struct inet_diag_sockid *id,
	     struct diag_sock *s)
{
	struct answer a = { .each = keep_one, .arg = s };
	struct request r;
	int err;

	begin(d, &r, SOCK_DIAG_BY_FAMILY, 0);
	r.req.sdiag_family = family;
	r.req.id = *id;
	a.seq = d->seq;
	err = send_request(d, &r);
	if (!err)
		err = receive(d, &a);
	/* a listener of that port is not the connection that was asked for */
	if (!err && s->id.idiag_dport != id->idiag_dport)
		err = -ENOENT;
	return err;
}

/**
 * diag_destroy() - destroy a socket: SOCK_DESTROY, as ss -K does
 * @d: the connection
 * @s: the socket, as diag_dump() or diag_get() told of it
 *
 * The kernel compares the cookie, so that no other socket of the same addresses is hit.
 *
 * Context: process.
 * Return: 0; -ENOENT when these addresses are nobody's, or another socket's; -EPERM;
 * -EOPNOTSUPP when the kernel cannot, or not with a timewait socket; or another negative
 * errno. Some kernels take no notice, and say 0, when a socket is an orphan.
 */
int diag_destroy(struct diag *d, const struct diag_sock *s)
{
	struct answer a = { 0 };
	struct request r;
	int err;

	begin(d, &r, SOCK_DESTROY, NLM_F_ACK);
	r.req.sdiag_family = s->family;
	r.req.idiag_states = UINT32_MAX;
	r.req.id = s->id;
	a.seq = d->seq;
	err = send_request(d, &r);
	return err ? err : receive(d, &a);
}
