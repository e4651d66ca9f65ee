// SPDX-License-Identifier: GPL-2.0
/*
 * Records of the module to struct event. There is no socket in here: bytes come
 * from a netlink message, or one day from a file, and may be anything.
 *
 * A record says its own size and grows only at its end. A shorter one than this
 * tool knows (an older module's) leaves the missing fields unknown; a longer one
 * (a newer module's) has its end ignored; an unknown kind is stepped over.
 */
#include <errno.h>
#include <string.h>

#include "decode.h"

/**
 * decode_init() - begin to read records
 * @d: reader
 * @data: the first record, in any alignment
 * @len: bytes of all records
 *
 * Context: any. @data has to stay until decode_next() returned 0.
 */
void decode_init(struct decode *d, const void *data, size_t len)
{
	*d = (struct decode){ .at = data, .left = len };
}

static void from_header(struct event *ev, const struct tcpfsm_rec *rec)
{
	ev->kind = rec->kind;
	ev->flags = rec->flags;
	ev->cpu = rec->cpu;
	ev->ts = rec->ts;
	ev->seq = rec->seq;
}

static void from_owner(struct event *ev, const struct tcpfsm_owner *owner)
{
	ev->owner = *owner;
	ev->owner.comm[TCPFSM_COMM_LEN - 1] = '\0';
}

/* How long ago, as of @ev->ts; without TCPFSM_F_SINCE it may be longer. */
static void from_since(struct event *ev, uint64_t since)
{
	ev->ns = ev->ts > since ? ev->ts - since : 0;
	ev->bound = since && !(ev->flags & TCPFSM_F_SINCE);
	if (!since && !(ev->flags & TCPFSM_F_SINCE))
		ev->ns = 0;
}

/* What a record has of those that may be shorter; most are not, and a known length is cheaper */
#define TAKE(r, at, size)						\
do {									\
	if ((size) >= sizeof(r)) {					\
		memcpy(&(r), at, sizeof(r));				\
	} else {							\
		memset(&(r), 0, sizeof(r));				\
		memcpy(&(r), at, size);					\
	}								\
} while (0)

static int from_state(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_state_rec r;

	if (size < offsetof(struct tcpfsm_state_rec, owner))
		return -EBADMSG;
	TAKE(r, at, size);
	/* a member is there when its successor could begin */
	if (size < offsetof(struct tcpfsm_state_rec, ns_in_old))
		r.rec.flags &= ~(TCPFSM_F_OWNER | TCPFSM_F_INHERITED);
	if (size < offsetof(struct tcpfsm_state_rec, old_state))
		r.rec.flags &= ~TCPFSM_F_SINCE;
	from_header(ev, &r.rec);
	from_owner(ev, &r.owner);
	ev->id = r.id;
	ev->ns = r.ns_in_old;
	ev->old_state = r.old_state;
	ev->state = r.new_state;
	ev->cause = r.cause;
	ev->count = r.retrans;
	return 1;
}

static int from_segment(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_segment_rec r;

	if (size < sizeof(r))
		return -EBADMSG;
	memcpy(&r, at, sizeof(r));
	from_header(ev, &r.rec);
	ev->id = r.id;
	ev->state = r.seg.state;
	ev->seg = r.seg;
	return 1;
}

static int from_lost(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_lost_rec r = { 0 };

	if (size < offsetof(struct tcpfsm_lost_rec, where))
		return -EBADMSG;
	memcpy(&r, at, size < sizeof(r) ? size : sizeof(r));
	from_header(ev, &r.rec);
	ev->count = r.count;
	ev->where = r.where;
	return 1;
}

static int from_flow(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_flow r = { 0 };

	if (size < offsetof(struct tcpfsm_flow, pad8))
		return -EBADMSG;
	memcpy(&r, at, size < sizeof(r) ? size : sizeof(r));
	from_header(ev, &r.rec);
	from_owner(ev, &r.owner);
	ev->id = r.id;
	ev->ts = r.now;
	from_since(ev, r.rec.ts);
	ev->state = r.state;
	ev->cause = r.cause;
	return 1;
}

