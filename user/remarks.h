/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_REMARKS_H
#define TCPFSM_REMARKS_H

#include <stddef.h>
#include <stdint.h>
#include <linux/tcpfsm.h>

#include "nl.h"
#include "sysctls.h"

#define REMARKS		20

/**
 * struct remarks_seen - what happened since the module was loaded
 * @causes: transitions, by enum tcpfsm_cause; zeros outside the initial namespace
 * @overdue: connections that are stuck now
 * @listeners: of all listeners, those fields that count are added up
 * @flooded: listeners that are flooded now
 */
struct remarks_seen {
	uint64_t		causes[TCPNL_CAUSES];
	uint64_t		overdue;
	struct tcpfsm_listener	listeners;
	uint64_t		flooded;
};

/**
 * struct remarks - what looks wrong
 * @line: a remark each, with the number it goes by
 * @n: how many
 */
struct remarks {
	char	line[REMARKS][320];
	size_t	n;
};

void remarks_listener(struct remarks_seen *seen, const struct tcpfsm_listener *l);
void remarks_judge(struct remarks *r, const struct sysctls *s, const struct remarks_seen *seen);

#endif
