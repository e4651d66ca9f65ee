// SPDX-License-Identifier: GPL-2.0
/* tcpfsm check: a verdict for each connection, as it ends. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "exit.h"
#include "judge.h"
#include "source.h"
#include "view.h"

/* Why the stream is ended by us, beside LIVE_* */
#define END_COUNT	1	/* -c is reached */
#define END_WRITE	2	/* output failed, see buf.err */

struct check {
	const struct opts	*opts;
	struct source		source;
	struct judge		judge;
	struct judge_numbers	shown;		/* of those that pass the filters */
	struct view		view;
	struct buf		out;
	uint64_t		printed;
};

static bool enough(const struct check *c)
{
	return c->opts->count && c->printed >= c->opts->count;
}

static void verdict(void *arg, const struct verdict *t)
{
	const struct event ev = verdict_event(t);
	struct check *c = arg;

	if (enough(c) || !filter_match(&c->opts->filter, &ev))
		return;
	c->shown.verdicts++;
	c->shown.ok += t->conformance == VERDICT_OK;
	c->shown.violated += t->conformance == VERDICT_VIOLATION;
	c->shown.incomplete += t->conformance == VERDICT_INCOMPLETE;
	if (c->opts->quiet && t->conformance != VERDICT_VIOLATION)
		return;
	c->printed++;
	if (c->opts->json)
		json_verdict(&c->out, &c->view, t);
	else
		text_verdict(&c->out, &c->view, t);
}

static int settled(void *arg)
{
	struct check *c = arg;

	c->view.wall = source_wall(&c->source);
	c->source.live.wake = judge_settled(&c->judge, source_mark(&c->source),
					    c->source.live.doubt);
	if (c->out.len && buf_flush(&c->out))
		return END_WRITE;
	return enough(c) ? END_COUNT : 0;
}

static int event(void *arg, const struct event *ev)
{
	struct check *c = arg;

	judge_blind(&c->judge, source_missing(&c->source));
	judge_event(&c->judge, ev);
	if (ev->kind == TCPFSM_K_LOST && c->opts->json)
		json_event(&c->out, &c->view, ev);
	else if (ev->kind == TCPFSM_K_LOST)
		text_event(&c->out, &c->view, ev);
	if (c->out.len >= BUF_ENOUGH && buf_flush(&c->out))
		return END_WRITE;
	return enough(c) ? END_COUNT : 0;
}

static void begin(struct check *c)
{
	c->view.wall = source_wall(&c->source);
	if (c->opts->no_header)
		return;
	if (!c->opts->json) {
		text_verdict_header(&c->out, &c->view);
		return;
	}
	json_begin(&c->out, "start");
	json_time(&c->out, &c->view, c->source.began);
	json_add_str(&c->out, "tool", TCPFSM_VERSION);
	json_add_str(&c->out, "module", c->source.module);
	json_end(&c->out);
}

static void json_summary(struct check *c)
{
	const struct judge_numbers *n = &c->shown;
	const struct source *s = &c->source;
	const uint64_t now = source_now(s);
	struct buf *b = &c->out;

	json_begin(b, "summary");
	json_time(b, &c->view, now);
	json_add_num(b, "duration_ns", now > s->began ? now - s->began : 0);
	json_add_num(b, "connections", n->verdicts);
	json_add_num(b, "ok", n->ok);
	json_add_num(b, "violated", n->violated);
	json_add_num(b, "incomplete", n->incomplete);
	json_add_num(b, "judged_early", c->judge.numbers.evicted);
	json_add_num(b, "repeated_drops", c->judge.numbers.repeated);
	json_add_num(b, "lost", s->lost_ring + s->lost_netlink);
	json_add_num(b, "lost_ring", s->lost_ring);
	json_add_num(b, "lost_netlink", s->lost_netlink);
	json_add_num(b, "late", s->late);
	json_add_num(b, "malformed", s->malformed);
	json_end(b);
}

static void text_summary(const struct check *c)
{
	const struct judge_numbers *n = &c->shown;
	const struct source *s = &c->source;
	struct buf err;

	buf_init(&err, STDERR_FILENO);
	buf_printf(&err, "%llu connections: %llu ok, %llu violated, %llu incomplete; %llu lost\n",
		   (unsigned long long)n->verdicts, (unsigned long long)n->ok,
		   (unsigned long long)n->violated, (unsigned long long)n->incomplete,
		   (unsigned long long)(s->lost_ring + s->lost_netlink));
	if (c->judge.numbers.evicted)
		buf_printf(&err, "%llu judged early, as more than %u were open at once\n",
			   (unsigned long long)c->judge.numbers.evicted, JUDGE_FLOWS);
	buf_flush(&err);
	buf_free(&err);
}

static int status_of(struct check *c, int end)
{
	int status;

	if (c->out.err && cmd_write_status(-c->out.err) != STATUS_OK)
		return STATUS_FAILED;
	status = source_status(&c->source, end, c->opts->strict);
	return status == STATUS_OK && c->shown.violated ? STATUS_FOUND : status;
}

static int stream(struct check *c)
{
	static const struct live_ops ops = { .event = event, .settled = settled };
	int end;

	view_init(&c->view, c->opts->filter.family);
	c->view.wide = c->opts->wide;
	c->view.time_of_day = c->opts->time_of_day;
	c->source.watch = cmd_pipe_out();
	begin(c);
	end = settled(c);
	if (!end)
		end = source_run(&c->source, &ops, c);
	if (end != END_WRITE && end != LIVE_NO_READER) {
		judge_blind(&c->judge, source_missing(&c->source));
		judge_finish(&c->judge);
		if (c->opts->json)
			json_summary(c);
		buf_flush(&c->out);
		text_summary(c);
	}
	return status_of(c, end);
}

static int run(const struct opts *o)
{
	struct check c = { .opts = o };
	int status;

	buf_init(&c.out, STDOUT_FILENO);
	status = source_open(&c.source, o);
	if (status == STATUS_OK && judge_init(&c.judge, JUDGE_FLOWS, verdict, &c)) {
		fputs("tcpfsm: out of memory\n", stderr);
		status = STATUS_FAILED;
	}
	if (status == STATUS_OK)
		status = stream(&c);
	source_close(&c.source);
	judge_free(&c.judge);
	buf_free(&c.out);
	return status;
}

const struct cmd cmd_check = {
	.name = "check",
	.brief = "a verdict for each connection: was it opened and closed properly",
	.about = "Judges every TCP connection by the rules of RFC 9293 and its companions, and\n"
		 "prints how it was opened, how it was closed, and whether it kept to the rules,\n"
		 "as it ends, until ^C. Connections still open then are judged as they stand.\n"
		 "Exit status 1 when one of those shown broke a rule.\n",
	.groups = OPTS_JSON | OPTS_FILTER | OPTS_COUNT | OPTS_TIME | OPTS_LINES | OPTS_BUFFER |
		  OPTS_STRICT | OPTS_QUIET | OPTS_READ,
	.run = run,
};
