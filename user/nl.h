/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_NL_H
#define TCPFSM_NL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/tcpfsm.h>

#include "event.h"

struct nl_sock;

/**
 * struct tcpnl - requests to the module
 * @sk: socket for requests; events come over one of their own, see stream.c
 * @family: number of the generic netlink family
 * @said: what the kernel said about the last refusal, "" for nothing
 */
struct tcpnl {
	struct nl_sock	*sk;
	int		family;
	char		said[160];
};

/**
 * struct tcpnl_stats - the module's own numbers
 * @version: of the module
 * @has_index: @index is known
 * @index: records sent to this network namespace so far
 * @known: bits 1 << TCPFSM_A_STATS_* of what the module told
 * @value: by TCPFSM_A_STATS_*, 0 for what it did not tell
 */
struct tcpnl_stats {
	char		version[32];
	bool		has_index;
	uint64_t	index;
	uint32_t	known;
	uint64_t	value[TCPFSM_A_STATS_MAX + 1];
};

/**
 * struct tcpnl_hook - a place in the kernel the module listens at
 * @name: the kernel's symbol
 * @blind: what nobody sees without it
 * @attached: whether it does
 * @lacks: the argument that this kernel does not give it, NULL for none
 * @unknown: what nobody knows without that, or NULL
 * @tells_hits: @hits is known; in the initial network namespace only
 * @hits: how often it ran
 */
struct tcpnl_hook {
	const char	*name;
	const char	*blind;
	bool		attached;
	const char	*lacks;
	const char	*unknown;
	bool		tells_hits;
	uint64_t	hits;
};

/**
 * struct tcpnl_flow_filter - which flows the module is asked for
 * @states: bits 1 << enum tcpfsm_state, 0 for all
 * @netns: inode of the namespace, 0 for all
 * @cookie: one flow, 0 for all
 * @overdue: only those in their state for longer than its threshold
 */
struct tcpnl_flow_filter {
	uint32_t	states;
	uint32_t	netns;
	uint64_t	cookie;
	bool		overdue;
};

/* Room for what a newer module may count; what is beyond it is not kept */
#define TCPNL_STATES	16
#define TCPNL_TIMES	40	/* below 2^n microseconds each, and not below 2^(n - 1) */
#define TCPNL_CAUSES	64

/**
 * struct tcpnl_totals - what the module counted since it was loaded
 * @matrix: transitions, by old and new state
 * @times: how long states lasted that were left, by state
 * @causes: transitions, by enum tcpfsm_cause
 */
struct tcpnl_totals {
	uint64_t	matrix[TCPNL_STATES][TCPNL_STATES];
	uint64_t	times[TCPNL_STATES][TCPNL_TIMES];
	uint64_t	causes[TCPNL_CAUSES];
};

/**
 * struct tcpnl_config - thresholds
 * @known: bits 1 << TCPFSM_A_CONFIG_* of what the module told, or is to change
 * @value: by TCPFSM_A_CONFIG_*
 */
struct tcpnl_config {
	uint32_t	known;
	uint32_t	value[TCPFSM_A_CONFIG_MAX + 1];
};

bool tcpnl_loaded(void);
int tcpnl_open(struct tcpnl *nl);
void tcpnl_close(struct tcpnl *nl);
int tcpnl_stats(struct tcpnl *nl, struct tcpnl_stats *st);
int tcpnl_hooks(struct tcpnl *nl, int (*each)(const struct tcpnl_hook *h, void *arg), void *arg);
int tcpnl_flows(struct tcpnl *nl, const struct tcpnl_flow_filter *f,
		int (*each)(const struct event *ev, void *arg), void *arg, bool *torn);
int tcpnl_listeners(struct tcpnl *nl, const struct tcpnl_flow_filter *f,
		    int (*each)(const struct event *ev, const struct tcpfsm_listener *l, void *arg),
		    void *arg, bool *torn);
int tcpnl_totals(struct tcpnl *nl, struct tcpnl_totals *t);
int tcpnl_config(struct tcpnl *nl, struct tcpnl_config *c);
int tcpnl_set_config(struct tcpnl *nl, const struct tcpnl_config *c);
int tcpnl_group(struct tcpnl *nl, const char *family, const char *group);
int tcpnl_report(const struct tcpnl *nl, int err);

#endif
