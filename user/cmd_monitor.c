// SPDX-License-Identifier: GPL-2.0
/*
 * tcpfsm monitor: a line for each transition, with -s for each segment, as it happens,
 * and with -v for the verdict on each connection that ends.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "exit.h"
#include "judge.h"
#include "pick.h"
#include "seen.h"
#include "source.h"
#include "view.h"

/* Why the stream is ended by us, beside LIVE_* */
#define END_COUNT	1	/* -c is reached */
#define END_WRITE	2	/* output failed, see buf.err */

struct monitor {
	const struct opts	*opts;
	struct source		source;
	struct judge		judge;		/* with -v */
	struct view		view;
	struct seen		seen;
	struct pick		pick;
	struct buf		out;
	uint64_t		events;
	uint64_t		skipped;
};

static int flush(struct monitor *m)
{
	return m->out.len && buf_flush(&m->out) ? END_WRITE : 0;
}

static int settled(void *arg)
{
	struct monitor *m = arg;

	m->view.wall = source_wall(&m->source);
	if (m->opts->verdicts)
		m->source.live.wake = judge_settled(&m->judge, source_mark(&m->source),
						    m->source.live.doubt);
	return flush(m);
}

static void print(struct monitor *m, const struct event *ev)
{
	if (m->opts->json)
		json_event(&m->out, &m->view, ev);
	else
		text_event(&m->out, &m->view, ev);
}

static void verdict(void *arg, const struct verdict *t)
{
	const struct event ev = verdict_event(t);
	struct monitor *m = arg;

	if (!filter_match(&m->opts->filter, &ev))
		return;
	if (m->opts->json)
		json_verdict(&m->out, &m->view, t);
	else
		text_verdict_among(&m->out, &m->view, t);
}

static int take_owner(const struct event *ev, void *arg)
{
	struct event *nameless = arg;

	nameless->owner = ev->owner;
	nameless->flags |= ev->flags & TCPFSM_F_OWNER;
	return 1;
}

/*
 * Whose listener is flooded, whose connection met an illegal segment: the records of
 * these do not say, and are rare enough to ask the module.
 */
static void name_owner(struct monitor *m, struct event *ev)
{
	const struct tcpnl_flow_filter one = { .cookie = ev->id.cookie };
	bool torn;

	if (one.cookie && !m->source.name)
		tcpnl_flows(&m->source.live.nl, &one, take_owner, ev, &torn);
}

static bool wanted(struct monitor *m, const struct event *ev)
{
	return pick_match(&m->pick, ev) && (!m->opts->alerts || event_is_alert(ev));
}

static int event(void *arg, const struct event *ev)
{
	struct monitor *m = arg;

	struct event known;

	if (m->opts->verdicts) {
		judge_blind(&m->judge, source_missing(&m->source));
		judge_event(&m->judge, ev);
	}
	if (ev->kind == TCPFSM_K_SKIPPED)
		m->skipped += skipped_total(ev);
	if (ev->kind == TCPFSM_K_FLOOD || (ev->kind == TCPFSM_K_SEGMENT && m->opts->alerts)) {
		known = *ev;
		name_owner(m, &known);
		ev = &known;
	}
	if (wanted(m, ev)) {
		print(m, ev);
		seen_show(&m->seen, ev);
		m->events += !event_is_gap(ev);
	}
	seen_note(&m->seen, ev);
	if (m->opts->count && m->events == m->opts->count)
		return END_COUNT;
	return m->out.len >= BUF_ENOUGH ? flush(m) : 0;
}

/* The first line tells that from now on nothing is missed. */
static void begin(struct monitor *m)
{
	m->view.wall = source_wall(&m->source);
	if (m->opts->no_header)
		return;
	if (!m->opts->json) {
		text_header(&m->out, &m->view);
		return;
	}
	json_begin(&m->out, "start");
	json_time(&m->out, &m->view, m->source.began);
	json_add_str(&m->out, "tool", TCPFSM_VERSION);
	json_add_str(&m->out, "module", m->source.module);
	json_end(&m->out);
}

static void summary(struct monitor *m)
{
	const struct source *s = &m->source;
	struct tally t = {
		.ts = source_now(s),
		.events = m->events,
		.connections = m->seen.count,
		.lost = s->lost_ring + s->lost_netlink,
		.lost_ring = s->lost_ring,
		.lost_netlink = s->lost_netlink,
		.skipped = m->skipped,
		.late = s->late,
		.malformed = s->malformed,
	};
	struct buf err;

	t.duration = t.ts - s->began;
	if (m->opts->json)
		json_tally(&m->out, &m->view, &t);
	buf_flush(&m->out);
	buf_init(&err, STDERR_FILENO);
	text_tally(&err, &t);
	buf_flush(&err);
	buf_free(&err);
}

static int status_of(struct monitor *m, int end)
{
	if (m->out.err && cmd_write_status(-m->out.err) != STATUS_OK)
		return STATUS_FAILED;
	return source_status(&m->source, end, m->opts->strict);
}

static int stream(struct monitor *m)
{
	static const struct live_ops ops = { .event = event, .settled = settled };
	int end;

	view_init(&m->view, m->opts->filter.family);
	m->view.wide = m->opts->wide;
	m->view.alerts = m->opts->alerts;
	m->view.time_of_day = m->opts->time_of_day;
	m->source.watch = cmd_pipe_out();
	begin(m);
	end = settled(m);
	if (!end)
		end = source_run(&m->source, &ops, m);
	if (end != END_WRITE && end != LIVE_NO_READER) {
		/* those that have ended; of the others nothing is said */
		if (m->opts->verdicts)
			judge_clock(&m->judge, UINT64_MAX);
		summary(m);
	}
	return status_of(m, end);
}

static int run(const struct opts *o)
{
	struct monitor m = { .opts = o };
	int status;

	buf_init(&m.out, STDOUT_FILENO);
	pick_init(&m.pick, &o->filter, o->segments || o->alerts);
	status = source_open(&m.source, o);
	if (status == STATUS_OK && o->verdicts &&
	    judge_init(&m.judge, JUDGE_FLOWS, verdict, &m)) {
		fputs("tcpfsm: out of memory\n", stderr);
		status = STATUS_FAILED;
	}
	if (status == STATUS_OK)
		status = stream(&m);
	source_close(&m.source);
	judge_free(&m.judge);
	seen_free(&m.seen);
	pick_free(&m.pick);
	buf_free(&m.out);
	return status;
}

const struct cmd cmd_monitor = {
	.name = "monitor",
	.brief = "live lines: every transition of every connection (the default)",
	.about = "Prints a line for each TCP connection that goes from one state to another,\n"
		 "as it happens, until ^C. States are those of RFC 9293, from SYN_RECEIVED at\n"
		 "the SYN to the end of TIME_WAIT. With -s segments too: SYN, FIN, RST and those\n"
		 "that answer them, with -v how each connection was opened and closed when it\n"
		 "has ended. Lines with ** are alerts: connections that are stuck, floods; with\n"
		 "--alerts they come alone, and illegal segments with them. What was lost or left\n"
		 "out is said where it is missing.\n",
	.groups = OPTS_JSON | OPTS_FILTER | OPTS_COUNT | OPTS_TIME | OPTS_LINES | OPTS_BUFFER |
		  OPTS_STRICT | OPTS_SEGMENTS | OPTS_VERDICTS | OPTS_READ | OPTS_ALERTS,
	.run = run,
};
