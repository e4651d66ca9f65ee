// SPDX-License-Identifier: GPL-2.0
/* Transitions counted, by each CPU for itself, whether anybody listens or not. */
#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "totals.h"

static struct tcpfsm_totals __percpu *totals;

/**
 * tcpfsm_totals_init() - make the counters
 *
 * Context: process, module load.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_totals_init(void)
{
	totals = alloc_percpu(struct tcpfsm_totals);
	return totals ? 0 : -ENOMEM;
}

/**
 * tcpfsm_totals_exit() - free the counters
 *
 * Context: process, after hooks and netlink are gone.
 */
void tcpfsm_totals_exit(void)
{
	free_percpu(totals);
}

/**
 * tcpfsm_totals_count() - count a transition
 * @from: enum tcpfsm_state
 * @to: enum tcpfsm_state
 * @cause: enum tcpfsm_cause
 * @timed: @ns_in_old is known
 * @ns_in_old: time in @from
 *
 * Context: interrupts are off.
 */
void tcpfsm_totals_count(u8 from, u8 to, u16 cause, bool timed, u64 ns_in_old)
{
	struct tcpfsm_totals *t = this_cpu_ptr(totals);
	unsigned int n;

	t->matrix[from][to]++;
	t->causes[cause]++;
	if (!timed)
		return;
	n = fls64(div_u64(ns_in_old, NSEC_PER_USEC));
	t->times[from][min(n, TCPFSM_TIMES - 1U)]++;
}

/**
 * tcpfsm_totals_sum() - the counters of all CPUs
 * @sum: set
 *
 * Context: process.
 */
void tcpfsm_totals_sum(struct tcpfsm_totals *sum)
{
	u64 *to = (u64 *)sum;
	const u64 *from;
	unsigned int i;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		from = (const u64 *)per_cpu_ptr(totals, cpu);
		for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
			to[i] += READ_ONCE(from[i]);
	}
}

/**
 * tcpfsm_totals_transitions() - how many there were, on all CPUs
 *
 * Context: any.
 * Return: their number; each had a record if anybody listened, unless it was lost.
 */
u64 tcpfsm_totals_transitions(void)
{
	u64 sum = 0;
	int cpu, i;

	for_each_possible_cpu(cpu)
		for (i = 0; i < TCPFSM_CAUSES; i++)
			sum += READ_ONCE(per_cpu_ptr(totals, cpu)->causes[i]);
	return sum;
}
