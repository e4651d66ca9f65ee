/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_GAP_H
#define TCPFSM_GAP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct gap - which records a listener has to get, and has got
 * @next: TCPFSM_A_INDEX the next message must have
 * @known: @next was set
 * @begun: a message has come
 */
struct gap {
	uint64_t	next;
	bool		known;
	bool		begun;
};

void gap_base(struct gap *g, uint64_t index);
uint64_t gap_batch(struct gap *g, uint64_t index, uint64_t records);
uint64_t gap_sent(struct gap *g, uint64_t index);

#endif
