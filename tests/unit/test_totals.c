// SPDX-License-Identifier: GPL-2.0
/* Totals and listeners as they are shown: what fits, and bounds that hold. */
#include <stdlib.h>

#include "outbuf.h"
#include "queues.h"
#include "totals.h"

static struct view view;

static int fresh(void **state)
{
	out_init(state);
	view_init(&view, 0);
	return 0;
}

static void matrix(void **state)
{
	struct tcpnl_totals t = { 0 };

	(void)state;
	t.matrix[TCPFSM_S_CLOSED][TCPFSM_S_SYN_SENT] = 999999;
	t.matrix[TCPFSM_S_LISTEN][TCPFSM_S_SYN_RECEIVED] = 1234567;
	t.matrix[TCPFSM_S_SYN_SENT][TCPFSM_S_ESTABLISHED] = 3;
	t.matrix[TCPFSM_S_SYN_RECEIVED][TCPFSM_S_CLOSED] = 1;
	matrix_text(&out, &t);
	assert_out("FROM / TO    CLOSED SYN_S  SYN_R  ESTAB\n"
		   "CLOSED       .      999999 .      .\n"
		   "LISTEN       .      .      1.23M  .\n"
		   "SYN_SENT     .      .      .      3\n"
		   "SYN_RECEIVED 1      .      .      .\n");
	memset(&t, 0, sizeof(t));
	matrix_text(&out, &t);
	assert_out("FROM / TO\n");
	t.matrix[TCPFSM_S_UNKNOWN][15] = 2;
	t.matrix[15][TCPFSM_S_UNKNOWN] = 2;
	matrix_text(&out, &t);
	assert_out("FROM / TO    ?      NEWER\n"
		   "unknown      .      2\n"
		   "state_15     2      .\n");
	matrix_json(&out, &view, &t);
	assert_has("{\"event\":\"transitions\",");
	assert_has(",\"old\":null,\"new\":\"state_15\",\"count\":2}\n");
	assert_has(",\"old\":\"state_15\",\"new\":null,\"count\":2}\n");
}

/* All states, large numbers: it is to be read on 100 columns. */
static void matrix_fits(void **state)
{
	struct tcpnl_totals t;
	const char *line, *end;
	size_t i, j;

	(void)state;
	for (i = 0; i <= TCPFSM_S_MAX; i++)
		for (j = 0; j <= TCPFSM_S_MAX; j++)
			t.matrix[i][j] = UINT64_MAX >> (5 * i);
	for (; i < TCPNL_STATES; i++)
		memset(t.matrix[i], 0, sizeof(t.matrix[i]));
	for (i = 0; i <= TCPFSM_S_MAX; i++)
		for (j = TCPFSM_S_MAX + 1; j < TCPNL_STATES; j++)
			t.matrix[i][j] = 0;
	matrix_text(&out, &t);
	buf_char(&out, '\0');
	for (line = out.data; (end = strchr(line, '\n')) != NULL; line = end + 1)
		assert_in_range(end - line, 80, 100);
}

