// SPDX-License-Identifier: GPL-2.0
/* tcpfsm ladder: the textbook picture of a connection, when it has ended. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "exit.h"
#include "judge.h"
#include "ladders.h"
#include "order.h"
#include "pick.h"
#include "source.h"

/* Why the stream is ended by us, beside LIVE_* and SOURCE_* */
#define END_DONE	1	/* everything asked for was drawn */
#define END_WRITE	2	/* output failed, see buf.err */

/* So long after the last transition the last segments and the verdicts have come. */
#define REST_NS		(ORDER_WINDOW_NS + 2 * JUDGE_GRACE_NS)

struct drawing {
	const struct opts	*opts;
	struct source		source;
	struct pick		pick;
	struct judge		judge;
	struct ladders		ladders;
	struct buf		out;
	uint64_t		drawn;
};

/* The first of what is missing */
static const char *missing(const struct verdict *t)
{
	return t->conformance == VERDICT_INCOMPLETE && t->missing ?
	       missing_name(__builtin_ctz(t->missing)) : NULL;
}

static void join(char *to, size_t room, const char *between, const char *word)
{
	size_t len = strlen(to);

	if (word)
		snprintf(to + len, room - len, "%s%s", len ? between : "", word);
}

/* "three-way, four-way, ok"; with the first of the rules that were broken */
static void verdict(void *arg, const struct verdict *t)
{
	const struct rule *r = t->violations ? &rules[t->violation[0].rule] : NULL;
	char words[LADDER_VERDICT] = "";
	struct drawing *c = arg;

	join(words, sizeof(words), "", handshake_name(t->handshake));
	join(words, sizeof(words), ", ", teardown_name(t->teardown));
	join(words, sizeof(words), ", ", conformance_name(t->conformance));
	join(words, sizeof(words), ": ", missing(t));
	if (r) {
		join(words, sizeof(words), ": ", r->name);
		join(words, sizeof(words), ", ", r->section);
	}
	ladders_verdict(&c->ladders, t->id.cookie, words);
}

static void draw(struct drawing *c, struct ladder *l)
{
	if (c->drawn++)
		buf_char(&c->out, '\n');
	if (c->opts->svg)
		ladder_svg(&c->out, l);
	else
		ladder_text(&c->out, l);
	ladder_free(l);
}

/* How many pictures are asked for, 0 for all there are */
static uint64_t wanted_of(const struct opts *o)
{
	return o->flow || o->svg ? 1 : o->count;
}

/* Draw those that ended before @ended, as many as are wanted. */
static int draw_all(struct drawing *c, uint64_t ended)
{
	const uint64_t wanted = wanted_of(c->opts);
	struct ladder l;

	while ((!wanted || c->drawn < wanted) && ladders_take(&c->ladders, ended, &l))
		draw(c, &l);
	if (c->out.len && buf_flush(&c->out))
		return END_WRITE;
	return wanted && c->drawn == wanted ? END_DONE : 0;
}

static int draw_ended(struct drawing *c, uint64_t now)
{
	uint64_t due = ladders_due(&c->ladders);
	int end = 0;

	if (due && due + REST_NS < now)
		end = draw_all(c, now - REST_NS);
	return end;
}

static int settled(void *arg)
{
	struct drawing *c = arg;
	const uint64_t now = source_mark(&c->source);
	uint64_t wake, due;
	int end;

	wake = judge_settled(&c->judge, now, c->source.live.doubt);
	end = draw_ended(c, now);
	due = ladders_due(&c->ladders);
	if (due && (!wake || due + REST_NS < wake))
		wake = due + REST_NS + 1;
	c->source.live.wake = wake;
	return end;
}

static int event(void *arg, const struct event *ev)
{
	struct drawing *c = arg;
	bool wanted = pick_match(&c->pick, ev);
	int end;

	judge_blind(&c->judge, source_missing(&c->source));
	judge_event(&c->judge, ev);
	end = draw_ended(c, ev->ts);
	if (c->opts->flow)
		wanted = wanted && ev->id.cookie == c->opts->flow;
	ladders_event(&c->ladders, ev, wanted);
	return end;
}

