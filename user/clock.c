// SPDX-License-Identifier: GPL-2.0
#include <time.h>

#include "clock.h"

static uint64_t ns_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

/**
 * clock_mono() - the clock of the records
 *
 * Context: any.
 * Return: CLOCK_MONOTONIC in ns.
 */
uint64_t clock_mono(void)
{
	return ns_of(CLOCK_MONOTONIC);
}

/* How long reading two clocks may take, in ns, and how often it is tried */
#define OFFSET_NS	100000
#define OFFSET_TRIES	4

/**
 * clock_wall_offset() - from the clock of the records to the time of day
 *
 * Wall time jumps and slews, so this is asked again and again. Whoever has to give up the
 * processor in between is wrong by up to half of that time.
 *
 * Context: any.
 * Return: CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns.
 */
int64_t clock_wall_offset(void)
{
	unsigned int tries = OFFSET_TRIES;
	uint64_t before, wall, after;

	do {
		before = ns_of(CLOCK_MONOTONIC);
		wall = ns_of(CLOCK_REALTIME);
		after = ns_of(CLOCK_MONOTONIC);
	} while (after - before > OFFSET_NS && --tries);
	return (int64_t)(wall - before - (after - before) / 2);
}
