/* SPDX-License-Identifier: GPL-2.0 */
/* What tcpfsm top knows (top.c), and how it looks (top_page.c); cmd_top.c is the terminal. */
#ifndef TCPFSM_TOP_H
#define TCPFSM_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "nl.h"
#include "opts.h"
#include "out_stuck.h"
#include "queues.h"

/**
 * struct top_sample - what the module said at one time
 * @ts: CLOCK_MONOTONIC in ns, 0 for never
 * @has_totals: @totals is told in this network namespace
 * @torn: the table changed while it was read: counts are not exact
 * @stats: its own numbers
 * @totals: transitions
 * @now: flows that pass the filters, by state
 */
struct top_sample {
	uint64_t		ts;
	bool			has_totals;
	bool			torn;
	struct tcpnl_stats	stats;
	struct tcpnl_totals	totals;
	uint64_t		now[TCPNL_STATES];
};

/**
 * struct top_stuck - a connection that is stuck
 * @ev: what the module says of it
 * @looked_up: when sock_diag and /proc were asked for it, CLOCK_MONOTONIC in ns; 0 for not yet
 * @hidden: it is another owner's than those asked for
 * @owner: valid when it was looked up
 * @queues: the next two are known
 * @rx: bytes nobody has read
 * @tx: bytes not acknowledged
 */
struct top_stuck {
	struct event		ev;
	uint64_t		looked_up;
	bool			hidden;
	struct stuck_owner	owner;
	bool			queues;
	uint32_t		rx;
	uint32_t		tx;
};

/**
 * struct top_listener - a listener
 * @row: its numbers; of its queue the limit alone is of use, see top_read()
 * @rated: @rate is known
 * @rate: SYNs a second
 * @dropped: SYNs and ACKs thrown away since the sample before
 */
struct top_listener {
	struct listener_row	row;
	bool			rated;
	double			rate;
	uint64_t		dropped;
};

/**
 * struct top - what there is to show
 * @opts: what was asked for
 * @now: the latest sample; never ts 0 once there was one
 * @before: the one before it, ts 0 for none
 * @stuck: those that are stuck, by cookie
 * @nstuck: how many
 * @listeners: those there are, by cookie
 * @nlisteners: how many
 * @looked_up: when /proc was walked last
 * @look_again: no sooner it will be again
 * @limits_asked: when sock_diag was asked for the limits of queues
 * @err: negative errno of the latest attempt, 0 when it is @now
 * @gone: CLOCK_MONOTONIC in ns since when the module is not there, 0 when it is
 * @restarted: @now is of a module that was loaded after @before
 */
struct top {
	const struct opts	*opts;
	struct top_sample	now;
	struct top_sample	before;
	struct top_stuck	*stuck;
	size_t			nstuck;
	struct top_listener	*listeners;
	size_t			nlisteners;
	uint64_t		looked_up;
	uint64_t		look_again;
	uint64_t		limits_asked;
	int			err;
	uint64_t		gone;
	bool			restarted;
};

/* Parts of the page that have rows */
enum top_panel {
	TOP_STUCK,
	TOP_LISTENERS,
	TOP_PANELS,
};

/* How a line looks */
enum top_look {
	TOP_PLAIN,
	TOP_DIM,
	TOP_BOLD,
	TOP_TITLE,
	TOP_CHOSEN,	/* title of the panel that keys are for */
	TOP_ALERT,
};

/**
 * struct top_line - a line of the page
 * @look: how it looks
 * @text: as multibyte characters of the locale, no wider than the page
 */
struct top_line {
	enum top_look	look;
	char		text[512];
};

#define TOP_LINES	512
#define TOP_COLUMNS	400
#define TOP_FILTER	32

/**
 * struct top_page - what is shown and how it was asked for
 * @width: columns
 * @height: lines
 * @line: them
 * @n: how many
 * @panel: the one keys are for
 * @sort: by panel, which of its orders
 * @invert: by panel, the other way round
 * @scroll: by panel, rows above the first one shown
 * @rows: by panel, how many pass the filter
 * @room: by panel, how many fit
 * @filter: only rows with this text, "" for all
 * @typing: the filter is being typed
 * @help: keys are explained instead
 * @paused: when, CLOCK_MONOTONIC in ns; 0 for not
 * @every: ns between samples
 * @at: CLOCK_MONOTONIC in ns now
 * @wall: CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns
 */
struct top_page {
	int			width;
	int			height;
	struct top_line		line[TOP_LINES];
	int			n;
	enum top_panel		panel;
	unsigned int		sort[TOP_PANELS];
	bool			invert[TOP_PANELS];
	size_t			scroll[TOP_PANELS];
	size_t			rows[TOP_PANELS];
	size_t			room[TOP_PANELS];
	char			filter[TOP_FILTER];
	bool			typing;
	bool			help;
	uint64_t		paused;
	uint64_t		every;
	uint64_t		at;
	int64_t			wall;
};

void top_init(struct top *t, const struct opts *o);
int top_read(struct top *t, struct tcpnl *nl);
void top_gone(struct top *t);
void top_free(struct top *t);
double top_rate(const struct top *t, uint64_t now, uint64_t before);
bool top_rated(const struct top *t);

void top_page(struct top_page *p, const struct top *t);
void top_page_rows(const struct top_page *p, enum top_panel panel, const void **rows, size_t n);
void top_page_sort(struct top_page *p, int step);
const char *top_page_order(const struct top_page *p, enum top_panel panel);

#endif