static int found(const struct event *ev, void *arg)
{
	ladders_event(arg, ev, true);
	return 0;
}

static int found_peer(const struct event *ev, void *arg)
{
	ladders_event(arg, ev, false);
	return 0;
}

/* The flow may be there already, and its other end with it. */
static void look_up(struct drawing *c)
{
	const struct tcpnl_flow_filter one = { .cookie = c->opts->flow };
	const struct tcpnl_flow_filter all = { 0 };
	struct tcpnl *nl = &c->source.live.nl;
	bool torn;

	if (c->source.name || !c->opts->flow)
		return;
	if (!tcpnl_flows(nl, &one, found, &c->ladders, &torn) && c->ladders.len)
		tcpnl_flows(nl, &all, found_peer, &c->ladders, &torn);
	else
		fprintf(stderr, "tcpfsm: flow %llx is not in the table: waiting for it\n",
			(unsigned long long)c->opts->flow);
}

static int status_of(struct drawing *c, int end)
{
	if (c->out.err && cmd_write_status(-c->out.err) != STATUS_OK)
		return STATUS_FAILED;
	if (c->ladders.left_out)
		fprintf(stderr, "tcpfsm: %llu events of more connections came while %d were "
			"followed, and were left out\n",
			(unsigned long long)c->ladders.left_out, LADDERS_MAX);
	if (end == SOURCE_BAD || end == LIVE_UNLOADED)
		return source_status(&c->source, end, c->opts->strict);
	if (!c->drawn && end != LIVE_NO_READER && c->opts->flow) {
		fprintf(stderr, "tcpfsm: no event of flow %llx came\n",
			(unsigned long long)c->opts->flow);
		return STATUS_FAILED;
	}
	if (!c->drawn && end != LIVE_NO_READER && c->opts->svg) {
		fputs("tcpfsm: no connection matched: there is no picture\n", stderr);
		return STATUS_FAILED;
	}
	return source_status(&c->source, end, c->opts->strict);
}

static int stream(struct drawing *c)
{
	static const struct live_ops ops = { .event = event, .settled = settled };
	int end;

	c->source.watch = cmd_pipe_out();
	look_up(c);
	end = source_run(&c->source, &ops, c);
	if (end != END_DONE && end != END_WRITE && end != LIVE_NO_READER) {
		judge_blind(&c->judge, source_missing(&c->source));
		judge_finish(&c->judge);
		draw_all(c, UINT64_MAX);
	}
	return status_of(c, end);
}

static int run(const struct opts *o)
{
	struct drawing *c = calloc(1, sizeof(*c));
	int status = STATUS_FAILED;

	if (!c || ladders_init(&c->ladders) ||
	    judge_init(&c->judge, JUDGE_FLOWS, verdict, c)) {
		fputs("tcpfsm: no memory\n", stderr);
		free(c);
		return status;
	}
	c->opts = o;
	buf_init(&c->out, STDOUT_FILENO);
	pick_init(&c->pick, &o->filter, true);
	status = source_open(&c->source, o);
	if (status == STATUS_OK)
		status = stream(c);
	source_close(&c->source);
	judge_free(&c->judge);
	ladders_free(&c->ladders);
	pick_free(&c->pick);
	buf_free(&c->out);
	free(c);
	return status;
}

const struct cmd cmd_ladder = {
	.name = "ladder",
	.brief = "the textbook picture of a connection, both ends when both are local",
	.about = "Draws a connection as textbooks do, when it has ended, or at ^C as far as it\n"
		 "came: the client's states at the left, the server's at the right, and the\n"
		 "segments between them with flags, numbers, times and causes. FLOW is the cookie that the\n"
		 "column FLOW of monitor and flows shows; without it every connection that matches\n"
		 "the filters is drawn. Ends on one machine are joined into one picture. With --svg\n"
		 "it is one picture, of the first that ends, for a browser or a document.\n",
	.words = "[FLOW]",
	.groups = OPTS_FLOW | OPTS_FILTER | OPTS_COUNT | OPTS_BUFFER | OPTS_STRICT | OPTS_READ |
		  OPTS_SVG,
	.run = run,
};
