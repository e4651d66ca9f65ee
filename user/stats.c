// SPDX-License-Identifier: GPL-2.0
/* The module's numbers: what they are called and how they are printed. */
#include "stats.h"
#include "util.h"
#include "view.h"

static const char * const names[TCPFSM_A_STATS_MAX + 1] = {
	[TCPFSM_A_STATS_TRANSITIONS]	= "transitions",
	[TCPFSM_A_STATS_SEGMENTS]	= "segments",
	[TCPFSM_A_STATS_SKIPPED]	= "skipped",
	[TCPFSM_A_STATS_LOST_RING]	= "lost_ring",
	[TCPFSM_A_STATS_LOST_SEND]	= "lost_send",
	[TCPFSM_A_STATS_SENT]		= "sent",
	[TCPFSM_A_STATS_UNHEARD]	= "unheard",
	[TCPFSM_A_STATS_FLOWS]		= "flows",
	[TCPFSM_A_STATS_FLOWS_PEAK]	= "flows_peak",
	[TCPFSM_A_STATS_FLOWS_MAX]	= "flows_max",
	[TCPFSM_A_STATS_OVERFLOW]	= "overflow",
	[TCPFSM_A_STATS_RING_RECORDS]	= "ring_records",
	[TCPFSM_A_STATS_OVERDUE]	= "overdue",
	[TCPFSM_A_STATS_TAKEN_OVER]	= "taken_over",
	[TCPFSM_A_STATS_LISTENER_OVERFLOW] = "listener_overflow",
};

/**
 * stats_name() - what a number is called
 * @i: TCPFSM_A_STATS_*
 *
 * Context: any.
 * Return: the name, or NULL when there is no such number.
 */
const char *stats_name(unsigned int i)
{
	return i <= TCPFSM_A_STATS_MAX ? names[i] : NULL;
}

/**
 * stats_lost() - whether the module lost anything since it was loaded
 * @st: its numbers
 *
 * Context: any.
 * Return: true when it did: records, or flows that found the table full.
 */
bool stats_lost(const struct tcpnl_stats *st)
{
	return st->value[TCPFSM_A_STATS_LOST_RING] || st->value[TCPFSM_A_STATS_LOST_SEND] ||
	       st->value[TCPFSM_A_STATS_OVERFLOW];
}

/**
 * stats_text() - append a line for each number: name, space, value
 * @b: the buffer
 * @st: the numbers; those the module did not tell are left out
 *
 * Context: any.
 */
void stats_text(struct buf *b, const struct tcpnl_stats *st)
{
	unsigned int i;

	for (i = 0; i <= TCPFSM_A_STATS_MAX; i++)
		if (names[i] && st->known & BIT(i))
			buf_printf(b, "%s %llu\n", names[i], (unsigned long long)st->value[i]);
}

/**
 * stats_json() - add a field for each number
 * @b: the buffer, within an object
 * @st: the numbers; those the module did not tell are left out
 *
 * Context: any.
 */
void stats_json(struct buf *b, const struct tcpnl_stats *st)
{
	unsigned int i;

	for (i = 0; i <= TCPFSM_A_STATS_MAX; i++)
		if (names[i] && st->known & BIT(i))
			json_add_num(b, names[i], st->value[i]);
}
