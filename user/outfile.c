// SPDX-License-Identifier: GPL-2.0
/* The file -w names, or standard output. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "exit.h"
#include "outfile.h"

/**
 * outfile_open() - open a file to write, from its beginning
 * @name: path, or "-" for standard output
 * @pipe: set: somebody may be waiting at the other end
 *
 * Context: process; tells the user what is wrong.
 * Return: a descriptor, or -1.
 */
int outfile_open(const char *name, bool *pipe)
{
	bool named = strcmp(name, "-");
	int fd = STDOUT_FILENO;

	if (named)
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		fprintf(stderr, "tcpfsm: %s: %s\n", name, strerror(errno));
		return -1;
	}
	if (isatty(fd)) {
		fputs("tcpfsm: a recording is nothing for a terminal; "
		      "name a file with -w, or a pipe with -w -\n", stderr);
		if (named)
			close(fd);
		return -1;
	}
	*pipe = lseek(fd, 0, SEEK_CUR) < 0;
	return fd;
}

/**
 * outfile_close() - close it
 * @fd: what outfile_open() returned
 * @status: enum exit_status of the work itself
 *
 * Context: process; tells the user what is wrong.
 * Return: @status, or STATUS_FAILED when the file is not whole after all.
 */
int outfile_close(int fd, int status)
{
	if (fd > STDERR_FILENO && close(fd) && status == STATUS_OK)
		return cmd_write_status(-errno);
	return status;
}
