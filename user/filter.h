/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_FILTER_H
#define TCPFSM_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "why.h"

/**
 * struct ports - a set of ports
 * @bits: one bit a port
 */
struct ports {
	uint64_t bits[65536 / 64];
};

/**
 * struct prefix - an address and how much of it counts
 * @family: 4 or 6, as the user wrote it
 * @bits: leading bits of @addr that have to agree
 * @addr: IPv4 in its mapped form, so that it matches both
 */
struct prefix {
	uint8_t		family;
	uint8_t		bits;
	uint8_t		addr[16];
};

/**
 * struct filter - which events a user wants to see
 * @family: 4, 6 or 0 for both
 * @has_local: @local is asked for
 * @has_remote: @remote is asked for
 * @has_either: @either is asked for
 * @local: ports of the local end
 * @remote: ports of the remote end
 * @either: ports of one end or the other
 * @addrs: addresses of one end or the other, one has to match
 * @naddrs: how many, 0 for any
 * @pid: process of the owner, 0 for any
 * @netns: inode of the network namespace, 0 for any
 * @states: bits 1 << enum tcpfsm_state, 0 for any
 * @comm: pattern for the owner's name as fnmatch() takes it, NULL for any;
 *        belongs to the caller
 */
struct filter {
	uint8_t		family;
	bool		has_local;
	bool		has_remote;
	bool		has_either;
	struct ports	local;
	struct ports	remote;
	struct ports	either;
	struct prefix	*addrs;
	size_t		naddrs;
	uint32_t	pid;
	uint32_t	netns;
	uint32_t	states;
	const char	*comm;
};

int ports_parse(const char *text, struct ports *p, struct why *w);
int prefix_parse(const char *text, struct prefix *p, struct why *w);
int pid_parse(const char *text, uint32_t *pid, struct why *w);
int comm_parse(const char *text, struct why *w);
int filter_add_addr(struct filter *f, const struct prefix *p, struct why *w);
int filter_check(const struct filter *f, bool table, struct why *w);
void filter_free(struct filter *f);
bool filter_by_owner(const struct filter *f);
bool filter_splits(const struct filter *f);
bool filter_owner(const struct filter *f, const struct event *ev);
bool filter_match(const struct filter *f, const struct event *ev);

#endif
