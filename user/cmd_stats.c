// SPDX-License-Identifier: GPL-2.0
/* tcpfsm stats: the module's own numbers. */
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "nl.h"
#include "stats.h"
#include "view.h"

static void print(struct buf *b, const struct opts *o, const struct tcpnl_stats *st)
{
	struct view view;

	if (!o->json) {
		buf_str(b, "version ");
		buf_str(b, st->version);
		buf_char(b, '\n');
		stats_text(b, st);
		return;
	}
	view_init(&view, 0);
	view.wall = clock_wall_offset();
	json_begin(b, "stats");
	json_time(b, &view, clock_mono());
	json_add_str(b, "version", st->version);
	stats_json(b, st);
	json_end(b);
}

static int run(const struct opts *o)
{
	int status = STATUS_OK;
	struct tcpnl_stats st;
	struct tcpnl nl;
	struct buf out;
	int err;

	buf_init(&out, STDOUT_FILENO);
	err = tcpnl_open(&nl);
	if (!err)
		err = tcpnl_stats(&nl, &st);
	if (err)
		status = tcpnl_report(&nl, err);
	else
		print(&out, o, &st);
	if (!err && o->strict && stats_lost(&st))
		status = STATUS_LOST;
	tcpnl_close(&nl);
	return cmd_finish(&out, status);
}

const struct cmd cmd_stats = {
	.name = "stats",
	.brief = "the module's numbers: transitions, flows, losses",
	.about = "Prints what the module counted since it was loaded, a name and number a line.\n",
	.groups = OPTS_JSON | OPTS_STRICT,
	.run = run,
};
