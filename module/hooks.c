// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel is watched, and how the watching begins and ends.
 *
 * Tracepoints are not exported; they are found by name. Functions are watched
 * with one ftrace_ops for all of them. Not with kprobes: a kprobe's handler runs
 * with interrupts on and one at a time on a CPU, so when a softirq comes in the
 * middle of it, the hooks that this softirq would run are skipped. An ftrace_ops
 * has no such limit, and costs a third. Kprobes only find the addresses.
 *
 * None of the functions runs for an acceptable data segment of an ESTABLISHED
 * connection, or what acknowledges it: they run for connections that open or close,
 * for segments that reach a request or a timewait socket, and for those that are
 * challenged or thrown away.
 */
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <net/sock.h>
#include <trace/events/skb.h>
#include <trace/events/sock.h>
#include <trace/events/tcp.h>

#include "btf.h"
#include "compat/lacking.h"
#include "compat/trace.h"
#include "hand.h"
#include "hooks.h"
#include "segment.h"

/*
 * @names: the function; a second one is what older kernels have in its place
 * @args: of each, the first arguments as far as they are read; a name where another of the
 *	same type might be taken for it. scripts/preflight reads them here.
 * @fns: what to run for each
 */
struct function_hook {
	const char *names[2];
	const char *args[2];
	const char *blind;

	void (*fns[2])(struct ftrace_regs *regs);
	u8 found;		/* 1 + index into names, 0 for none */
	unsigned long addr;
};

#define HOOK(name, args, fn, blind) { { name }, { args }, blind, { fn } }
#define HOOK_OR(name, args, fn, older, older_args, older_fn, blind) \
	{ { name, older }, { args, older_args }, blind, { fn, older_fn } }

