// SPDX-License-Identifier: GPL-2.0
/* Lines for people and for programs, byte by byte, and names that bite. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "outbuf.h"
#include "view.h"

/* 2025-11-20T21:54:01Z minus the second that events have */
#define WALL	1763675640000000000LL

static struct view view;

static int fresh(void **state)
{
	setenv("TZ", "UTC-2", 1);
	tzset();
	out_init(state);
	view_init(&view, 0);
	view.wall = WALL;
	return 0;
}

static void text_line(void **state)
{
	struct event ev = an_event();

	(void)state;
	text_header(&out, &view);
	text_event(&out, &view, &ev);
	assert_out("TIME         FLOW  PID    COMM         LADDR           LPORT RADDR           "
		   "RPORT OLDSTATE     -> NEWSTATE     MS       CAUSE\n"
		   "0.000000000  4f    812    curl         10.0.0.1        40512 10.0.0.2        "
		   "80    CLOSED       -> SYN_SENT     0.069    connect\n");
	ev.ts += 41210;
	ev.flags = 0;
	ev.cause = 57;
	ev.old_state = TCPFSM_S_UNKNOWN;
	ev.state = 99;
	text_event(&out, &view, &ev);
	assert_out("0.000041210  4f    -      -            10.0.0.1        40512 10.0.0.2        "
		   "80    -            -> state_99     -        cause 57\n");
}

static void text_wide(void **state)
{
	struct event ev = an_event();

	(void)state;
	view.wide = true;
	view.time_of_day = true;
	set_id(&ev.id, AF_INET6, "2001:db8:1111:2222:3333:4444:5555:6666", 1, "::1", 2);
	text_event(&out, &view, &ev);
	assert_out("23:54:01.000000 4f    6   4026531840 1000   812    curl         "
		   "2001:db8:1111:2222:3333:4444:5555:6666 1     ::1             2     "
		   "CLOSED       -> SYN_SENT     0.069    connect\n");
}

static void text_segment(void **state)
{
	static const char begin[] = "0.000000000  4f    -      -            10.0.0.1        40512 "
				    "10.0.0.2        80    SYN_SENT        ";
	struct event ev = a_segment();
	char want[512];

	(void)state;
	text_event(&out, &view, &ev);
	snprintf(want, sizeof(want), "%sin  [S.]     -        seq 3735928559 ack 1001 win 65160 "
		 "len 0\n", begin);
	assert_out(want);
	ev.seg.dir = TCPFSM_DIR_OUT;
	ev.seg.known |= TCPFSM_SEG_OPTIONS | TCPFSM_SEG_MSS | TCPFSM_SEG_SACK_OK | TCPFSM_SEG_TS |
			TCPFSM_SEG_TSVAL | TCPFSM_SEG_WSCALE | TCPFSM_SEG_COOKIE |
			TCPFSM_SEG_RETRANS;
	ev.seg.mss = 1460;
	ev.seg.tsval = 99;
	ev.seg.wscale = 7;
	ev.seg.retrans = 1;
	ev.seg.fate = TCPFSM_FATE_COOKIE;
	text_event(&out, &view, &ev);
	snprintf(want, sizeof(want), "%sout [S.]     -        seq 3735928559 ack 1001 win 65160 "
		 "len 0 <mss 1460,sackOK,TS val 99,wscale 7,Fast Open cookie?> retransmission 1 "
		 "(SYN cookie)\n", begin);
	assert_out(want);
	/* nothing is known but the flags: nothing is invented, no blank at the end */
	ev.seg.known = 0;
	ev.seg.fate = TCPFSM_FATE_NONE;
	text_event(&out, &view, &ev);
	snprintf(want, sizeof(want), "%sout [S.]     -\n", begin);
	assert_out(want);
	ev.seg.known = TCPFSM_SEG_OPTIONS;
	text_event(&out, &view, &ev);
	snprintf(want, sizeof(want), "%sout [S.]     -        <none>\n", begin);
	assert_out(want);
}

