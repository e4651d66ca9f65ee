// SPDX-License-Identifier: GPL-2.0
/* Network namespaces: enter them, set their knobs, take hold of their tun0 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

static int ns_fd[NS_MAX];
static int tun_fd[NS_MAX] = { -1, -1, -1 };

/**
 * ns_open() - remember a network namespace
 * @ns: which one it is to us
 * @name: its name as ip netns has it, or NULL for the one we are in
 */
void ns_open(enum netns ns, const char *name)
{
	char path[64] = "/proc/self/ns/net";

	if (name)
		snprintf(path, sizeof(path), "/run/netns/%s", name);
	ns_fd[ns] = open(path, O_RDONLY | O_CLOEXEC);
	if (ns_fd[ns] < 0)
		die("%s: %m", path);
}

void ns_enter(enum netns ns)
{
	if (setns(ns_fd[ns], CLONE_NEWNET))
		die("setns: %m");
}

void set_sysctl(enum netns ns, const char *name, const char *value)
{
	char path[96];
	int fd;

	ns_enter(ns);
	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die("%s: %m", path);
	close(fd);
}

/**
 * tun_of() - the far end of a namespace's tun0
 * @ns: the namespace; its tun0 is there already, with its addresses
 *
 * Return: a nonblocking descriptor that reads and writes IP packets.
 */
int tun_of(enum netns ns)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd, sk;

	if (tun_fd[ns] >= 0)
		return tun_fd[ns];
	ns_enter(ns);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die("/dev/net/tun: %m");
	memcpy(ifr.ifr_name, "tun0", 5);
	if (ioctl(fd, TUNSETIFF, &ifr))
		die("tun0: %m");
	/* up only now that it has a carrier, or its first packets would be lost */
	sk = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ifr.ifr_flags = IFF_UP;
	if (sk < 0 || ioctl(sk, SIOCSIFFLAGS, &ifr))
		die("tun0: %m");
	close(sk);
	tun_fd[ns] = fd;
	return fd;
}
