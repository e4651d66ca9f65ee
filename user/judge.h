/* SPDX-License-Identifier: GPL-2.0 */
/* Judges the connections of a stream: events go in, in order, verdicts come out. */
#ifndef TCPFSM_JUDGE_H
#define TCPFSM_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "memory.h"
#include "table.h"
#include "verdict.h"

#define JUDGE_FLOWS	131072		/* connections in sight by default */
#define JUDGE_GRACE_NS	5000000ULL	/* how long a closed one waits for its last segments */

/**
 * struct judge_numbers - what the judge has done
 * @verdicts: connections judged
 * @ok: of these, those that kept to the rules
 * @violated: those that did not
 * @incomplete: those of which something is missing
 * @evicted: connections judged early to make room for others
 * @repeated: SYNs thrown away again
 */
struct judge_numbers {
	uint64_t	verdicts;
	uint64_t	ok;
	uint64_t	violated;
	uint64_t	incomplete;
	uint64_t	evicted;
	uint64_t	repeated;
};

/**
 * struct judge - connections in sight
 * @numbers: what it has done
 * @blind: 1 << enum verdict_missing, what this stream cannot show of any connection
 * @verdict: called once a connection
 * @arg: passed to @verdict
 * @now: ts of the latest event, or what judge_clock() said
 * @losses: how often records were lost so far
 * @hidden: ts of the latest loss, or of segments that were left out
 * @flows: connections in sight, each a struct flow
 * @memory: what outlives them
 */
struct judge {
	struct judge_numbers	numbers;
	uint32_t		blind;
	void			(*verdict)(void *arg, const struct verdict *t);
	void			*arg;
	uint64_t		now;
	uint64_t		losses;
	uint64_t		hidden;
	struct table		flows;
	struct memory		memory;
};

int judge_init(struct judge *j, size_t max,
	       void (*verdict)(void *arg, const struct verdict *t), void *arg);
void judge_blind(struct judge *j, uint32_t missing);
void judge_event(struct judge *j, const struct event *ev);
void judge_clock(struct judge *j, uint64_t now);
bool judge_due(const struct judge *j, uint64_t *due);
uint64_t judge_settled(struct judge *j, uint64_t now, bool doubt);
void judge_finish(struct judge *j);
void judge_free(struct judge *j);

#endif
