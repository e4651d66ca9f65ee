/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_SOURCE_H
#define TCPFSM_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "input.h"
#include "live.h"
#include "opts.h"
#include "record.h"

/* Why source_run() ended, beside what live_run() returns */
#define SOURCE_END	0x1003	/* the file was read to its end */
#define SOURCE_BAD	0x1004	/* it cannot be read on; the user was told */

/**
 * struct source - where events come from: the module, or a file
 * @name: the file, NULL for the module
 * @live: the module
 * @input: the file
 * @rec: when it is a recording
 * @cap: when it is a capture
 * @order: puts a recording's events in order
 * @ahead: a capture's first event, which tells when it began
 * @looked: it waits to be handed out
 * @got: what reading it returned
 * @why: what was wrong with it
 * @ops: who wants the events
 * @arg: passed to @ops
 * @end: what @ops returned while the file was waited for
 * @wire: from a capture: states are inferred, owners and most causes unknown
 * @partial: filters may have left out parts of connections when it was recorded
 * @cut: the file's end is missing
 * @watch: descriptor whose reader may go away; the module's stream ends then; -1 for none
 * @module: version of the module, "" when unknown
 * @wall: of a file: CLOCK_REALTIME minus the clock of the events, in ns
 * @began: when it began, clock of the events in ns
 * @last: of a file: ts of the latest event, or how late it is when nothing has come since
 * @lost_ring: records lost in a full ring
 * @lost_netlink: records lost between module and tool
 * @malformed: messages that could not be read
 * @late: events handed out after a later one
 *
 * The last four are current after source_run().
 */
struct source {
	const char		*name;
	struct live		live;
	struct input		input;
	struct record_in	*rec;
	struct capture		*cap;
	struct order		order;
	struct event		ahead;
	bool			looked;
	int			got;
	struct why		why;
	const struct live_ops	*ops;
	void			*arg;
	int			end;
	bool			wire;
	bool			partial;
	bool			cut;
	int			watch;
	const char		*module;
	int64_t			wall;
	uint64_t		began;
	uint64_t		last;
	uint64_t		lost_ring;
	uint64_t		lost_netlink;
	uint64_t		malformed;
	uint64_t		late;
};

int source_open(struct source *s, const struct opts *o);
int source_run(struct source *s, const struct live_ops *ops, void *arg);
int source_status(const struct source *s, int end, bool strict);
int64_t source_wall(const struct source *s);
uint64_t source_now(const struct source *s);
uint64_t source_mark(const struct source *s);
uint32_t source_missing(const struct source *s);
void source_close(struct source *s);

#endif