static struct function_hook functions[] = {
	HOOK("tcp_connect", "sock *", tcpfsm_on_connect,
	     "when an active open began, and from which port"),
	HOOK("inet_csk_reqsk_queue_hash_add", "sock *, request_sock *", tcpfsm_on_reqsk_add,
	     "SYN_RECEIVED before the third segment, half-open flows"),
	HOOK("tcp_check_req", "sock *, sk_buff *, request_sock *, bool fastopen",
	     tcpfsm_on_reqsk_segment,
	     "which segment ended a half-open flow"),
	HOOK("tcp_req_err", "sock *, u32 seq, bool abort", tcpfsm_on_reqsk_error,
	     "that an ICMP error ended a half-open flow"),
	/* 6.12 and stable, e8c526f2bdf1: it is told whether the timer calls it */
	HOOK_OR("__inet_csk_reqsk_queue_drop", "sock *, request_sock *, bool from_timer",
		tcpfsm_on_reqsk_drop,
		"reqsk_queue_unlink", "request_sock *", tcpfsm_on_reqsk_unlink,
		"the end of half-open flows that are never completed"),
	HOOK("tcp_v4_reqsk_destructor", "request_sock *", tcpfsm_on_reqsk_free,
	     "which of two CPUs that raced for one IPv4 SYN gave up"),
	HOOK("tcp_v6_reqsk_destructor", "request_sock *", tcpfsm_on_reqsk_free,
	     "which of two CPUs that raced for one IPv6 SYN gave up"),
	HOOK("inet_csk_complete_hashdance", "sock *sk, sock *child, request_sock *, bool own_req",
	     tcpfsm_on_hashdance,
	     "that a half-open flow and the connection it became are one"),
	HOOK("inet_csk_reqsk_queue_add", "sock *sk, request_sock *, sock *child",
	     tcpfsm_on_queue_add,
	     "the opening of connections by SYN cookie and Fast Open"),
	/* accept() ends in it, in the accepting process, on all versions */
	HOOK("security_sock_graft", "sock *", tcpfsm_on_accept,
	     "which process accepted a connection"),
	HOOK("__tcp_close", "sock *", tcpfsm_on_close,
	     "that close() or the end of a process caused a transition"),
	HOOK("tcp_shutdown", "sock *", tcpfsm_on_shutdown,
	     "that shutdown() caused a transition"),
	HOOK("tcp_disconnect", "sock *, int flags", tcpfsm_on_disconnect,
	     "that connect(AF_UNSPEC) or the end of a listener caused a transition"),
	HOOK("tcp_abort", "sock *", tcpfsm_on_abort,
	     "that SOCK_DESTROY ended a TIME_WAIT or a half-open flow"),
#ifdef HAVE_TCP_RESET_SKB
	HOOK("tcp_reset", "sock *, sk_buff *", tcpfsm_on_reset,
	     "that a RST caused a transition"),
#else
	HOOK("tcp_reset", "sock *", tcpfsm_on_reset,
	     "that a RST caused a transition"),
#endif
	HOOK("tcp_time_wait", "sock *", tcpfsm_on_time_wait,
	     "that a TIME_WAIT was left out for lack of room"),
	/* 6.11, b334b924c9b7 ("net: tcp/dccp: prepare for tw_timer un-pinning") */
	HOOK_OR("inet_twsk_hashdance_schedule", "inet_timewait_sock *, sock *",
		tcpfsm_on_tw_hashdance,
		"inet_twsk_hashdance", "inet_timewait_sock *, sock *", tcpfsm_on_tw_hashdance,
		"TIME_WAIT, and FIN_WAIT_2 of sockets that nobody holds"),
	HOOK("tcp_timewait_state_process", "inet_timewait_sock *, sk_buff *, tcphdr *",
	     tcpfsm_on_tw_segment,
	     "which segment ended a TIME_WAIT"),
	HOOK("tcp_twsk_unique", "sock *sk, sock *sktw", tcpfsm_on_tw_unique,
	     "that connect() took the ports of a TIME_WAIT"),
	HOOK("__inet_twsk_schedule", "inet_timewait_sock *", tcpfsm_on_tw_schedule,
	     "FIN_WAIT_2 -> TIME_WAIT of sockets that nobody holds"),
	HOOK("inet_twsk_deschedule_put", "inet_timewait_sock *", tcpfsm_on_tw_deschedule,
	     "that a TIME_WAIT ended before its time"),
	HOOK("inet_twsk_kill", "inet_timewait_sock *", tcpfsm_on_tw_kill,
	     "the end of TIME_WAIT"),
	HOOK("tcp_conn_request", "request_sock_ops *, tcp_request_sock_ops *, sock *, sk_buff *",
	     tcpfsm_on_syn,
	     "SYNs that come in, and those that full queues throw away"),
	HOOK("tcp_make_synack", "sock *, dst_entry *, request_sock *, tcp_fastopen_cookie *, enum",
	     tcpfsm_on_make_synack,
	     "SYN,ACKs that are sent"),
	HOOK("tcp_send_synack", "sock *", tcpfsm_on_send_synack,
	     "SYN,ACKs that are sent in a simultaneous open"),
	HOOK("tcp_rcv_state_process", "sock *, sk_buff *", tcpfsm_on_rcv_state,
	     "segments that come in, but for ESTABLISHED and TIME_WAIT"),
	HOOK("tcp_write_queue_purge", "sock *", tcpfsm_on_purge,
	     "SYNs that are sent, and which timer gave a connection up"),
	HOOK("tcp_fin", "sock *", tcpfsm_on_fin,
	     "FINs received in ESTABLISHED, and when FINs are acknowledged"),
	HOOK("tcp_send_fin", "sock *", tcpfsm_on_send_fin,
	     "FINs that are sent"),
	HOOK("tcp_send_active_reset", "sock *", tcpfsm_on_send_rst,
	     "RSTs by which a connection is aborted"),
	HOOK("tcp_v4_send_reset", "sock *, sk_buff *", tcpfsm_on_v4_reset,
	     "IPv4 segments that are refused, and the RSTs that say so"),
	HOOK("tcp_v6_send_reset", "sock *, sk_buff *", tcpfsm_on_v6_reset,
	     "IPv6 segments that are refused, and the RSTs that say so"),
	HOOK("tcp_v4_send_ack", "sock *, sk_buff *, u32 seq, u32 ack, u32 win", tcpfsm_on_v4_ack,
	     "ACKs that are sent over IPv4 in TIME_WAIT"),
	HOOK("tcp_v6_send_response", "sock *, sk_buff *, u32 seq, u32 ack, u32 win",
	     tcpfsm_on_v6_response,
	     "ACKs that are sent over IPv6 in TIME_WAIT"),
	/*
	 * Before 5.17, 208dd45d8d05 ("tcp: tcp_send_challenge_ack delete useless param `skb`"),
	 * GCC changes its arguments and its name.
	 */
	HOOK("tcp_send_challenge_ack", "sock *", tcpfsm_on_challenge,
	     "that a segment was answered with a challenge ACK"),
};

