// SPDX-License-Identifier: GPL-2.0
/* tcpfsm stuck: what is stuck, whose it is, since when, why, and what ends it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "gather.h"
#include "kill.h"
#include "watch.h"

struct listing {
	const struct opts	*opts;
	struct stuck_list	list;
	struct view		view;
	struct buf		out;
	bool			denied;
	bool			unsupported;
	size_t			left;		/* after those that were destroyed */
};

/* The oldest first; what may be older than it says comes with its bound. */
static int compare_age(const void *a, const void *b)
{
	const struct stuck *x = a;
	const struct stuck *y = b;

	return x->ev.ns > y->ev.ns ? -1 : x->ev.ns < y->ev.ns;
}

static void print(struct listing *g)
{
	const struct stuck *s;

	if (g->list.n && !g->opts->json && !g->opts->no_header)
		text_stuck_header(&g->out, &g->view, false);
	for (s = g->list.items; s < g->list.items + g->list.n; s++) {
		if (g->opts->json)
			json_stuck_one(&g->out, &g->view, &g->list, s, STUCK_LISTED);
		else
			text_stuck(&g->out, &g->view, &g->list, s, STUCK_LISTED);
		if (g->out.len >= BUF_ENOUGH && buf_flush(&g->out))
			break;
	}
}

static void killed(const struct stuck *s, enum kill_result result, void *arg)
{
	struct listing *g = arg;

	if (g->opts->json)
		json_killed(&g->out, &g->view, s, result);
	else
		text_killed(&g->out, &g->view, s, result);
	g->denied |= result == KILL_DENIED;
	/* a timewait socket some kernels cannot destroy, the others they can */
	g->unsupported |= result == KILL_UNSUPPORTED && s->sock.timer != DIAG_TIMER_TIMEWAIT;
	g->left += result != KILL_DESTROYED && result != KILL_GONE && result != KILL_RECOVERED;
}

static bool says_yes(size_t n)
{
	char answer[16] = "";

	fprintf(stderr, "Destroy %s %zu connection%s? Its peer is sent a RST, "
		"what is unread or unsent is lost. [y/N] ", n == 1 ? "this" : "these", n,
		n == 1 ? "" : "s");
	fflush(stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return !strcasecmp(answer, "y") || !strcasecmp(answer, "yes");
}

static int destroy(struct listing *g)
{
	buf_flush(&g->out);
	if (!g->opts->yes && !says_yes(g->list.n)) {
		fputs("tcpfsm: nothing was destroyed\n", stderr);
		return STATUS_FOUND;
	}
	kill_all(&g->list, killed, g);
	if (g->denied)
		fputs("tcpfsm: access denied: destroying a socket needs CAP_NET_ADMIN in the user "
		      "namespace that owns its network namespace: run as root, or with sudo\n",
		      stderr);
	if (g->unsupported)
		fputs("tcpfsm: this kernel cannot destroy sockets (SOCK_DESTROY): it was built "
		      "without CONFIG_INET_DIAG_DESTROY\n", stderr);
	if (g->denied || g->unsupported)
		return STATUS_ACCESS;
	return g->left ? STATUS_FOUND : STATUS_OK;
}

static int show(struct listing *g, struct tcpnl *nl, bool torn)
{
	const struct opts *o = g->opts;
	bool whole;
	int status;

	qsort(g->list.items, g->list.n, sizeof(*g->list.items), compare_age);
	if (o->count && g->list.n > o->count)
		g->list.n = o->count;
	print(g);
	whole = cmd_whole_table(nl, torn);
	status = g->list.n ? STATUS_FOUND : STATUS_OK;
	if (o->kill && g->list.n)
		status = destroy(g);
	return o->strict && !whole ? STATUS_LOST : status;
}

static int list(const struct opts *o)
{
	struct listing g = { .opts = o };
	struct tcpnl nl;
	bool torn = false;
	int status;
	int err;

	buf_init(&g.out, STDOUT_FILENO);
	view_init_stuck(&g.view, o->filter.family);
	g.view.wide = o->wide;
	g.view.wall = clock_wall_offset();
	err = tcpnl_open(&nl);
	if (!err)
		err = gather(&g.list, &nl, o, &torn);
	if (err == -ENOMEM) {
		fputs("tcpfsm: out of memory\n", stderr);
		status = STATUS_FAILED;
	} else {
		status = err ? tcpnl_report(&nl, err) : show(&g, &nl, torn);
	}
	tcpnl_close(&nl);
	stuck_free(&g.list);
	return cmd_finish(&g.out, status);
}

static int run(const struct opts *o)
{
	if (o->watch)
		return watch(o);
	if (o->kill && !o->yes && !isatty(STDIN_FILENO)) {
		fputs("tcpfsm: --kill asks first, and standard input is no terminal: "
		      "--yes destroys without asking\n", stderr);
		return STATUS_USAGE;
	}
	return list(o);
}

const struct cmd cmd_stuck = {
	.name = "stuck",
	.brief = "what is stuck, whose it is, since when, why, and what ends it",
	.about = "Prints a line for each connection that is in its state for longer than the\n"
		 "state's threshold (tcpfsm thresholds), the oldest first: which process holds it\n"
		 "with which descriptor, what is unread and unsent, why it is stuck and what ends\n"
		 "it. Exits with 1 when there is any, with 0 when there is none.\n",
	.groups = OPTS_JSON | OPTS_FILTER | OPTS_COUNT | OPTS_LINES | OPTS_STRICT | OPTS_TABLE |
		  OPTS_STUCK | OPTS_TIME | OPTS_BUFFER,
	.run = run,
};
