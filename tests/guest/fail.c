// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail, one after the other: /proc/PID/fail-nth lets the nth one of this
 * task fail (Documentation/fault-injection). What the kernel's log says of them is between lines
 * of ours, "stress: WHAT N".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/tcpfsm.h>

#include "genl.h"
#include "stim.h"
#include "stress.h"

static int nth_fd, log_fd;

/* Which allocations are to fail: every stepth */
struct range {
	unsigned int from, to, step;
};

static void arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth_fd, text, len, 0) != len)
		die("fail-nth: %m");
}

/* Return: whether the allocation has failed. */
static bool disarm(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 1)
		die("fail-nth: %m");
	arm(0);
	return !atoi(text);
}

static void say_where(const char *what, unsigned int n)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "stress: %s %u\n", what, n);

	/* not dprintf(), which gives up when it cannot seek */
	if (write(log_fd, line, len) != len)
		die("/dev/kmsg: %m");
}

static int load(int module, const char *params)
{
	return syscall(SYS_finit_module, module, params, 0) ? -errno : 0;
}

/* How many allocations there were since arm(COUNT) */
#define COUNT 1000000

static unsigned int disarm_count(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 1)
		die("fail-nth: %m");
	arm(0);
	return COUNT - atoi(text);
}

/* A request of somebody else may hold the module for a moment. */
static int unload(void)
{
	int err, tries = 0;

	do {
		err = syscall(SYS_delete_module, "tcpfsm", O_NONBLOCK) ? -errno : 0;
		if (err == -EAGAIN)
			poll(NULL, 0, 20);
	} while (err == -EAGAIN && tries++ < 500);
	return err;
}

static void must(const char *what, int err)
{
	if (err)
		die("fail: %s: %s", what, strerror(-err));
}

/*
 * Load with the nth allocation failing: it does not load, or without a hook, or the failure
 * was made good. Whatever it was, one attempt in twenty is followed by one with nothing failing.
 */
static void fail_load(int module, const char *params, const struct range *range)
{
	unsigned int n, refused = 0, loaded = 0;
	bool hit = true;
	int err;

	for (n = range->from; hit && n <= range->to; n += range->step) {
		say_where("load", n);
		arm(n);
		err = load(module, params);
		hit = disarm();
		if (err && !hit)
			must("load", err);
		if (!err)
			must("unload", unload());
		refused += !!err;
		loaded += !err && hit;
		if (err && err != -ENOMEM)
			printf("ERRNO load %u %s\n", n, strerror(-err));
		if (err && refused % 20 == 1) {
			must("load after a failure", load(module, params));
			must("unload after a failure", unload());
		}
	}
	say_where("end", 0);
	printf("SWEEP load %u failed, %u refused, %u made good\n", refused + loaded, refused,
	       loaded);
}

static void count_load(int module, const char *params)
{
	int err;

	arm(COUNT);
	err = load(module, params);
	printf("%u\n", disarm_count());
	if (!err)
		must("unload", unload());
}

static void fail_unload(int module, const char *params, const struct range *range)
{
	unsigned int n, failed = 0;
	bool hit = true;

	for (n = range->from; hit && n <= range->to; n += range->step) {
		must("load", load(module, params));
		say_where("unload", n);
		arm(n);
		syscall(SYS_delete_module, "tcpfsm", O_NONBLOCK);
		hit = disarm();
		failed += hit;
		say_where("end", 0);
		/* it is gone, unless the system call itself went wrong */
		unload();
	}
	printf("SWEEP unload %u failed\n", failed);
}

static const struct request {
	const char *name;
	uint8_t cmd;
	uint16_t flags;
} requests[] = {
	{ "get-flow", TCPFSM_CMD_GET_FLOW, NLM_F_DUMP },
	{ "get-stats", TCPFSM_CMD_GET_STATS, 0 },
	{ "get-hook", TCPFSM_CMD_GET_HOOK, NLM_F_DUMP },
	{ "get-listener", TCPFSM_CMD_GET_LISTENER, NLM_F_DUMP },
	{ "get-totals", TCPFSM_CMD_GET_TOTALS, 0 },
	{ "get-config", TCPFSM_CMD_GET_CONFIG, 0 },
	{ "set-config", TCPFSM_CMD_SET_CONFIG, 0 },
};

static int ask(const struct genl *g, const struct request *r)
{
	if (r->cmd == TCPFSM_CMD_SET_CONFIG)
		return genl_set_config(g, TCPFSM_A_CONFIG_STRAY_RATE, 1000);
	return genl_ask(g, r->cmd, r->flags, NULL, 0, NULL);
}

static void fail_requests(const struct range *range)
{
	unsigned int n, failed, refused, silent;
	const struct request *r;
	struct genl g;
	bool hit;
	int err;

	for (r = requests; r < requests + sizeof(requests) / sizeof(*requests); r++) {
		failed = 0;
		refused = 0;
		silent = 0;
		hit = true;
		for (n = range->from; hit && n <= range->to; n += range->step) {
			/* a new socket, so that no answer to the last request is in it */
			if (!genl_open(&g))
				die("fail: the module is not there");
			say_where(r->name, n);
			arm(n);
			err = ask(&g, r);
			hit = disarm();
			close(g.fd);
			if (err && !hit)
				must(r->name, err);
			failed += hit;
			refused += err && err != -ETIME;
			silent += err == -ETIME;
		}
		say_where("end", 0);
		printf("SWEEP %s %u failed, %u refused, %u unanswered\n", r->name, failed, refused,
		       silent);
	}
}

/**
 * fail_each() - let each allocation fail in turn
 * @argc: of @argv
 * @argv: FROM TO STEP load|unload|count FILE [PARAMETERS], or FROM TO STEP requests: which
 *	allocations are to fail
 *
 * Goes on until an attempt needs no more allocations, which then succeeds. Counts only how many
 * allocations loading takes, should it succeed or be refused.
 *
 * Return: 0.
 */
int fail_each(int argc, char **argv)
{
	const struct range range = { atoi(argv[0]), atoi(argv[1]), atoi(argv[2]) };
	const char *params = argc > 5 ? argv[5] : "";
	const char *what = argv[3];
	int module = -1;

	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	log_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (nth_fd < 0 || log_fd < 0)
		die("fail: no fault injection here: %m");
	if (argc > 4) {
		module = open(argv[4], O_RDONLY | O_CLOEXEC);
		if (module < 0)
			die("%s: %m", argv[4]);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "load"))
		fail_load(module, params, &range);
	else if (!strcmp(what, "unload"))
		fail_unload(module, params, &range);
	else if (!strcmp(what, "count"))
		count_load(module, params);
	else
		fail_requests(&range);
	return 0;
}
