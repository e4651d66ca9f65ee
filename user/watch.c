// SPDX-License-Identifier: GPL-2.0
/*
 * tcpfsm stuck --watch. The module's alerts are listened to first, and its table is read
 * after that: what is in both is said once, as each one that was said is remembered.
 * When alerts were lost the table is read again, and what differs is said.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "gather.h"
#include "out_stuck.h"
#include "source.h"
#include "watch.h"

/* Why the stream is ended by us, beside LIVE_* */
#define END_COUNT	1
#define END_WRITE	2
#define END_FAILED	3

/* One that was said to be stuck, and not yet that it is no longer; by cookie */
struct said {
	struct event		ev;
	struct stuck_owner	owner;
	uint64_t		round;		/* the table had it when it was read last */
};

struct watch {
	const struct opts	*opts;
	struct opts		listen;
	struct source		source;
	struct view		view;
	struct buf		out;
	void			*said;		/* tsearch()'s tree */
	struct said		**over;		/* of @said, to be dropped */
	size_t			nsaid;
	struct stuck_list	fresh;		/* alerts whose owners are not known yet */
	uint64_t		round;
	uint64_t		shown;
	uint64_t		began;
	uint64_t		ended;
	bool			doubt;		/* what was lost is not known yet */
	bool			again;		/* the table has to be read again */
	int			err;
};

static int compare(const void *a, const void *b)
{
	const struct said *x = a;
	const struct said *y = b;

	if (x->ev.id.cookie != y->ev.id.cookie)
		return x->ev.id.cookie < y->ev.id.cookie ? -1 : 1;
	return x->ev.state < y->ev.state ? -1 : x->ev.state > y->ev.state;
}

static struct said *find(struct watch *w, const struct event *ev)
{
	struct said key = { .ev.id.cookie = ev->id.cookie, .ev.state = ev->state };
	void *at = tfind(&key, &w->said, compare);

	return at ? *(struct said **)at : NULL;
}

static void remember(struct watch *w, const struct stuck_list *l, const struct stuck *s)
{
	struct said *n = malloc(sizeof(*n));

	if (n) {
		*n = (struct said){
			.ev = s->ev, .owner = stuck_owner(l, s), .round = w->round,
		};
		if (tsearch(n, &w->said, compare)) {
			w->nsaid++;
			return;
		}
	}
	free(n);
	w->err = -ENOMEM;
}

static void forget(struct watch *w, struct said *n)
{
	tdelete(n, &w->said, compare);
	free(n);
	w->nsaid--;
}

static int counted(struct watch *w)
{
	w->shown++;
	if (w->err)
		return END_FAILED;
	if (w->opts->count && w->shown == w->opts->count)
		return END_COUNT;
	if (w->out.len >= BUF_ENOUGH && buf_flush(&w->out))
		return END_WRITE;
	return 0;
}

static int say(struct watch *w, const struct stuck_list *l, const struct stuck *s,
	       enum stuck_phase phase)
{
	remember(w, l, s);
	if (w->opts->json)
		json_stuck_one(&w->out, &w->view, l, s, phase);
	else
		text_stuck(&w->out, &w->view, l, s, phase);
	w->began += phase == STUCK_BEGIN;
	return counted(w);
}

static int say_end(struct watch *w, const struct event *ev, struct said *n)
{
	if (w->opts->json)
		json_stuck_end(&w->out, &w->view, ev, &n->owner);
	else
		text_stuck_end(&w->out, &w->view, ev, &n->owner);
	w->ended++;
	forget(w, n);
	return counted(w);
}

static int compare_time(const void *a, const void *b)
{
	const struct stuck *x = a;
	const struct stuck *y = b;

	return x->ev.ts < y->ev.ts ? -1 : x->ev.ts > y->ev.ts;
}

/* Those that have come together are looked up together. */
static int say_fresh(struct watch *w)
{
	struct stuck_list *l = &w->fresh;
	int end = 0;
	size_t i;

	if (!l->n)
		return 0;
	w->err = gather_owners(l, w->opts);
	if (w->err)
		return END_FAILED;
	qsort(l->items, l->n, sizeof(*l->items), compare_time);
	for (i = 0; i < l->n && !end; i++)
		if (!find(w, &l->items[i].ev))
			end = say(w, l, &l->items[i], STUCK_BEGIN);
	stuck_free(l);
	return end;
}

static void collect_over(const void *node, VISIT visit, void *arg)
{
	struct said *n = *(struct said **)node;
	struct watch *w = arg;

	if (visit != postorder && visit != leaf)
		return;
	if (n->round != w->round)
		*w->over++ = n;
}

