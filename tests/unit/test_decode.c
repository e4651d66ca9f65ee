// SPDX-License-Identifier: GPL-2.0
/* Records of this, older and newer modules, and bytes that are none. */
#include <errno.h>
#include <stdlib.h>

#include "decode.h"
#include "unit.h"

static struct tcpfsm_state_rec a_state(void)
{
	struct tcpfsm_state_rec r = {
		.rec = {
			.size = sizeof(r), .kind = TCPFSM_K_STATE, .cpu = 3, .ts = 123, .seq = 9,
			.flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE | TCPFSM_F_INHERITED,
		},
		.ns_in_old = 55,
		.old_state = TCPFSM_S_SYN_SENT,
		.new_state = TCPFSM_S_ESTABLISHED,
		.cause = TCPFSM_C_RCV_SYNACK,
	};

	set_id(&r.id, AF_INET, "10.0.0.1", 40512, "10.0.0.2", 80);
	set_owner(&r.owner, "curl");
	return r;
}

static void state_fields(void **state)
{
	struct tcpfsm_state_rec r = a_state();
	struct decode d;
	struct event ev;

	(void)state;
	decode_init(&d, &r, sizeof(r));
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.kind, TCPFSM_K_STATE);
	assert_int_equal(ev.flags, r.rec.flags);
	assert_int_equal(ev.cpu, 3);
	assert_int_equal(ev.ts, 123);
	assert_int_equal(ev.seq, 9);
	assert_int_equal(ev.ns, 55);
	assert_int_equal(ev.old_state, TCPFSM_S_SYN_SENT);
	assert_int_equal(ev.state, TCPFSM_S_ESTABLISHED);
	assert_int_equal(ev.cause, TCPFSM_C_RCV_SYNACK);
	assert_memory_equal(&ev.id, &r.id, sizeof(r.id));
	assert_memory_equal(&ev.owner, &r.owner, sizeof(r.owner));
	assert_int_equal(decode_next(&d, &ev), 0);
	assert_int_equal(d.records, 1);
}

static void lost_fields(void **state)
{
	struct tcpfsm_lost_rec r = {
		.rec = { .size = sizeof(r), .kind = TCPFSM_K_LOST, .cpu = 2, .ts = 5, .seq = 40 },
		.count = 17,
		.where = TCPFSM_W_RING,
	};
	struct decode d;
	struct event ev;

	(void)state;
	decode_init(&d, &r, sizeof(r));
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.kind, TCPFSM_K_LOST);
	assert_int_equal(ev.count, 17);
	assert_int_equal(ev.where, TCPFSM_W_RING);
	assert_int_equal(ev.cpu, 2);
	assert_int_equal(ev.seq, 40);
}

static void flow_age(void **state)
{
	struct tcpfsm_flow r = {
		.rec = {
			.size = sizeof(r), .kind = TCPFSM_K_FLOW, .ts = 1000,
			.flags = TCPFSM_F_SINCE,
		},
		.now = 1500,
		.state = TCPFSM_S_CLOSE_WAIT,
		.cause = TCPFSM_C_RCV_FIN,
	};
	struct decode d;
	struct event ev;

	(void)state;
	decode_init(&d, &r, sizeof(r));
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.ts, 1500);
	assert_int_equal(ev.ns, 500);
	assert_int_equal(ev.state, TCPFSM_S_CLOSE_WAIT);
	/* a flow that changed its state while the dump looked at it */
	r.now = 900;
	decode_init(&d, &r, sizeof(r));
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.ns, 0);
}

static int decode_one(const void *record, size_t len, struct event *ev)
{
	struct decode d;

	decode_init(&d, record, len);
	return decode_next(&d, ev);
}

