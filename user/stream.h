/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_STREAM_H
#define TCPFSM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl.h"

struct slots;

/**
 * struct batch - a message with records
 * @has_index: @index is known
 * @index: records the module sent before this message
 * @until: no record made before will come after these; 0 when the module does not tell
 * @records: the records, back to back
 * @len: bytes of them
 */
struct batch {
	bool		has_index;
	uint64_t	index;
	uint64_t	until;
	const void	*records;
	size_t		len;
};

/**
 * struct stream - the socket events come over
 * @sk: the socket
 * @fd: its descriptor, to poll
 * @family: number of the module's generic netlink family
 * @buffer: bytes the kernel granted for what is not read yet
 * @overrun: the buffer was full: the kernel has dropped messages
 * @slots: where datagrams are received
 * @slot: the next one that is not looked at yet
 * @filled: how many have one
 * @empty: the socket had no more than these
 * @data: the datagram that is looked at
 * @left: bytes of @data that are not looked at yet
 * @at: where they begin
 */
struct stream {
	struct nl_sock	*sk;
	int		fd;
	int		family;
	size_t		buffer;
	bool		overrun;
	struct slots	*slots;
	unsigned int	slot;
	unsigned int	filled;
	bool		empty;
	const uint8_t	*data;
	size_t		left;
	size_t		at;
};

/* What stream_parse() and stream_next() found */
enum stream_found {
	STREAM_NOTHING,		/* of no interest, or nothing there now */
	STREAM_BATCH,
	STREAM_UNLOADED,	/* the module's family is gone */
};

int stream_open(struct stream *s, struct tcpnl *nl, const char *group, size_t buffer);
void stream_close(struct stream *s);
int stream_next(struct stream *s, struct batch *b);
int stream_parse(const void *message, size_t len, int family, struct batch *b);

#endif
