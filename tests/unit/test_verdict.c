// SPDX-License-Identifier: GPL-2.0
/*
 * How verdicts are shown; and docs/verdicts.md, which has every word and every row of
 * the tables. `test_verdict --print` prints its tables.
 */
#include <stdlib.h>

#include "fsm.h"
#include "play.h"

#define PAGE	"docs/verdicts.md"

static void print_rules(struct buf *b)
{
	size_t i;

	buf_str(b, "| rule | section | what it asks |\n|---|---|---|\n");
	for (i = 0; i < __RULE_MAX; i++)
		buf_printf(b, "| `%s` | %s | %s |\n", rules[i].name, rules[i].section,
			   rules[i].text);
}

static void print_departures(struct buf *b)
{
	size_t i;

	buf_str(b, "| departure | from | what Linux does |\n|---|---|---|\n");
	for (i = 1; i <= DEPARTURE_MAX; i++)
		buf_printf(b, "| `%s` | %s | %s |\n", departures[i].name, departures[i].section,
			   departures[i].text);
}

static void print_transitions(struct buf *b)
{
	const struct fsm_row *row;
	const char *comma;
	unsigned int i;

	buf_str(b, "| from | to | because | RFC 9293 | departure |\n|---|---|---|---|---|\n");
	for (row = fsm_rows; row < fsm_rows + fsm_len; row++) {
		buf_printf(b, "| %s | %s | ", state_name(row->from), state_name(row->to));
		comma = "";
		for (i = 0; i <= TCPFSM_C_MAX; i++) {
			if (!(row->causes & BIT_ULL(i)))
				continue;
			buf_printf(b, "%s%s", comma, cause_name(i));
			comma = "; ";
		}
		buf_printf(b, " | %s | %s |\n", row->section,
			   row->departure ? departures[row->departure].name : "");
	}
}

static char *page(void)
{
	char *text = calloc(1, 256 << 10);
	FILE *file = fopen(PAGE, "r");

	assert_non_null(text);
	if (!file)
		fail_msg("no " PAGE ": the tests run in the project's directory");
	assert_in_range(fread(text, 1, (256 << 10) - 1, file), 1, (256 << 10) - 2);
	fclose(file);
	return text;
}

static void has_table(const char *text, const char *what, void (*print)(struct buf *b))
{
	struct buf b;

	buf_init(&b, -1);
	print(&b);
	/* with what ends a table behind it, so that it has no row more */
	buf_str(&b, "\n");
	buf_mem(&b, "", 1);
	if (!strstr(text, b.data))
		fail_msg(PAGE ": its table of %s is not that of the code; "
			 "build/unit/test_verdict --print has it", what);
	buf_free(&b);
}

static void has_words(const char *text, const char *what, unsigned int from, unsigned int to,
		      const char *(*name)(unsigned int))
{
	char want[64];
	unsigned int i;

	for (i = from; i < to; i++) {
		snprintf(want, sizeof(want), "\n| `%s` | ", name(i));
		if (!strstr(text, want))
			fail_msg(PAGE ": the %s '%s' is missing", what, name(i));
	}
}

static void the_page_says_the_same(void **state)
{
	char *text = page();

	(void)state;
	has_table(text, "rules", print_rules);
	has_table(text, "departures", print_departures);
	has_table(text, "transitions", print_transitions);
	has_words(text, "handshake", 1, __VERDICT_H_MAX, handshake_name);
	has_words(text, "teardown", 1, __VERDICT_T_MAX, teardown_name);
	has_words(text, "conformance", 0, VERDICT_INCOMPLETE + 1, conformance_name);
	has_words(text, "note", 0, __VERDICT_N_MAX, note_name);
	has_words(text, "missing part", 0, __VERDICT_M_MAX, missing_name);
	free(text);
}

