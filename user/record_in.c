// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a recording. It may be cut off anywhere, and be anything at all: a size
 * is believed only after it was checked, and nothing is allocated by what is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "decode.h"
#include "record.h"

/* What version 1 began with; later ones only add */
#define HEAD_MIN	sizeof(struct record_head)

/* docs/recording.md */
_Static_assert(sizeof(struct record_head) == 176, "another header than that of version 1");
_Static_assert(sizeof(struct record_clock) == 32, "another clock than that of version 1");
_Static_assert(sizeof(struct record_end) == 64, "another end than that of version 1");

/**
 * record_is() - whether a file is a recording
 * @data: what it begins with
 * @len: bytes of that
 *
 * Context: any.
 * Return: true when it is, even if it is cut off in the first bytes.
 */
bool record_is(const void *data, size_t len)
{
	return len && !memcmp(data, RECORD_MAGIC, len < 8 ? len : 8);
}

/* All that is asked for or, at the end of the file, less */
static size_t get(struct record_in *in, void *to, size_t len)
{
	return fread_unlocked(to, 1, len, in->file);
}

static int unreadable(struct record_in *in, struct why *w)
{
	int err = errno;

	why(w, "read error at offset %llu: %s", (unsigned long long)in->at, strerror(err));
	return err == EINTR ? -EINTR : -EIO;
}

static int bad_head(struct record_in *in, size_t len, struct why *w)
{
	const struct record_head *h = &in->head;

	if (ferror(in->file))
		return unreadable(in, w);
	if (len < HEAD_MIN)
		return why(w, "cut off at offset %zu, within the header", len);
	if (memcmp(h->magic, RECORD_MAGIC, sizeof(h->magic)))
		return why(w, "no tcpfsm recording");
	if (h->order == __builtin_bswap32(RECORD_ORDER))
		return why(w, "recorded on a machine with another byte order");
	if (h->order != RECORD_ORDER)
		return why(w, "corrupt at offset 8: bad mark of the byte order 0x%x", h->order);
	if (h->version != RECORD_VERSION)
		return why(w, "recording of version %u, this tool reads %u", h->version,
			   RECORD_VERSION);
	if (h->size < HEAD_MIN || h->size % 8)
		return why(w, "corrupt at offset 14: bad size of the header %u", h->size);
	return 0;
}

/**
 * record_open() - read a recording's header
 * @in: set
 * @file: where from, stays the caller's
 * @w: set to what is wrong
 *
 * Context: may block as long as the file does.
 * Return: 0, -EINTR when a signal came, or another negative errno with @w set.
 */
int record_open(struct record_in *in, FILE *file, struct why *w)
{
	size_t more;
	size_t len;
	int err;

	memset(in, 0, offsetof(struct record_in, bytes));
	in->file = file;
	len = get(in, &in->head, HEAD_MIN);
	err = bad_head(in, len, w);
	if (err)
		return err;
	more = in->head.size - HEAD_MIN;
	len = get(in, in->bytes, more);
	if (ferror(file))
		return unreadable(in, w);
	if (len < more)
		return why(w, "cut off at offset %zu, within the header", HEAD_MIN + len);
	in->at = in->head.size;
	in->wall = in->head.wall;
	in->head.tool[sizeof(in->head.tool) - 1] = '\0';
	in->head.module[sizeof(in->head.module) - 1] = '\0';
	in->head.kernel[sizeof(in->head.kernel) - 1] = '\0';
	return 0;
}

static int corrupt(const struct record_in *in, struct why *w, const char *what)
{
	why(w, "corrupt at offset %llu: %s", (unsigned long long)in->at, what);
	return -EBADMSG;
}

/* 1 with the next record whole in in->bytes, 0 at the end */
static int whole(struct record_in *in, struct why *w)
{
	const struct tcpfsm_rec *rec = &in->rec;
	size_t len = get(in, in->bytes, sizeof(*rec));

	if (ferror(in->file))
		return unreadable(in, w);
	if (in->ended && len)
		return corrupt(in, w, "something follows the end");
	if (len < sizeof(*rec)) {
		in->cut = !in->ended;
		return 0;
	}
	if (rec->size < sizeof(*rec) || rec->size % 8)
		return corrupt(in, w, "bad size of a record");
	if (!rec->kind)
		return corrupt(in, w, "bad kind of a record");
	len = get(in, in->bytes + sizeof(*rec), rec->size - sizeof(*rec));
	if (ferror(in->file))
		return unreadable(in, w);
	if (len < rec->size - sizeof(*rec)) {
		in->cut = true;
		return 0;
	}
	return 1;
}

static bool sane_id(const struct tcpfsm_id *id)
{
	return id->family == AF_INET || id->family == AF_INET6;
}

/* What no module ever writes */
static bool sane(const struct event *ev)
{
	switch (ev->kind) {
	case TCPFSM_K_STATE:
	case TCPFSM_K_STUCK:
	case TCPFSM_K_FLOOD:
		return sane_id(&ev->id);
	case TCPFSM_K_SEGMENT:
		return sane_id(&ev->id) && ev->seg.dir <= TCPFSM_DIR_OUT;
	case TCPFSM_K_LOST:
	case TCPFSM_K_SKIPPED:
		return true;
	default:
		return false;	/* a flow or listener, which only dumps have */
	}
}

static int take_end(struct record_in *in, size_t size, struct why *w)
{
	if (size < sizeof(in->end))
		return corrupt(in, w, "the end is too short");
	in->end = in->last;
	if (in->end.records != in->records)
		return corrupt(in, w, "the end counts other records than there are");
	in->ended = true;
	return 0;
}

static int take_clock(struct record_in *in, size_t size, struct why *w)
{
	if (size < sizeof(in->clock))
		return corrupt(in, w, "a clock is too short");
	in->wall = in->clock.wall;
	in->now = in->rec.ts;
	in->records++;
	return 0;
}

/* 1 with an event, 0 when the record is none, or a negative errno */
static int take(struct record_in *in, struct event *ev, struct why *w)
{
	const struct tcpfsm_rec *rec = &in->rec;
	struct decode d;
	int got;

	if (rec->kind == RECORD_K_END)
		return take_end(in, rec->size, w);
	if (rec->kind == RECORD_K_CLOCK)
		return take_clock(in, rec->size, w);
	decode_init(&d, in->bytes, rec->size);
	got = decode_next(&d, ev);
	if (got < 0)
		return corrupt(in, w, "a record is too short for its kind");
	if (got && !sane(ev))
		return corrupt(in, w, "a record makes no sense");
	in->records++;
	in->unknown += d.unknown;
	return got;
}

/**
 * record_next() - the next event
 * @in: the recording
 * @ev: set
 * @w: set to what is wrong
 *
 * Context: may block as long as the file does.
 * Return: 1 with @ev set; 0 at the end of the file, with @in->cut set when it is not
 * the recording's; -EINTR when a signal came; -EBADMSG for a corrupt recording or
 * another negative errno, both with @w set. Nothing can be read after an error.
 */
int record_next(struct record_in *in, struct event *ev, struct why *w)
{
	int got;

	for (;;) {
		got = whole(in, w);
		if (got <= 0)
			return got;
		got = take(in, ev, w);
		if (got < 0)
			return got;
		in->at += in->rec.size;
		if (got)
			return 1;
	}
}