static void on_set_state(void *data, const struct sock *sk, const int oldstate,
			 const int newstate);
/*
 * @probe: what to run, NULL where the kernel's tracepoint does not tell enough
 */
static struct tracepoint_hook {
	const char *name;
	const char *blind;
	void *probe;
	struct tracepoint *tp;
	bool attached;
} tracepoints[] = {
	{ "inet_sock_set_state", "transitions of full sockets, which are most", on_set_state },
	{ "tcp_retransmit_skb", "SYNs and FINs that are sent again", probe_retransmit },
	{ "kfree_skb", "illegal segments received in ESTABLISHED", probe_kfree_skb },
};

#define N_FUNCTIONS ARRAY_SIZE(functions)
#define N_HOOKS (N_FUNCTIONS + ARRAY_SIZE(tracepoints))

struct hits {
	unsigned long n[N_HOOKS];	/* functions, then tracepoints */
};

static DEFINE_PER_CPU(struct hits, hits);

/*
 * From where ftrace calls in a function to its hook, by open addressing, with room enough
 * that a probe rarely goes on to a second slot. Written before the hooks are
 * attached, read only by them.
 */
#define MAP_BITS 7
static struct {
	unsigned long ip;
	unsigned int index;
	void (*fn)(struct ftrace_regs *regs);
} map[1 << MAP_BITS];

static unsigned int map_slot(unsigned long ip)
{
	unsigned int slot = hash_long(ip, MAP_BITS);

	BUILD_BUG_ON(N_FUNCTIONS * 2 > ARRAY_SIZE(map));
	while (map[slot].ip && map[slot].ip != ip)
		slot = (slot + 1) & (ARRAY_SIZE(map) - 1);
	return slot;
}

static void notrace dispatch(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops, struct ftrace_regs *regs)
{
	unsigned int slot = map_slot(ip);

	if (unlikely(!map[slot].ip)) {
		pr_err_once("tcpfsm: ftrace calls from %pS, where no hook is\n", (void *)ip);
		return;
	}
	this_cpu_inc(hits.n[map[slot].index]);
	map[slot].fn(regs);
}

static struct ftrace_ops ops = {
	.func = dispatch,
	/* permanent: kernel.ftrace_enabled=0 must not silence it unseen */
	.flags = FTRACE_OPS_FL_PERMANENT | TCPFSM_OPS_FLAGS,
};

static void on_set_state(void *data, const struct sock *sk, const int oldstate,
			 const int newstate)
{
	this_cpu_inc(hits.n[N_FUNCTIONS]);
	tcpfsm_on_set_state(data, sk, oldstate, newstate);
}

static void on_retransmit(const struct sock *sk, const struct sk_buff *skb, int err)
{
	this_cpu_inc(hits.n[N_FUNCTIONS + 1]);
	if (!err)
		tcpfsm_segment_retransmitted(sk, skb);
}

/* Everything the kernel throws away comes by here: be quick. */
static void on_drop(const struct sk_buff *skb, unsigned int reason, const struct sock *sk)
{
	if (!tcpfsm_drop_is_illegal(reason)) {
		tcpfsm_hand_forget(skb);
		return;
	}
	this_cpu_inc(hits.n[N_FUNCTIONS + 2]);
	tcpfsm_segment_dropped(skb, sk);
}

static bool in_list(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at = list;

	while (at && (at = strstr(at, name))) {
		if ((at == list || at[-1] == ',') && (at[len] == ',' || !at[len]))
			return true;
		at += len;
	}
	return false;
}

static bool known(const char *name, size_t len)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++)
		if (strlen(tracepoints[i].name) == len &&
		    !strncmp(tracepoints[i].name, name, len))
			return true;
	for (i = 0; i < N_FUNCTIONS; i++)
		for (j = 0; j < 2; j++)
			if (functions[i].names[j] && strlen(functions[i].names[j]) == len &&
			    !strncmp(functions[i].names[j], name, len))
				return true;
	return false;
}

/**
 * tcpfsm_hooks_check() - is this a list of hooks?
 * @without: names with commas between them, or NULL
 *
 * Context: process, module load.
 * Return: 0, or -EINVAL after the kernel log was told why.
 */
