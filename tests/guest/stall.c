// SPDX-License-Identifier: GPL-2.0
/* A process that holds a socket's lock for as long as it likes */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stim.h"

/* Memory that is there when this process says so, which it never does */
static void *never(size_t len, int *fd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	range.range.start = (uintptr_t)p;
	range.range.len = len;
	*fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (p == MAP_FAILED || *fd < 0 || ioctl(*fd, UFFDIO_API, &api) ||
	    ioctl(*fd, UFFDIO_REGISTER, &range))
		die("stall: userfaultfd: %m");
	return p;
}

struct sending {
	int fd;
	const void *from;
};

static void *sends(void *arg)
{
	const struct sending *s = arg;

	send(s->fd, s->from, 1, 0);
	return NULL;
}

/**
 * stall() - a connection in send(), from memory that is never there
 *
 * At PAUSE the kernel waits for it with the socket locked; it is reset when the process ends.
 *
 * Return: 0.
 */
int stall(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sin);
	struct linger reset = { .l_onoff = 1 };
	struct sending sending;
	struct uffd_msg msg;
	pthread_t thread;
	int faults;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || fd < 0 || bind(listener, (void *)&sin, len) || listen(listener, 1) ||
	    getsockname(listener, (void *)&sin, &len) || connect(fd, (void *)&sin, len) ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)))
		die("stall: connect: %m");
	sending = (struct sending){ fd, never(sysconf(_SC_PAGESIZE), &faults) };
	if (pthread_create(&thread, NULL, sends, &sending))
		die("stall: no thread");
	if (read(faults, &msg, sizeof(msg)) != sizeof(msg) || msg.event != UFFD_EVENT_PAGEFAULT)
		die("stall: no fault: %m");
	pause_at("stalled");
	return 0;
}