static int from_stuck(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_stuck_rec r;

	if (size < sizeof(r))
		return -EBADMSG;
	memcpy(&r, at, sizeof(r));
	from_header(ev, &r.rec);
	from_owner(ev, &r.owner);
	from_since(ev, r.since);
	ev->id = r.id;
	ev->state = r.state;
	ev->alert = r.alert;
	ev->cause = r.cause;
	ev->count = r.threshold;
	return 1;
}

static int from_flood(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_flood_rec r;

	if (size < sizeof(r))
		return -EBADMSG;
	memcpy(&r, at, sizeof(r));
	from_header(ev, &r.rec);
	/* it counted from there, whatever the flags say */
	ev->flags |= TCPFSM_F_SINCE;
	from_since(ev, r.since);
	ev->id = r.id;
	ev->state = TCPFSM_S_LISTEN;
	ev->alert = r.alert;
	ev->flood = (struct event_flood){
		.total = r.syns_total, .syns = r.syns, .completed = r.completed,
		.half_open = r.half_open, .sources = r.sources,
	};
	return 1;
}

/* Reasons that only a newer module knows are left out. */
static int from_skipped(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_skipped_rec r = { 0 };

	memcpy(&r, at, size < sizeof(r) ? size : sizeof(r));
	from_header(ev, &r.rec);
	memcpy(ev->skipped, r.count, sizeof(ev->skipped));
	return 1;
}

/* Read what a listener's record has; fields it lacks are 0. */
static int from_listener(struct event *ev, const uint8_t *at, size_t size)
{
	struct tcpfsm_listener r = { 0 };

	if (size < offsetof(struct tcpfsm_listener, syns))
		return -EBADMSG;
	memcpy(&r, at, offsetof(struct tcpfsm_listener, syns));
	from_header(ev, &r.rec);
	from_owner(ev, &r.owner);
	ev->id = r.id;
	ev->ts = r.now;
	from_since(ev, r.rec.ts);
	ev->state = TCPFSM_S_LISTEN;
	return 1;
}

static int from_record(struct event *ev, unsigned int kind, const uint8_t *at, size_t size)
{
	memset(ev, 0, sizeof(*ev));
	switch (kind) {
	case TCPFSM_K_STATE:
		return from_state(ev, at, size);
	case TCPFSM_K_LOST:
		return from_lost(ev, at, size);
	case TCPFSM_K_FLOW:
		return from_flow(ev, at, size);
	case TCPFSM_K_SEGMENT:
		return from_segment(ev, at, size);
	case TCPFSM_K_STUCK:
		return from_stuck(ev, at, size);
	case TCPFSM_K_FLOOD:
		return from_flood(ev, at, size);
	case TCPFSM_K_SKIPPED:
		return from_skipped(ev, at, size);
	case TCPFSM_K_LISTENER:
		return from_listener(ev, at, size);
	default:
		return 0;
	}
}

/**
 * decode_next() - the next record of a kind that is known
 * @d: reader
 * @ev: set to what the record says
 *
 * Context: any.
 * Return: 1 with @ev set; 0 at the end; -EBADMSG when a record is shorter than
 * its header or than its kind must be, reaches beyond the end, or has a size
 * that is no multiple of 8. Nothing can be read after an error.
 */
int decode_next(struct decode *d, struct event *ev)
{
	struct tcpfsm_rec rec;
	const uint8_t *at;
	int got;

	while (d->left) {
		if (d->left < sizeof(rec))
			return -EBADMSG;
		memcpy(&rec, d->at, sizeof(rec));
		if (rec.size < sizeof(rec) || rec.size > d->left || rec.size % 8)
			return -EBADMSG;
		at = d->at;
		got = from_record(ev, rec.kind, at, rec.size);
		if (got < 0)
			return got;
		d->at += rec.size;
		d->left -= rec.size;
		d->records++;
		if (got)
			return 1;
		d->unknown++;
	}
	return 0;
}

/**
 * decode_listener() - the numbers of a listener's record
 * @data: the record, in any alignment, that decode_next() took for one
 * @len: bytes of it
 * @l: set; what an older module's record lacks is 0
 *
 * Context: any.
 */
void decode_listener(const void *data, size_t len, struct tcpfsm_listener *l)
{
	memset(l, 0, sizeof(*l));
	memcpy(l, data, len < sizeof(*l) ? len : sizeof(*l));
	l->owner.comm[TCPFSM_COMM_LEN - 1] = '\0';
}
