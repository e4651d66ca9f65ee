// SPDX-License-Identifier: GPL-2.0
/*
 * What a command took: peak FILE COMMAND... runs it, and writes to FILE its peak of
 * memory in kB and its time on a processor in ms. Neither depends on what else the
 * machine does. The exit status is the command's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long ms(struct timeval t)
{
	return t.tv_sec * 1000 + t.tv_usec / 1000;
}

int main(int argc, char **argv)
{
	struct rusage u;
	int status;
	pid_t pid;
	FILE *f;

	f = argc > 2 ? fopen(argv[1], "we") : NULL;
	if (!f) {
		fputs("usage: peak FILE COMMAND...\n", stderr);
		return 2;
	}
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid) {
		perror("peak");
		return 127;
	}
	fprintf(f, "%ld %ld\n", u.ru_maxrss, ms(u.ru_utime) + ms(u.ru_stime));
	if (fclose(f)) {
		perror(argv[1]);
		return 127;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
