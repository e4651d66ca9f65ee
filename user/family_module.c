// SPDX-License-Identifier: GPL-2.0
/* What the module counts, as metrics. */
#include "clock.h"
#include "families.h"
#include "names.h"

/* States a flow of the table is in, or was */
#define FIRST_STATE	TCPFSM_S_LISTEN

/* The module's numbers, but those of losses */
static const struct row {
	unsigned int		attr;
	enum metric_type	type;
	const char		*name;
	const char		*help;
} rows[] = {
	{ TCPFSM_A_STATS_SEGMENTS, METRIC_COUNTER, "tcpfsm_segments",
	  "Segments recorded: SYN, FIN, RST and what answers them." },
	{ TCPFSM_A_STATS_SKIPPED, METRIC_COUNTER, "tcpfsm_segments_skipped",
	  "Segments that were too many to be recorded one by one." },
	{ TCPFSM_A_STATS_SENT, METRIC_COUNTER, "tcpfsm_records_sent",
	  "Records multicast, once for every network namespace and group they went to." },
	{ TCPFSM_A_STATS_UNHEARD, METRIC_COUNTER, "tcpfsm_records_unheard",
	  "Records dropped as nobody listened." },
	{ TCPFSM_A_STATS_FLOWS_PEAK, METRIC_GAUGE, "tcpfsm_flows_peak",
	  "The most flows there have been in the table." },
	{ TCPFSM_A_STATS_FLOWS_MAX, METRIC_GAUGE, "tcpfsm_flows_limit",
	  "The most flows there is room for, parameter max_flows." },
	{ TCPFSM_A_STATS_OVERFLOW, METRIC_COUNTER, "tcpfsm_flows_untracked",
	  "Flows that found the table full." },
	{ TCPFSM_A_STATS_LISTENER_OVERFLOW, METRIC_COUNTER, "tcpfsm_listeners_untracked",
	  "Listeners that found their table full, parameter max_listeners." },
};

/**
 * family_stats() - the module's own numbers
 * @m: the text
 * @st: the numbers; those the module did not tell are left out
 *
 * Context: any.
 */
void family_stats(struct metrics *m, const struct tcpnl_stats *st)
{
	const struct row *r;

	for (r = rows; r < rows + ARRAY_SIZE(rows); r++)
		if (st->known & BIT(r->attr))
			metrics_one(m, r->type, r->name, r->help, st->value[r->attr]);
}

/**
 * family_lost() - what was lost, and where
 * @m: the text
 * @st: the module's numbers
 * @f: ours
 *
 * Context: any.
 */
void family_lost(struct metrics *m, const struct tcpnl_stats *st,
		 const struct family_verdicts *f)
{
	const struct {
		const char	*where;
		uint64_t	n;
	} lost[] = {
		{ "ring", st->value[TCPFSM_A_STATS_LOST_RING] },
		{ "send", st->value[TCPFSM_A_STATS_LOST_SEND] },
		{ "netlink", f->lost_netlink },
	};
	size_t i;

	metrics_family(m, METRIC_COUNTER, "tcpfsm_records_lost",
		       "Records lost: in a full ring, for want of memory when sending, on the "
		       "way to this exporter.");
	for (i = 0; i < ARRAY_SIZE(lost); i++) {
		metrics_begin(m);
		metrics_word(m, "where", lost[i].where);
		metrics_number(m, lost[i].n);
	}
}

static void transitions(struct metrics *m, const struct tcpnl_totals *t)
{
	unsigned int i, j;

	metrics_family(m, METRIC_COUNTER, "tcpfsm_transitions",
		       "Transitions, by state left and entered; those that were ever made.");
	for (i = 0; i <= TCPFSM_S_MAX; i++) {
		for (j = 0; j <= TCPFSM_S_MAX; j++) {
			if (!t->matrix[i][j])
				continue;
			metrics_begin(m);
			metrics_word(m, "from", state_name(i));
			metrics_word(m, "to", state_name(j));
			metrics_number(m, t->matrix[i][j]);
		}
	}
}

static void causes(struct metrics *m, const struct tcpnl_totals *t)
{
	uint64_t unknown = t->causes[TCPFSM_C_UNKNOWN];
	unsigned int i;

	/* those of a newer module have no names here */
	for (i = TCPFSM_C_MAX + 1; i < TCPNL_CAUSES; i++)
		unknown += t->causes[i];
	metrics_family(m, METRIC_COUNTER, "tcpfsm_transition_causes",
		       "Transitions, by what caused them.");
	for (i = 0; i <= TCPFSM_C_MAX; i++) {
		metrics_begin(m);
		metrics_word(m, "cause", cause_name(i));
		metrics_number(m, i == TCPFSM_C_UNKNOWN ? unknown : t->causes[i]);
	}
}

