// SPDX-License-Identifier: GPL-2.0
/*
 * Where the guest's clock counts instructions, those of everybody are the time that has passed,
 * less the time in which nobody had anything to do.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

/* By then everybody is done: tcpdump, the slowest, lets a second pass until it looks */
#define DRAIN_NS	2000000000

/**
 * die() - say what went wrong, and end with status 1
 * @fmt: as printf()'s
 */
void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

/**
 * now_ns() - the guest's time
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/**
 * sleep_until() - let time pass
 * @ns: until then, nanoseconds of CLOCK_MONOTONIC
 */
void sleep_until(uint64_t ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* How long all processors have had nothing to do */
static uint64_t idle_ns(void)
{
	FILE *f = fopen("/proc/timer_list", "r");
	uint64_t ns, sum = 0;
	char line[256];
	int found = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " .idle_sleeptime : %lu", &ns) == 1) {
			sum += ns;
			found = 1;
		}
	}
	if (!found)
		die("/proc/timer_list does not tell how long the guest was idle");
	fclose(f);
	return sum;
}

/* How long a process has run, all of its threads */
static uint64_t ran_ns(pid_t pid)
{
	uint64_t ns, sum = 0;
	struct dirent *task;
	char path[300];
	DIR *dir;
	FILE *f;

	if (!pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		die("%s: %m", path);
	while ((task = readdir(dir))) {
		if (*task->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, task->d_name);
		f = fopen(path, "r");
		if (f && fscanf(f, "%lu", &ns) == 1)
			sum += ns;
		if (f)
			fclose(f);
	}
	closedir(dir);
	return sum;
}

/* Nobody is idle between the two looks. */
static void look(struct meter *m, pid_t watch)
{
	uint64_t idle;

	m->watched = ran_ns(watch);
	idle = idle_ns();
	m->all = now_ns() - idle;
}

/**
 * drain() - wait until everybody is done with what has happened
 */
void drain(void)
{
	sleep_until(now_ns() + DRAIN_NS);
}

/**
 * meter_start() - count from now
 * @m: what has been used till then
 * @watch: a process whose own use is wanted, or 0
 */
void meter_start(struct meter *m, pid_t watch)
{
	/* what came before is over */
	drain();
	look(m, watch);
}

/**
 * meter_stop() - what was used since meter_start(), once everybody is done
 * @m: what meter_start() saw; in it what was used since
 * @watch: as given to that
 *
 * What is used for waiting, by those who look now and then whether there is something to do too, is
 * taken off: it is counted once more.
 */
void meter_stop(struct meter *m, pid_t watch)
{
	struct meter busy, waited;

	drain();
	look(&busy, watch);
	drain();
	look(&waited, watch);
	m->all = busy.all - m->all - (waited.all - busy.all);
	m->watched = busy.watched - m->watched - (waited.watched - busy.watched);
}