static const char broken[] =
	"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
	"in . 1001 5002\nSYN_RECEIVED -> ESTABLISHED: ACK received\n"
	"in F. 1001 5001\nESTABLISHED -> CLOSE_WAIT: FIN received\n+2s\n"
	"CLOSE_WAIT -> LAST_ACK: close\nout F. 5001 1002 retrans=0\n+1s\n"
	"out F. 5001 1002 retrans=1\nout F. 5001 1002 retrans=2\nin . 1002 5002\n"
	"LAST_ACK -> CLOSED: ACK of FIN received\n";

static void assert_text(struct buf *b, const char *want)
{
	buf_mem(b, "", 1);
	assert_string_equal(b->data, want);
	buf_free(b);
}

static void as_text(void **state)
{
	struct play *p = play_begin(16);
	struct view v;
	struct buf b;

	(void)state;
	play(p, broken);
	play_end(p);
	view_init(&v, 4);
	buf_init(&b, -1);
	text_verdict_header(&b, &v);
	text_verdict(&b, &v, &p->verdict[0]);
	assert_text(&b,
		    "TIME         FLOW  PID    COMM         LADDR           LPORT RADDR           "
		    "RPORT HANDSHAKE            TEARDOWN           VERDICT    REMARKS\n"
		    "0.000000000  4f    812    curl         10.0.0.1        40512 10.0.0.2        "
		    "80    three-way            four-way           violation  ACK of FIN received; "
		    "remote violates third-ack (RFC 9293, 3.5): 5002, not 5001; "
		    "half-closed 2000.020 ms; retransmitted FIN 2 times\n");
	buf_init(&b, -1);
	text_verdict_among(&b, &v, &p->verdict[0]);
	assert_text(&b,
		    "0.000000000  4f    812    curl         10.0.0.1        40512 10.0.0.2        "
		    "80    verdict: violation; three-way, four-way; ACK of FIN received; "
		    "remote violates third-ack (RFC 9293, 3.5): 5002, not 5001; "
		    "half-closed 2000.020 ms; retransmitted FIN 2 times\n");
	play_free(p);
}

static void nothing_known(void **state)
{
	struct play *p = play_begin(16);
	struct view v;
	struct buf b;

	(void)state;
	play(p, "flow 0\nin S 7 fate=4\nflow 4f\nESTABLISHED -> TIME_WAIT: FIN received\n");
	play_end(p);
	assert_int_equal(p->verdicts, 2);
	view_init(&v, 4);
	buf_init(&b, -1);
	text_verdict(&b, &v, &p->verdict[0]);
	text_verdict_among(&b, &v, &p->verdict[1]);
	assert_text(&b,
		    "0.000000000  -     -      -            10.0.0.1        40512 10.0.0.2        "
		    "80    dropped-syn-queue    -                  ok         SYN queue full\n"
		    "0.000020000  4f    812    curl         10.0.0.1        40512 10.0.0.2        "
		    "80    verdict: violation; opening unknown, four-way; "
		    "local violates transition (RFC 9293, 3.3.2): ESTABLISHED -> TIME_WAIT; "
		    "still in TIME_WAIT; "
		    "missing: segments not seen; missing: beginning not seen\n");
	play_free(p);
}

