// SPDX-License-Identifier: GPL-2.0
/* Netlink messages, good and bad, and the count of connections. */
#include <errno.h>
#include <stdlib.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "seen.h"
#include "stream.h"
#include "unit.h"

#define FAMILY	31

struct message {
	struct nlmsghdr		h;
	struct genlmsghdr	g;
	struct nlattr		index_attr;
	uint8_t			index[8];
	struct nlattr		until_attr;
	uint8_t			until[8];
	struct nlattr		records_attr;
	uint8_t			records[24];
};

static struct message a_message(void)
{
	const uint64_t index = 77, until = 1ULL << 40;
	struct message m = {
		.h = { .nlmsg_len = sizeof(m), .nlmsg_type = FAMILY },
		.g = { .cmd = TCPFSM_CMD_EVENTS, .version = 1 },
		.index_attr = { .nla_len = 12, .nla_type = TCPFSM_A_INDEX },
		.until_attr = { .nla_len = 12, .nla_type = TCPFSM_A_UNTIL },
		.records_attr = { .nla_len = 28, .nla_type = TCPFSM_A_RECORDS },
		.records = { 24 },
	};

	memcpy(m.index, &index, sizeof(index));
	memcpy(m.until, &until, sizeof(until));
	return m;
}

static void events(void **state)
{
	struct message m = a_message();
	struct batch b;

	(void)state;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), STREAM_BATCH);
	assert_true(b.has_index);
	assert_int_equal(b.index, 77);
	assert_true(b.until == 1ULL << 40);
	assert_int_equal(b.len, 24);
	assert_ptr_equal(b.records, m.records);
	m.g.cmd = TCPFSM_CMD_GET_STATS;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), STREAM_NOTHING);
	m.h.nlmsg_type = FAMILY + 1;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), STREAM_NOTHING);
}

static void malformed(void **state)
{
	struct message m = a_message();
	struct batch b;
	uint8_t *bytes;
	size_t len;

	(void)state;
	for (len = 1; len < sizeof(m); len++) {
		bytes = malloc(len);
		assert_non_null(bytes);
		memcpy(bytes, &m, len);
		assert_int_equal(stream_parse(bytes, len, FAMILY, &b), -EBADMSG);
		free(bytes);
	}
	m.index_attr.nla_type = 200;
	m.records_attr.nla_type = 201;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), -EBADMSG);
	m = a_message();
	m.index_attr.nla_len = 3;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), -EBADMSG);
}

static void unloaded(void **state)
{
	struct {
		struct nlmsghdr		h;
		struct genlmsghdr	g;
		struct nlattr		attr;
		uint16_t		id;
		uint16_t		pad;
	} m = {
		.h = { .nlmsg_len = sizeof(m), .nlmsg_type = GENL_ID_CTRL },
		.g = { .cmd = CTRL_CMD_DELFAMILY },
		.attr = { .nla_len = 6, .nla_type = CTRL_ATTR_FAMILY_ID },
		.id = FAMILY,
	};
	struct batch b;

	(void)state;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), STREAM_UNLOADED);
	m.id++;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), STREAM_NOTHING);
	m.id--;
	m.g.cmd = CTRL_CMD_NEWFAMILY;
	assert_int_equal(stream_parse(&m, sizeof(m), FAMILY, &b), STREAM_NOTHING);
}

static void show(struct seen *s, uint64_t cookie, unsigned int new_state)
{
	struct event ev = an_event();

	ev.id.cookie = cookie;
	ev.state = new_state;
	seen_show(s, &ev);
	seen_note(s, &ev);
}

static void connections(void **state)
{
	struct seen s = { 0 };
	uint64_t i;

	(void)state;
	show(&s, 1, TCPFSM_S_SYN_SENT);
	show(&s, 1, TCPFSM_S_ESTABLISHED);
	show(&s, 2, TCPFSM_S_SYN_RECEIVED);
	assert_int_equal(s.count, 2);
	show(&s, 1, TCPFSM_S_CLOSED);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.open.len, 1);
	/* the same socket, connected again */
	show(&s, 1, TCPFSM_S_SYN_SENT);
	assert_int_equal(s.count, 3);
	show(&s, 9, TCPFSM_S_LISTEN);
	show(&s, 9, TCPFSM_S_LISTEN);
	assert_int_equal(s.count, 3);
	/* only its end is shown */
	show(&s, 10, TCPFSM_S_CLOSED);
	assert_int_equal(s.count, 4);
	seen_free(&s);

	s = (struct seen){ 0 };
	for (i = 1; i <= 50000; i++)
		show(&s, i * 3, TCPFSM_S_SYN_SENT);
	for (i = 1; i <= 50000; i++)
		show(&s, i * 3, TCPFSM_S_ESTABLISHED);
	assert_int_equal(s.count, 50000);
	for (i = 1; i <= 50000; i += 2)
		show(&s, i * 3, TCPFSM_S_CLOSED);
	assert_int_equal(s.open.len, 25000);
	for (i = 2; i <= 50000; i += 2)
		show(&s, i * 3, TCPFSM_S_TIME_WAIT);
	assert_int_equal(s.count, 50000);
	for (i = 2; i <= 50000; i += 2)
		show(&s, i * 3, TCPFSM_S_CLOSED);
	assert_int_equal(s.open.len, 0);
	assert_int_equal(s.count, 50000);
	seen_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),
		cmocka_unit_test(malformed),
		cmocka_unit_test(unloaded),
		cmocka_unit_test(connections),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
