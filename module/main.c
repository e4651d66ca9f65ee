// SPDX-License-Identifier: GPL-2.0
/*
 * tcpfsm: the states of every TCP connection of this machine, as RFC 9293 names
 * them, told as they happen.
 *
 * Hooks (hooks.c, probe_*.c) keep a table of flows (flow.c) and write a record
 * of each transition to a ring of their CPU (ring.c); a worker (drain.c) sends
 * the records to whoever listens (netlink.c).
 */
#include <linux/log2.h>
#include <linux/module.h>

#include "compat/genetlink.h"
#include "config.h"
#include "drain.h"
#include "flow.h"
#include "hand.h"
#include "hooks.h"
#include "listener.h"
#include "netlink.h"
#include "overdue.h"
#include "requests.h"
#include "ring.h"
#include "takeover.h"
#include "tick.h"
#include "totals.h"

#define MAX_FLOWS_MIN 16
#define MAX_FLOWS_MAX 16777216
#define MAX_LISTENERS_MIN 1
#define MAX_LISTENERS_MAX 1048576
#define RING_RECORDS_MIN 64
#define RING_RECORDS_MAX 1048576

unsigned int tcpfsm_max_flows = 65536;
module_param_named(max_flows, tcpfsm_max_flows, uint, 0444);
MODULE_PARM_DESC(max_flows, "Flows remembered at once, 16 to 16777216 (default 65536); 176 to 184 bytes each");

static unsigned int max_listeners = 1024;
module_param(max_listeners, uint, 0444);
MODULE_PARM_DESC(max_listeners, "Listeners counted at once, 1 to 1048576 (default 1024); 369 bytes each");

unsigned int tcpfsm_ring_records = 16384;
module_param_named(ring_records, tcpfsm_ring_records, uint, 0444);
MODULE_PARM_DESC(ring_records, "Events kept per CPU until they are sent, 64 to 1048576, rounded up to a power of two (default 16384); 120 bytes each");

static char *without = "";
module_param(without, charp, 0444);
MODULE_PARM_DESC(without, "Hooks to leave out, by name, with commas between them (default none)");

static int check_range(const char *name, unsigned int value, unsigned int min, unsigned int max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("tcpfsm: %s=%u is out of range, it takes %u to %u\n", name, value, min, max);
	return -EINVAL;
}

static int __init tcpfsm_init(void)
{
	const char *what;
	int err;

	err = check_range("max_flows", tcpfsm_max_flows, MAX_FLOWS_MIN, MAX_FLOWS_MAX);
	if (!err)
		err = check_range("ring_records", tcpfsm_ring_records, RING_RECORDS_MIN,
				  RING_RECORDS_MAX);
	if (!err)
		err = check_range("max_listeners", max_listeners, MAX_LISTENERS_MIN,
				  MAX_LISTENERS_MAX);
	if (!err)
		err = tcpfsm_hooks_check(without);
	if (err)
		return err;
	tcpfsm_ring_records = roundup_pow_of_two(tcpfsm_ring_records);

	tcpfsm_config_init();
	tcpfsm_overdue_init();
	tcpfsm_hand_init();
	what = "max_flows";
	err = tcpfsm_flow_init(tcpfsm_max_flows);
	if (err)
		goto err_report;
	what = "max_listeners";
	err = tcpfsm_listener_init(max_listeners);
	if (err)
		goto err_flow;
	what = "counters";
	err = tcpfsm_totals_init();
	if (err)
		goto err_listener;
	what = "ring_records";
	err = tcpfsm_ring_init(tcpfsm_ring_records);
	if (err)
		goto err_totals;
	what = "netlink";
	err = tcpfsm_netlink_init();
	if (err)
		goto err_ring;
	what = "drain";
	err = tcpfsm_drain_init();
	if (err)
		goto err_netlink;
	what = "tick";
	err = tcpfsm_tick_init();
	if (err)
		goto err_drain;
	what = "hooks";
	err = tcpfsm_hooks_attach(without);
	if (err)
		goto err_tick;
	what = "connections that are there";
	err = tcpfsm_takeover();
	if (err)
		goto err_hooks;
	tcpfsm_tick_now();
	tcpfsm_requests_begin();
	return 0;

err_hooks:
	tcpfsm_hooks_detach();
err_tick:
	tcpfsm_tick_exit();
err_drain:
	tcpfsm_drain_exit();
err_netlink:
	tcpfsm_netlink_exit();
err_ring:
	tcpfsm_ring_exit();
err_totals:
	tcpfsm_totals_exit();
err_listener:
	tcpfsm_listener_exit();
err_flow:
	tcpfsm_flow_exit();
err_report:
	pr_err("tcpfsm: not loaded: %s: error %d\n", what, err);
	return err;
}

static void __exit tcpfsm_exit(void)
{
	tcpfsm_hooks_detach();
	tcpfsm_tick_exit();
	tcpfsm_drain_exit();
	tcpfsm_netlink_exit();
	tcpfsm_ring_exit();
	tcpfsm_totals_exit();
	tcpfsm_listener_exit();
	tcpfsm_flow_exit();
}

module_init(tcpfsm_init);
module_exit(tcpfsm_exit);

MODULE_DESCRIPTION("Traces every TCP connection through the states of RFC 9293");
MODULE_VERSION(TCPFSM_VERSION);
MODULE_LICENSE("GPL");
/*
 * No MODULE_ALIAS_GENL_FAMILY(): anybody may ask the kernel for a family, and would have it load
 * what watches everybody's connections.
 */
