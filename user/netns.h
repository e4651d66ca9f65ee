/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_NETNS_H
#define TCPFSM_NETNS_H

#include <stddef.h>
#include <stdint.h>

#include "why.h"

/**
 * struct netns_fd - a network namespace
 * @inode: which one
 * @fd: descriptor that setns() takes, -1 for none
 */
struct netns_fd {
	uint32_t	inode;
	int		fd;
};

int netns_parse(const char *text, uint32_t *inode, struct why *w);
int netns_check(uint32_t inode, struct why *w);
uint32_t netns_self(void);
int netns_is_initial(void);
void netns_open(struct netns_fd *want, size_t n);

#endif