/* Since when is not known, but that it is no younger: the module found it so. */
static void flow_bound(void **state)
{
	struct tcpfsm_flow r = {
		.rec = {
			.size = sizeof(r), .kind = TCPFSM_K_FLOW, .ts = 1000,
			.flags = TCPFSM_F_PREEXISTING | TCPFSM_F_OVERDUE,
		},
		.now = 1500,
		.state = TCPFSM_S_CLOSE_WAIT,
	};
	struct event ev;

	(void)state;
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_true(ev.bound);
	assert_int_equal(ev.ns, 500);
	assert_true(ev.flags & TCPFSM_F_OVERDUE);
	r.rec.ts = 0;
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_false(ev.bound);
	assert_int_equal(ev.ns, 0);
	r.rec.ts = 1000;
	r.rec.flags = TCPFSM_F_SINCE;
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_false(ev.bound);
	assert_int_equal(ev.ns, 500);
}

static void stuck_fields(void **state)
{
	struct tcpfsm_stuck_rec r = {
		.rec = {
			.size = sizeof(r), .kind = TCPFSM_K_STUCK, .cpu = 1, .ts = 9000, .seq = 4,
			.flags = TCPFSM_F_OWNER,
		},
		.since = 2000,
		.state = TCPFSM_S_CLOSE_WAIT,
		.alert = TCPFSM_ALERT_BEGIN,
		.cause = TCPFSM_C_RCV_FIN,
		.threshold = 60000,
	};
	struct event ev;

	(void)state;
	set_id(&r.id, AF_INET, "10.0.0.1", 80, "10.0.0.2", 40512);
	set_owner(&r.owner, "nginx");
	memset(r.owner.comm + 5, 'x', sizeof(r.owner.comm) - 5);
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_int_equal(ev.kind, TCPFSM_K_STUCK);
	assert_int_equal(ev.ts, 9000);
	assert_int_equal(ev.ns, 7000);
	assert_true(ev.bound);
	assert_int_equal(ev.state, TCPFSM_S_CLOSE_WAIT);
	assert_int_equal(ev.alert, TCPFSM_ALERT_BEGIN);
	assert_int_equal(ev.cause, TCPFSM_C_RCV_FIN);
	assert_int_equal(ev.count, 60000);
	assert_int_equal(strlen(ev.owner.comm), TCPFSM_COMM_LEN - 1);
	assert_memory_equal(&ev.id, &r.id, sizeof(r.id));
	assert_true(event_is_alert(&ev));
	assert_false(event_is_gap(&ev));
	r.rec.flags |= TCPFSM_F_SINCE;
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_false(ev.bound);
	r.rec.size -= 8;
	assert_int_equal(decode_one(&r, r.rec.size, &ev), -EBADMSG);
}

static void flood_fields(void **state)
{
	struct tcpfsm_flood_rec r = {
		.rec = { .size = sizeof(r), .kind = TCPFSM_K_FLOOD, .ts = 9000 },
		.since = 2000, .syns_total = 1ULL << 40, .syns = 5000, .completed = 12,
		.half_open = 256, .sources = 4900, .alert = TCPFSM_ALERT_GOES_ON,
	};
	struct event ev;

	(void)state;
	set_id(&r.id, AF_INET, "0.0.0.0", 80, "0.0.0.0", 0);
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_int_equal(ev.kind, TCPFSM_K_FLOOD);
	assert_int_equal(ev.ns, 7000);
	assert_true(ev.flags & TCPFSM_F_SINCE);
	assert_int_equal(ev.state, TCPFSM_S_LISTEN);
	assert_int_equal(ev.alert, TCPFSM_ALERT_GOES_ON);
	assert_int_equal(ev.flood.total, 1ULL << 40);
	assert_int_equal(ev.flood.syns, 5000);
	assert_int_equal(ev.flood.completed, 12);
	assert_int_equal(ev.flood.half_open, 256);
	assert_int_equal(ev.flood.sources, 4900);
	r.rec.size -= 8;
	assert_int_equal(decode_one(&r, r.rec.size, &ev), -EBADMSG);
}

