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

int tcpfsm_ring_init(unsigned int records);
void tcpfsm_ring_exit(void);

union tcpfsm_slot *tcpfsm_ring_reserve(void);
void tcpfsm_ring_commit(void);

void tcpfsm_ring_begin(u64 now);
unsigned int tcpfsm_ring_next(void *buf);

u64 tcpfsm_ring_lost(void);
bool tcpfsm_ring_hasty(void);

#endif
