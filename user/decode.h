/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_DECODE_H
#define TCPFSM_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"

/**
 * struct decode - records back to back, and how far they are read
 * @at: the next record
 * @left: bytes from @at to the end
 * @records: records passed so far, those stepped over as well
 * @unknown: of these, records of a kind this tool does not know
 */
struct decode {
	const uint8_t	*at;
	size_t		left;
	uint64_t	records;
	uint64_t	unknown;
};

void decode_init(struct decode *d, const void *data, size_t len);
int decode_next(struct decode *d, struct event *ev);
void decode_listener(const void *data, size_t len, struct tcpfsm_listener *l);

#endif
