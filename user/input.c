// SPDX-License-Identifier: GPL-2.0
/*
 * A file to read, or standard input: looked into before it is read, and left at
 * once when a signal asks for the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"
#include "stop.h"

#define ROOM	(256 << 10)

/* Wait until there is something to read, as long as anybody wants it: 0, or -1 with errno set. */
static int await(struct input *in)
{
	struct pollfd p[] = {
		{ .fd = in->fd, .events = POLLIN },
		{ .fd = stop_fd(), .events = POLLIN },
	};

	if (in->waits && !poll(p, 2, 0)) {
		if (in->idle && !in->idle(in->arg)) {
			errno = EINTR;
			return -1;
		}
		if (poll(p, 2, -1) < 0)
			return -1;
	}
	if (stop_asked()) {
		errno = EINTR;
		return -1;
	}
	return 0;
}

static ssize_t read_on(struct input *in, void *to, size_t len)
{
	ssize_t n;

	do {
		if (await(in))
			return -1;
		n = read(in->fd, to, len);
	} while (n < 0 && errno == EAGAIN);
	return n;
}

static ssize_t cookie_read(void *cookie, char *to, size_t len)
{
	struct input *in = cookie;
	size_t left = in->head_len - in->head_at;

	if (!left)
		return read_on(in, to, len);
	if (len > left)
		len = left;
	memcpy(to, in->head + in->head_at, len);
	in->head_at += len;
	return len;
}

static int peek(struct input *in, struct why *w)
{
	ssize_t n = 1;

	while (in->head_len < INPUT_HEAD && n > 0) {
		n = read_on(in, in->head + in->head_len, INPUT_HEAD - in->head_len);
		if (n > 0)
			in->head_len += n;
	}
	if (n >= 0)
		return 0;
	n = -errno;
	why(w, "%s", strerror(errno));
	return n;
}

static int open_named(struct input *in, const char *name, struct why *w)
{
	struct stat st;

	in->fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	if (in->fd < 0 || fstat(in->fd, &st)) {
		why(w, "%s", strerror(errno));
		return -EINVAL;
	}
	if (S_ISDIR(st.st_mode))
		return why(w, "is a directory");
	if (isatty(in->fd))
		return why(w, "is a terminal; a recording or a capture is expected");
	in->waits = !S_ISREG(st.st_mode);
	return 0;
}

/**
 * input_open() - open a file and look at what it begins with
 * @in: set; input_close() it in any case
 * @name: path, or "-" for standard input
 * @w: set to what is wrong
 *
 * Context: process; may wait for a pipe, after stop_init().
 * Return: 0, -EINTR when a signal came, or another negative errno with @w set.
 */
int input_open(struct input *in, const char *name, struct why *w)
{
	static const cookie_io_functions_t io = { .read = cookie_read };
	int err;

	*in = (struct input){ .fd = -1 };
	err = open_named(in, name, w);
	if (!err)
		err = peek(in, w);
	if (err)
		return err;
	if (!in->head_len)
		return why(w, "is empty");
	in->file = fopencookie(in, "r", io);
	if (!in->file) {
		why(w, "no memory");
		return -ENOMEM;
	}
	setvbuf(in->file, NULL, _IOFBF, ROOM);
	return 0;
}

/**
 * input_close() - close it
 * @in: what input_open() set
 *
 * Context: process.
 */
void input_close(struct input *in)
{
	if (in->file)
		fclose(in->file);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	*in = (struct input){ .fd = -1 };
}
