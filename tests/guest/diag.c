// SPDX-License-Identifier: GPL-2.0
/* SOCK_DESTROY: what ss -K does */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

/**
 * diag_destroy() - destroy a socket as an administrator does
 * @e: the endpoint
 *
 * Return: 0, or a negative errno.
 */
int diag_destroy(const struct end *e)
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
	} msg = {
		.nlh = {
			.nlmsg_len = sizeof(msg),
			.nlmsg_type = SOCK_DESTROY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.req = {
			.sdiag_family = e->laddr.version == 6 ? AF_INET6 : AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ~0u,
			.id.idiag_sport = htons(e->lport),
			.id.idiag_dport = htons(e->rport),
			.id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
		},
	};
	char buf[1024];
	struct nlmsghdr *nlh = (void *)buf;
	int fd, err;

	memcpy(msg.req.id.idiag_src, e->laddr.b, 16);
	memcpy(msg.req.id.idiag_dst, e->raddr.b, 16);
	ns_enter(e->ns);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		die("sock_diag: %m");
	if (send(fd, &msg, sizeof(msg), 0) < 0)
		die("sock_diag: send: %m");
	if (recv(fd, buf, sizeof(buf), 0) < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		die("sock_diag: recv: %m");
	err = ((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
	close(fd);
	return err;
}
