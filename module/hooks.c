// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel is watched, and how the watching begins and ends.
 *
 * Tracepoints are not exported; they are found by name. Functions are watched
 * with one ftrace_ops for all of them. Not with kprobes: a kprobe's handler runs
 * with interrupts on and one at a time on a CPU, so when a softirq comes in the
 * middle of it, the hooks that this softirq would run are skipped. An ftrace_ops
 * has no such limit, and costs a third. Kprobes only find the addresses: one is
 * registered disabled, which patches nothing, and removed again.
 *
 * None of the functions is on the data path: they run for connections that open
 * or close, and for segments that reach a request or a timewait socket.
 */
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/sock.h>

#include "hooks.h"

/*
 * @names: the function; a second one is what older kernels have in its place
 * @fns: what to run for each
 */
struct function_hook {
	const char *names[2];
	const char *blind;

	void (*fns[2])(struct ftrace_regs *regs);
	u8 found;		/* 1 + index into names, 0 for none */
	unsigned long addr;
};

#define HOOK(name, fn, blind) { { name }, blind, { fn } }
#define HOOK_OR(name, fn, older, older_fn, blind) { { name, older }, blind, { fn, older_fn } }

static struct function_hook functions[] = {
	HOOK("tcp_connect", tcpfsm_on_connect,
	     "when an active open began, and from which port"),
	HOOK("inet_csk_reqsk_queue_hash_add", tcpfsm_on_reqsk_add,
	     "SYN_RECEIVED before the third segment, half-open flows"),
	HOOK("tcp_check_req", tcpfsm_on_reqsk_segment,
	     "which segment ended a half-open flow"),
	HOOK("tcp_req_err", tcpfsm_on_reqsk_error,
	     "that an ICMP error ended a half-open flow"),
	/* 6.0: the timer tells that it is the timer; reqsk_queue_unlink got inlined */
	HOOK_OR("__inet_csk_reqsk_queue_drop", tcpfsm_on_reqsk_drop,
		"reqsk_queue_unlink", tcpfsm_on_reqsk_unlink,
		"the end of half-open flows that are never completed"),
	HOOK("tcp_v4_reqsk_destructor", tcpfsm_on_reqsk_free,
	     "which of two CPUs that raced for one IPv4 SYN gave up"),
	HOOK("tcp_v6_reqsk_destructor", tcpfsm_on_reqsk_free,
	     "which of two CPUs that raced for one IPv6 SYN gave up"),
	HOOK("inet_csk_complete_hashdance", tcpfsm_on_hashdance,
	     "that a half-open flow and the connection it became are one"),
	HOOK("inet_csk_reqsk_queue_add", tcpfsm_on_queue_add,
	     "the opening of connections by SYN cookie and Fast Open"),
	/* accept() ends in it, in the accepting process, on all versions */
	HOOK("security_sock_graft", tcpfsm_on_accept,
	     "which process accepted a connection"),
	HOOK("__tcp_close", tcpfsm_on_close,
	     "that close() or the end of a process caused a transition"),
	HOOK("tcp_shutdown", tcpfsm_on_shutdown,
	     "that shutdown() caused a transition"),
	HOOK("tcp_disconnect", tcpfsm_on_disconnect,
	     "that connect(AF_UNSPEC) or the end of a listener caused a transition"),
	HOOK("tcp_abort", tcpfsm_on_abort,
	     "that SOCK_DESTROY ended a TIME_WAIT or a half-open flow"),
	HOOK("tcp_reset", tcpfsm_on_reset,
	     "that a RST caused a transition"),
	HOOK("tcp_time_wait", tcpfsm_on_time_wait,
	     "that a TIME_WAIT was left out for lack of room"),
	/* 6.10, b334b924c9b7 ("net: tcp/dccp: prepare for tw_timer un-pinning") */
	HOOK_OR("inet_twsk_hashdance_schedule", tcpfsm_on_tw_hashdance,
		"inet_twsk_hashdance", tcpfsm_on_tw_hashdance,
		"TIME_WAIT, and FIN_WAIT_2 of sockets that nobody holds"),
	HOOK("tcp_timewait_state_process", tcpfsm_on_tw_segment,
	     "which segment ended a TIME_WAIT"),
	HOOK("tcp_twsk_unique", tcpfsm_on_tw_unique,
	     "that connect() took the ports of a TIME_WAIT"),
	HOOK("__inet_twsk_schedule", tcpfsm_on_tw_schedule,
	     "FIN_WAIT_2 -> TIME_WAIT of sockets that nobody holds"),
	HOOK("inet_twsk_deschedule_put", tcpfsm_on_tw_deschedule,
	     "that a TIME_WAIT ended before its time"),
	HOOK("inet_twsk_kill", tcpfsm_on_tw_kill,
	     "the end of TIME_WAIT"),
};

static const char *const tracepoint_name = "inet_sock_set_state";
static const char *const tracepoint_blind = "transitions of full sockets, which are most";
static struct tracepoint *set_state;
static bool set_state_attached;

#define N_FUNCTIONS ARRAY_SIZE(functions)
#define N_HOOKS (N_FUNCTIONS + 1)

struct hits {
	unsigned long n[N_HOOKS];	/* the tracepoint's is the last */
};

static DEFINE_PER_CPU(struct hits, hits);

