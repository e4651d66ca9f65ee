// SPDX-License-Identifier: GPL-2.0
/* The command line of stim, see stim.h, and what it says on stdout */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "stim.h"
#include "stress.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

struct run run;

static const struct row *const tables[] = {
	open_rows, refuse_rows, close_rows, stuck_rows,
	illegal_rows, edge_rows, corner_rows,
};

void die(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("stim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/**
 * pause_at() - let whoever started us look at everything while it is at rest
 * @name: what is to be seen
 *
 * The wire goes on working. With nobody at stdin we go on at once.
 */
void pause_at(const char *name)
{
	struct pollfd pfd = { .events = POLLIN };
	char line[16];

	printf("PAUSE %s\n", name);
	fflush(stdout);
	while (wire_is_up() && !poll(&pfd, 1, 0))
		wire_step(10);
	if (!fgets(line, sizeof(line), stdin))
		return;
}

/**
 * remember() - ask a socket for its cookie while it has a descriptor
 * @e: the endpoint
 */
void remember(struct end *e)
{
	socklen_t len = sizeof(e->cookie);

	if (getsockopt(e->fd, SOL_SOCKET, SO_COOKIE, &e->cookie, &len))
		die("%s: no cookie: %m", e->name);
}

/**
 * report() - tell of an endpoint that a tracer has to see
 * @e: the endpoint, with its socket if it has one
 */
void report(struct end *e)
{
	bool mapped = run.family == 'm';

	if (e->fd >= 0)
		remember(e);
	printf("END %s ", e->name);
	if (e->cookie)
		printf("%llx", (unsigned long long)e->cookie);
	else
		putchar('-');
	printf(" %s %u", ip_text(&e->laddr, mapped), e->lport);
	printf(" %s %u\n", ip_text(&e->raddr, mapped), e->rport);
	fflush(stdout);
}

static const struct row *row_find(const char *id)
{
	const struct row *row;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (row = tables[i]; row->id; row++)
			if (!strcmp(row->id, id))
				return row;
	return NULL;
}

static int list(void)
{
	const struct row *row;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (row = tables[i]; row->id; row++)
			puts(row->id);
	return 0;
}

int main(int argc, char **argv)
{
	const struct row *row;

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list();
	if (argc == 4 && !strcmp(argv[1], "--churn"))
		return churn(atoi(argv[2]), atoi(argv[3]));
	if (argc > 2 && !strcmp(argv[1], "--pty"))
		return pty_run(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "--hold"))
		return hold_sockets(atoi(argv[2]), argv[3]);
	if (argc == 4 && !strcmp(argv[1], "--hold-again"))
		return hold_again(atoi(argv[2]), atoi(argv[3]));
	if (argc == 6 && !strcmp(argv[1], "--mix")) {
		signal(SIGPIPE, SIG_IGN);
		ns_open(NS_A, argv[4]);
		ns_open(NS_B, argv[5]);
		return mix(atoi(argv[2]), atoi(argv[3]));
	}
	if (argc == 4 && !strcmp(argv[1], "--mptcp"))
		return mptcp(argv[2], atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "--dawdle"))
		return dawdle(atoi(argv[2]), atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "--hoard"))
		return hoard(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "--defer"))
		return defer();
	if (argc == 2 && !strcmp(argv[1], "--stall"))
		return stall();
	if (argc == 6 && !strcmp(argv[1], "--flood")) {
		ns_open(NS_A, argv[3]);
		ns_open(NS_B, argv[4]);
		run.port = atoi(argv[5]);
		return flood_with_syns(atoi(argv[2]));
	}
	if (argc == 6 && !strcmp(argv[1], "--syns")) {
		ns_open(NS_B, argv[4]);
		run.port = atoi(argv[5]);
		return syns(atoi(argv[2]), atoi(argv[3]));
	}
	if (argc > 2 && !strcmp(argv[1], "--stress"))
		return stress_job(argc - 2, argv + 2);
	if (argc < 6 || strlen(argv[2]) != 1 || !strchr("46m", *argv[2])) {
		fputs("usage: stim ROW 4|6|m NSA NSB PORT [warp]\n"
		      "       stim --churn COUNT PROCESSES\n"
		      "       stim --hold PORT KINDS\n"
		      "       stim --hold-again FROM TO\n"
		      "       stim --pty COMMAND [ARGUMENT]...\n"
		      "       stim --mix COUNT SEED NSA NSB\n"
		      "       stim --hoard COUNT\n"
		      "       stim --defer\n"
		      "       stim --stall\n"
		      "       stim --mptcp ADDRESS|- PORT\n"
		      "       stim --dawdle COUNT MS\n"
		      "       stim --flood COUNT NSA NSB PORT\n"
		      "       stim --syns WRITERS COUNT NS PORT\n"
		      "       stim --stress JOB [ARGUMENT]...\n"
		      "       stim --list\n", stderr);
		return 2;
	}
	row = row_find(argv[1]);
	if (!row)
		die("no row %s", argv[1]);
	run.family = *argv[2];
	run.port = atoi(argv[5]);
	run.warp = argc > 6 && !strcmp(argv[6], "warp");
	signal(SIGPIPE, SIG_IGN);
	ns_open(NS_A, argv[3]);
	ns_open(NS_B, argv[4]);
	ns_open(NS_INIT, NULL);
	row->apply();
	return 0;
}
