// SPDX-License-Identifier: GPL-2.0
/* Recordings: what is written is read, cut off anywhere, and never believed blindly. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record.h"
#include "unit.h"

#define RECORDS 5

static struct record_in in;

static void a_state(struct tcpfsm_state_rec *r, uint64_t seq)
{
	struct event ev = an_event();

	*r = (struct tcpfsm_state_rec){
		.rec = { .size = sizeof(*r), .kind = TCPFSM_K_STATE, .ts = 1000 + seq, .seq = seq },
		.id = ev.id, .owner = ev.owner, .old_state = TCPFSM_S_CLOSED,
		.new_state = TCPFSM_S_SYN_SENT, .cause = TCPFSM_C_CONNECT,
	};
}

/* A recording of RECORDS transitions, a loss and two clocks, as bytes */
static size_t a_recording(uint8_t *to, size_t room, bool end)
{
	const struct record_head head = { .began = 500, .wall = 7, .module = "m", .kernel = "k" };
	const struct record_end last = { .rec.ts = 2000, .reason = RECORD_R_SIGNAL };
	struct tcpfsm_lost_rec lost = {
		.rec = { .size = sizeof(lost), .kind = TCPFSM_K_LOST, .ts = 1900,
			 .cpu = EVENT_CPU_UNKNOWN },
		.count = 9, .where = EVENT_W_NETLINK,
	};
	struct tcpfsm_state_rec r[RECORDS];
	int fd = memfd_create("recording", 0);
	struct record_out o;
	ssize_t len;
	size_t i;

	for (i = 0; i < RECORDS; i++)
		a_state(&r[i], i);
	assert_int_equal(record_out_init(&o, fd, &head), 0);
	assert_int_equal(record_put(&o, r, sizeof(r)), 0);
	assert_int_equal(record_put(&o, &lost, sizeof(lost)), 0);
	assert_int_equal(record_clock(&o, 1950, 8, false), 0);		/* no news */
	assert_int_equal(record_clock(&o, 1950, 5000000, false), 0);
	assert_int_equal(record_clock(&o, 1960, 5000000, true), 0);
	if (end)
		assert_int_equal(record_finish(&o, &last), 0);
	assert_int_equal(record_flush(&o), 0);
	record_out_free(&o);
	len = pread(fd, to, room, 0);
	assert_true(len > 0 && (size_t)len < room);
	close(fd);
	return len;
}

/* Read bytes to the end: the number of events, or a negative errno */
static int read_all(const void *data, size_t len, struct why *w)
{
	FILE *f = fmemopen((void *)data, len, "r");
	struct event ev;
	int n = 0;
	int got;

	w->text[0] = '\0';
	got = record_open(&in, f, w);
	if (!got)
		while ((got = record_next(&in, &ev, w)) == 1)
			n++;
	fclose(f);
	return got ? got : n;
}

static void what_was_written(void **state)
{
	uint8_t data[4096];
	size_t len = a_recording(data, sizeof(data), true);
	struct event ev;
	struct why w;
	FILE *f = fmemopen(data, len, "r");
	unsigned int i;

	(void)state;
	assert_true(record_is(data, len));
	assert_int_equal(record_open(&in, f, &w), 0);
	assert_string_equal(in.head.kernel, "k");
	assert_string_equal(in.head.module, "m");
	assert_int_equal(in.head.began, 500);
	for (i = 0; i < RECORDS; i++) {
		assert_int_equal(record_next(&in, &ev, &w), 1);
		assert_int_equal(ev.kind, TCPFSM_K_STATE);
		assert_int_equal(ev.seq, i);
		assert_int_equal(ev.state, TCPFSM_S_SYN_SENT);
		assert_string_equal(ev.owner.comm, "curl");
	}
	assert_int_equal(in.wall, 7);
	assert_int_equal(record_next(&in, &ev, &w), 1);
	assert_int_equal(ev.kind, TCPFSM_K_LOST);
	assert_int_equal(ev.count, 9);
	assert_int_equal(ev.where, EVENT_W_NETLINK);
	assert_int_equal(record_next(&in, &ev, &w), 0);
	assert_int_equal(in.wall, 5000000);
	assert_int_equal(in.now, 1960);
	assert_true(in.ended && !in.cut);
	assert_int_equal(in.at, len);
	assert_int_equal(in.end.records, RECORDS + 3);
	assert_int_equal(in.end.reason, RECORD_R_SIGNAL);
	fclose(f);
}

