// SPDX-License-Identifier: GPL-2.0
/* tcpfsm stats: what the module counted, all of it or the parts that are asked for. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "listeners.h"
#include "nl.h"
#include "queues.h"
#include "stats.h"
#include "totals.h"
#include "view.h"

struct stats {
	const struct opts	*opts;
	struct tcpnl		nl;
	struct tcpnl_stats	numbers;
	struct tcpnl_totals	totals;
	struct view		view;
	struct buf		out;
	bool			torn;
};

/* What the parts are called, in the order they are printed */
static const struct section {
	unsigned int	bit;
	const char	*title;
	void		(*text)(struct buf *b, const struct tcpnl_totals *t);
	void		(*json)(struct buf *b, struct view *v, const struct tcpnl_totals *t);
} sections[] = {
	{ SECTION_MATRIX, "transitions, from the row's state to the column's",
	  matrix_text, matrix_json },
	{ SECTION_TIMES, "times in states, bounds: at most double", times_text, times_json },
	{ SECTION_CAUSES, "causes of transitions", causes_text, causes_json },
};

static void counters(struct stats *s)
{
	struct buf *b = &s->out;

	if (!s->opts->json) {
		buf_str(b, "version ");
		buf_str(b, s->numbers.version);
		buf_char(b, '\n');
		stats_text(b, &s->numbers);
		return;
	}
	json_begin(b, "stats");
	json_time(b, &s->view, clock_mono());
	json_add_str(b, "version", s->numbers.version);
	stats_json(b, &s->numbers);
	json_end(b);
}

static bool wanted(const struct stats *s, unsigned int section)
{
	return !s->opts->sections || s->opts->sections & section;
}

/* A part among others has a title. */
static void title(struct stats *s, const char *text)
{
	const unsigned int one = s->opts->sections;

	if (s->opts->json || (one && !(one & (one - 1))))
		return;
	buf_printf(&s->out, "%s%s:\n", s->out.len ? "\n" : "", text);
}

/* Another namespace is not told, nor does an older module know. */
static bool not_told(int err)
{
	return err == -EPERM || err == -EACCES || err == -EOPNOTSUPP;
}

static int refuse(const struct stats *s, int err)
{
	if (!not_told(err))
		return tcpnl_report(&s->nl, err);
	fprintf(stderr, "tcpfsm: the module does not tell%s%s: %s\n", s->nl.said[0] ? ": " : "",
		s->nl.said, err == -EOPNOTSUPP ? "it is older than this tool" :
		"totals are for the initial network namespace");
	return STATUS_ACCESS;
}

static int totals(struct stats *s)
{
	unsigned int all = 0;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(sections); i++)
		all |= sections[i].bit;
	if (!wanted(s, all))
		return STATUS_OK;
	err = tcpnl_totals(&s->nl, &s->totals);
	if (err)
		return not_told(err) && !s->opts->sections ? STATUS_OK : refuse(s, err);
	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!wanted(s, sections[i].bit))
			continue;
		title(s, sections[i].title);
		if (s->opts->json)
			sections[i].json(&s->out, &s->view, &s->totals);
		else
			sections[i].text(&s->out, &s->totals);
	}
	return STATUS_OK;
}

static int graph(struct stats *s)
{
	const int err = tcpnl_totals(&s->nl, &s->totals);

	if (err)
		return refuse(s, err);
	totals_dot(&s->out, &s->totals);
	return STATUS_OK;
}

static int one_listener(const struct event *ev, const struct tcpfsm_listener *l, void *arg)
{
	return listeners_add(arg, ev, l);
}

static void print_listeners(struct stats *s, struct listener_list *list)
{
	const struct listener_row *r;

	listeners_sort(list);
	listeners_ask(list);
	title(s, "listeners; of what is now, / the most so far");
	if (!s->opts->json)
		listeners_header(&s->out, &s->view);
	for (r = list->rows; r < list->rows + list->n; r++) {
		if (s->opts->json)
			listener_json(&s->out, &s->view, &r->ev, &r->l, &r->q);
		else
			listener_text(&s->out, &s->view, &r->ev, &r->l, &r->q);
	}
}

static int listeners(struct stats *s)
{
	const struct tcpnl_flow_filter all = { 0 };
	struct listener_list list = { 0 };
	int err;

	if (!wanted(s, SECTION_LISTENERS))
		return STATUS_OK;
	err = tcpnl_listeners(&s->nl, &all, one_listener, &list, &s->torn);
	if (!err)
		print_listeners(s, &list);
	listeners_free(&list);
	if (err)
		return not_told(err) && !s->opts->sections ? STATUS_OK : refuse(s, err);
	if (s->torn)
		fputs("tcpfsm: the table changed while it was read: a listener may be missing or "
		      "shown twice\n", stderr);
	return STATUS_OK;
}

static int print(struct stats *s)
{
	int status;
	int err;

	err = tcpnl_stats(&s->nl, &s->numbers);
	if (err)
		return tcpnl_report(&s->nl, err);
	if (!s->opts->sections && !s->opts->dot)
		counters(s);
	status = s->opts->dot ? graph(s) : totals(s);
	if (status == STATUS_OK && !s->opts->dot)
		status = listeners(s);
	if (status == STATUS_OK && s->opts->strict && (s->torn || stats_lost(&s->numbers)))
		status = STATUS_LOST;
	return status;
}

static int run(const struct opts *o)
{
	struct stats s = { .opts = o };
	int status;
	int err;

	buf_init(&s.out, STDOUT_FILENO);
	view_init(&s.view, 0);
	s.view.wall = clock_wall_offset();
	err = tcpnl_open(&s.nl);
	status = err ? tcpnl_report(&s.nl, err) : print(&s);
	tcpnl_close(&s.nl);
	return cmd_finish(&s.out, status);
}

const struct cmd cmd_stats = {
	.name = "stats",
	.brief = "what was counted: transitions, times in states, causes, listeners, losses",
	.about = "Prints what the module counted since it was loaded: a name and number a line,\n"
		 "then the matrix of transitions, how long states lasted, what caused transitions, and\n"
		 "the listeners with their queues, drops, cookies and floods; or the parts that\n"
		 "are asked for. --dot is for graphviz: tcpfsm stats --dot | dot -T svg.\n",
	.groups = OPTS_JSON | OPTS_STRICT | OPTS_SECTIONS,
	.run = run,
};
