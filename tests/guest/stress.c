// SPDX-License-Identifier: GPL-2.0
/* stim --stress: what the stress tests do to the module, see stress.h */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/tcpfsm.h>

#include "genl.h"
#include "stim.h"
#include "stress.h"

/* Ask and set the configuration, over and over, whether the module is there or not */
static void __noreturn pester(void)
{
	struct genl g;

	for (;;) {
		if (genl_open(&g)) {
			genl_set_config(&g, TCPFSM_A_CONFIG_STRAY_RATE, 1000);
			genl_ask(&g, TCPFSM_CMD_GET_TOTALS, 0, NULL, 0, NULL);
			genl_set_config(&g, TCPFSM_A_CONFIG_CLOSE_WAIT, 1);
			genl_set_config(&g, TCPFSM_A_CONFIG_CLOSE_WAIT, 60000);
		}
		close(g.fd);
		sched_yield();
	}
}

/* Take all memory there is; somebody is going to be killed for it. */
static int hog(void)
{
	const size_t size = 1 << 18;
	char *taken;

	for (;;) {
		taken = malloc(size);
		if (!taken)
			return 1;
		memset(taken, 1, size);
	}
}

/**
 * stress_job() - one of the jobs
 * @argc: of @argv
 * @argv: its name and arguments
 *
 * Return: exit status.
 */
int stress_job(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[0], "storm"))
		return storm(atoi(argv[1]), atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[0], "readers"))
		return readers(atoi(argv[1]), false, atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[0], "idlers"))
		return readers(atoi(argv[1]), true, atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[0], "states"))
		return every_state(atoi(argv[1]));
	if (argc > 4 && !strcmp(argv[0], "fail"))
		return fail_each(argc - 1, argv + 1);
	if (argc == 1 && !strcmp(argv[0], "pester"))
		pester();
	if (argc == 1 && !strcmp(argv[0], "hog"))
		return hog();
	fputs("usage: stim --stress storm BOUTS PROCESSES\n"
	      "       stim --stress readers|idlers COUNT KB\n"
	      "       stim --stress states PORT\n"
	      "       stim --stress fail FROM TO STEP load|unload|count FILE [PARAMETERS]\n"
	      "       stim --stress fail FROM TO STEP requests\n"
	      "       stim --stress pester|hog\n", stderr);
	return 2;
}
