// SPDX-License-Identifier: GPL-2.0
/* Destroying stuck connections, each by its cookie. */
#include <errno.h>
#include <unistd.h>

#include "kill.h"
#include "netns.h"

/* Nobody has that cookie any more. Has somebody else these addresses? */
static enum kill_result nobody(struct diag *d, const struct diag_sock *sock)
{
	struct inet_diag_sockid id = sock->id;
	struct diag_sock other;

	diag_set_cookie(&id, DIAG_ANY_COOKIE);
	return diag_get(d, sock->family, &id, &other) ? KILL_GONE : KILL_REUSED;
}

/* While the user thought about it, it went on, or somebody accepted it. */
static bool recovered(const struct diag_sock *was, const struct diag_sock *is)
{
	return is->state != was->state || (!was->inode && is->inode);
}

static enum kill_result kill_one(struct diag *d, const struct stuck *s)
{
	struct diag_sock sock;

	if (!s->found)
		return s->asked ? KILL_GONE : KILL_UNREACHABLE;
	if (!diag_get(d, s->sock.family, &s->sock.id, &sock) && recovered(&s->sock, &sock))
		return KILL_RECOVERED;
	switch (diag_destroy(d, &s->sock)) {
	case 0:
		/* tcp_abort() of Linux 5.10 leaves out orphans, without a word */
		return diag_get(d, s->sock.family, &s->sock.id, &sock) ? KILL_DESTROYED
									: KILL_IGNORED;
	case -ENOENT:
		return nobody(d, &s->sock);
	case -EOPNOTSUPP:
		return KILL_UNSUPPORTED;
	case -EPERM:
	case -EACCES:
		return KILL_DENIED;
	default:
		return KILL_FAILED;
	}
}

/**
 * kill_all() - destroy connections
 * @l: the connections, resolved
 * @each: told what became of each
 * @arg: passed to @each
 *
 * The kernel compares the cookie; no other socket can be hit, even if it has the same
 * addresses by now. One that is no longer as it was found is left alone.
 *
 * Context: process of one thread; enters network namespaces.
 */
void kill_all(const struct stuck_list *l, kill_each each, void *arg)
{
	const uint32_t self = netns_self();
	struct netns_fd ns = { .fd = -1 };
	struct diag d = { .fd = -1 };
	const struct stuck *s;

	for (s = l->items; s < l->items + l->n; s++) {
		if (s == l->items || s->ev.id.netns != ns.inode) {
			diag_close(&d);
			ns.inode = s->ev.id.netns;
			netns_open(&ns, 1);
			if (ns.inode == self || ns.fd >= 0)
				diag_open(&d, ns.inode == self ? -1 : ns.fd);
			if (ns.fd >= 0)
				close(ns.fd);
		}
		each(s, d.fd >= 0 ? kill_one(&d, s) : KILL_UNREACHABLE, arg);
	}
	diag_close(&d);
}