static void cut_off_anywhere(void **state)
{
	const size_t head = sizeof(struct record_head);
	const size_t each = sizeof(struct tcpfsm_state_rec);
	uint8_t data[4096];
	size_t len = a_recording(data, sizeof(data), true);
	struct why w;
	size_t i;
	int got;

	(void)state;
	for (i = 1; i < len; i++) {
		got = read_all(data, i, &w);
		if (i < head) {
			assert_int_equal(got, -EINVAL);
			assert_non_null(strstr(w.text, "cut off at offset"));
			continue;
		}
		assert_true(in.cut);
		if (i < head + RECORDS * each) {
			assert_int_equal(got, (i - head) / each);
			assert_int_equal(in.at, head + (i - head) / each * each);
		} else {
			assert_in_range(got, RECORDS, RECORDS + 1);
		}
	}
	assert_int_equal(read_all(data, len, &w), RECORDS + 1);
	assert_false(in.cut);
	/* whole, but nobody wrote an end */
	len = a_recording(data, sizeof(data), false);
	assert_int_equal(read_all(data, len, &w), RECORDS + 1);
	assert_true(in.cut);
}

/* Alerts pass as they are; what only dumps have does not. */
static void alerts(void **state)
{
	static const struct {
		uint8_t		kind;
		uint16_t	size;
		int		got;
	} rows[] = {
		{ TCPFSM_K_STUCK, sizeof(struct tcpfsm_stuck_rec), RECORDS + 2 },
		{ TCPFSM_K_FLOOD, sizeof(struct tcpfsm_flood_rec), RECORDS + 2 },
		{ TCPFSM_K_SKIPPED, sizeof(struct tcpfsm_skipped_rec), RECORDS + 2 },
		{ TCPFSM_K_LISTENER, sizeof(struct tcpfsm_listener), -EBADMSG },
	};
	uint8_t data[4096];
	struct tcpfsm_stuck_rec r;
	size_t len;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		len = a_recording(data, sizeof(data), false);
		memset(data + len, 0, rows[i].size);
		r = (struct tcpfsm_stuck_rec){
			.rec = { .size = rows[i].size, .kind = rows[i].kind, .ts = 1999 },
		};
		set_id(&r.id, AF_INET, "10.0.0.1", 80, "10.0.0.2", 40512);
		memcpy(data + len, &r, sizeof(r.rec) + sizeof(r.id));
		assert_int_equal(read_all(data, len + rows[i].size, &w), rows[i].got);
	}
}

static void a_corrupt_one(void **state)
{
	const size_t at = sizeof(struct record_head) + sizeof(struct tcpfsm_state_rec);
	static const struct {
		size_t		offset;		/* within the second record, or -1: the header */
		uint8_t		value;
		const char	*words;
	} bad[] = {
		{ 0, 0, "bad size" },
		{ 0, 4, "bad size" },
		{ 0, 25, "bad size" },
		{ 0, 48, "too short" },
		{ 2, 0, "bad kind" },
		{ 2, TCPFSM_K_FLOW, "makes no sense" },
		{ 2, RECORD_K_END, "the end counts other" },
		{ offsetof(struct tcpfsm_state_rec, id.family), 77, "makes no sense" },
	};
	uint8_t data[4096];
	uint8_t copy[4096];
	char where[64];
	size_t len = a_recording(data, sizeof(data), true);
	struct why w;
	size_t i;

	(void)state;
	snprintf(where, sizeof(where), "corrupt at offset %zu: ", at);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memcpy(copy, data, len);
		copy[at + bad[i].offset] = bad[i].value;
		assert_int_equal(read_all(copy, len, &w), -EBADMSG);
		if (!strstr(w.text, where) || !strstr(w.text, bad[i].words))
			fail_msg("%zu: '%s'", i, w.text);
		assert_int_equal(in.records, 1);
	}
	memcpy(data + len, data, 64);
	assert_int_equal(read_all(data, len + 64, &w), -EBADMSG);
	assert_non_null(strstr(w.text, "something follows the end"));
}

