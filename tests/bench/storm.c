// SPDX-License-Identifier: GPL-2.0
/* Connections as fast as several processes make them */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define MOST 64

/**
 * storm() - connections of several processes at once, each with a listener of its own
 * @generators: processes
 * @count: connections of each
 *
 * Prints how many nanoseconds it took, and the listeners' ports.
 *
 * Return: 0.
 */
int storm(unsigned int generators, unsigned int count)
{
	struct place places[MOST];
	uint64_t began;
	unsigned int i;
	int status;

	if (!generators || generators > MOST)
		die("1 to %d generators", MOST);
	for (i = 0; i < generators; i++)
		place_open(&places[i], NULL, NULL, "127.0.0.1");
	began = now_ns();
	for (i = 0; i < generators; i++) {
		if (!fork()) {
			connections(&places[i], count, END_CLIENT);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		if (status)
			die("a generator failed");
	printf("%lu", now_ns() - began);
	for (i = 0; i < generators; i++)
		printf(" %u", ntohs(places[i].addr.sin_port));
	putchar('\n');
	return 0;
}