static void counts(void **state)
{
	static const struct {
		uint64_t	n;
		const char	*text;
	} rows[] = {
		{ 0, "0" }, { 999999, "999999" }, { 1000000, "1.00M" }, { 9994999, "9.99M" },
		{ 9999999, "10.0M" }, { 99999999, "100M" }, { 999499999, "999M" },
		{ 999999999, "1.00G" }, { 1234567890123ULL, "1.23T" },
		{ UINT64_MAX, "18.4E" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		text_count(&out, rows[i].n);
		assert_out(rows[i].text);
	}
}

static void ranks(void **state)
{
	uint64_t times[TCPNL_TIMES] = { 0 };

	(void)state;
	assert_int_equal(times_rank(times, 50), -1);
	times[7] = 1;
	assert_int_equal(times_rank(times, 50), 7);
	assert_int_equal(times_rank(times, 100), 7);
	/* 98 short ones, 2 long ones: the 99th of 100 is long, the 98th is not */
	times[7] = 98;
	times[20] = 2;
	assert_int_equal(times_rank(times, 50), 7);
	assert_int_equal(times_rank(times, 98), 7);
	assert_int_equal(times_rank(times, 99), 20);
	/* the upper of two is no median: half of them are no longer than the lower one */
	memset(times, 0, sizeof(times));
	times[3] = 1;
	times[5] = 1;
	assert_int_equal(times_rank(times, 50), 3);
	assert_int_equal(times_rank(times, 51), 5);
	/* numbers no product may pass */
	memset(times, 0, sizeof(times));
	times[0] = 1ULL << 62;
	times[39] = 1ULL << 61;
	assert_int_equal(times_rank(times, 50), 0);
	assert_int_equal(times_rank(times, 99), 39);
	assert_true(times_below(39) == TOTALS_ENDLESS);
	assert_int_equal(times_below(0), 1000);
	assert_int_equal(times_below(10), 1024000);
}

static void times(void **state)
{
	struct tcpnl_totals t = { 0 };

	(void)state;
	t.times[TCPFSM_S_SYN_SENT][7] = 98;
	t.times[TCPFSM_S_SYN_SENT][21] = 2;
	t.times[TCPFSM_S_CLOSE_WAIT][0] = 1;
	t.times[TCPFSM_S_TIME_WAIT][26] = 1000000;
	t.times[TCPFSM_S_TIME_WAIT][39] = 1000000;
	times_text(&out, &t);
	assert_out("STATE        COUNT   MEDIAN   P99      MAX\n"
		   "SYN_SENT     100     <128us   <2.1s    <2.1s\n"
		   "CLOSE_WAIT   1       <1us     <1us     <1us\n"
		   "TIME_WAIT    2.00M   <1.1m    >=76h    >=76h\n");
	memset(t.times[TCPFSM_S_SYN_SENT], 0, sizeof(t.times[0]));
	times_json(&out, &view, &t);
	assert_has("\"state\":\"CLOSE_WAIT\",\"count\":1,\"median_from_ns\":0,"
		   "\"median_below_ns\":1000,\"p99_from_ns\":0,\"p99_below_ns\":1000,"
		   "\"max_from_ns\":0,\"max_below_ns\":1000,\"histogram\":[1]}\n");
	assert_has("\"median_from_ns\":33554432000,\"median_below_ns\":67108864000,"
		   "\"p99_from_ns\":274877906944000,\"p99_below_ns\":null,");
	assert_has(",0,1000000]}\n");
}

/* A machine that serves and asks; what the graph looks like is in golden/totals.dot. */
static void graph(void **state)
{
	static const struct {
		uint8_t		old, new;
		uint64_t	count;
	} rows[] = {
		{ TCPFSM_S_CLOSED, TCPFSM_S_LISTEN, 3 },
		{ TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, 1200 },
		{ TCPFSM_S_LISTEN, TCPFSM_S_SYN_RECEIVED, 1234567 },
		{ TCPFSM_S_LISTEN, TCPFSM_S_CLOSED, 1 },
		{ TCPFSM_S_SYN_SENT, TCPFSM_S_ESTABLISHED, 1190 },
		{ TCPFSM_S_SYN_SENT, TCPFSM_S_CLOSED, 10 },
		{ TCPFSM_S_SYN_RECEIVED, TCPFSM_S_ESTABLISHED, 1234500 },
		{ TCPFSM_S_SYN_RECEIVED, TCPFSM_S_CLOSED, 67 },
		{ TCPFSM_S_ESTABLISHED, TCPFSM_S_FIN_WAIT_1, 1200 },
		{ TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSE_WAIT, 1234000 },
		{ TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSED, 40 },
		{ TCPFSM_S_FIN_WAIT_1, TCPFSM_S_FIN_WAIT_2, 1180 },
		{ TCPFSM_S_FIN_WAIT_1, TCPFSM_S_CLOSING, 5 },
		{ TCPFSM_S_FIN_WAIT_1, TCPFSM_S_TIME_WAIT, 15 },
		{ TCPFSM_S_FIN_WAIT_2, TCPFSM_S_TIME_WAIT, 1180 },
		{ TCPFSM_S_CLOSING, TCPFSM_S_TIME_WAIT, 5 },
		{ TCPFSM_S_TIME_WAIT, TCPFSM_S_CLOSED, 1100 },
		{ TCPFSM_S_CLOSE_WAIT, TCPFSM_S_LAST_ACK, 1233990 },
		{ TCPFSM_S_LAST_ACK, TCPFSM_S_CLOSED, 1233989 },
	};
	struct tcpnl_totals t = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		t.matrix[rows[i].old][rows[i].new] = rows[i].count;
		t.times[rows[i].old][5 + i] += rows[i].count;
	}
	totals_dot(&out, &t);
	buf_char(&out, '\0');
	assert_golden("totals.dot", out.data);
	/* a newer module's states, and none at all */
	out.len = 0;
	memset(&t, 0, sizeof(t));
	totals_dot(&out, &t);
	assert_has("0 transitions since");
	t.matrix[TCPFSM_S_UNKNOWN][15] = 1;
	out.len = 0;
	totals_dot(&out, &t);
	assert_has("\ts0 -> s15 [label=\" 1\"");
	assert_has("\ts15 [label=\"state_15\"");
	assert_has("\\n1 transition since");
}

static void causes(void **state)
{
	struct tcpnl_totals t = { 0 };

	(void)state;
	t.causes[TCPFSM_C_UNKNOWN] = 1000;
	t.causes[TCPFSM_C_CONNECT] = 5;
	t.causes[TCPFSM_C_CLOSE] = 50;
	t.causes[TCPFSM_C_EXIT] = 5;
	t.causes[63] = 7;
	causes_text(&out, &t);
	assert_out("COUNT        CAUSE\n"
		   "50           close\n"
		   "7            cause 63\n"
		   "5            connect\n"
		   "5            process exit\n"
		   "1000         unknown\n");
	causes_json(&out, &view, &t);
	assert_has(",\"cause\":\"process exit\",\"count\":5}\n{\"event\":\"causes\",");
	assert_has(",\"cause\":\"unknown\",\"count\":1000}\n");
}