static void a_bad_header(void **state)
{
	static const struct {
		size_t		offset;
		uint8_t		value;
		const char	*words;
	} bad[] = {
		{ 0, 'X', "no tcpfsm recording" },
		{ offsetof(struct record_head, order), 9, "byte order" },
		{ offsetof(struct record_head, version), 2, "version 2" },
		{ offsetof(struct record_head, size), 7, "bad size of the header" },
	};
	uint8_t data[4096];
	uint8_t copy[4096];
	size_t len = a_recording(data, sizeof(data), true);
	uint32_t other = __builtin_bswap32(RECORD_ORDER);
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memcpy(copy, data, len);
		copy[bad[i].offset] = bad[i].value;
		assert_int_equal(read_all(copy, len, &w), -EINVAL);
		if (!strstr(w.text, bad[i].words))
			fail_msg("%zu: '%s'", i, w.text);
	}
	memcpy(data + offsetof(struct record_head, order), &other, sizeof(other));
	assert_int_equal(read_all(data, len, &w), -EINVAL);
	assert_non_null(strstr(w.text, "another byte order"));
}

/* A newer module's records, and a newer tool's header */
static void newer_ones(void **state)
{
	uint8_t data[4096] = { 0 };
	size_t len = a_recording(data, sizeof(data), true);
	struct tcpfsm_rec rec = { .size = 32, .kind = 99 };
	struct record_head head;
	struct record_end end;
	struct why w;

	(void)state;
	memmove(data + sizeof(head) + 48, data + sizeof(head), len - sizeof(head));
	memcpy(&head, data, sizeof(head));
	head.size += 16;
	memcpy(data, &head, sizeof(head));
	memcpy(data + head.size, &rec, sizeof(rec));
	len += 48;
	memcpy(&end, data + len - sizeof(end), sizeof(end));
	end.records++;
	memcpy(data + len - sizeof(end), &end, sizeof(end));
	assert_int_equal(read_all(data, len, &w), RECORDS + 1);
	assert_int_equal(in.unknown, 1);
}

static void a_span(void **state)
{
	struct tcpfsm_state_rec r[3];
	struct record_span span;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		a_state(&r[i], 3 - i);
	record_span(r, sizeof(r), &span);
	assert_int_equal(span.records, 3);
	assert_int_equal(span.len, sizeof(r));
	assert_int_equal(span.earliest, 1001);
	record_span(r, sizeof(r) - 1, &span);
	assert_int_equal(span.records, 2);
	r[2].rec.kind = TCPFSM_K_SKIPPED;
	record_span(r, sizeof(r), &span);
	assert_int_equal(span.records, 3);
	assert_int_equal(span.gaps, 1);
	assert_int_equal(span.index, 3);
	r[1].rec.size = 0;
	record_span(r, sizeof(r), &span);
	assert_int_equal(span.records, 1);
	record_span(r, 0, &span);
	assert_int_equal(span.records, 0);
}

/* A full disk: what is there is readable, and the error is told */
static void no_room(void **state)
{
	const struct record_head head = { 0 };
	struct tcpfsm_state_rec r;
	struct record_out o;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full)
		skip();
	a_state(&r, 0);
	assert_int_equal(record_out_init(&o, fileno(full), &head), 0);
	assert_int_equal(record_put(&o, &r, sizeof(r)), 0);
	assert_int_equal(record_flush(&o), -ENOSPC);
	assert_int_equal(record_flush(&o), -ENOSPC);
	record_out_free(&o);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written),
		cmocka_unit_test(cut_off_anywhere),
		cmocka_unit_test(alerts),
		cmocka_unit_test(a_corrupt_one),
		cmocka_unit_test(a_bad_header),
		cmocka_unit_test(newer_ones),
		cmocka_unit_test(a_span),
		cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
