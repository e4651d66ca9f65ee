// SPDX-License-Identifier: GPL-2.0
/* The segments of flows, and those of none, on their way to the ring. */
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/percpu.h>

#include "drain.h"
#include "flow.h"
#include "listener.h"
#include "netlink.h"
#include "ring.h"
#include "skip.h"
#include "snapshot.h"
#include "tick.h"

static DEFINE_PER_CPU(u64, segments);	/* records made, the lost ones too */

/* The first SYN and the first FIN are announced as such; those that follow are counted. */
static void number(struct tcpfsm_segment *seg, u8 *sent, bool seen_all)
{
	if (seg->known & TCPFSM_SEG_RETRANS || (!*sent && seen_all))
		*sent = 0;
	else if (!*sent)
		return;
	seg->retrans = *sent;
	seg->known |= TCPFSM_SEG_RETRANS;
	if (*sent < U8_MAX)
		(*sent)++;
}

/* By its flags, or by its state and fate: RFC 9293, section 3.10.7; RFC 5961. */
static bool is_illegal(const struct tcpfsm_segment *seg)
{
	const u8 flags = seg->tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_FIN | TCPFSM_TH_RST |
					   TCPFSM_TH_ACK);
	const bool synchronized = seg->state >= TCPFSM_S_ESTABLISHED &&
				  seg->state != TCPFSM_S_TIME_WAIT;

	if (seg->dir != TCPFSM_DIR_IN)
		return false;
	if (flags & TCPFSM_TH_SYN && flags & (TCPFSM_TH_FIN | TCPFSM_TH_RST))
		return true;
	if (!flags || flags == TCPFSM_TH_FIN)
		return true;
	if (seg->fate != TCPFSM_FATE_DROPPED && seg->fate != TCPFSM_FATE_CHALLENGED &&
	    seg->fate != TCPFSM_FATE_RESET && seg->fate != TCPFSM_FATE_BAD_COOKIE)
		return false;
	if (flags & (TCPFSM_TH_SYN | TCPFSM_TH_RST) && synchronized)
		return true;
	if (seg->state == TCPFSM_S_LISTEN)
		return flags == TCPFSM_TH_ACK;
	return seg->state == TCPFSM_S_SYN_SENT && flags == (TCPFSM_TH_SYN | TCPFSM_TH_ACK);
}

/**
 * tcpfsm_flow_put_segment() - report a segment
 * @f: its flow, the bucket locked; NULL for none, or one that is not in the table
 * @id: between whom, when there is no @f
 * @seg: the segment; a retransmission is numbered
 *
 * Context: interrupts are off.
 * Return: true when it was counted only, see tcpfsm_skip().
 */
bool tcpfsm_flow_put_segment(struct tcpfsm_tracked *f, const struct tcpfsm_id *id,
			     struct tcpfsm_segment *seg)
{
	struct tcpfsm_segment_rec *r;
	union tcpfsm_slot *slot;

	if (f && seg->dir == TCPFSM_DIR_OUT && seg->tcp_flags & TCPFSM_TH_SYN)
		number(seg, &f->syns, !(f->flags & TCPFSM_F_PREEXISTING));
	else if (f && seg->dir == TCPFSM_DIR_OUT && seg->tcp_flags & TCPFSM_TH_FIN)
		number(seg, &f->fins, false);
	if (f && seg->dir == TCPFSM_DIR_IN && f->state == TCPFSM_S_SYN_RECEIVED) {
		f->notes &= ~TCPFSM_N_FIN_TOLD;
		if (seg->tcp_flags & TCPFSM_TH_FIN && !seg->fate)
			f->notes |= TCPFSM_N_FIN_TOLD;
	}

	/* as it was told last, whatever the object's is on its way to the next */
	if (f)
		seg->state = f->state;
	if (f && f->listener && seg->retrans && f->state == TCPFSM_S_SYN_RECEIVED)
		tcpfsm_listener_event(f->listener, TCPFSM_L_SYNACK_AGAIN);
	if (is_illegal(seg))
		seg->known |= TCPFSM_SEG_ILLEGAL;
	if (tcpfsm_skip(seg, f || id->cookie))
		return true;

	if (!(seg->known & TCPFSM_SEG_ILLEGAL) && !tcpfsm_netlink_wants_events())
		return false;
	__this_cpu_inc(segments);
	slot = tcpfsm_ring_reserve();
	if (!slot)
		return false;
	r = &slot->segment;
	r->rec.size = sizeof(*r);
	r->rec.kind = TCPFSM_K_SEGMENT;
	r->rec.flags = f ? f->flags & (TCPFSM_F_PREEXISTING | TCPFSM_F_ORPHAN) : 0;
	r->rec.ts = tcpfsm_ring_clock();
	r->id = f ? f->id : *id;
	r->seg = *seg;
	tcpfsm_ring_commit();
	return false;
}

/**
 * tcpfsm_flow_segments() - segment records that were made, lost ones among them
 *
 * Context: any.
 * Return: the sum over all CPUs since load.
 */
u64 tcpfsm_flow_segments(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(segments, cpu));
	return sum;
}

/**
 * tcpfsm_flow_segment() - find a segment's flow, and report it
 * @id: between whom; the cookie is 0 when it belongs to no flow
 * @obj: the kernel object that carries the flow
 * @seg: the segment; a retransmission is numbered
 *
 * Context: any but hardirq and NMI, no bucket locked.
 */
void tcpfsm_flow_segment(const struct tcpfsm_id *id, const void *obj, struct tcpfsm_segment *seg)
{
	struct tcpfsm_tracked *f = NULL;
	unsigned long irqflags;
	struct tcpfsm_bucket b;
	bool skipped;

	if (id->cookie) {
		f = tcpfsm_flow_get(&b, id->cookie, obj);
		skipped = tcpfsm_flow_put_segment(f, id, seg);
		tcpfsm_flow_unlock(&b);
	} else {
		/* of no flow: no lock for a flood to wait for */
		local_irq_save(irqflags);
		skipped = tcpfsm_flow_put_segment(NULL, id, seg);
		tcpfsm_drain_kick(tcpfsm_ring_news());
		local_irq_restore(irqflags);
	}
	if (skipped)
		tcpfsm_tick_soon();
}

static noinline bool put_untracked(const void *sk, struct tcpfsm_segment *seg)
{
	struct tcpfsm_id id;

	tcpfsm_snap_id(&id, sk);
	/* one that is closed by now has given its port back */
	if (sk_fullsock(sk))
		id.lport = inet_sk(sk)->inet_sport;
	return tcpfsm_flow_put_segment(NULL, &id, seg);
}

/**
 * tcpfsm_flow_segment_of() - report a segment of a socket
 * @sk: a request, full or timewait socket
 * @seg: the segment; a retransmission is numbered
 *
 * Context: any but hardirq and NMI, no bucket locked.
 */
void tcpfsm_flow_segment_of(const void *sk, struct tcpfsm_segment *seg)
{
	const struct sock_common *c = sk;
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;
	bool skipped;

	f = tcpfsm_flow_get(&b, tcpfsm_cookie(sk),
			    c->skc_state == TCP_NEW_SYN_RECV ? TCPFSM_ANY_REQUEST : sk);
	skipped = f ? tcpfsm_flow_put_segment(f, &f->id, seg) : put_untracked(sk, seg);
	tcpfsm_flow_unlock(&b);
	if (skipped)
		tcpfsm_tick_soon();
}