/* Fewer reasons than we know, or more */
static void skipped_fields(void **state)
{
	struct {
		struct tcpfsm_skipped_rec	r;
		uint64_t			more;
	} s = {
		.r.rec = { .size = sizeof(s.r), .kind = TCPFSM_K_SKIPPED, .cpu = 1, .ts = 5 },
		.r.count = { 1, 2, 3, 4 },
		.more = 77,
	};
	struct event ev;

	(void)state;
	assert_int_equal(decode_one(&s, sizeof(s.r), &ev), 1);
	assert_int_equal(ev.kind, TCPFSM_K_SKIPPED);
	assert_memory_equal(ev.skipped, s.r.count, sizeof(s.r.count));
	assert_true(event_is_gap(&ev));
	s.r.rec.size += 8;
	assert_int_equal(decode_one(&s, sizeof(s), &ev), 1);
	assert_memory_equal(ev.skipped, s.r.count, sizeof(s.r.count));
	s.r.rec.size = offsetof(struct tcpfsm_skipped_rec, count[2]);
	assert_int_equal(decode_one(&s, s.r.rec.size, &ev), 1);
	assert_int_equal(ev.skipped[TCPFSM_SKIP_COOKIE], 2);
	assert_int_equal(ev.skipped[TCPFSM_SKIP_REFUSED], 0);
}

static void listener_fields(void **state)
{
	struct tcpfsm_listener l, r = {
		.rec = {
			.size = sizeof(r), .kind = TCPFSM_K_LISTENER, .ts = 1000,
			.flags = TCPFSM_F_SINCE | TCPFSM_F_OWNER,
		},
		.now = 1500, .syns = 11, .accept_max_ns = 12, .flooded = 1,
	};
	struct event ev;

	(void)state;
	set_id(&r.id, AF_INET, "0.0.0.0", 80, "0.0.0.0", 0);
	set_owner(&r.owner, "nginx");
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_int_equal(ev.kind, TCPFSM_K_LISTENER);
	assert_int_equal(ev.ts, 1500);
	assert_int_equal(ev.ns, 500);
	assert_int_equal(ev.state, TCPFSM_S_LISTEN);
	assert_string_equal(ev.owner.comm, "nginx");
	decode_listener(&r, sizeof(r), &l);
	assert_memory_equal(&l, &r, sizeof(r));
	/* an older module's, which counts less */
	decode_listener(&r, offsetof(struct tcpfsm_listener, accept_max_ns), &l);
	assert_int_equal(l.syns, 11);
	assert_int_equal(l.accept_max_ns, 0);
	assert_int_equal(l.flooded, 0);
	r.rec.size = offsetof(struct tcpfsm_listener, now);
	assert_int_equal(decode_one(&r, r.rec.size, &ev), -EBADMSG);
}

static void illegal_segments(void **state)
{
	struct tcpfsm_segment_rec r = {
		.rec = { .size = sizeof(r), .kind = TCPFSM_K_SEGMENT },
		.seg.known = TCPFSM_SEG_SEQ,
	};
	struct event ev;

	(void)state;
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_false(event_is_alert(&ev));
	r.seg.known |= TCPFSM_SEG_ILLEGAL;
	assert_int_equal(decode_one(&r, sizeof(r), &ev), 1);
	assert_true(event_is_alert(&ev));
}

static void newer_module(void **state)
{
	uint8_t bytes[2 * sizeof(struct tcpfsm_state_rec) + 16 + 24];
	struct tcpfsm_rec unknown = { .size = 24, .kind = 99 };
	struct tcpfsm_state_rec r = a_state();
	struct decode d;
	struct event ev;

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	r.rec.size = sizeof(r) + 16;
	memcpy(bytes, &r, sizeof(r));
	memcpy(bytes + sizeof(r) + 16, &unknown, sizeof(unknown));
	r.rec.size = sizeof(r);
	r.rec.seq = 10;
	memcpy(bytes + sizeof(r) + 16 + 24, &r, sizeof(r));
	decode_init(&d, bytes, sizeof(bytes));
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.seq, 9);
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.seq, 10);
	assert_int_equal(decode_next(&d, &ev), 0);
	assert_int_equal(d.records, 3);
	assert_int_equal(d.unknown, 1);
}

