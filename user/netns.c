// SPDX-License-Identifier: GPL-2.0
/* Network namespaces, as users name them: ip netns' names, files, inode numbers. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netns.h"
#include "number.h"

#define RUN_NETNS	"/run/netns/"

/* Namespaces' inodes begin here (proc_ns.h: PROC_IPC_INIT_INO and its like). */
#define FIRST_INODE	0xeffffff0U

/* Inode of the network namespace a file stands for; -ENXIO: it stands for none. */
static int inode_of(const char *path, uint32_t *inode)
{
	struct stat st;
	int err = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		err = -ENXIO;
	else if (fstat(fd, &st))
		err = -errno;
	else
		*inode = st.st_ino;
	close(fd);
	return err;
}

static int by_path(const char *path, uint32_t *inode, struct why *w)
{
	int err = inode_of(path, inode);

	if (err == -ENXIO)
		return why(w, "'%.64s' is no network namespace", path);
	if (err)
		return why(w, "network namespace '%.64s': %s", path, strerror(-err));
	return 0;
}

/**
 * netns_self() - where this process is
 *
 * Context: any; opens a file in /proc.
 * Return: inode of the network namespace, 0 when it is not known.
 */
uint32_t netns_self(void)
{
	uint32_t inode = 0;

	inode_of("/proc/self/ns/net", &inode);
	return inode;
}

/**
 * netns_is_initial() - whether this process is in the initial network namespace
 *
 * Told by a sysctl that the kernel registers for the initial one only.
 *
 * Context: any.
 * Return: 1 when it is, 0 when not, -1 when /proc does not tell.
 */
int netns_is_initial(void)
{
	if (!access("/proc/sys/net/core/netdev_max_backlog", F_OK))
		return 1;
	return access("/proc/sys/net", F_OK) ? -1 : 0;
}

static bool plausible(uint64_t inode)
{
	return inode && (inode >= FIRST_INODE || netns_self() < FIRST_INODE);
}

/**
 * netns_parse() - the network namespace a user means
 * @text: name in /run/netns, path, or inode number
 * @inode: set to its inode
 * @w: set to the reason of a refusal
 *
 * Context: any; opens files.
 * Return: 0, or -EINVAL with @w set.
 */
int netns_parse(const char *text, uint32_t *inode, struct why *w)
{
	char path[sizeof(RUN_NETNS) + 255];
	uint64_t n;

	if (strchr(text, '/'))
		return by_path(text, inode, w);
	if (*text && strcmp(text, ".") && strcmp(text, "..") && strlen(text) <= 255) {
		snprintf(path, sizeof(path), RUN_NETNS "%s", text);
		if (!access(path, F_OK))
			return by_path(path, inode, w);
	}
	if (!number_parse(text, strlen(text), UINT32_MAX, &n) && plausible(n)) {
		*inode = n;
		return 0;
	}
	return why(w, "unknown network namespace '%.64s'; a name in %s, a path as in "
		   "/proc/1/ns/net, or an inode number as ls -Li shows it", text, RUN_NETNS);
}

/**
 * netns_check() - whether connections of a namespace can be seen from here
 * @inode: of the namespace, 0 for any
 * @w: set to the reason when not
 *
 * Context: any; opens files.
 * Return: 0, or -EINVAL with @w set.
 */
int netns_check(uint32_t inode, struct why *w)
{
	uint32_t self = netns_self();

	if (!inode || !self || inode == self || netns_is_initial())
		return 0;
	return why(w, "-n: only the initial network namespace sees others, and this is %u: nothing "
		   "can match", self);
}

/* The one of @want a file stands for gets its descriptor. */
static void try_file(const char *path, struct netns_fd *want, size_t n)
{
	uint32_t inode = 0;
	struct stat st;
	size_t i;
	int fd;

	/* looking is cheaper than opening, and there is one for each process */
	if (stat(path, &st))
		return;
	for (i = 0; i < n && (want[i].fd >= 0 || want[i].inode != st.st_ino); i++)
		;
	if (i == n || inode_of(path, &inode) || inode != want[i].inode)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		want[i].fd = fd;
}

static bool found_all(const struct netns_fd *want, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (want[i].fd < 0)
			return false;
	return true;
}

/*
 * Where namespaces are mounted: ip netns', and those of container engines. A line
 * begins with "36 35 0:4 net:[4026532281] /run/netns/red".
 */
static void try_mounts(struct netns_fd *want, size_t n)
{
	char line[4096];
	char path[4096];
	FILE *mounts;

	mounts = fopen("/proc/self/mountinfo", "re");
	if (!mounts)
		return;
	while (fgets(line, sizeof(line), mounts))
		if (sscanf(line, "%*s %*s %*s net:[%*u] %4095s", path) == 1)
			try_file(path, want, n);
	fclose(mounts);
}

static void try_processes(struct netns_fd *want, size_t n)
{
	struct dirent *entry;
	char path[300];
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		return;
	while (!found_all(want, n) && (entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		try_file(path, want, n);
	}
	closedir(proc);
}

/**
 * netns_open() - find network namespaces by their inodes
 * @want: which ones; descriptors are set, to -1 where no file was found
 * @n: how many
 *
 * A namespace that only a socket or a foreign mount keeps is found by nobody.
 *
 * Context: process; looks at each process in /proc at most once.
 */
void netns_open(struct netns_fd *want, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		want[i].fd = -1;
	try_file("/proc/self/ns/net", want, n);
	if (!found_all(want, n))
		try_mounts(want, n);
	if (!found_all(want, n))
		try_processes(want, n);
}
