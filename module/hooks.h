/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_HOOKS_H
#define _TCPFSM_HOOKS_H

#include <linux/types.h>

#include "compat/ftrace.h"

/**
 * struct tcpfsm_hook - a place in the kernel where it is watched
 * @name: tracepoint, or function as /proc/kallsyms has it
 * @blind: what nobody sees without it; completes "cannot see ..."
 * @attached: whether it was found and is watched
 * @lacks: the argument that this kernel does not give it, or NULL
 * @unknown: what nobody knows without that; completes "cannot see ...", or NULL
 * @hits: how often it ran
 */
struct tcpfsm_hook {
	const char	*name;
	const char	*blind;
	bool		attached;
	const char	*lacks;
	const char	*unknown;
	u64		hits;
};

int tcpfsm_hooks_check(const char *without);
int tcpfsm_hooks_attach(const char *without);
void tcpfsm_hooks_detach(void);
bool tcpfsm_hook_get(unsigned int index, struct tcpfsm_hook *hook);
bool tcpfsm_hooks_have(void (*fn)(struct ftrace_regs *regs));

/* An argument of the function that a hook sits on, counted from 0. */
#define tcpfsm_arg(regs, n) ((void *)ftrace_regs_get_argument(regs, n))

/* probe_state.c */
void tcpfsm_on_set_state(void *data, const struct sock *sk, const int oldstate,
			 const int newstate);
void tcpfsm_on_connect(struct ftrace_regs *regs);
void tcpfsm_announce(const struct sock *sk);

/* probe_open.c */
void tcpfsm_on_reqsk_add(struct ftrace_regs *regs);
void tcpfsm_on_reqsk_segment(struct ftrace_regs *regs);
void tcpfsm_on_reqsk_error(struct ftrace_regs *regs);
void tcpfsm_on_reqsk_drop(struct ftrace_regs *regs);
void tcpfsm_on_reqsk_unlink(struct ftrace_regs *regs);
void tcpfsm_on_reqsk_free(struct ftrace_regs *regs);
void tcpfsm_on_hashdance(struct ftrace_regs *regs);
void tcpfsm_on_queue_add(struct ftrace_regs *regs);
void tcpfsm_on_accept(struct ftrace_regs *regs);

/* probe_close.c */
void tcpfsm_on_close(struct ftrace_regs *regs);
void tcpfsm_on_shutdown(struct ftrace_regs *regs);
void tcpfsm_on_disconnect(struct ftrace_regs *regs);
void tcpfsm_on_abort(struct ftrace_regs *regs);
void tcpfsm_on_reset(struct ftrace_regs *regs);
void tcpfsm_on_time_wait(struct ftrace_regs *regs);
void tcpfsm_on_tw_hashdance(struct ftrace_regs *regs);
void tcpfsm_on_tw_segment(struct ftrace_regs *regs);
void tcpfsm_on_tw_unique(struct ftrace_regs *regs);
void tcpfsm_on_tw_schedule(struct ftrace_regs *regs);
void tcpfsm_on_tw_deschedule(struct ftrace_regs *regs);
void tcpfsm_on_tw_kill(struct ftrace_regs *regs);

/* probe_segment.c */
void tcpfsm_on_syn(struct ftrace_regs *regs);
void tcpfsm_on_rcv_state(struct ftrace_regs *regs);
void tcpfsm_on_fin(struct ftrace_regs *regs);
void tcpfsm_on_v4_ack(struct ftrace_regs *regs);
void tcpfsm_on_v6_response(struct ftrace_regs *regs);
void tcpfsm_on_v4_reset(struct ftrace_regs *regs);
void tcpfsm_on_v6_reset(struct ftrace_regs *regs);
void tcpfsm_on_challenge(struct ftrace_regs *regs);

/* probe_send.c */
void tcpfsm_on_make_synack(struct ftrace_regs *regs);
void tcpfsm_on_send_fin(struct ftrace_regs *regs);
void tcpfsm_on_send_rst(struct ftrace_regs *regs);
void tcpfsm_on_send_synack(struct ftrace_regs *regs);
void tcpfsm_on_purge(struct ftrace_regs *regs);

#endif
