// SPDX-License-Identifier: GPL-2.0
/* The command line of hostile, see hostile.h, and its dice */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

#include "spec.h"

void die(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("hostile: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

/**
 * rng_init() - numbers that come again with the same seed
 * @r: set
 * @seed: any
 */
void rng_init(struct rng *r, uint64_t seed)
{
	/* splitmix64: seeds next to each other have nothing in common */
	seed += 0x9e3779b97f4a7c15;
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111eb;
	r->state = (seed ^ seed >> 31) | 1;
}

/* xorshift64* */
uint64_t rng_next(struct rng *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1d;
}

uint32_t below(struct rng *r, uint32_t n)
{
	return (rng_next(r) >> 32) * n >> 32;
}

bool one_in(struct rng *r, uint32_t n)
{
	return !below(r, n);
}

static int usage(void)
{
	fputs("usage: hostile fuzz [-n MESSAGES] [-j THREADS] [-s SEED] [-t SECONDS] [-m FILE]\n"
	      "       hostile ask\n"
	      "       hostile listen [-a]\n"
	      "\n"
	      "fuzz: sends MESSAGES (20000) from THREADS (6); the last thread but one is in a network\n"
	      "namespace of its own, the last one has no rights. -t: or what can be sent in so long.\n"
	      "-m: the module comes and goes until there is FILE.\n"
	      "ask: every request and group of the family; a line each: what, answer, number of messages.\n"
	      "listen: until there is something on its standard input. -a: to any group there may be\n"
	      "one day.\n", stderr);
	return 2;
}

static int fuzz_as_told(int argc, char **argv)
{
	struct plan p = { .messages = 20000, .threads = 6, .seed = 1 };
	struct timespec now;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (i = 0; i < argc; i++) {
		if (i + 1 == argc)
			return usage();
		else if (!strcmp(argv[i], "-m"))
			p.moving = argv[++i];
		else if (!strcmp(argv[i], "-n"))
			p.messages = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "-j"))
			p.threads = atoi(argv[++i]);
		else if (!strcmp(argv[i], "-t"))
			p.until = now.tv_sec + atoi(argv[++i]);
		else if (!strcmp(argv[i], "-s"))
			p.seed = strtoull(argv[++i], NULL, 0);
		else
			return usage();
	}
	if (p.threads < 3 || p.threads > 16)
		die("-j %u: 3 to 16 threads", p.threads);
	return fuzz(&p);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "fuzz"))
		return fuzz_as_told(argc - 2, argv + 2);
	if (argc == 2 && !strcmp(argv[1], "ask"))
		return ask();
	if (argc > 1 && !strcmp(argv[1], "listen"))
		return listen_in(argc == 3 && !strcmp(argv[2], "-a"));
	return usage();
}
