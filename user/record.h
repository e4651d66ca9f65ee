/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tool's own file: a header, then the module's records as they came. All is in
 * the byte order of the machine that wrote it; docs/recording.md has it byte by byte.
 */
#ifndef TCPFSM_RECORD_H
#define TCPFSM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"
#include "why.h"

#define RECORD_MAGIC	"TCPFSM\r\n"	/* 8 bytes; a transfer as text spoils them */
#define RECORD_ORDER	0x01020304
#define RECORD_VERSION	1

/* Flags of the header */
#define RECORD_F_FILTERED	(1 << 0) /* filters left records out */
#define RECORD_F_INITIAL_NS	(1 << 1) /* of the initial network namespace: all are in here */
#define RECORD_F_PARTIAL	(1 << 2) /* they may have left out parts of connections */

/**
 * struct record_head - what a recording begins with
 * @magic: RECORD_MAGIC
 * @order: RECORD_ORDER
 * @version: RECORD_VERSION; another one cannot be read
 * @size: bytes of this header, a multiple of 8: it may grow at its end
 * @flags: RECORD_F_*
 * @netns: inode of the network namespace that was listened in, 0 when unknown
 * @began: CLOCK_MONOTONIC in ns
 * @wall: CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns
 * @tool: version of the tool, NUL-terminated
 * @module: version of the module
 * @kernel: release of the kernel
 */
struct record_head {
	char		magic[8];
	uint32_t	order;
	uint16_t	version;
	uint16_t	size;
	uint32_t	flags;
	uint32_t	netns;
	uint64_t	began;
	int64_t		wall;
	char		tool[32];
	char		module[32];
	char		kernel[72];
};

/* Kinds of records the tool itself adds; the module's count up from 1 */
#define RECORD_K_CLOCK	0xfe
#define RECORD_K_END	0xff

/**
 * struct record_clock - RECORD_K_CLOCK: how late it is. It is written when the time of day was set
 * or slewed, and, to a pipe, when nothing came for a while
 * @rec: header; of what was made up to ORDER_WINDOW_NS before @rec.ts nothing comes any more
 * @wall: CLOCK_REALTIME minus CLOCK_MONOTONIC from here on, in ns
 */
struct record_clock {
	struct tcpfsm_rec	rec;
	int64_t			wall;
};

/* Why a recording ended */
enum record_reason {
	RECORD_R_UNKNOWN,
	RECORD_R_SIGNAL,	/* ^C or SIGTERM */
	RECORD_R_COUNT,		/* -c was reached */
	RECORD_R_UNLOADED,	/* the module went away */
};

/**
 * struct record_end - RECORD_K_END: the last record; without it, the end is missing
 * @rec: header; @rec.ts is when it ended
 * @records: records before this one, clocks as well
 * @lost_ring: records lost in a full ring
 * @lost_netlink: records lost between module and tool
 * @malformed: messages that could not be read
 * @reason: enum record_reason
 * @pad: 0
 */
struct record_end {
	struct tcpfsm_rec	rec;
	uint64_t		records;
	uint64_t		lost_ring;
	uint64_t		lost_netlink;
	uint64_t		malformed;
	uint32_t		reason;
	uint32_t		pad;
};

/**
 * struct record_out - a recording that is being written
 * @fd: where to
 * @buf: what is not written yet
 * @len: bytes of it
 * @head: as written, with the latest @head.wall
 * @bytes: bytes handed in so far
 * @records: records handed in so far, clocks as well
 * @err: errno of the first write that failed, 0 for none
 */
struct record_out {
	int			fd;
	uint8_t			*buf;
	size_t			len;
	struct record_head	head;
	uint64_t		bytes;
	uint64_t		records;
	int			err;
};

int record_out_init(struct record_out *o, int fd, const struct record_head *head);
void record_out_free(struct record_out *o);
int record_put(struct record_out *o, const void *records, size_t len);
int record_clock(struct record_out *o, uint64_t ts, int64_t wall, bool always);
int record_finish(struct record_out *o, const struct record_end *end);
int record_flush(struct record_out *o);

/**
 * struct record_in - a recording that is being read
 * @file: where from
 * @head: its header
 * @end: its end, when @ended
 * @wall: CLOCK_REALTIME minus CLOCK_MONOTONIC as of the record read last, in ns
 * @now: what the last clock says, CLOCK_MONOTONIC in ns
 * @at: bytes read and understood so far
 * @records: of these, records
 * @unknown: of these, such of a kind this tool does not know
 * @ended: the end was read
 * @cut: the file ends without an end: the rest of it is missing from @at on
 * @rec: the record read last: its header
 * @clock: the same, a clock
 * @last: the same, the end
 * @bytes: the same, as it stands in the file
 */
struct record_in {
	FILE			*file;
	struct record_head	head;
	struct record_end	end;
	int64_t			wall;
	uint64_t		now;
	uint64_t		at;
	uint64_t		records;
	uint64_t		unknown;
	bool			ended;
	bool			cut;
	union {
		struct tcpfsm_rec	rec;
		struct record_clock	clock;
		struct record_end	last;
		uint8_t			bytes[0x10000];
	};
};

bool record_is(const void *data, size_t len);
int record_open(struct record_in *in, FILE *file, struct why *w);
int record_next(struct record_in *in, struct event *ev, struct why *w);

/**
 * struct record_span - records back to back, looked at without decoding them
 * @len: bytes of those that are whole
 * @records: how many these are
 * @earliest: ts of the earliest, UINT64_MAX when there is none
 * @gaps: how many of them tell of a loss, or of what was left out
 * @lost: how many records TCPFSM_K_LOST among them tell of
 * @index: what they add to TCPFSM_A_INDEX
 */
struct record_span {
	size_t		len;
	uint64_t	records;
	uint64_t	earliest;
	uint64_t	gaps;
	uint64_t	lost;
	uint64_t	index;
};

size_t record_size(const void *data, size_t len);
void record_span(const void *data, size_t len, struct record_span *span);
int record_put_span(struct record_out *o, const void *records, const struct record_span *span);

#endif