static void segment_flags(void **state)
{
	static const struct {
		unsigned int	flags;
		const char	*shown;
	} rows[] = {
		{ 0, "[none]" }, { TCPFSM_TH_SYN, "[S]" },
		{ TCPFSM_TH_FIN | TCPFSM_TH_ACK, "[F.]" }, { TCPFSM_TH_ACK, "[.]" },
		{ TCPFSM_TH_RST, "[R]" }, { TCPFSM_TH_RST | TCPFSM_TH_ACK, "[R.]" },
		{ TCPFSM_TH_FIN | TCPFSM_TH_PSH | TCPFSM_TH_URG, "[FPU]" },
		{ 0xff, "[FSRP.U]" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		text_flags(&out, rows[i].flags);
		assert_out(rows[i].shown);
	}
}

static void text_loss(void **state)
{
	struct event ev = {
		.kind = TCPFSM_K_LOST, .ts = 5, .count = 1, .cpu = 3, .where = TCPFSM_W_RING,
	};

	(void)state;
	text_event(&out, &view, &ev);
	assert_out("0.000000000  lost 1 event: ring of processor 3 was full\n");
	ev.cpu = EVENT_CPU_UNKNOWN;
	ev.where = EVENT_W_NETLINK;
	ev.count = 20;
	ev.ts = 3;
	text_event(&out, &view, &ev);
	assert_out("-0.000000002 lost 20 events: netlink, read too slowly\n");
}

/* The listener of nginx, flooded */
static struct event a_flood(void)
{
	struct event ev = {
		.kind = TCPFSM_K_FLOOD, .flags = TCPFSM_F_SINCE, .state = TCPFSM_S_LISTEN,
		.alert = TCPFSM_ALERT_BEGIN, .ts = 1000000000, .cpu = 1, .seq = 7,
		.flood = { .total = 900, .syns = 900, .completed = 3, .half_open = 256,
			   .sources = 870 },
	};

	set_id(&ev.id, AF_INET, "10.0.0.1", 80, "0.0.0.0", 0);
	return ev;
}

static struct event a_stuck(void)
{
	struct event ev = an_event();

	ev.kind = TCPFSM_K_STUCK;
	ev.flags = TCPFSM_F_OWNER;
	ev.bound = true;
	ev.alert = TCPFSM_ALERT_BEGIN;
	ev.state = TCPFSM_S_CLOSE_WAIT;
	ev.cause = TCPFSM_C_RCV_FIN;
	ev.ns = 60000123000;
	ev.count = 60000;
	return ev;
}

static void text_stuck(void **state)
{
	struct event ev = a_stuck();

	(void)state;
	text_event(&out, &view, &ev);
	assert_out("0.000000000  4f    812    curl         10.0.0.1        40512 10.0.0.2        "
		   "80    CLOSE_WAIT   ** STUCK        >60000.123 FIN received; longer than 1m\n");
	ev.alert = TCPFSM_ALERT_END;
	ev.cause = TCPFSM_C_CLOSE;
	ev.flags |= TCPFSM_F_SINCE;
	ev.bound = false;
	text_event(&out, &view, &ev);
	assert_out("0.000000000  4f    812    curl         10.0.0.1        40512 10.0.0.2        "
		   "80    CLOSE_WAIT   ** stuck, ended 60000.123  close\n");
	ev.cause = TCPFSM_C_UNKNOWN;
	text_event(&out, &view, &ev);
	assert_out("0.000000000  4f    812    curl         10.0.0.1        40512 10.0.0.2        "
		   "80    CLOSE_WAIT   ** stuck, ended 60000.123  accepted, or its threshold was "
		   "changed\n");
	ev.alert = TCPFSM_ALERT_BEGIN;
	text_event(&out, &view, &ev);
	buf_char(&out, '\0');
	assert_non_null(strstr(out.data, "unknown; longer than 1m\n"));
	out.len = 0;
	ev.alert = 77;
	ev.cause = 300;
	text_event(&out, &view, &ev);
	buf_char(&out, '\0');
	assert_non_null(strstr(out.data, "** stuck?       60000.123  cause 300; longer than 1m\n"));
	out.len = 0;
}

static void text_flood(void **state)
{
	struct event ev = a_flood();

	(void)state;
	text_event(&out, &view, &ev);
	assert_out("0.000000000  4f    -      -            10.0.0.1        80    0.0.0.0         "
		   "0     LISTEN       ** FLOOD        0.000    900 SYNs from about 870 addresses, "
		   "3 completed; 256 half-open now\n");
	ev.alert = TCPFSM_ALERT_END;
	ev.ns = 2500000000;
	ev.flood.total = 5000000000;
	ev.flags |= TCPFSM_F_OWNER;
	set_owner(&ev.owner, "nginx");
	text_event(&out, &view, &ev);
	assert_out("0.000000000  4f    812    nginx        10.0.0.1        80    0.0.0.0         "
		   "0     LISTEN       ** flood, ended 2500.000 900 SYNs from about 870 addresses, "
		   "3 completed; 5000000000 in all, 2000000000 a second, 256 half-open now\n");
}

static void text_left_out(void **state)
{
	struct event ev = {
		.kind = TCPFSM_K_SKIPPED, .ts = 5, .cpu = 1, .skipped = { 1000, 0, 200, 1 },
	};

	(void)state;
	text_event(&out, &view, &ev);
	assert_out("0.000000000  left out 1201 segments: 1000 SYNs thrown away as a queue was "
		   "full, 200 refused and their RSTs, 1 dropped or challenged\n");
	ev = (struct event){ .kind = TCPFSM_K_SKIPPED, .ts = 5, .skipped = { 0, 1 } };
	text_event(&out, &view, &ev);
	assert_out("0.000000000  left out 1 segment: 1 of SYN cookies\n");
	/* a listener is no event */
	ev.kind = TCPFSM_K_LISTENER;
	text_event(&out, &view, &ev);
	json_event(&out, &view, &ev);
	assert_out("");
}

static void text_illegal(void **state)
{
	struct event ev = a_segment();

	(void)state;
	ev.seg.known |= TCPFSM_SEG_ILLEGAL;
	ev.seg.fate = TCPFSM_FATE_DROPPED;
	text_event(&out, &view, &ev);
	assert_out("0.000000000  4f    -      -            10.0.0.1        40512 10.0.0.2        "
		   "80    SYN_SENT     ** in  [S.]     -        seq 3735928559 ack 1001 win 65160 "
		   "len 0 (dropped) ILLEGAL\n");
}

static void text_flow_age(void **state)
{
	struct event ev = an_event();

	(void)state;
	ev.kind = TCPFSM_K_FLOW;
	ev.flags = 0;
	ev.bound = true;
	text_flow(&out, &view, &ev);
	assert_out("4f    -      -            10.0.0.1        40512 10.0.0.2        80    "
		   "SYN_SENT     >0.069   connect\n");
}

static void text_hostile_names(void **state)
{
	static const struct {
		const char *name;
		const char *shown;
	} names[] = {
		{ "\033[31mred\033[0m", "?[31mred?[0m" },
		{ "a\nb\rc\td", "a?b?c?d" },
		{ "\177\200\377", "???" },
		{ "\302\23331m", "?31m" },			/* C1: CSI in UTF-8 */
		{ "\342\200\256txt", "?txt" },		/* right-to-left override */
		{ "na\303\257ve", "na\303\257ve" },
		{ "\346\227\245\346\234\254", "\346\227\245\346\234\254" },
		{ "cut\346\227", "cut??" },
		{ "\300\257\355\240\200", "?????" },		/* overlong, surrogate */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		text_safe(&out, names[i].name, strlen(names[i].name));
		assert_out(names[i].shown);
	}
}

static void json_state(void **state)
{
	struct event ev = an_event();

	(void)state;
	json_event(&out, &view, &ev);
	assert_out("{\"event\":\"state\",\"ts\":1000000000,"
		   "\"time\":\"2025-11-20T21:54:01.000000000Z\",\"flow\":\"4f\","
		   "\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.1\",\"lport\":40512,"
		   "\"raddr\":\"10.0.0.2\",\"rport\":80,\"old\":\"CLOSED\",\"new\":\"SYN_SENT\","
		   "\"cause\":\"connect\",\"ns_in_old\":69874,\"pid\":812,\"comm\":\"curl\","
		   "\"uid\":1000,\"retrans\":null,\"cpu\":1,\"seq\":7}\n");
	ev.flags = TCPFSM_F_PREEXISTING | TCPFSM_F_UNTRACKED | TCPFSM_F_ORPHAN |
		   TCPFSM_F_INHERITED;
	ev.old_state = TCPFSM_S_UNKNOWN;
	ev.cause = 300;
	ev.ts = 1999999999;
	set_id(&ev.id, AF_INET6, "::ffff:10.0.0.1", 1, "fe80::1", 2);
	json_event(&out, &view, &ev);
	assert_out("{\"event\":\"state\",\"ts\":1999999999,"
		   "\"time\":\"2025-11-20T21:54:01.999999999Z\",\"flow\":\"4f\","
		   "\"netns\":4026531840,\"family\":6,\"laddr\":\"::ffff:10.0.0.1\",\"lport\":1,"
		   "\"raddr\":\"fe80::1\",\"rport\":2,\"old\":null,\"new\":\"SYN_SENT\","
		   "\"cause\":\"cause 300\",\"ns_in_old\":null,\"pid\":null,\"comm\":null,"
		   "\"uid\":null,\"preexisting\":true,\"untracked\":true,\"orphan\":true,"
		   "\"owner_inherited\":true,\"retrans\":null,\"cpu\":1,\"seq\":7}\n");
	ev = an_event();
	ev.flags = TCPFSM_F_RETRANS;
	ev.count = 15;
	json_event(&out, &view, &ev);
	buf_char(&out, '\0');
	assert_non_null(strstr(out.data, ",\"retrans\":15,"));
	out.len = 0;
}

#define SEGMENT_BEGIN "{\"event\":\"segment\",\"ts\":1000000000," \
		      "\"time\":\"2025-11-20T21:54:01.000000000Z\","
#define SEGMENT_ID "\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.1\",\"lport\":40512," \
		   "\"raddr\":\"10.0.0.2\",\"rport\":80,"

static void json_segment(void **state)
{
	struct event ev = a_segment();

	(void)state;
	json_event(&out, &view, &ev);
	assert_out(SEGMENT_BEGIN "\"flow\":\"4f\"," SEGMENT_ID
		   "\"dir\":\"in\",\"flags\":\"[S.]\",\"seq\":3735928559,\"ack\":1001,\"win\":65160,"
		   "\"len\":0,\"mss\":null,\"wscale\":null,\"sack_ok\":null,\"ts_ok\":null,"
		   "\"tsval\":null,\"tsecr\":null,\"cookie_len\":null,\"retrans\":null,"
		   "\"state\":\"SYN_SENT\",\"fate\":null,\"cpu\":1,\"record\":7}\n");
	ev.id.cookie = 0;
	ev.seg.dir = TCPFSM_DIR_OUT;
	ev.seg.known = TCPFSM_SEG_OPTIONS | TCPFSM_SEG_MSS | TCPFSM_SEG_WSCALE |
		       TCPFSM_SEG_SACK_OK | TCPFSM_SEG_COOKIE | TCPFSM_SEG_RETRANS;
	ev.seg.mss = 1460;
	ev.seg.wscale = 7;
	ev.seg.cookie_len = 8;
	ev.seg.retrans = 2;
	ev.seg.fate = TCPFSM_FATE_COOKIE;
	json_event(&out, &view, &ev);
	assert_out(SEGMENT_BEGIN "\"flow\":null," SEGMENT_ID
		   "\"dir\":\"out\",\"flags\":\"[S.]\",\"seq\":null,\"ack\":null,\"win\":null,"
		   "\"len\":null,\"mss\":1460,\"wscale\":7,\"sack_ok\":true,\"ts_ok\":false,"
		   "\"tsval\":null,\"tsecr\":null,\"cookie_len\":8,\"retrans\":2,"
		   "\"state\":\"SYN_SENT\",\"fate\":\"SYN cookie\",\"cpu\":1,\"record\":7}\n");
}

#define ALERT_BEGIN(what) "{\"event\":\"alert\",\"alert\":\"" what "\""
#define ALERT_TIME ",\"ts\":1000000000,\"time\":\"2025-11-20T21:54:01.000000000Z\","

static void json_alerts(void **state)
{
	struct event ev = a_stuck();

	(void)state;
	json_event(&out, &view, &ev);
	assert_out(ALERT_BEGIN("stuck") ",\"phase\":\"begin\"" ALERT_TIME "\"flow\":\"4f\","
		   SEGMENT_ID "\"pid\":812,\"comm\":\"curl\",\"uid\":1000,"
		   "\"state\":\"CLOSE_WAIT\",\"age_ns\":60000123000,"
		   "\"age_is_lower_bound\":true,\"cause\":\"FIN received\","
		   "\"threshold_ms\":60000,\"cpu\":1,\"record\":7}\n");
	ev = a_flood();
	ev.alert = TCPFSM_ALERT_GOES_ON;
	ev.ns = 1000000000;
	json_event(&out, &view, &ev);
	assert_out(ALERT_BEGIN("flood") ",\"phase\":\"goes-on\"" ALERT_TIME "\"flow\":\"4f\","
		   "\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.1\",\"lport\":80,"
		   "\"raddr\":\"0.0.0.0\",\"rport\":0,\"pid\":null,\"comm\":null,\"uid\":null,"
		   "\"duration_ns\":1000000000,\"syns\":900,\"completed\":3,\"sources\":870,"
		   "\"half_open\":256,\"syns_total\":900,\"syns_per_second\":900,\"cpu\":1,"
		   "\"record\":7}\n");
	ev.alert = 99;
	ev.ns = 0;
	json_event(&out, &view, &ev);
	buf_char(&out, '\0');
	assert_non_null(strstr(out.data, "\"phase\":\"unknown\""));
	assert_non_null(strstr(out.data, "\"syns_per_second\":null"));
	out.len = 0;
	ev = (struct event){
		.kind = TCPFSM_K_SKIPPED, .ts = 1000000000, .cpu = 1, .seq = 7,
		.skipped = { 4, 3, 2, 1 },
	};
	json_event(&out, &view, &ev);
	assert_out(ALERT_BEGIN("skipped") ALERT_TIME "\"count\":10,\"syn\":4,\"cookie\":3,"
		   "\"refused\":2,\"dropped\":1,\"cpu\":1,\"record\":7}\n");
}

static void json_illegal(void **state)
{
	struct event ev = a_segment();

	(void)state;
	ev.seg.known |= TCPFSM_SEG_ILLEGAL;
	json_event(&out, &view, &ev);
	buf_char(&out, '\0');
	assert_non_null(strstr(out.data, "{\"event\":\"segment\","));
	assert_non_null(strstr(out.data, ",\"fate\":null,\"illegal\":true,\"cpu\":1"));
	out.len = 0;
	view.alerts = true;
	json_event(&out, &view, &ev);
	buf_char(&out, '\0');
	assert_non_null(strstr(out.data, ALERT_BEGIN("illegal") ALERT_TIME "\"flow\":\"4f\","));
	assert_non_null(strstr(out.data, "\"rport\":80,\"pid\":null,"));
	out.len = 0;
}

static void json_others(void **state)
{
	struct event ev = an_event();
	const struct tally t = {
		.ts = 2000000000, .duration = 3, .events = 4, .connections = 5, .lost = 13,
		.lost_ring = 6, .lost_netlink = 7, .late = 8, .malformed = 9, .skipped = 10,
	};

	(void)state;
	ev.kind = TCPFSM_K_FLOW;
	json_event(&out, &view, &ev);
	assert_out("{\"event\":\"flow\",\"ts\":1000000000,"
		   "\"time\":\"2025-11-20T21:54:01.000000000Z\",\"flow\":\"4f\","
		   "\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.1\",\"lport\":40512,"
		   "\"raddr\":\"10.0.0.2\",\"rport\":80,\"state\":\"SYN_SENT\","
		   "\"cause\":\"connect\",\"ns_in_state\":69874,\"age_ns\":69874,\"pid\":812,\"comm\":\"curl\","
		   "\"uid\":1000}\n");
	ev = (struct event){ .kind = TCPFSM_K_LOST, .count = 3, .where = TCPFSM_W_RING, .cpu = 1 };
	json_event(&out, &view, &ev);
	assert_out("{\"event\":\"lost\",\"ts\":0,\"time\":\"2025-11-20T21:54:00.000000000Z\","
		   "\"count\":3,\"where\":\"ring\",\"cpu\":1}\n");
	ev.cpu = EVENT_CPU_UNKNOWN;
	ev.where = EVENT_W_NETLINK;
	json_event(&out, &view, &ev);
	assert_out("{\"event\":\"lost\",\"ts\":0,\"time\":\"2025-11-20T21:54:00.000000000Z\","
		   "\"count\":3,\"where\":\"netlink\"}\n");
	json_tally(&out, &view, &t);
	assert_out("{\"event\":\"summary\",\"ts\":2000000000,"
		   "\"time\":\"2025-11-20T21:54:02.000000000Z\",\"duration_ns\":3,\"events\":4,"
		   "\"connections\":5,\"lost\":13,\"lost_ring\":6,\"lost_netlink\":7,\"skipped\":10,"
		   "\"late\":8,\"malformed\":9}\n");
}

static void json_hostile_names(void **state)
{
	static const struct {
		const char *name;
		const char *shown;
	} names[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t\001\037", "\"\\u0008\\u000c\\u000a\\u000d\\u0009\\u0001\\u001f\"" },
		{ "\177\302\233", "\"\\u007f\\u009b\"" },
		{ "\377\376", "\"\\ufffd\\ufffd\"" },
		{ "na\303\257ve", "\"na\303\257ve\"" },
		{ "\360\237\220\247", "\"\360\237\220\247\"" },
		{ "cut\360\237\220", "\"cut\\ufffd\\ufffd\\ufffd\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		json_string(&out, names[i].name, strlen(names[i].name));
		assert_out(names[i].shown);
	}
}

static void summary(void **state)
{
	struct tally t = { .duration = 1234567890, .events = 1, .connections = 2 };

	(void)state;
	text_tally(&out, &t);
	assert_out("1 event, 2 connections, 0 lost in 1.234 s\n");
	t = (struct tally){ .events = 2, .connections = 1, .lost = 9, .late = 3, .malformed = 1,
		.skipped = 7 };
	text_tally(&out, &t);
	assert_out("2 events, 1 connection, 9 lost in 0.000 s, 7 segments left out, "
		   "3 out of order, 1 malformed messages\n");
}

static void numbers(void **state)
{
	(void)state;
	buf_dec(&out, 0);
	buf_char(&out, ' ');
	buf_dec(&out, UINT64_MAX);
	buf_char(&out, ' ');
	buf_hex(&out, 0);
	buf_char(&out, ' ');
	buf_hex(&out, UINT64_MAX);
	buf_char(&out, ' ');
	buf_dec_pad(&out, 7, 3);
	assert_out("0 18446744073709551615 0 ffffffffffffffff 007");
}

/* A text that is longer than its column, and more than any memory holds */
static void columns(void **state)
{
	(void)state;
	buf_str(&out, "ab");
	buf_fill(&out, 1);
	buf_str(&out, "cde");
	buf_fill(&out, 2 - (size_t)3);
	buf_fill(&out, 0);
	assert_out("ab cde");
	assert_int_equal(out.err, 0);
	buf_fill(&out, SSIZE_MAX);
	assert_int_equal(out.err, ENOMEM);
	assert_int_equal(out.len, 0);
}

static void grows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 3 * BUF_ENOUGH; i++)
		buf_char(&out, 'a' + i % 26);
	assert_int_equal(out.len, 3 * BUF_ENOUGH);
	for (i = 0; i < out.len; i++)
		assert_int_equal(out.data[i], 'a' + i % 26);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, out_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_line),
		TEST(text_wide),
		TEST(text_segment),
		TEST(segment_flags),
		TEST(text_loss),
		TEST(text_stuck),
		TEST(text_flood),
		TEST(text_left_out),
		TEST(text_illegal),
		TEST(text_flow_age),
		TEST(text_hostile_names),
		TEST(json_state),
		TEST(json_segment),
		TEST(json_alerts),
		TEST(json_illegal),
		TEST(json_others),
		TEST(json_hostile_names),
		TEST(summary),
		TEST(numbers),
		TEST(columns),
		TEST(grows),
	};

	return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