int tcpfsm_hooks_check(const char *without)
{
	const char *name = without;
	size_t len;

	while (name && *name) {
		len = strcspn(name, ",");
		if (!known(name, len)) {
			pr_err("tcpfsm: without=%s: no hook '%.*s'; see the names in tcpfsm doctor\n",
			       without, (int)len, name);
			return -EINVAL;
		}
		name += len;
		if (*name)
			name++;
	}
	return 0;
}

/*
 * A function's address, or 0. register_kprobe() looks it up. The kprobe is asked for inside the
 * first instruction, and is refused after that: one that is registered at the entry, even
 * disabled, would claim the breakpoints that ftrace puts there to patch the function.
 */
static unsigned long address_of(const char *name)
{
	struct kprobe kp = { .symbol_name = name, .offset = 1, .flags = KPROBE_FLAG_DISABLED };

	if (!register_kprobe(&kp)) {
		unregister_kprobe(&kp);
		return 0;
	}
	return kp.addr ? (unsigned long)kp.addr - kp.offset : 0;
}

/*
 * Have ftrace call dispatch() for the function at @addr. Return: 0, with @ip what dispatch()
 * is told that this function is, or the kernel's errno.
 */
static int watch(unsigned long addr, unsigned long *ip)
{
	static const struct { u8 asked, in; } calls[] = TCPFSM_FTRACE_CALLS;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		err = ftrace_set_filter_ip(&ops, addr + calls[i].asked, 0, 0);
		if (err != -EINVAL)
			break;
	}
	if (!err)
		*ip = addr + calls[i].in;
	return err;
}

static int attach_functions(const char *without)
{
	unsigned int i, j, slot, n = 0;
	struct function_hook *h;
	unsigned long addr, ip;
	int err;

	err = tcpfsm_btf_open();
	if (err)
		return err;
	for (i = 0; i < N_FUNCTIONS; i++) {
		h = &functions[i];
		for (j = 0; j < 2 && !h->found; j++) {
			if (!h->names[j] || in_list(without, h->names[j]))
				break;
			if (!tcpfsm_btf_fits(h->names[j], h->args[j]))
				continue;
			addr = address_of(h->names[j]);
			if (!addr)
				continue;
			err = watch(addr, &ip);
			if (err == -ENOMEM)
				goto out;
			if (err)
				continue;
			slot = map_slot(ip);
			map[slot].ip = ip;
			map[slot].index = i;
			map[slot].fn = h->fns[j];
			h->found = j + 1;
			n++;
		}
	}
	/* with nothing to filter by, an ftrace_ops would watch every function */
	err = n ? register_ftrace_function(&ops) : -ENOENT;
out:
	tcpfsm_btf_close();
	return err;
}

/* An empty filter, the only way to free it on all versions, takes memory itself. */
static void free_filter(void)
{
	unsigned int tries = 10;

	while (ftrace_set_filter(&ops, NULL, 0, 1) == -ENOMEM && --tries)
		;
}

static int attach_or_none(const char *without)
{
	int err = attach_functions(without);
	unsigned int i;

	if (!err)
		return 0;
	pr_warn("tcpfsm: cannot watch functions: error %d\n", err);
	for (i = 0; i < N_FUNCTIONS; i++)
		functions[i].found = 0;
	free_filter();
	return err;
}

static void find_tracepoint(struct tracepoint *tp, void *priv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++)
		if (!strcmp(tp->name, tracepoints[i].name))
			tracepoints[i].tp = tp;
}

static int attach_tracepoints(const char *without)
{
	struct tracepoint_hook *h;
	int err;

	/* breaks the build, not the machine, if a prototype ever changes */
	check_trace_callback_type_inet_sock_set_state(on_set_state);
	check_trace_callback_type_tcp_retransmit_skb(probe_retransmit);
#ifdef HAVE_DROP_REASON
	check_trace_callback_type_kfree_skb(probe_kfree_skb);
#endif
	for_each_kernel_tracepoint(find_tracepoint, NULL);
	for (h = tracepoints; h < tracepoints + ARRAY_SIZE(tracepoints); h++) {
		if (!h->tp || !h->probe || in_list(without, h->name))
			continue;
		err = tracepoint_probe_register(h->tp, h->probe, NULL);
		if (err == -ENOMEM)
			return err;
		h->attached = !err;
	}
	return 0;
}

