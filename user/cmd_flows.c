// SPDX-License-Identifier: GPL-2.0
/* tcpfsm flows: the connections there are, each with its state and time in it. */
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "nl.h"
#include "view.h"

struct flows {
	const struct opts	*opts;
	struct view		view;
	struct buf		out;
	uint64_t		shown;
};

static int flow(const struct event *ev, void *arg)
{
	struct flows *f = arg;

	if (!filter_match(&f->opts->filter, ev))
		return 0;
	if (f->opts->json)
		json_event(&f->out, &f->view, ev);
	else
		text_flow(&f->out, &f->view, ev);
	f->shown++;
	if (f->out.len >= BUF_ENOUGH && buf_flush(&f->out))
		return 1;
	return f->opts->count && f->shown == f->opts->count;
}

static int dump(struct flows *f, struct tcpnl *nl)
{
	const struct tcpnl_flow_filter filter = {
		.states = f->opts->filter.states,
		.netns = f->opts->filter.netns,
	};
	bool torn = false;
	int err;

	if (!f->opts->json && !f->opts->no_header)
		text_flow_header(&f->out, &f->view);
	err = tcpnl_flows(nl, &filter, flow, f, &torn);
	if (err) {
		buf_free(&f->out);
		return tcpnl_report(nl, err);
	}
	return cmd_whole_table(nl, torn) || !f->opts->strict ? STATUS_OK : STATUS_LOST;
}

static int run(const struct opts *o)
{
	struct flows f = { .opts = o };
	struct tcpnl nl;
	int status;
	int err;

	buf_init(&f.out, STDOUT_FILENO);
	view_init(&f.view, o->filter.family);
	f.view.wide = o->wide;
	f.view.wall = clock_wall_offset();
	err = tcpnl_open(&nl);
	status = err ? tcpnl_report(&nl, err) : dump(&f, &nl);
	tcpnl_close(&nl);
	return cmd_finish(&f.out, status);
}

const struct cmd cmd_flows = {
	.name = "flows",
	.brief = "the connections there are, with state and time in it",
	.about = "Prints the module's flow table, a line for each connection and listener: its\n"
		 "state, for how many milliseconds it is in it, and what led there.\n",
	.groups = OPTS_JSON | OPTS_FILTER | OPTS_COUNT | OPTS_LINES | OPTS_STRICT | OPTS_TABLE,
	.run = run,
};