static void older_module(void **state)
{
	struct tcpfsm_state_rec r = a_state();
	struct decode d;
	struct event ev;

	(void)state;
	r.rec.size = offsetof(struct tcpfsm_state_rec, ns_in_old);
	decode_init(&d, &r, r.rec.size);
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.flags, TCPFSM_F_OWNER | TCPFSM_F_INHERITED);
	assert_int_equal(ev.state, TCPFSM_S_UNKNOWN);
	assert_int_equal(ev.cause, TCPFSM_C_UNKNOWN);
	r.rec.size = offsetof(struct tcpfsm_state_rec, owner);
	decode_init(&d, &r, r.rec.size);
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.flags, 0);
	assert_int_equal(ev.owner.pid, 0);
	r.rec.size = offsetof(struct tcpfsm_state_rec, owner) - 8;
	decode_init(&d, &r, r.rec.size);
	assert_int_equal(decode_next(&d, &ev), -EBADMSG);
}

static void comm_is_terminated(void **state)
{
	struct tcpfsm_state_rec r = a_state();
	struct decode d;
	struct event ev;

	(void)state;
	memset(r.owner.comm, 'x', sizeof(r.owner.comm));
	decode_init(&d, &r, sizeof(r));
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(strlen(ev.owner.comm), TCPFSM_COMM_LEN - 1);
}

static void bad_sizes(void **state)
{
	const uint16_t full = sizeof(struct tcpfsm_state_rec);
	const uint16_t sizes[] = { 0, 8, 16, 23, 25, full - 1, full - 4, full + 8 };
	struct tcpfsm_state_rec r = a_state();
	struct decode d;
	struct event ev;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		r.rec.size = sizes[i];
		decode_init(&d, &r, sizeof(r));
		assert_int_equal(decode_next(&d, &ev), -EBADMSG);
		assert_int_equal(decode_next(&d, &ev), -EBADMSG);
	}
}

/* In memory of just that size, so that the sanitizers see a read beyond it */
static void cut_off_anywhere(void **state)
{
	struct tcpfsm_state_rec r = a_state();
	struct decode d;
	struct event ev;
	uint8_t *bytes;
	size_t len;

	(void)state;
	for (len = 1; len < sizeof(r); len++) {
		bytes = malloc(len);
		assert_non_null(bytes);
		memcpy(bytes, &r, len);
		decode_init(&d, bytes, len);
		assert_int_equal(decode_next(&d, &ev), -EBADMSG);
		free(bytes);
	}
}

static void unaligned(void **state)
{
	uint8_t bytes[sizeof(struct tcpfsm_state_rec) + 1];
	struct tcpfsm_state_rec r = a_state();
	struct decode d;
	struct event ev;

	(void)state;
	memcpy(bytes + 1, &r, sizeof(r));
	decode_init(&d, bytes + 1, sizeof(r));
	assert_int_equal(decode_next(&d, &ev), 1);
	assert_int_equal(ev.seq, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_fields),
		cmocka_unit_test(lost_fields),
		cmocka_unit_test(flow_age),
		cmocka_unit_test(flow_bound),
		cmocka_unit_test(stuck_fields),
		cmocka_unit_test(flood_fields),
		cmocka_unit_test(skipped_fields),
		cmocka_unit_test(listener_fields),
		cmocka_unit_test(illegal_segments),
		cmocka_unit_test(newer_module),
		cmocka_unit_test(older_module),
		cmocka_unit_test(comm_is_terminated),
		cmocka_unit_test(bad_sizes),
		cmocka_unit_test(cut_off_anywhere),
		cmocka_unit_test(unaligned),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
