/* SPDX-License-Identifier: GPL-2.0 */
/* What the exporter tells: the families of metrics, docs/metrics.md lists them. */
#ifndef TCPFSM_FAMILIES_H
#define TCPFSM_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "metrics.h"
#include "nl.h"
#include "queues.h"
#include "stuck.h"
#include "verdict.h"

/* Label sets of stuck connections, and of listeners: one more goes into "other" */
#define FAMILIES_STUCK		64
#define FAMILIES_LISTENERS	64
/* Listeners whose numbers are remembered, so that sums over them never fall */
#define FAMILIES_KNOWN		4096
/* Numbers of a listener that only grow */
#define FAMILIES_COUNTERS	11

/**
 * struct family_verdicts - verdicts and events so far
 * @handshake: by enum verdict_handshake
 * @teardown: by enum verdict_teardown
 * @conformance: by enum verdict_conformance
 * @violation: by enum rule_id
 * @missing: by enum verdict_missing
 * @took: handshakes, by how long they took
 * @illegal: segments nobody should send
 * @lost_netlink: records lost between module and tool
 * @early: connections judged early to make room for others
 */
struct family_verdicts {
	uint64_t			handshake[__VERDICT_H_MAX];
	uint64_t			teardown[__VERDICT_T_MAX];
	uint64_t			conformance[VERDICT_INCOMPLETE + 1];
	uint64_t			violation[__RULE_MAX];
	uint64_t			missing[__VERDICT_M_MAX];
	struct metrics_histogram	took;
	uint64_t			illegal;
	uint64_t			lost_netlink;
	uint64_t			early;
};

/**
 * struct stuck_series - stuck connections with the same labels
 * @state: enum tcpfsm_state
 * @kind: whose they are
 * @comm: name of the process, "" for none known
 * @n: how many, 0: free
 */
struct stuck_series {
	uint8_t		state;
	enum owner_kind	kind;
	char		comm[TCPFSM_COMM_LEN];
	uint64_t	n;
};

/**
 * struct family_stuck - stuck connections, as they were seen last
 * @series: label sets; one stays where it is as long as any is stuck
 * @other: those beyond them, by state
 * @oldest_ns: age of the oldest, by state
 */
struct family_stuck {
	struct stuck_series	series[FAMILIES_STUCK];
	uint64_t		other[TCPFSM_S_MAX + 1];
	uint64_t		oldest_ns[TCPFSM_S_MAX + 1];
};

/**
 * struct listener_series - listeners with the same labels
 * @id: namespace, family, address and port
 * @comm: name of the process
 * @sockets: how many there are, 0: free
 * @half_open: now
 * @waiting: for accept(), now
 * @limit: the most that may
 * @flooded: one of them is, now
 * @count: what only grows, those included that are gone
 */
struct listener_series {
	struct tcpfsm_id	id;
	char			comm[TCPFSM_COMM_LEN];
	uint64_t		sockets;
	uint64_t		half_open;
	uint64_t		waiting;
	uint64_t		limit;
	uint64_t		flooded;
	uint64_t		count[FAMILIES_COUNTERS];
};

/**
 * struct listener_known - what a listener told last
 * @cookie: which one
 * @count: of it
 */
struct listener_known {
	uint64_t	cookie;
	uint64_t	count[FAMILIES_COUNTERS];
};

/**
 * struct family_listeners - listeners, as they were seen last
 * @series: label sets, the last one for those beyond them
 * @known: by cookie
 * @nknown: how many
 * @begun: they were looked at
 */
struct family_listeners {
	struct listener_series	series[FAMILIES_LISTENERS + 1];
	struct listener_known	*known;
	size_t			nknown;
	bool			begun;
};

void family_stats(struct metrics *m, const struct tcpnl_stats *st);
void family_lost(struct metrics *m, const struct tcpnl_stats *st,
		 const struct family_verdicts *f);
void family_totals(struct metrics *m, const struct tcpnl_totals *t);
void family_flows(struct metrics *m, const uint64_t *flows);
void family_thresholds(struct metrics *m, const struct tcpnl_config *c);
int family_hooks(struct metrics *m, struct tcpnl *nl);

void verdicts_count(struct family_verdicts *f, const struct verdict *t);
void family_verdicts(struct metrics *m, const struct family_verdicts *f);

void stuck_count(struct family_stuck *f, const struct stuck_list *l);
void family_stuck(struct metrics *m, const struct family_stuck *f);

void listeners_count(struct family_listeners *f, const struct listener_list *list);
void listeners_forget(struct family_listeners *f);
void family_listeners(struct metrics *m, const struct family_listeners *f);

#endif