/* Two powers of two in a bucket; what was at a bound exactly is told of above it. */
static void times(struct metrics *m, const struct tcpnl_totals *t)
{
	struct metrics_histogram h;
	unsigned int state, n;

	metrics_family(m, METRIC_HISTOGRAM, "tcpfsm_state_duration_seconds",
		       "How long states lasted that were left; the sum is not known.");
	for (state = FIRST_STATE; state <= TCPFSM_S_MAX; state++) {
		h = (struct metrics_histogram){ 0 };
		for (n = 0; n < TCPNL_TIMES; n++)
			h.below[(n + 1) / 2] += t->times[state][n];
		metrics_histogram(m, "state", state_name(state), &h);
	}
}

/**
 * family_totals() - transitions, causes and times in states
 * @m: the text
 * @t: the numbers
 *
 * Context: any.
 */
void family_totals(struct metrics *m, const struct tcpnl_totals *t)
{
	transitions(m, t);
	causes(m, t);
	times(m, t);
}

/**
 * family_flows() - how many flows are in which state
 * @m: the text
 * @flows: by enum tcpfsm_state
 *
 * Context: any.
 */
void family_flows(struct metrics *m, const uint64_t *flows)
{
	unsigned int i;

	metrics_family(m, METRIC_GAUGE, "tcpfsm_flows", "Flows in the table, by state.");
	for (i = FIRST_STATE; i <= TCPFSM_S_MAX; i++) {
		metrics_begin(m);
		metrics_word(m, "state", state_name(i));
		metrics_number(m, flows[i]);
	}
}

/**
 * family_thresholds() - when a flow counts as stuck
 * @m: the text
 * @c: the thresholds; those that are off are left out
 *
 * Context: any.
 */
void family_thresholds(struct metrics *m, const struct tcpnl_config *c)
{
	static const struct {
		unsigned int	attr;
		unsigned int	state;
	} of[] = {
		{ TCPFSM_A_CONFIG_SYN_SENT, TCPFSM_S_SYN_SENT },
		{ TCPFSM_A_CONFIG_SYN_RECEIVED, TCPFSM_S_SYN_RECEIVED },
		{ TCPFSM_A_CONFIG_UNACCEPTED, TCPFSM_S_ESTABLISHED },
		{ TCPFSM_A_CONFIG_FIN_WAIT_1, TCPFSM_S_FIN_WAIT_1 },
		{ TCPFSM_A_CONFIG_FIN_WAIT_2, TCPFSM_S_FIN_WAIT_2 },
		{ TCPFSM_A_CONFIG_CLOSE_WAIT, TCPFSM_S_CLOSE_WAIT },
		{ TCPFSM_A_CONFIG_CLOSING, TCPFSM_S_CLOSING },
		{ TCPFSM_A_CONFIG_LAST_ACK, TCPFSM_S_LAST_ACK },
	};
	size_t i;

	metrics_family(m, METRIC_GAUGE, "tcpfsm_stuck_threshold_seconds",
		       "Time in a state after which a flow is stuck; in ESTABLISHED only as long "
		       "as nobody has accepted it.");
	for (i = 0; i < ARRAY_SIZE(of); i++) {
		if (!(c->known & BIT(of[i].attr)) || !c->value[of[i].attr])
			continue;
		metrics_begin(m);
		metrics_word(m, "state", state_name(of[i].state));
		metrics_seconds(m, c->value[of[i].attr] * NSEC_PER_MSEC);
	}
}

static int hook_attached(const struct tcpnl_hook *h, void *arg)
{
	metrics_begin(arg);
	metrics_word(arg, "hook", h->name);
	metrics_number(arg, h->attached);
	return 0;
}

static int hook_hits(const struct tcpnl_hook *h, void *arg)
{
	if (!h->tells_hits)
		return 0;
	metrics_begin(arg);
	metrics_word(arg, "hook", h->name);
	metrics_number(arg, h->hits);
	return 0;
}

/**
 * family_hooks() - where the module listens, and how often that was hit
 * @m: the text
 * @nl: the module
 *
 * Context: process; asks twice, as families follow each other.
 * Return: 0 or a negative errno.
 */
int family_hooks(struct metrics *m, struct tcpnl *nl)
{
	int err;

	metrics_family(m, METRIC_GAUGE, "tcpfsm_hook_attached",
		       "Whether the module listens at this place of the kernel; 0: it is blind "
		       "there, tcpfsm doctor says to what.");
	err = tcpnl_hooks(nl, hook_attached, m);
	if (err)
		return err;
	metrics_family(m, METRIC_COUNTER, "tcpfsm_hook_hits", "How often a hook ran.");
	return tcpnl_hooks(nl, hook_hits, m);
}
