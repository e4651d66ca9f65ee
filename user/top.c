// SPDX-License-Identifier: GPL-2.0
/*
 * What tcpfsm top shows, asked of the module anew each time. What costs a walk through
 * /proc, who holds what is stuck, is asked for when something else is stuck than before and
 * else rarely, and it is remembered when that was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "gather.h"
#include "top.h"

/* Who holds a socket, and how long a queue may get, changes without anybody telling. */
#define LOOK_NS		(10 * NSEC_PER_SEC)
/* Of the time, so much at most is for /proc: one part in */
#define LOOK_SHARE	20

struct reading {
	struct top		*top;
	struct top_sample	sample;
	struct stuck_list	stuck;
	struct listener_list	listeners;
	int			err;
};

/**
 * top_init() - begin
 * @t: set; top_free() it
 * @o: what was asked for
 *
 * Context: any.
 */
void top_init(struct top *t, const struct opts *o)
{
	*t = (struct top){ .opts = o };
}

/**
 * top_free() - release what is known
 * @t: what there is, nothing afterwards
 *
 * Context: any.
 */
void top_free(struct top *t)
{
	free(t->stuck);
	free(t->listeners);
	top_init(t, t->opts);
	/* clang's analyzer does not follow the assignment of a whole structure */
	t->stuck = NULL;
	t->nstuck = 0;
	t->listeners = NULL;
	t->nlisteners = 0;
}

/**
 * top_gone() - the module is not there: what was known is of the past
 * @t: what there is; nothing but since when it is gone afterwards
 *
 * Context: any.
 */
void top_gone(struct top *t)
{
	const uint64_t gone = t->gone ? t->gone : clock_mono();

	top_free(t);
	t->gone = gone;
}

/**
 * top_rated() - whether rates are known
 * @t: what there is
 *
 * Context: any.
 * Return: true when there are two samples of one module.
 */
bool top_rated(const struct top *t)
{
	return t->before.ts && t->now.ts > t->before.ts;
}

/**
 * top_rate() - how often a second, between both samples
 * @t: what there is, top_rated()
 * @now: a count in the later one
 * @before: the same in the one before
 *
 * Context: any.
 * Return: the rate.
 */
double top_rate(const struct top *t, uint64_t now, uint64_t before)
{
	const double seconds = (double)(t->now.ts - t->before.ts) / NSEC_PER_SEC;

	return now > before ? (now - before) / seconds : 0;
}

static int one_flow(const struct event *ev, void *arg)
{
	struct reading *r = arg;
	const struct opts *o = r->top->opts;

	if (filter_match(&o->filter, ev) && ev->state < TCPNL_STATES)
		r->sample.now[ev->state]++;
	if (ev->flags & TCPFSM_F_OVERDUE && gather_takes(o, ev))
		r->err = stuck_add(&r->stuck, ev);
	return r->err;
}

static int one_listener(const struct event *ev, const struct tcpfsm_listener *l, void *arg)
{
	struct reading *r = arg;

	if (filter_match(&r->top->opts->filter, ev))
		r->err = listeners_add(&r->listeners, ev, l);
	return r->err;
}

static bool not_told(int err)
{
	return err == -EPERM || err == -EACCES || err == -EOPNOTSUPP;
}

static int ask(struct reading *r, struct tcpnl *nl)
{
	const struct filter *f = &r->top->opts->filter;
	const struct tcpnl_flow_filter filter = { .states = f->states, .netns = f->netns };
	bool torn = false;
	int err;

	r->sample.ts = clock_mono();
	err = tcpnl_stats(nl, &r->sample.stats);
	if (err)
		return err;
	err = tcpnl_totals(nl, &r->sample.totals);
	if (err && !not_told(err))
		return err;
	r->sample.has_totals = !err;
	err = tcpnl_flows(nl, &filter, one_flow, r, &r->sample.torn);
	if (!err && !r->err)
		err = tcpnl_listeners(nl, &filter, one_listener, r, &torn);
	if (not_told(err))
		err = 0;
	r->sample.torn |= torn;
	return err ? err : r->err;
}

static int by_cookie(const void *a, const void *b)
{
	const uint64_t x = ((const struct top_stuck *)a)->ev.id.cookie;
	const uint64_t y = ((const struct top_stuck *)b)->ev.id.cookie;

	return x < y ? -1 : x > y;
}

static const struct top_stuck *known(const struct top *t, const struct event *ev)
{
	const struct top_stuck key = { .ev.id.cookie = ev->id.cookie };
	const struct top_stuck *s = NULL;

	if (t->nstuck)
		s = bsearch(&key, t->stuck, t->nstuck, sizeof(key), by_cookie);
	return s && s->ev.state == ev->state ? s : NULL;
}

/* Is there one whose owner is not known yet, or were they asked for long ago? */
static bool look(const struct reading *r)
{
	const struct top *t = r->top;
	const uint64_t now = r->sample.ts;
	const struct top_stuck *s;
	size_t i;

	if (!r->stuck.n || now < t->look_again)
		return false;
	if (now - t->looked_up >= LOOK_NS)
		return true;
	for (i = 0; i < r->stuck.n; i++) {
		s = known(t, &r->stuck.items[i].ev);
		if (!s || !s->looked_up)
			return true;
	}
	return false;
}

