// SPDX-License-Identifier: GPL-2.0
/* How long after a system call a tracer shows a line, on a terminal as its users have */
#define _GNU_SOURCE
#include <ctype.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define FIRST_PORT	20000	/* below those the kernel gives */
#define MOST		10000
#define PROBE_MS	20
#define LAST_MS		2000	/* for the last lines */

static struct {
	unsigned int	begun;		/* the tracer shows connections */
	unsigned int	done;
	uint64_t	called[MOST];	/* when connect() was */
} *shared;

static uint64_t shown[MOST];

static void __attribute__((noreturn)) generate(unsigned int count, unsigned int rate)
{
	uint64_t step = 1000000000 / rate, next;
	int client, server;
	struct place place;
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	place_open(&place, NULL, NULL, "127.0.0.1");
	/* the last of the ports, again and again, until a line is seen */
	while (!__atomic_load_n(&shared->begun, __ATOMIC_ACQUIRE)) {
		pair_open(&place, 0, &client, &server);
		pair_close(client, server, END_CLIENT);
		sleep_until(now_ns() + PROBE_MS * 1000000);
	}
	next = now_ns() + 100 * step;
	for (i = 0; i < count; i++, next += step) {
		sleep_until(next);
		shared->called[i] = now_ns();
		pair_open(&place, FIRST_PORT + i, &client, &server);
		pair_close(client, server, END_CLIENT);
	}
	__atomic_store_n(&shared->done, 1, __ATOMIC_RELEASE);
	exit(0);
}

/* The ports that are named in a line, each the first time */
static void look(const char *line, unsigned int count, uint64_t at)
{
	unsigned long n;
	char *end;

	while (*line) {
		if (!isdigit((unsigned char)*line)) {
			line++;
			continue;
		}
		n = strtoul(line, &end, 10);
		if (end - line == 5 && n >= FIRST_PORT && n < FIRST_PORT + count) {
			n -= FIRST_PORT;
			if (shared->called[n] && !shown[n])
				shown[n] = at;
		}
		line = end;
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(unsigned int count)
{
	static uint64_t took[MOST];
	unsigned int i, n = 0;

	for (i = 0; i < count; i++)
		if (shown[i])
			took[n++] = shown[i] - shared->called[i];
	qsort(took, n, sizeof(*took), by_value);
	printf("%u %u %lu %lu %lu\n", count, n, n ? took[n / 2] : 0,
	       n ? took[(n - 1) * 99 / 100] : 0, n ? took[n - 1] : 0);
}

/**
 * latency() - from the call of connect() to the line that names the connection
 * @count: connections, 10,000 at most
 * @rate: a second
 * @argv: the tracer
 *
 * Prints connections, those shown, and of these the median, the 99th percentile and the most, in
 * nanoseconds.
 *
 * Return: 0.
 */
int latency(unsigned int count, unsigned int rate, char **argv)
{
	struct winsize size = { .ws_row = 50, .ws_col = 200 };
	static char buf[1 << 16];
	pid_t tracer, generator;
	struct pollfd pfd;
	size_t have = 0;
	uint64_t at, last = 0;
	char *line, *end;
	ssize_t n;
	int fd;

	if (!count || count > MOST || !rate)
		die("1 to %d connections, at one a second or more", MOST);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		die("mmap: %m");
	tracer = forkpty(&fd, NULL, NULL, &size);
	if (!tracer) {
		execvp(*argv, argv);
		die("%s: %m", *argv);
	}
	generator = fork();
	if (!generator)
		generate(count, rate);
	pfd = (struct pollfd){ .fd = fd, .events = POLLIN };
	while (!last || now_ns() < last + LAST_MS * 1000000ULL) {
		if (poll(&pfd, 1, 100) > 0) {
			n = read(fd, buf + have, sizeof(buf) - 1 - have);
			at = now_ns();
			if (n <= 0)
				break;
			have += n;
			buf[have] = '\0';
			for (line = buf; (end = strchr(line, '\n')); line = end + 1) {
				*end = '\0';
				/* all addresses are of loopback */
				if (strstr(line, "127.0.0.1"))
					__atomic_store_n(&shared->begun, 1, __ATOMIC_RELEASE);
				look(line, count, at);
			}
			have -= line - buf;
			if (have == sizeof(buf) - 1)
				have = 0;
			memmove(buf, line, have);
		}
		if (!last && __atomic_load_n(&shared->done, __ATOMIC_ACQUIRE))
			last = now_ns();
	}
	kill(generator, SIGKILL);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	report(count);
	return 0;
}
