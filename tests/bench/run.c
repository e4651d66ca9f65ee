// SPDX-License-Identifier: GPL-2.0
/* What a command takes */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* The command, its output going to @out */
static pid_t spawn(char **argv, int out)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %m");
	if (!pid) {
		dup2(out, STDOUT_FILENO);
		execvp(*argv, argv);
		die("%s: %m", *argv);
	}
	return pid;
}

/**
 * run() - what a command uses until it has ended
 * @argv: the command; its output goes to stderr
 *
 * Prints its exit status, how many nanoseconds it took, instructions of everybody meanwhile, and
 * how many kilobytes of memory it had at most.
 *
 * Return: 0.
 */
int run(char **argv)
{
	struct rusage usage;
	uint64_t took;
	struct meter m;
	pid_t pid;
	int status;

	meter_start(&m, 0);
	took = now_ns();
	pid = spawn(argv, STDERR_FILENO);
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait: %m");
	took = now_ns() - took;
	meter_stop(&m, 0);
	printf("%d %lu %lu %ld\n", WEXITSTATUS(status), took, m.all, usage.ru_maxrss);
	return 0;
}

/**
 * first() - how long a command takes until it prints something
 * @argv: the command, which is interrupted then
 *
 * Prints nanoseconds, and how many kilobytes of memory it had at most.
 *
 * Return: 0.
 */
int first(char **argv)
{
	struct rusage usage;
	uint64_t took;
	int fds[2];
	pid_t pid;
	char c;

	if (pipe2(fds, O_CLOEXEC))
		die("pipe: %m");
	took = now_ns();
	pid = spawn(argv, fds[1]);
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		die("%s prints nothing", *argv);
	took = now_ns() - took;
	kill(pid, SIGINT);
	while (read(fds[0], &c, 1) > 0)
		;
	if (wait4(pid, NULL, 0, &usage) != pid)
		die("wait: %m");
	printf("%lu %ld\n", took, usage.ru_maxrss);
	return 0;
}
