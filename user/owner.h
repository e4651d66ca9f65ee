/* SPDX-License-Identifier: GPL-2.0 */
/* Who holds a socket now, as /proc tells. */
#ifndef TCPFSM_OWNER_H
#define TCPFSM_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/tcpfsm.h>

/* Digits of a container's id, as Docker, containerd, CRI-O and Podman make them */
#define OWNER_CONTAINER_LEN	64

/**
 * struct process - a process that holds sockets
 * @pid: its number as /proc has it
 * @inner_pid: its number in its own pid namespace; @pid when that is the same
 * @uid: its user
 * @comm: its name, NUL-terminated
 * @container: id of the container, "" when its cgroup does not tell of one
 * @cgroup: path of its control group, NULL when unknown
 */
struct process {
	uint32_t	pid;
	uint32_t	inner_pid;
	uint32_t	uid;
	char		comm[TCPFSM_COMM_LEN];
	char		container[OWNER_CONTAINER_LEN + 1];
	char		*cgroup;
};

/**
 * struct holder - a descriptor that is a socket
 * @inode: of the socket
 * @pid: process
 * @fd: its descriptor
 * @process: index into the processes of struct owners
 */
struct holder {
	uint64_t	inode;
	uint32_t	pid;
	int		fd;
	size_t		process;
};

/**
 * struct owners - the holders of some sockets
 * @inodes: the sockets, sorted
 * @ninodes: how many
 * @holders: by inode, process and descriptor
 * @nholders: how many
 * @processes: those that hold any
 * @nprocesses: how many
 * @complete: all descriptors of all processes of the machine were looked at
 * @elsewhere: descriptors may be kept where no process shows them: on their way
 *	through a Unix socket, or in an io_uring
 */
struct owners {
	uint64_t	*inodes;
	size_t		ninodes;
	struct holder	*holders;
	size_t		nholders;
	struct process	*processes;
	size_t		nprocesses;
	bool		complete;
	bool		elsewhere;
};

/* Whose a socket is */
enum owner_kind {
	OWNER_UNKNOWN,		/* it cannot be known */
	OWNER_PROCESS,		/* processes hold it */
	OWNER_UNACCEPTED,	/* it waits in the queue of a listener */
	OWNER_ORPHAN,		/* all that held it have closed it */
	OWNER_KERNEL,		/* the kernel opened it for itself */
};

int owners_find(struct owners *o, const char *proc, const uint64_t *inodes, size_t n);
const struct holder *owners_of(const struct owners *o, uint64_t inode, size_t *n);
void owners_free(struct owners *o);
enum owner_kind owner_kind(const struct owners *o, unsigned int state, uint64_t inode);
const char *owner_kind_name(enum owner_kind kind);

#endif
