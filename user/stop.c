// SPDX-License-Identifier: GPL-2.0
/* ^C and SIGTERM: end in order. A second one ends at once. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "stop.h"

/* Set in a signal handler, which a lock-free atomic allows. */
static atomic_bool asked;
static int fd = -1;

static void on_signal(int number)
{
	const unsigned long long one = 1;
	int saved = errno;

	(void)number;
	asked = true;
	/* wakes poll(); a full counter has woken it already */
	if (write(fd, &one, sizeof(one)) < 0)
		asked = true;
	errno = saved;
}

/**
 * stop_init() - from now on signals only ask for the end
 *
 * Context: process, once.
 * Return: 0 or a negative errno.
 */
int stop_init(void)
{
	struct sigaction stop = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	return 0;
}

/**
 * stop_fd() - what to poll
 *
 * Context: after stop_init().
 * Return: a descriptor that is readable once the end is asked for.
 */
int stop_fd(void)
{
	return fd;
}

/**
 * stop_asked() - whether a signal came
 *
 * Context: any.
 * Return: true when one did.
 */
bool stop_asked(void)
{
	return asked;
}