/* Those the table has no longer: when they ended, and how, was lost. */
static int say_over(struct watch *w)
{
	struct said **over;
	struct event ev;
	int end = 0;
	size_t n, i;

	over = malloc((w->nsaid + 1) * sizeof(*over));
	if (!over) {
		w->err = -ENOMEM;
		return END_FAILED;
	}
	w->over = over;
	twalk_r(w->said, collect_over, w);
	n = w->over - over;
	for (i = 0; i < n && !end; i++) {
		ev = over[i]->ev;
		ev.ns += clock_mono() - ev.ts;
		ev.ts = clock_mono();
		ev.cause = TCPFSM_C_UNKNOWN;
		end = say_end(w, &ev, over[i]);
	}
	free(over);
	return end;
}

/* What the table says and was not said yet, and what was said and it has no longer */
static int read_table(struct watch *w, enum stuck_phase phase)
{
	struct stuck_list l = { 0 };
	bool torn = false;
	struct said *n;
	int end = 0;
	size_t i;

	w->again = false;
	w->round++;
	w->err = gather(&l, &w->source.live.nl, w->opts, &torn);
	for (i = 0; i < l.n && !w->err && !end; i++) {
		n = find(w, &l.items[i].ev);
		if (n)
			n->round = w->round;
		else
			end = say(w, &l, &l.items[i], phase);
	}
	stuck_free(&l);
	/* the module is gone, of which the stream tells */
	if (w->err == -ENOENT)
		return 0;
	if (w->err)
		return END_FAILED;
	/* in a torn table one that is still stuck may be missing */
	w->again = torn;
	return end || torn ? end : say_over(w);
}

static int settled(void *arg)
{
	struct watch *w = arg;
	int end;

	w->view.wall = source_wall(&w->source);
	/* after an overrun, when it is over */
	if (w->doubt && !w->source.live.doubt)
		w->again = true;
	w->doubt = w->source.live.doubt;
	end = say_fresh(w);
	if (!end && w->again)
		end = read_table(w, STUCK_BEGIN);
	if (w->out.len && buf_flush(&w->out))
		return END_WRITE;
	return end;
}

static int stuck_alert(struct watch *w, const struct event *ev)
{
	struct said *n;
	int end;

	if (ev->alert != TCPFSM_ALERT_END) {
		if (!gather_takes(w->opts, ev) || find(w, ev))
			return 0;
		w->err = stuck_add(&w->fresh, ev);
		return w->err ? END_FAILED : 0;
	}
	end = say_fresh(w);
	n = find(w, ev);
	return end || !n ? end : say_end(w, ev, n);
}

static int event(void *arg, const struct event *ev)
{
	struct watch *w = arg;

	if (ev->kind == TCPFSM_K_STUCK)
		return stuck_alert(w, ev);
	if (ev->kind != TCPFSM_K_LOST)
		return 0;
	if (w->opts->json)
		json_event(&w->out, &w->view, ev);
	else
		text_event(&w->out, &w->view, ev);
	w->again = true;
	return 0;
}

static void begin(struct watch *w)
{
	const struct opts *o = w->opts;

	view_init_stuck(&w->view, o->filter.family);
	w->view.wide = o->wide;
	w->view.time_of_day = o->time_of_day;
	w->view.wall = source_wall(&w->source);
	w->source.watch = cmd_pipe_out();
	if (o->no_header)
		return;
	if (!o->json) {
		text_stuck_header(&w->out, &w->view, true);
		return;
	}
	json_begin(&w->out, "start");
	json_time(&w->out, &w->view, w->source.began);
	json_add_str(&w->out, "tool", TCPFSM_VERSION);
	json_add_str(&w->out, "module", w->source.module);
	json_end(&w->out);
}

static int follow(struct watch *w)
{
	static const struct live_ops ops = { .event = event, .settled = settled };
	int status, end;

	begin(w);
	end = read_table(w, STUCK_FOUND);
	if (!end)
		end = settled(w);
	if (!end)
		end = source_run(&w->source, &ops, w);
	buf_flush(&w->out);
	if (w->out.err && cmd_write_status(-w->out.err) != STATUS_OK)
		return STATUS_FAILED;
	if (end == END_FAILED)
		return tcpnl_report(&w->source.live.nl, w->err);
	if (end != END_WRITE && end != LIVE_NO_READER)
		fprintf(stderr, "%llu began, %llu ended, %zu stuck now\n",
			(unsigned long long)w->began, (unsigned long long)w->ended, w->nsaid);
	status = source_status(&w->source, end, w->opts->strict);
	return status == STATUS_OK && w->shown ? STATUS_FOUND : status;
}

/**
 * watch() - tcpfsm stuck --watch
 * @o: the options
 *
 * Context: process, once.
 * Return: enum exit_status.
 */
int watch(const struct opts *o)
{
	struct watch w = { .opts = o, .listen = *o };
	int status;

	buf_init(&w.out, STDOUT_FILENO);
	w.listen.alerts = true;
	status = source_open(&w.source, &w.listen);
	if (status == STATUS_OK)
		status = follow(&w);
	source_close(&w.source);
	stuck_free(&w.fresh);
	tdestroy(w.said, free);
	buf_free(&w.out);
	return status;
}
