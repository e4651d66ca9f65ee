/* SPDX-License-Identifier: GPL-2.0 */
/* The module's netlink family without a library: each system call is one of ours. */
#ifndef GENL_H
#define GENL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

#define GENL_BUF (64 << 10)

struct genl {
	int fd;
	uint16_t family;
	uint32_t events;	/* multicast group, 0 for none */
};

bool genl_open(struct genl *g);
int genl_send(const struct genl *g, uint16_t type, uint8_t cmd, uint16_t flags,
	      const void *attrs, size_t len);
const struct nlattr *genl_attr(const void *attrs, size_t len, uint16_t type);
const void *genl_attrs(const struct nlmsghdr *h, size_t *len);
int genl_ask(const struct genl *g, uint8_t cmd, uint16_t flags, const void *attrs, size_t len,
	     uint64_t *index);
int genl_set_config(const struct genl *g, uint16_t attr, uint32_t value);

#endif
