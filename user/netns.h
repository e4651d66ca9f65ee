/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_NETNS_H
#define TCPFSM_NETNS_H

#include <stdint.h>

#include "why.h"

int netns_parse(const char *text, uint32_t *inode, struct why *w);
int netns_check(uint32_t inode, struct why *w);
uint32_t netns_self(void);
int netns_is_initial(void);

#endif
