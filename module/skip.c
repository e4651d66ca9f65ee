// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that do nothing: those of no flow, and those thrown away. Anybody can send
 * as many of them as the wire carries; so that they do not take the place of the
 * connections that are there, only so many a second are recorded, and the others
 * are counted, by what they are.
 */
#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/time64.h>

#include "config.h"
#include "drain.h"
#include "ring.h"
#include "skip.h"

/*
 * struct bucket - tokens of one CPU, each for a record
 * @filled: CLOCK_MONOTONIC in ns when it was filled up last
 * @tokens: what is left
 *
 * Used with interrupts off.
 */
struct bucket {
	u64	filled;
	u32	tokens;
};

static DEFINE_PER_CPU(struct bucket, bucket);
static DEFINE_PER_CPU(atomic64_t[__TCPFSM_SKIP_MAX], skipped);	/* taken by the tick */
static atomic64_t total;	/* what the tick has taken */

static bool does_nothing(const struct tcpfsm_segment *seg, bool has_flow)
{
	if (!has_flow)
		return true;
	return seg->dir == TCPFSM_DIR_IN && seg->fate;
}

static enum tcpfsm_skip kind_of(const struct tcpfsm_segment *seg)
{
	bool syn = seg->tcp_flags & TCPFSM_TH_SYN;

	switch (seg->fate) {
	case TCPFSM_FATE_SYN_QUEUE:
	case TCPFSM_FATE_ACCEPT_QUEUE:
		return TCPFSM_SKIP_SYN;
	case TCPFSM_FATE_COOKIE:
		return TCPFSM_SKIP_COOKIE;
	case TCPFSM_FATE_RESET:
	case TCPFSM_FATE_BAD_COOKIE:
		return TCPFSM_SKIP_REFUSED;
	case TCPFSM_FATE_NONE:
		if (syn)
			return TCPFSM_SKIP_COOKIE;
		return seg->dir == TCPFSM_DIR_OUT ? TCPFSM_SKIP_REFUSED : TCPFSM_SKIP_DROPPED;
	default:
		return syn && seg->state == TCPFSM_S_LISTEN ? TCPFSM_SKIP_SYN :
							     TCPFSM_SKIP_DROPPED;
	}
}

/* A second's worth fits, so that what comes in bursts is recorded. */
static bool take_token(void)
{
	u32 rate = tcpfsm_config_get(TCPFSM_A_CONFIG_STRAY_RATE);
	struct bucket *b = this_cpu_ptr(&bucket);
	u64 now, passed, step;

	/* it may have been a higher rate that filled it */
	b->tokens = min(b->tokens, rate);
	if (b->tokens) {
		b->tokens--;
		return true;
	}
	now = ktime_get_ns();
	passed = min_t(u64, now - b->filled, NSEC_PER_SEC);
	step = NSEC_PER_SEC / min_t(u32, rate, NSEC_PER_SEC);
	if (passed < step)
		return false;
	b->filled = now;
	b->tokens = min_t(u32, (u32)passed / (u32)step, rate) - 1;
	return true;
}

/**
 * tcpfsm_skip() - is a segment to be counted rather than recorded?
 * @seg: the segment
 * @has_flow: it belongs to a flow
 *
 * The first that is skipped is to be told of by the tick: see tcpfsm_tick_soon().
 *
 * Context: interrupts are off.
 * Return: true when it was counted.
 */
bool tcpfsm_skip(const struct tcpfsm_segment *seg, bool has_flow)
{
	if (!does_nothing(seg, has_flow) || take_token())
		return false;
	atomic64_inc(this_cpu_ptr(&skipped[kind_of(seg)]));
	return true;
}

/**
 * tcpfsm_skip_tick() - tell of what was skipped
 *
 * Context: process.
 * Return: whether there was anything.
 */
bool tcpfsm_skip_tick(void)
{
	u64 count[__TCPFSM_SKIP_MAX] = { };
	struct tcpfsm_skipped_rec *r;
	union tcpfsm_slot *slot;
	unsigned long irqflags;
	u64 sum = 0;
	int cpu, i;

	for_each_possible_cpu(cpu)
		for (i = 0; i < __TCPFSM_SKIP_MAX; i++)
			if (atomic64_read(&per_cpu(skipped[i], cpu)))
				count[i] += atomic64_xchg(&per_cpu(skipped[i], cpu), 0);
	for (i = 0; i < __TCPFSM_SKIP_MAX; i++)
		sum += count[i];
	if (!sum)
		return false;

	local_irq_save(irqflags);
	slot = tcpfsm_ring_reserve();
	if (!slot) {
		/* the loss is counted; these are told of with the next */
		for (i = 0; i < __TCPFSM_SKIP_MAX; i++)
			atomic64_add(count[i], this_cpu_ptr(&skipped[i]));
	} else {
		atomic64_add(sum, &total);
		r = &slot->skipped;
		r->rec.size = sizeof(*r);
		r->rec.kind = TCPFSM_K_SKIPPED;
		r->rec.flags = 0;
		r->rec.ts = tcpfsm_ring_clock();
		memcpy(r->count, count, sizeof(count));
		tcpfsm_ring_commit();
	}
	tcpfsm_drain_kick(tcpfsm_ring_news());
	local_irq_restore(irqflags);
	return true;
}

/**
 * tcpfsm_skip_total() - segments that were skipped
 *
 * Context: any.
 * Return: since load; those of the last second may not be among them.
 */
u64 tcpfsm_skip_total(void)
{
	return atomic64_read(&total);
}
