// SPDX-License-Identifier: GPL-2.0
/* tcpfsm thresholds: when a connection is stuck, and what a flood is; shown and set. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "netns.h"
#include "nl.h"
#include "thresholds.h"

static int too_old(void)
{
	fputs("tcpfsm: this module has no thresholds; load that of " TCPFSM_VERSION "\n", stderr);
	return STATUS_ACCESS;
}

/* The module's own refusal says no more than that it is one. */
static int report_set(const struct tcpnl *nl, int err)
{
	if ((err == -EPERM || err == -EACCES) && netns_is_initial() == 0) {
		fputs("tcpfsm: thresholds are the machine's: they are set in the initial network "
		      "namespace only\n", stderr);
		return STATUS_ACCESS;
	}
	if (err == -EINVAL || err == -ERANGE) {
		fprintf(stderr, "tcpfsm: the module refused%s%s; nothing was changed\n",
			nl->said[0] ? ": " : "", nl->said);
		return STATUS_USAGE;
	}
	return err == -EOPNOTSUPP ? too_old() : tcpnl_report(nl, err);
}

/* All are understood before the first one is set. */
static int parse(const struct opts *o, struct tcpnl_config *wanted)
{
	struct why w;
	int i;

	for (i = 0; i < o->nwords; i++) {
		if (!threshold_parse(o->words[i], wanted, &w))
			continue;
		fprintf(stderr, "tcpfsm: %s\n", w.text);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

static void print(struct buf *b, const struct opts *o, const struct tcpnl_config *c)
{
	struct view view;

	view_init(&view, 0);
	view.wall = clock_wall_offset();
	if (o->json)
		thresholds_json(b, &view, c);
	else
		thresholds_text(b, c, !o->nwords);
}

static int talk(struct tcpnl *nl, const struct opts *o, const struct tcpnl_config *wanted,
		struct buf *out)
{
	struct tcpnl_config c;
	int err = 0;

	if (wanted->known)
		err = tcpnl_set_config(nl, wanted);
	if (err)
		return report_set(nl, err);
	err = tcpnl_config(nl, &c);
	if (err)
		return err == -EOPNOTSUPP ? too_old() : tcpnl_report(nl, err);
	/* of those that were set, what the module now has */
	if (wanted->known)
		c.known &= wanted->known;
	print(out, o, &c);
	return STATUS_OK;
}

static int run(const struct opts *o)
{
	struct tcpnl_config wanted = { 0 };
	struct tcpnl nl;
	struct buf out;
	int status;
	int err;

	status = parse(o, &wanted);
	if (status != STATUS_OK)
		return status;
	buf_init(&out, STDOUT_FILENO);
	err = tcpnl_open(&nl);
	status = err ? tcpnl_report(&nl, err) : talk(&nl, o, &wanted, &out);
	tcpnl_close(&nl);
	return cmd_finish(&out, status);
}

const struct cmd cmd_thresholds = {
	.name = "thresholds",
	.brief = "when a connection is stuck, and what a flood is; shown and set",
	.about = "Prints the thresholds after which a connection is stuck and those of floods, or\n"
		 "sets those that are named: all of them or, if one is refused, none. Values are\n"
		 "times as in 500ms, 90s, 5m, 2h, or off for never; rates are numbers a second.\n"
		 "They are the machine's, and set in the initial network namespace only.\n",
	.words = "[NAME=VALUE...]",
	.groups = OPTS_JSON | OPTS_WORDS,
	.run = run,
};
