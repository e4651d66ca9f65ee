// SPDX-License-Identifier: GPL-2.0
/* Facts copied from the kernel's objects, in fixed size, without a lock. */
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <linux/string.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "snapshot.h"

/**
 * tcpfsm_is_tcp() - is this a TCP socket?
 * @sk: a full socket
 *
 * inet_sock_set_state also tells of SCTP, DCCP and MPTCP; of these, MPTCP's
 * subflows are TCP sockets of their own.
 *
 * Context: any.
 * Return: whether it is.
 */
bool tcpfsm_is_tcp(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP &&
	       (sk->sk_family == AF_INET || sk->sk_family == AF_INET6);
}

/**
 * tcpfsm_cookie() - the cookie of a request, full or timewait socket
 * @obj: the object; all three begin with struct sock_common
 *
 * Given on first sight. What is made from the object inherits it: the child of
 * a request, the timewait socket of a full one.
 *
 * Context: any.
 * Return: the cookie, never 0.
 */
u64 tcpfsm_cookie(const void *obj)
{
	struct sock *sk = (struct sock *)obj;
	u64 cookie = atomic64_read(&sk->sk_cookie);
	u32 halves[2];

	if (likely(cookie))
		return cookie;
	sock_diag_save_cookie(sk, halves);
	return halves[0] | (u64)halves[1] << 32;
}

/**
 * tcpfsm_snap_id() - which connection is this?
 * @id: filled in
 * @obj: a request, full or timewait socket; all begin with struct sock_common
 *
 * Context: any.
 */
void tcpfsm_snap_id(struct tcpfsm_id *id, const void *obj)
{
	const struct sock_common *c = obj;

	memset(id, 0, sizeof(*id));
	id->cookie = tcpfsm_cookie(obj);
	id->netns = read_pnet(&c->skc_net)->ns.inum;
	id->family = c->skc_family;
	id->lport = htons(c->skc_num);
	id->rport = c->skc_dport;
#if IS_ENABLED(CONFIG_IPV6)
	if (c->skc_family == AF_INET6) {
		memcpy(id->laddr, &c->skc_v6_rcv_saddr, sizeof(id->laddr));
		memcpy(id->raddr, &c->skc_v6_daddr, sizeof(id->raddr));
		return;
	}
#endif
	memcpy(id->laddr, &c->skc_rcv_saddr, sizeof(c->skc_rcv_saddr));
	memcpy(id->raddr, &c->skc_daddr, sizeof(c->skc_daddr));
}

/**
 * tcpfsm_snap_owner() - who is the current process?
 * @owner: filled in
 *
 * Context: process; see tcpfsm_current_acts().
 */
void tcpfsm_snap_owner(struct tcpfsm_owner *owner)
{
	owner->pid = task_tgid_nr(current);
	owner->uid = from_kuid_munged(&init_user_ns, current_uid());
	/* of the current process itself, so it does not end in mid-air */
	memcpy(owner->comm, current->comm, sizeof(owner->comm));
	owner->comm[sizeof(owner->comm) - 1] = '\0';
}

/**
 * tcpfsm_state_of() - RFC 9293's name for one of the kernel's states
 * @tcp_state: TCP_ESTABLISHED and so on
 *
 * Context: any.
 * Return: enum tcpfsm_state.
 */
u8 tcpfsm_state_of(int tcp_state)
{
	static const u8 states[] = {
		[TCP_ESTABLISHED]	= TCPFSM_S_ESTABLISHED,
		[TCP_SYN_SENT]		= TCPFSM_S_SYN_SENT,
		[TCP_SYN_RECV]		= TCPFSM_S_SYN_RECEIVED,
		[TCP_FIN_WAIT1]		= TCPFSM_S_FIN_WAIT_1,
		[TCP_FIN_WAIT2]		= TCPFSM_S_FIN_WAIT_2,
		[TCP_TIME_WAIT]		= TCPFSM_S_TIME_WAIT,
		[TCP_CLOSE]		= TCPFSM_S_CLOSED,
		[TCP_CLOSE_WAIT]	= TCPFSM_S_CLOSE_WAIT,
		[TCP_LAST_ACK]		= TCPFSM_S_LAST_ACK,
		[TCP_LISTEN]		= TCPFSM_S_LISTEN,
		[TCP_CLOSING]		= TCPFSM_S_CLOSING,
		[TCP_NEW_SYN_RECV]	= TCPFSM_S_SYN_RECEIVED,
	};

	if (tcp_state < 0 || tcp_state >= ARRAY_SIZE(states))
		return TCPFSM_S_UNKNOWN;
	return states[tcp_state];
}
