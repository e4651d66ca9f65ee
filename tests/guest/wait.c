// SPDX-License-Identifier: GPL-2.0
/* Waiting for conditions: bounded, ever more patient, and the wire goes on working */
#include <poll.h>
#include <time.h>

#include "stim.h"

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

void wait_start(struct wait *w, int seconds)
{
	w->start = now_ms();
	w->end = w->start + seconds * 1000ll;
	w->step = 0;
}

/**
 * wait_more() - give the kernel a moment before the next look
 * @w: since when and how long
 *
 * Return: false when the time is over.
 */
bool wait_more(struct wait *w)
{
	int64_t now = now_ms();
	int step = w->step ? w->step : 1 + (now - w->start) / 20;

	if (now > w->end)
		return false;
	if (wire_is_up())
		wire_step(step);
	else
		poll(NULL, 0, step);
	return true;
}
