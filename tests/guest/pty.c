// SPDX-License-Identifier: GPL-2.0
/* A terminal for programs that ask: what comes on our stdin is typed there. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stim.h"

/**
 * pty_run() - run a command whose standard input is a terminal
 * @argv: the command, NULL-terminated
 *
 * Return: its exit status.
 */
int pty_run(char **argv)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	int status, master, slave;
	char text[256];
	ssize_t n;
	pid_t pid;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master))
		die("no terminal: %m");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		die("%s: %m", ptsname(master));
	pid = fork();
	if (!pid) {
		dup2(slave, STDIN_FILENO);
		execvp(argv[0], argv);
		die("%s: %m", argv[0]);
	}
	while (!waitpid(pid, &status, WNOHANG)) {
		if (poll(&p, 1, 50) <= 0)
			continue;
		n = read(STDIN_FILENO, text, sizeof(text));
		if (n <= 0)
			p.fd = -1;
		else if (write(master, text, n) < 0)
			die("terminal: %m");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