/*
 * From a function's address to its hook, by open addressing, with room enough
 * that a probe rarely goes on to a second slot. Written before the hooks are
 * attached, read only by them.
 */
#define MAP_BITS 6
static struct {
	unsigned long addr;
	unsigned int index;
	void (*fn)(struct ftrace_regs *regs);
} map[1 << MAP_BITS];

static unsigned int map_slot(unsigned long addr)
{
	unsigned int slot = hash_long(addr, MAP_BITS);

	BUILD_BUG_ON(N_FUNCTIONS * 2 > ARRAY_SIZE(map));
	while (map[slot].addr && map[slot].addr != addr)
		slot = (slot + 1) & (ARRAY_SIZE(map) - 1);
	return slot;
}

static void notrace dispatch(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops, struct ftrace_regs *regs)
{
	unsigned int slot = map_slot(ip);

	if (unlikely(!map[slot].addr))
		return;
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

	if (strlen(tracepoint_name) == len && !strncmp(tracepoint_name, name, len))
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

static unsigned long address_of(const char *name)
{
	struct kprobe kp = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };

	if (register_kprobe(&kp))
		return 0;
	unregister_kprobe(&kp);
	return (unsigned long)kp.addr;
}

static int attach_functions(const char *without)
{
	unsigned int i, j, slot, n = 0;
	struct function_hook *h;
	unsigned long addr;

	for (i = 0; i < N_FUNCTIONS; i++) {
		h = &functions[i];
		for (j = 0; j < 2 && h->names[j] && !h->found; j++) {
			if (in_list(without, h->names[j]))
				break;
			addr = address_of(h->names[j]);
			if (!addr || ftrace_set_filter_ip(&ops, addr, 0, 0))
				continue;
			slot = map_slot(addr);
			map[slot].addr = addr;
			map[slot].index = i;
			map[slot].fn = h->fns[j];
			h->found = j + 1;
			n++;
		}
	}
	/* with nothing to filter by, an ftrace_ops would watch every function */
	return n ? register_ftrace_function(&ops) : -ENOENT;
}

static void find_set_state(struct tracepoint *tp, void *priv)
{
	if (!strcmp(tp->name, tracepoint_name))
		set_state = tp;
}

static void attach_tracepoint(const char *without)
{
	if (in_list(without, tracepoint_name))
		return;
	/* breaks the build, not the machine, if the prototype ever changes */
	check_trace_callback_type_inet_sock_set_state(on_set_state);
	for_each_kernel_tracepoint(find_set_state, NULL);
	if (set_state && !tracepoint_probe_register(set_state, on_set_state, NULL))
		set_state_attached = true;
}

/**
 * tcpfsm_hooks_attach() - begin to watch
 * @without: hooks to leave out, as tcpfsm_hooks_check() takes them
 *
 * A hook that is not there leaves its part unseen; the kernel log says which.
 *
 * Context: process, module load; everything hooks use is ready.
 * Return: 0, or -ENOENT if there is not a single hook.
 */
int tcpfsm_hooks_attach(const char *without)
{
	struct tcpfsm_hook hook;
	unsigned int i, n = 0;
	int err;

	err = attach_functions(without);
	if (err) {
		pr_warn("tcpfsm: cannot watch functions: error %d\n", err);
		for (i = 0; i < N_FUNCTIONS; i++)
			functions[i].found = 0;
		ftrace_set_filter(&ops, NULL, 0, 1);
	}
	attach_tracepoint(without);

	for (i = 0; tcpfsm_hook_get(i, &hook); i++)
		n += hook.attached;
	pr_info("tcpfsm: version %s, %u of %zu hooks attached\n", TCPFSM_VERSION, n, N_HOOKS);
	for (i = 0; tcpfsm_hook_get(i, &hook); i++)
		if (!hook.attached)
			pr_warn("tcpfsm: hook %s is missing: cannot see %s\n",
				hook.name, hook.blind);
	return n ? 0 : -ENOENT;
}

/**
 * tcpfsm_hooks_detach() - stop watching
 *
 * When it returns no hook runs any more, on any CPU.
 *
 * Context: process, may sleep for RCU grace periods.
 */
void tcpfsm_hooks_detach(void)
{
	unsigned int i;
	bool any = false;

	if (set_state_attached) {
		tracepoint_probe_unregister(set_state, on_set_state, NULL);
		tracepoint_synchronize_unregister();
	}
	for (i = 0; i < N_FUNCTIONS; i++)
		any |= functions[i].found;
	if (any) {
		/* waits until no task is in dispatch(), preempted or not */
		unregister_ftrace_function(&ops);
		/* an empty filter, the only way to free it on all versions */
		ftrace_set_filter(&ops, NULL, 0, 1);
	}
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
	int cpu;

	if (index >= N_HOOKS)
		return false;

	hook->hits = 0;
	for_each_possible_cpu(cpu)
		hook->hits += READ_ONCE(per_cpu(hits, cpu).n[index]);
	if (index == N_FUNCTIONS) {
		hook->name = tracepoint_name;
		hook->blind = tracepoint_blind;
		hook->attached = set_state_attached;
	} else {
		hook->name = functions[index].names[functions[index].found > 1];
		hook->blind = functions[index].blind;
		hook->attached = functions[index].found;
	}
	return true;
}