static struct event a_listener(struct tcpfsm_listener *l)
{
	struct event ev = {
		.kind = TCPFSM_K_LISTENER, .flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE,
		.state = TCPFSM_S_LISTEN, .ns = 77,
	};

	set_id(&ev.id, AF_INET, "0.0.0.0", 80, "0.0.0.0", 0);
	set_owner(&ev.owner, "nginx");
	*l = (struct tcpfsm_listener){
		.syns = 12345, .completed = 12000, .accepted = 4, .accept_ns = 10000000,
		.accept_max_ns = 5000123, .half_open_peak = 256, .waiting = 3, .waiting_peak = 9,
	};
	return ev;
}

static void listener(void **state)
{
	const struct listener_queue no = { 0 };
	const struct listener_queue q = { .known = true, .waiting = 2, .limit = 511 };
	struct tcpfsm_listener l;
	struct event ev = a_listener(&l);

	(void)state;
	listeners_header(&out, &view);
	listener_text(&out, &view, &ev, &l, &no);
	assert_out("LADDR           LPORT PID    COMM         HALFOPEN    WAITING        SYNS     "
		   "OPENED   ACCEPTED WAIT-MS\n"
		   "0.0.0.0         80    812    nginx        0/256       3/9            12345    "
		   "12000    4        2.500/5.000\n");
	l.accepted = 0;
	l.syn_drops = 200;
	l.accept_drops = 10;
	l.synack_retrans = 40;
	l.expired = 3;
	l.cookies_sent = 5000000;
	l.cookies_ok = 1;
	l.cookies_bad = 2;
	l.floods = 1;
	l.flooded = 1;
	listener_text(&out, &view, &ev, &l, &q);
	assert_out("0.0.0.0         80    812    nginx        0/256       2/9 of 511     12345    "
		   "12000    0        -\n"
		   "  ** 200 dropped: SYN queue full or no route back, 10 dropped: accept queue full, "
		   "40 SYN,ACKs sent again, 3 expired half-open, 5.00M cookies sent, 1 cookies came "
		   "back, 2 bad cookies, 1 flood, FLOODED NOW\n");
	l = (struct tcpfsm_listener){ .flooded = 1 };
	ev.flags = 0;
	listener_text(&out, &view, &ev, &l, &no);
	assert_out("0.0.0.0         80    -      -            0/0         0/0            0        "
		   "0        0        -\n"
		   "  ** FLOODED NOW\n");
}

static void listener_as_json(void **state)
{
	const struct listener_queue q = { .known = true, .waiting = 2, .limit = 511 };
	const struct listener_queue no = { 0 };
	struct tcpfsm_listener l;
	struct event ev = a_listener(&l);

	(void)state;
	listener_json(&out, &view, &ev, &l, &q);
	assert_has("{\"event\":\"listener\",");
	assert_has("\"rport\":0,\"pid\":812,\"comm\":\"nginx\",\"uid\":1000,\"age_ns\":77,"
		   "\"half_open\":0,\"half_open_peak\":256,\"waiting\":3,\"waiting_peak\":9,"
		   "\"queue\":2,\"queue_limit\":511,\"syns\":12345,\"completed\":12000,"
		   "\"synack_retrans\":0,\"expired\":0,\"syn_drops\":0,\"accept_drops\":0,"
		   "\"cookies_sent\":0,\"cookies_ok\":0,\"cookies_bad\":0,\"accepted\":4,"
		   "\"accept_ns\":10000000,\"accept_max_ns\":5000123,\"floods\":0,"
		   "\"flooded\":false}\n");
	out.len = 0;
	listener_json(&out, &view, &ev, &l, &no);
	assert_has("\"queue\":null,\"queue_limit\":null,");
}

/* By namespace, port, age, and each once however many there are */
static void sorted(void **state)
{
	struct listener_list list = { 0 };
	struct tcpfsm_listener l;
	struct event ev = a_listener(&l);
	size_t i;

	(void)state;
	listeners_sort(&list);
	for (i = 0; i < 200; i++) {
		ev.id.cookie = 1000 - i;
		ev.id.lport = htons(1 + i % 5 * 256);
		ev.id.netns = i % 2 ? 7 : UINT32_MAX;
		assert_int_equal(listeners_add(&list, &ev, &l), 0);
	}
	listeners_sort(&list);
	assert_int_equal(list.n, 200);
	for (i = 1; i < list.n; i++) {
		const struct tcpfsm_id *p = &list.rows[i - 1].ev.id;
		const struct tcpfsm_id *q = &list.rows[i].ev.id;

		assert_true(p->netns <= q->netns);
		if (p->netns == q->netns)
			assert_true(ntohs(p->lport) <= ntohs(q->lport));
		if (p->netns == q->netns && p->lport == q->lport)
			assert_true(p->cookie < q->cookie);
	}
	assert_false(list.rows[0].q.known);
	listeners_free(&list);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, out_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(matrix),
		TEST(matrix_fits),
		TEST(counts),
		TEST(ranks),
		TEST(times),
		TEST(causes),
		TEST(graph),
		TEST(listener),
		TEST(listener_as_json),
		TEST(sorted),
	};

	return cmocka_run_group_tests_name("totals", tests, NULL, NULL);
}
