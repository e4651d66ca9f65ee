// SPDX-License-Identifier: GPL-2.0
/*
 * Exact loss between the module and this tool. Each message says how many
 * records were sent before it, or told of as lost; a full socket buffer swallows whole messages, so
 * the difference to what has come is what was lost, and its place is known.
 *
 * The first and the last message may be swallowed as well. For the first one the
 * module is asked how many it had sent right after joining the group: a first
 * message beyond that number means loss, one before it was sent between joining and
 * asking. For the last one it is asked again once silence follows an overrun, and
 * at the end; unless it is gone by then, when that loss has no number.
 */
#include "gap.h"

/**
 * gap_base() - begin to listen
 * @g: set
 * @index: records sent so far, asked after joining the group
 *
 * Context: any.
 */
void gap_base(struct gap *g, uint64_t index)
{
	*g = (struct gap){ .next = index, .known = true };
}

/**
 * gap_batch() - a message came
 * @g: which records are expected
 * @index: its TCPFSM_A_INDEX
 * @records: how many it holds, those among them that it says were lost
 *
 * Context: any.
 * Return: how many records were lost before it. A number smaller than expected
 * is no loss: the module was loaded anew, or the message was sent between joining
 * and gap_base().
 */
uint64_t gap_batch(struct gap *g, uint64_t index, uint64_t records)
{
	uint64_t lost = g->known && index > g->next ? index - g->next : 0;

	g->next = index + records;
	g->known = true;
	g->begun = true;
	return lost;
}

/**
 * gap_sent() - the module was asked how many it sent, and all that came is read
 * @g: which records are expected
 * @index: records sent so far
 *
 * Context: any.
 * Return: how many records were lost since the last message.
 */
uint64_t gap_sent(struct gap *g, uint64_t index)
{
	uint64_t lost = g->known && index > g->next ? index - g->next : 0;

	if (lost || !g->known)
		g->next = index;
	g->known = true;
	return lost;
}