static void as_json(void **state)
{
	struct play *p = play_begin(16);
	struct view v;
	struct buf b;

	(void)state;
	play(p, broken);
	play_end(p);
	view_init(&v, 0);
	buf_init(&b, -1);
	json_verdict(&b, &v, &p->verdict[0]);
	assert_text(&b,
		    "{\"event\":\"verdict\",\"ts\":4000150000,"
		    "\"time\":\"1970-01-01T00:00:04.000150000Z\",\"flow\":\"4f\","
		    "\"netns\":4026531840,\"family\":4,\"laddr\":\"10.0.0.1\",\"lport\":40512,"
		    "\"raddr\":\"10.0.0.2\",\"rport\":80,\"pid\":812,\"comm\":\"curl\","
		    "\"uid\":1000,\"handshake\":\"three-way\",\"teardown\":\"four-way\","
		    "\"conformance\":\"violation\",\"violations\":[{\"rule\":\"third-ack\","
		    "\"section\":\"RFC 9293, 3.5\",\"side\":\"remote\","
		    "\"text\":\"the third segment acknowledges IRS+1\",\"got\":5002,"
		    "\"want\":5001}],\"violations_total\":1,\"missing\":[],"
		    "\"notes\":[\"half-closed\",\"retransmitted FIN\"],\"departures\":[],"
		    "\"last_state\":\"LAST_ACK\",\"cause\":\"ACK of FIN received\","
		    "\"handshake_ns\":30000,\"duration_ns\":3000130000,"
		    "\"half_closed_ns\":2000020000,\"ns_in\":{\"SYN_RECEIVED\":30000,"
		    "\"ESTABLISHED\":20000,\"CLOSE_WAIT\":2000020000,\"LAST_ACK\":1000060000},"
		    "\"syn_retrans\":0,\"synack_retrans\":0,\"fin_retrans\":2,\"retrans\":null,"
		    "\"challenged\":0,\"iss\":5000,\"irs\":1000,\"rules_checked\":11}\n");
	play_free(p);
}

static void nothing_known_as_json(void **state)
{
	struct play *p = play_begin(16);
	struct view v;
	struct buf b;

	(void)state;
	play(p, "flow 0\nin S 7 fate=5\nflow 4f\nESTABLISHED -> LAST_ACK: close nosince\n");
	play_end(p);
	view_init(&v, 0);
	buf_init(&b, -1);
	json_verdict(&b, &v, &p->verdict[0]);
	json_verdict(&b, &v, &p->verdict[1]);
	buf_mem(&b, "", 1);
	assert_non_null(strstr(b.data, "\"flow\":null"));
	assert_non_null(strstr(b.data, "\"handshake\":\"dropped-accept-queue\",\"teardown\":null"));
	assert_non_null(strstr(b.data, "\"handshake\":null,\"teardown\":\"open\""));
	assert_non_null(strstr(b.data, "\"old\":\"ESTABLISHED\",\"new\":\"LAST_ACK\"}]"));
	assert_non_null(strstr(b.data, "\"cause\":null,\"handshake_ns\":null"));
	assert_non_null(strstr(b.data, "\"iss\":null,\"irs\":null"));
	buf_free(&b);
	play_free(p);
}

/* The numbers a peer is known by: a step apart, through 2^32 too, the latest last */
static void predictable_as_json(void **state)
{
	struct verdict t = { .irs = 252704, .has_irs = true, .isn_steps = 5, .isn_step = 64000 };
	struct view v;
	struct buf b;

	(void)state;
	view_init(&v, 0);
	buf_init(&b, -1);
	json_verdict(&b, &v, &t);
	buf_mem(&b, "", 1);
	assert_non_null(strstr(b.data, "\"irs\":252704,\"isn_steps\":5,\"isn_step\":64000,"
				       "\"isn_numbers\":[4294900000,4294964000,60704,124704,188704,"
				       "252704],"));
	b.len = 0;
	t.isn_steps = 1000;
	t.isn_step = 0;
	t.irs = 42;
	json_verdict(&b, &v, &t);
	buf_mem(&b, "", 1);
	assert_non_null(strstr(b.data, "\"isn_numbers\":[42,42,42,42,42,42,42,42,42],"));
	buf_free(&b);
}

static int print(void)
{
	struct buf b;

	buf_init(&b, 1);
	print_rules(&b);
	buf_str(&b, "\n");
	print_departures(&b);
	buf_str(&b, "\n");
	print_transitions(&b);
	return !!buf_flush(&b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_says_the_same),
		cmocka_unit_test(as_text),
		cmocka_unit_test(nothing_known),
		cmocka_unit_test(as_json),
		cmocka_unit_test(nothing_known_as_json),
		cmocka_unit_test(predictable_as_json),
	};

	if (argc > 1 && !strcmp(argv[1], "--print"))
		return print();
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
