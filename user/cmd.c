// SPDX-License-Identifier: GPL-2.0
/* How commands end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "exit.h"

/**
 * cmd_write_status() - what it means that output could not be written
 * @err: negative errno from buf_flush()
 *
 * Context: process; writes to stderr.
 * Return: STATUS_OK when the reader has gone: that is how head(1) says thanks;
 * else STATUS_FAILED, after a message.
 */
int cmd_write_status(int err)
{
	if (err == -EPIPE)
		return STATUS_OK;
	fprintf(stderr, "tcpfsm: write: %s\n", strerror(-err));
	return STATUS_FAILED;
}

/**
 * cmd_finish() - write out what is left
 * @b: standard output, released
 * @status: enum exit_status of the work itself
 *
 * Context: process.
 * Return: @status, or STATUS_FAILED when writing failed.
 */
int cmd_finish(struct buf *b, int status)
{
	int err = buf_flush(b);

	buf_free(b);
	if (!err || cmd_write_status(err) == STATUS_OK)
		return status;
	return STATUS_FAILED;
}

/**
 * cmd_pipe_out() - standard output, if somebody reads it who may go away
 *
 * Watched by a stream, it ends at once then and not at the next event.
 *
 * Context: process.
 * Return: its descriptor, or -1 when it is neither pipe nor socket.
 */
int cmd_pipe_out(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return -1;
	return STDOUT_FILENO;
}

/**
 * cmd_whole_table() - whether a dump of the flow table had all flows
 * @nl: the connection it came over
 * @torn: what tcpnl_flows() said of it
 *
 * Context: process; tells the user what may be missing.
 * Return: true when it had.
 */
bool cmd_whole_table(struct tcpnl *nl, bool torn)
{
	struct tcpnl_stats st;

	if (torn)
		fputs("tcpfsm: the flow table changed while it was read: a flow may be missing "
		      "or shown twice\n", stderr);
	/* a table that was full holds not all there is */
	if (tcpnl_stats(nl, &st) || !st.value[TCPFSM_A_STATS_OVERFLOW])
		return !torn;
	fprintf(stderr, "tcpfsm: %llu flows found the table full and are not in it (parameter "
		"max_flows is %llu)\n", (unsigned long long)st.value[TCPFSM_A_STATS_OVERFLOW],
		(unsigned long long)st.value[TCPFSM_A_STATS_FLOWS_MAX]);
	return false;
}