static struct top_stuck looked_up(const struct reading *r, const struct stuck *s, uint64_t when)
{
	return (struct top_stuck){
		.ev = s->ev,
		.looked_up = when,
		.hidden = !stuck_match_owner(&r->stuck, s, &r->top->opts->filter),
		.owner = stuck_owner(&r->stuck, s),
		.queues = s->found,
		.rx = s->sock.rqueue,
		.tx = s->sock.wqueue,
	};
}

static struct top_stuck remembered(const struct reading *r, const struct stuck *s)
{
	const struct top_stuck *old = known(r->top, &s->ev);
	struct top_stuck new = { .hidden = filter_by_owner(&r->top->opts->filter) };

	if (old)
		new = *old;
	new.ev = s->ev;
	return new;
}

static int take_stuck(struct reading *r)
{
	const bool walk = look(r);
	const uint64_t began = clock_mono();
	struct top *t = r->top;
	struct top_stuck *rows;
	uint64_t ended;
	size_t i;
	int err;

	if (walk) {
		err = stuck_resolve(&r->stuck);
		if (err)
			return err;
	}
	rows = calloc(r->stuck.n + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (i = 0; i < r->stuck.n; i++)
		rows[i] = walk ? looked_up(r, &r->stuck.items[i], began)
			       : remembered(r, &r->stuck.items[i]);
	if (walk) {
		ended = clock_mono();
		t->looked_up = began;
		t->look_again = ended + LOOK_SHARE * (ended - began);
	}
	qsort(rows, r->stuck.n, sizeof(*rows), by_cookie);
	free(t->stuck);
	t->stuck = rows;
	t->nstuck = r->stuck.n;
	return 0;
}

static const struct top_listener *known_listener(const struct top *t, uint64_t cookie)
{
	size_t low = 0, high = t->nlisteners;

	while (low < high) {
		const size_t at = low + (high - low) / 2;
		const uint64_t c = t->listeners[at].row.ev.id.cookie;

		if (c == cookie)
			return &t->listeners[at];
		if (c < cookie)
			low = at + 1;
		else
			high = at;
	}
	return NULL;
}

/* The limit of a queue is asked for when there is a new listener, and else rarely. */
static bool ask_limits(const struct reading *r)
{
	const struct top *t = r->top;
	size_t i;

	if (r->sample.ts - t->limits_asked >= LOOK_NS)
		return true;
	for (i = 0; i < r->listeners.n; i++)
		if (!known_listener(t, r->listeners.rows[i].ev.id.cookie))
			return true;
	return false;
}

static uint64_t drops(const struct tcpfsm_listener *l)
{
	return l->syn_drops + l->accept_drops;
}

static int by_listener(const void *a, const void *b)
{
	const uint64_t x = ((const struct top_listener *)a)->row.ev.id.cookie;
	const uint64_t y = ((const struct top_listener *)b)->row.ev.id.cookie;

	return x < y ? -1 : x > y;
}

static int take_listeners(struct reading *r)
{
	const bool limits = ask_limits(r);
	struct top *t = r->top;
	struct top_listener *rows;
	size_t i;

	rows = calloc(r->listeners.n + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	if (limits) {
		listeners_sort(&r->listeners);
		listeners_ask(&r->listeners);
		t->limits_asked = r->sample.ts;
	}
	for (i = 0; i < r->listeners.n; i++) {
		const struct listener_row *row = &r->listeners.rows[i];
		const struct top_listener *old = known_listener(t, row->ev.id.cookie);

		rows[i].row = *row;
		if (old && !limits)
			rows[i].row.q = old->row.q;
		if (!old || !top_rated(t))
			continue;
		rows[i].rated = true;
		rows[i].rate = top_rate(t, row->l.syns, old->row.l.syns);
		rows[i].dropped = drops(&row->l) - drops(&old->row.l);
	}
	qsort(rows, r->listeners.n, sizeof(*rows), by_listener);
	free(t->listeners);
	t->listeners = rows;
	t->nlisteners = r->listeners.n;
	return 0;
}

/* Numbers that are smaller than before are another module's, loaded meanwhile. */
static bool restarted(const struct top_sample *now, const struct top_sample *before)
{
	static const unsigned int counts[] = {
		TCPFSM_A_STATS_TRANSITIONS, TCPFSM_A_STATS_SEGMENTS, TCPFSM_A_STATS_FLOWS_PEAK,
		TCPFSM_A_STATS_SKIPPED,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		if (now->stats.value[counts[i]] < before->stats.value[counts[i]])
			return true;
	return false;
}

static int take(struct reading *r)
{
	struct top *t = r->top;
	const bool again = t->gone || (t->now.ts && restarted(&r->sample, &t->now));
	int err;

	if (again)
		top_free(t);
	t->restarted = again;
	t->before = t->now;
	t->now = r->sample;
	t->gone = 0;
	err = take_stuck(r);
	return err ? err : take_listeners(r);
}

/**
 * top_read() - ask the module for what there is now
 * @t: what there is; stays what it was when the module cannot be asked
 * @nl: connection to the module
 *
 * Of a listener's queue the length is the module's, each time; its limit is the kernel's, and
 * up to 10 seconds old.
 *
 * Context: process of one thread; may enter network namespaces and return, and walk /proc.
 * Return: 0 or a negative errno, which @t->err is, too.
 */
int top_read(struct top *t, struct tcpnl *nl)
{
	struct reading *r = calloc(1, sizeof(*r));

	if (!r)
		return t->err = -ENOMEM;
	r->top = t;
	t->err = ask(r, nl);
	if (!t->err)
		t->err = take(r);
	stuck_free(&r->stuck);
	listeners_free(&r->listeners);
	free(r);
	return t->err;
}
