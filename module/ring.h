/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_RING_H
#define _TCPFSM_RING_H

#include <linux/types.h>

#include <linux/tcpfsm.h>

/* The largest record a hook makes; every slot of a ring is one of these. */
union tcpfsm_slot {
	struct tcpfsm_rec	rec;
	struct tcpfsm_state_rec	state;
	struct tcpfsm_segment_rec segment;
	struct tcpfsm_lost_rec	lost;
	struct tcpfsm_stuck_rec	stuck;
	struct tcpfsm_flood_rec	flood;
	struct tcpfsm_skipped_rec skipped;
};

/* Does the worker have something to do? */
enum tcpfsm_news { TCPFSM_NO_NEWS, TCPFSM_NEWS_SOON, TCPFSM_NEWS_NOW };

int tcpfsm_ring_init(unsigned int records);
void tcpfsm_ring_exit(void);

u64 tcpfsm_ring_clock(void);
union tcpfsm_slot *tcpfsm_ring_reserve(void);
void tcpfsm_ring_commit(void);

u64 tcpfsm_ring_begin(void);
u64 tcpfsm_ring_until(u64 last);
unsigned int tcpfsm_ring_next(void *buf);

u64 tcpfsm_ring_lost(void);
enum tcpfsm_news tcpfsm_ring_news(void);

/**
 * tcpfsm_ring_copy() - copy a record
 * @to: where to
 * @from: the record
 *
 * Most are of two kinds. With a size that is known they are copied in words, which is several times
 * faster than memcpy() is for so few bytes.
 *
 * Context: any.
 */
static inline void tcpfsm_ring_copy(void *to, const void *from)
{
	const struct tcpfsm_rec *rec = from;

	switch (rec->kind) {
	case TCPFSM_K_STATE:
		*(struct tcpfsm_state_rec *)to = *(const struct tcpfsm_state_rec *)from;
		break;
	case TCPFSM_K_SEGMENT:
		*(struct tcpfsm_segment_rec *)to = *(const struct tcpfsm_segment_rec *)from;
		break;
	default:
		memcpy(to, from, rec->size);
	}
}

#endif