static void detach_tracepoints(void)
{
	struct tracepoint_hook *h;
	bool any = false;

	for (h = tracepoints; h < tracepoints + ARRAY_SIZE(tracepoints); h++) {
		if (h->attached)
			tracepoint_probe_unregister(h->tp, h->probe, NULL);
		any |= h->attached;
	}
	if (any)
		tracepoint_synchronize_unregister();
}

/**
 * tcpfsm_hooks_attach() - begin to watch
 * @without: hooks to leave out, as tcpfsm_hooks_check() takes them
 *
 * What a missing hook would show, or one that is not given an argument, stays unseen; the
 * kernel log says which. If memory runs out, none is attached, rather than leave a blind spot.
 *
 * Context: process, module load; everything hooks use is ready.
 * Return: 0, -ENOENT if there is not a single hook, or -ENOMEM.
 */
int tcpfsm_hooks_attach(const char *without)
{
	struct tcpfsm_hook hook;
	unsigned int i, n = 0;
	int err;

	/*
	 * States before what leads to them: a flow that a function made known, and whose next
	 * state nobody saw, would stay in the table for ever.
	 */
	err = attach_tracepoints(without);
	if (!err)
		err = attach_or_none(without);
	if (err == -ENOMEM) {
		tcpfsm_hooks_detach();
		return err;
	}

	for (i = 0; tcpfsm_hook_get(i, &hook); i++)
		n += hook.attached;
	pr_info("tcpfsm: version %s, %u of %u hooks attached\n", TCPFSM_VERSION, n, i);
	for (i = 0; tcpfsm_hook_get(i, &hook); i++)
		if (!hook.attached)
			pr_warn("tcpfsm: hook %s is missing: cannot see %s\n",
				hook.name, hook.blind);
		else if (hook.lacks)
			pr_info("tcpfsm: hook %s is not given %s: cannot see %s\n",
				hook.name, hook.lacks, hook.unknown);
	return n ? 0 : -ENOENT;
}

/**
 * tcpfsm_hooks_detach() - stop watching
 *
 * When it returns no hook runs any more, on any CPU, and what they held is told.
 *
 * Context: process, may sleep for RCU grace periods.
 */
void tcpfsm_hooks_detach(void)
{
	unsigned int i;
	bool any = false;

	detach_tracepoints();
	for (i = 0; i < N_FUNCTIONS; i++)
		any |= functions[i].found;
	if (any) {
		/* waits until no task is in dispatch(), preempted or not */
		unregister_ftrace_function(&ops);
		free_filter();
	}
	tcpfsm_hand_exit();
}

/**
 * tcpfsm_hook_get() - look at a hook
 * @index: from 0
 * @hook: filled in
 *
 * Context: any.
 * Return: false when there are no more.
 */
bool tcpfsm_hook_get(unsigned int index, struct tcpfsm_hook *hook)
{
	unsigned int i;
	int cpu;

	if (index >= N_HOOKS)
		return false;
	hook->hits = 0;
	for_each_possible_cpu(cpu)
		hook->hits += READ_ONCE(per_cpu(hits, cpu).n[index]);
	if (index >= N_FUNCTIONS) {
		hook->name = tracepoints[index - N_FUNCTIONS].name;
		hook->blind = tracepoints[index - N_FUNCTIONS].blind;
		hook->attached = tracepoints[index - N_FUNCTIONS].attached;
	} else {
		hook->name = functions[index].names[functions[index].found > 1];
		hook->blind = functions[index].blind;
		hook->attached = functions[index].found;
	}
	hook->lacks = NULL;
	hook->unknown = NULL;
	for (i = 0; hook->attached && i < ARRAY_SIZE(lacking); i++) {
		if (strcmp(hook->name, lacking[i].hook))
			continue;
		hook->lacks = lacking[i].argument;
		hook->unknown = lacking[i].unknown;
		break;
	}
	return true;
}

/**
 * tcpfsm_hooks_have() - does this run wherever it is to run?
 * @fn: of a function, or of several
 *
 * Context: any.
 * Return: whether all of them were found and are watched.
 */
bool tcpfsm_hooks_have(void (*fn)(struct ftrace_regs *regs))
{
	const struct function_hook *h;

	for (h = functions; h < functions + N_FUNCTIONS; h++)
		if (!h->found && h->fns[0] == fn)
			return false;
	return true;
}
