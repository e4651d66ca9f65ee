// SPDX-License-Identifier: GPL-2.0
/* bench - what the measurements are made with, in a guest */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const char *const endings[ENDINGS] = { "client", "server", "reset" };

static enum ending ending_named(const char *name)
{
	int i;

	for (i = 0; i < ENDINGS; i++)
		if (!strcmp(name, endings[i]))
			return i;
	die("'%s': client, server or reset", name);
}

int main(int argc, char **argv)
{
	struct place place;

	if (argc > 3 && !strcmp(argv[1], "cost"))
		return cost(atoi(argv[2]), ending_named(argv[3]), argc > 4 ? atoi(argv[4]) : 0,
			    argc > 5 ? atoi(argv[5]) : 0);
	if (argc == 4 && !strcmp(argv[1], "connect"))
		return connect_only(atoi(argv[2]), ending_named(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "storm"))
		return storm(atoi(argv[2]), atoi(argv[3]));
	if (argc > 2 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc > 2 && !strcmp(argv[1], "first"))
		return first(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(atoi(argv[2]));
	if (argc > 4 && !strcmp(argv[1], "latency"))
		return latency(atoi(argv[2]), atoi(argv[3]), argv + 4);
	if (argc == 3 || argc == 6) {
		if (argc == 6)
			place_open(&place, argv[3], argv[4], argv[5]);
		else
			place_open(&place, NULL, NULL, "127.0.0.1");
		if (!strcmp(argv[1], "bulk"))
			return bulk(&place, strtoull(argv[2], NULL, 10));
		if (!strcmp(argv[1], "exchange"))
			return exchange(&place, atoi(argv[2]));
	}
	fputs("usage: bench connect COUNT client|server|reset\n"
	      "       bench cost COUNT client|server|reset [PID [BATCH]]\n"
	      "       bench bulk BYTES [CLIENT-NETNS SERVER-NETNS ADDRESS]\n"
	      "       bench exchange COUNT [CLIENT-NETNS SERVER-NETNS ADDRESS]\n"
	      "       bench hold COUNT\n"
	      "       bench storm GENERATORS COUNT\n"
	      "       bench run COMMAND [ARGUMENT]...\n"
	      "       bench first COMMAND [ARGUMENT]...\n"
	      "       bench latency COUNT RATE COMMAND [ARGUMENT]...\n", stderr);
	return 2;
}
