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

/**
 * clock_wall_offset() - from the clock of the records to the time of day
 *
 * Wall time jumps and slews, so this is asked again and again.
 *
 * Context: any.
 * Return: CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns.
 */
int64_t clock_wall_offset(void)
{
	uint64_t before = ns_of(CLOCK_MONOTONIC);
	uint64_t wall = ns_of(CLOCK_REALTIME);
	uint64_t after = ns_of(CLOCK_MONOTONIC);

	return (int64_t)(wall - before - (after - before) / 2);
}
