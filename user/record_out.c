// SPDX-License-Identifier: GPL-2.0
/*
 * Writing a recording. Records are copied once, from the message they came in to a
 * buffer, and are not looked at; the buffer goes out in one piece when it is full,
 * or when its owner says so.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

#define ROOM	(128U << 10)	/* two of the longest records */

/**
 * record_size() - how long a record is
 * @data: the record, in any alignment
 * @len: bytes that are there
 *
 * Context: any.
 * Return: bytes of the record; 0 when it is not whole, or cannot be one.
 */
size_t record_size(const void *data, size_t len)
{
	struct tcpfsm_rec rec;

	if (len < sizeof(rec))
		return 0;
	memcpy(&rec, data, sizeof(rec));
	if (rec.size < sizeof(rec) || rec.size > len || rec.size % 8)
		return 0;
	return rec.size;
}

/**
 * record_span() - look at records without decoding them
 * @data: the first one, in any alignment
 * @len: bytes of all
 * @span: set
 *
 * Context: any. Ends before the first record that is not whole.
 */
void record_span(const void *data, size_t len, struct record_span *span)
{
	const uint8_t *at = data;
	const uint8_t *begin = at;
	uint64_t earliest = UINT64_MAX, records = 0, losses = 0, skipped = 0, lost = 0;
	struct tcpfsm_lost_rec r;
	size_t size;

	while ((size = record_size(at, len)) != 0) {
		memcpy(&r.rec, at, sizeof(r.rec));
		if (r.rec.ts < earliest)
			earliest = r.rec.ts;
		if (r.rec.kind == TCPFSM_K_LOST && size >= sizeof(r)) {
			memcpy(&r, at, sizeof(r));
			lost += r.count;
			losses++;
		}
		skipped += r.rec.kind == TCPFSM_K_SKIPPED;
		records++;
		at += size;
		len -= size;
	}
	*span = (struct record_span){
		.len = at - begin, .records = records, .earliest = earliest,
		.gaps = losses + skipped, .lost = lost, .index = records - losses + lost,
	};
}

static int wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, -1) < 0 && errno != EINTR ? errno : 0;
}

/**
 * record_flush() - write out what is held
 * @o: the recording
 *
 * Context: may block as long as the file does.
 * Return: 0, or the negative errno of the first failure there ever was. The file
 * then ends anywhere, and is readable to its last whole record.
 */
int record_flush(struct record_out *o)
{
	const uint8_t *from = o->buf;
	ssize_t n;

	while (o->len && !o->err) {
		n = write(o->fd, from, o->len);
		if (n >= 0) {
			from += n;
			o->len -= n;
		} else if (errno == EAGAIN) {
			o->err = wait_writable(o->fd);
		} else if (errno != EINTR) {
			o->err = errno;
		}
	}
	o->len = 0;
	return -o->err;
}

/* Some ten kilobytes a time: too few for what memcpy() does to prepare for many */
static void copy(uint8_t *to, const uint8_t *from, size_t len)
{
	for (; len >= 64; to += 64, from += 64, len -= 64)
		memcpy(to, from, 64);
	memcpy(to, from, len);
}

static int put(struct record_out *o, const void *data, size_t len)
{
	int err = 0;

	if (o->len + len > ROOM)
		err = record_flush(o);
	if (err)
		return err;
	copy(o->buf + o->len, data, len);
	o->len += len;
	o->bytes += len;
	return 0;
}

/**
 * record_out_init() - begin a recording
 * @o: set; record_out_free() it in any case
 * @fd: where to, stays the caller's
 * @head: what is known of it; magic, order, version and size are filled in
 *
 * Context: any; allocates. Nothing is written before record_flush().
 * Return: 0 or -ENOMEM.
 */
int record_out_init(struct record_out *o, int fd, const struct record_head *head)
{
	*o = (struct record_out){ .fd = fd, .head = *head };
	memcpy(o->head.magic, RECORD_MAGIC, sizeof(o->head.magic));
	o->head.order = RECORD_ORDER;
	o->head.version = RECORD_VERSION;
	o->head.size = sizeof(o->head);
	o->buf = malloc(ROOM);
	return o->buf ? put(o, &o->head, sizeof(o->head)) : -ENOMEM;
}

/**
 * record_out_free() - release it; what was not flushed is gone
 * @o: the recording
 *
 * Context: any.
 */
void record_out_free(struct record_out *o)
{
	free(o->buf);
	o->buf = NULL;
}

/**
 * record_put_span() - add records that were looked at
 * @o: the recording
 * @records: whole records back to back
 * @span: what record_span() found, of ROOM bytes at most
 *
 * Context: may block as long as the file does.
 * Return: 0 or a negative errno, as record_flush().
 */
int record_put_span(struct record_out *o, const void *records, const struct record_span *span)
{
	int err = put(o, records, span->len);

	o->records += span->records;
	return err;
}

/**
 * record_put() - add records
 * @o: the recording
 * @records: whole records back to back, as record_span() found them
 * @len: bytes of them
 *
 * Context: may block as long as the file does.
 * Return: 0 or a negative errno, as record_flush().
 */
int record_put(struct record_out *o, const void *records, size_t len)
{
	const uint8_t *at = records;
	struct record_span span;
	int err = 0;

	while (len && !err) {
		record_span(at, len < ROOM ? len : ROOM, &span);
		if (!span.len)
			return -EBADMSG;
		err = record_put_span(o, at, &span);
		at += span.len;
		len -= span.len;
	}
	return err;
}

/**
 * record_clock() - tell how late it is, if the time of day changed by a millisecond, or in any case
 * @o: the recording
 * @ts: CLOCK_MONOTONIC in ns; all made ORDER_WINDOW_NS before has come
 * @wall: CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns
 * @always: in any case
 *
 * Context: may block as long as the file does.
 * Return: 0 or a negative errno, as record_flush().
 */
int record_clock(struct record_out *o, uint64_t ts, int64_t wall, bool always)
{
	const struct record_clock r = {
		.rec = { .size = sizeof(r), .kind = RECORD_K_CLOCK, .cpu = EVENT_CPU_UNKNOWN,
			 .ts = ts },
		.wall = wall,
	};

	if (!always && llabs(wall - o->head.wall) < 1000000)
		return 0;
	o->head.wall = wall;
	o->records++;
	return put(o, &r, sizeof(r));
}

/**
 * record_finish() - write the end
 * @o: the recording
 * @end: ts in its header, losses and reason; the rest is filled in
 *
 * Context: may block as long as the file does.
 * Return: 0 or a negative errno, as record_flush().
 */
int record_finish(struct record_out *o, const struct record_end *end)
{
	struct record_end r = *end;
	int err;

	r.rec.size = sizeof(r);
	r.rec.kind = RECORD_K_END;
	r.rec.cpu = EVENT_CPU_UNKNOWN;
	r.records = o->records;
	err = put(o, &r, sizeof(r));
	return err ? err : record_flush(o);
}
