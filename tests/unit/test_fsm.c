// SPDX-License-Identifier: GPL-2.0
/*
 * The table of states is figure 5 of RFC 9293 with what Linux adds, and every path
 * through it, with the segments that belong to it, is judged to be in order.
 */
#include <stdlib.h>

#include "fsm.h"
#include "play.h"

#define S(s)	TCPFSM_S_##s
#define C(c)	TCPFSM_C_##c

/* Figure 5, arrow by arrow, each with the event that is written at it */
static const struct {
	unsigned int	from;
	unsigned int	to;
	unsigned int	cause;
} figure[] = {
	{ S(CLOSED), S(LISTEN), C(LISTEN) },
	{ S(CLOSED), S(SYN_SENT), C(CONNECT) },
	{ S(LISTEN), S(CLOSED), C(CLOSE) },
	{ S(LISTEN), S(SYN_RECEIVED), C(RCV_SYN) },
	{ S(LISTEN), S(SYN_SENT), C(CONNECT) },
	{ S(SYN_SENT), S(CLOSED), C(CLOSE) },
	{ S(SYN_SENT), S(SYN_RECEIVED), C(RCV_SYN) },
	{ S(SYN_SENT), S(ESTABLISHED), C(RCV_SYNACK) },
	{ S(SYN_RECEIVED), S(LISTEN), C(RCV_RST) },
	{ S(SYN_RECEIVED), S(ESTABLISHED), C(RCV_ACK) },
	{ S(SYN_RECEIVED), S(FIN_WAIT_1), C(CLOSE) },
	{ S(ESTABLISHED), S(FIN_WAIT_1), C(CLOSE) },
	{ S(ESTABLISHED), S(CLOSE_WAIT), C(RCV_FIN) },
	{ S(FIN_WAIT_1), S(FIN_WAIT_2), C(RCV_ACK_OF_FIN) },
	{ S(FIN_WAIT_1), S(CLOSING), C(RCV_FIN) },
	{ S(FIN_WAIT_1), S(TIME_WAIT), C(RCV_FIN) },
	{ S(FIN_WAIT_2), S(TIME_WAIT), C(RCV_FIN) },
	{ S(CLOSE_WAIT), S(LAST_ACK), C(CLOSE) },
	{ S(CLOSING), S(TIME_WAIT), C(RCV_ACK_OF_FIN) },
	{ S(LAST_ACK), S(CLOSED), C(RCV_ACK_OF_FIN) },
	{ S(TIME_WAIT), S(CLOSED), C(2MSL) },
};

static bool drawn(unsigned int from, unsigned int to)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(figure); i++)
		if (figure[i].from == from && figure[i].to == to)
			return true;
	return false;
}

static void figure_5(void **state)
{
	const struct fsm_row *row;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(figure); i++) {
		row = fsm_step(figure[i].from, figure[i].to, figure[i].cause);
		if (!row)
			fail_msg("%s -> %s is missing", state_name(figure[i].from),
				 state_name(figure[i].to));
		if (row->departure && figure[i].cause != C(RCV_RST))
			fail_msg("%s -> %s is no departure", state_name(figure[i].from),
				 state_name(figure[i].to));
	}
}

/* What is not in the figure is an abort, which 3.10 has, or named as Linux's own. */
static void what_is_not_in_the_figure(void **state)
{
	const struct fsm_row *row;

	(void)state;
	for (row = fsm_rows; row < fsm_rows + fsm_len; row++) {
		if (drawn(row->from, row->to) || row->to == S(CLOSED) || row->departure)
			continue;
		/* 3.10.7.4, eighth: a FIN that comes with the third segment */
		if (row->from == S(SYN_RECEIVED) && row->to == S(CLOSE_WAIT))
			continue;
		fail_msg("%s -> %s", state_name(row->from), state_name(row->to));
	}
}

static void rows_are_sound(void **state)
{
	uint32_t used = BIT(DEPARTURE_NONE);
	uint64_t causes = 0;
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < fsm_len; i++) {
		assert_true(fsm_rows[i].causes);
		assert_non_null(fsm_rows[i].section);
		assert_false(fsm_rows[i].causes & BIT_ULL(C(UNKNOWN)));
		used |= BIT(fsm_rows[i].departure);
		causes |= fsm_rows[i].causes;
		for (k = 0; k < i; k++)
			if (fsm_rows[i].from == fsm_rows[k].from &&
			    fsm_rows[i].to == fsm_rows[k].to &&
			    fsm_rows[i].causes & fsm_rows[k].causes)
				fail_msg("%s -> %s: two rows for one cause",
					 state_name(fsm_rows[i].from),
					 state_name(fsm_rows[i].to));
	}
	/* these are told by what segments say or by how long it took, see conn.c */
	used |= BIT(DEPARTURE_TWO_STEPS) | BIT(DEPARTURE_TIME_WAIT_60) |
		BIT(DEPARTURE_SYN_RETRIES) | BIT(DEPARTURE_RST_IN_WINDOW) |
		BIT(DEPARTURE_RST_AT_FIN);
	for (i = 1; i <= DEPARTURE_MAX; i++) {
		assert_non_null(departures[i].name);
		if (!(used & BIT(i)))
			fail_msg("no row departs as %s", departures[i].name);
	}
	for (i = C(UNKNOWN) + 1; i <= TCPFSM_C_MAX; i++)
		if (!(causes & BIT_ULL(i)))
			fail_msg("'%s' leads nowhere", cause_name(i));
}

/* Every pair of states and every cause: the table says yes only where a row does. */
static void everything_else_is_illegal(void **state)
{
	unsigned int from, to, cause;
	unsigned int legal = 0;
	size_t i;

	(void)state;
	for (from = S(CLOSED); from <= TCPFSM_S_MAX; from++)
		for (to = S(CLOSED); to <= TCPFSM_S_MAX; to++)
			for (cause = 1; cause <= TCPFSM_C_MAX; cause++)
				legal += !!fsm_step(from, to, cause);
	for (i = 0; i < fsm_len; i++)
		legal -= __builtin_popcountll(fsm_rows[i].causes);
	assert_int_equal(legal, 0);
	assert_null(fsm_arrow(S(ESTABLISHED), S(LAST_ACK)));
	assert_null(fsm_arrow(S(CLOSED), S(ESTABLISHED)));
	assert_null(fsm_arrow(S(TIME_WAIT), S(ESTABLISHED)));
	assert_null(fsm_step(S(TIME_WAIT), S(CLOSED), C(CLOSE)));
	assert_non_null(fsm_step(S(TIME_WAIT), S(CLOSED), C(UNKNOWN)));
	assert_non_null(fsm_step(S(TIME_WAIT), S(CLOSED), TCPFSM_C_MAX + 1));
}

#define ISS	1000U
#define IRS	5000U

/* One step of a path, with the segments it takes: before it, and after it */
struct walk {
	struct play	*play;
	char		text[4096];
	size_t		len;
	bool		fin_sent;
	bool		fin_acked;
	bool		fin_came;
	unsigned int	paths;
	unsigned int	arrows;
};

__printf(2, 3)
static void say(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	w->len += vsnprintf(w->text + w->len, sizeof(w->text) - w->len, fmt, ap);
	va_end(ap);
	assert_in_range(w->len, 0, sizeof(w->text) - 1);
}

static unsigned int our_next(const struct walk *w)
{
	return ISS + 1 + w->fin_sent;
}

static unsigned int peer_next(const struct walk *w)
{
	return IRS + 1 + w->fin_came;
}

/* What the peer acknowledges in its FIN */
static unsigned int peer_ack(struct walk *w, const struct fsm_row *row)
{
	if (row->from == S(FIN_WAIT_1) && row->to == S(TIME_WAIT))
		w->fin_acked = true;
	return ISS + 1 + w->fin_acked;
}

static void say_before(struct walk *w, const struct fsm_row *row, unsigned int cause)
{
	switch (cause) {
	case C(RCV_SYN):
		/* a second SYN in SYN_RECEIVED is another one, in the window */
		say(w, "in S %u\n", row->from == S(SYN_RECEIVED) ? IRS + 100 : IRS);
		break;
	case C(FAST_OPEN):
		say(w, "in S %u cookie=8 len=4\nout S. %u %u\n", IRS, ISS, IRS + 5);
		break;
	case C(SYN_COOKIE):
		say(w, "flow 0\nout S. %u %u fate=%u\nflow 4f\nin . %u %u state=LISTEN\n", ISS,
		    IRS + 1, TCPFSM_FATE_COOKIE, IRS + 1, ISS + 1);
		break;
	case C(RCV_SYNACK):
		say(w, "in S. %u %u\n", IRS, ISS + 1);
		break;
	case C(RCV_ACK):
		say(w, "in . %u %u\n", IRS + 1, ISS + 1);
		break;
	case C(RCV_FIN):
		say(w, "in F. %u %u\n", IRS + 1, peer_ack(w, row));
		w->fin_came = true;
		break;
	case C(RCV_ACK_OF_FIN):
		w->fin_acked = true;
		say(w, "in . %u %u\n", peer_next(w), our_next(w));
		break;
	case C(RCV_RST):
		if (row->from == S(SYN_SENT))
			say(w, "in R. 0 %u\n", ISS + 1);
		else
			say(w, "in R %u\n", peer_next(w));
		break;
	case C(2MSL):
		say(w, "+60s\n");
		break;
	}
}

static void say_after(struct walk *w, const struct fsm_row *row, unsigned int cause)
{
	if (cause == C(CONNECT))
		say(w, "out S %u\n", ISS);
	else if (row->to == S(SYN_RECEIVED) && cause == C(RCV_SYN))
		say(w, "out S. %u %u\n", ISS, IRS + 1);
	else if (row->to == S(TIME_WAIT) || row->to == S(CLOSING))
		say(w, "out . %u %u\n", our_next(w), peer_next(w));
	if (row->to != S(FIN_WAIT_1) && row->to != S(LAST_ACK))
		return;
	say(w, "out F. %u %u\n", our_next(w), peer_next(w));
	w->fin_sent = true;
}

static void judge_path(struct walk *w)
{
	const struct verdict *v;
	struct play *p = play_begin(16);

	play(p, w->text);
	play_end(p);
	/* what was a duplicate leaves nothing to say */
	if (!strstr(w->text, cause_name(C(DUPLICATE_SYN)))) {
		assert_int_equal(p->verdicts, 1);
		v = &p->verdict[0];
		if (v->violations)
			fail_msg("%s: %u, not %u in\n%s", rules[v->violation[0].rule].name,
				 v->violation[0].got, v->violation[0].want, w->text);
		if (v->conformance != VERDICT_OK)
			fail_msg("missing %x in\n%s", v->missing, w->text);
		if (!v->handshake)
			fail_msg("no word for the handshake in\n%s", w->text);
		/* an ICMP error ends no open connection, but as a hint for a timer */
		if (v->state >= S(ESTABLISHED) && !v->teardown && v->cause != C(ICMP))
			fail_msg("no word for the teardown in\n%s", w->text);
	}
	play_free(p);
	w->paths++;
}

static void walk(struct walk *w, unsigned int from)
{
	const struct fsm_row *row;
	unsigned int cause;
	struct walk here;

	for (row = fsm_rows; row < fsm_rows + fsm_len; row++) {
		if (row->from != from)
			continue;
		/* a listener is no connection, and the flow is not it again */
		if (row->to == S(LISTEN) || (from == S(LISTEN) && row->to == S(CLOSED)))
			continue;
		for (cause = 1; cause <= TCPFSM_C_MAX; cause++) {
			if (!(row->causes & BIT_ULL(cause)))
				continue;
			/* with a Fast Open cookie the SYN has gone by */
			here = *w;
			say_before(&here, row, cause);
			say(&here, "%s -> %s: %s\n", state_name(from), state_name(row->to),
			    cause_name(cause));
			say_after(&here, row, cause);
			if (row->to == S(CLOSED))
				judge_path(&here);
			else
				walk(&here, row->to);
			w->paths = here.paths;
		}
	}
}

static void every_path(void **state)
{
	struct walk w = { .len = 0 };

	(void)state;
	walk(&w, S(CLOSED));
	walk(&w, S(LISTEN));
	print_message("# %u paths\n", w.paths);
	assert_in_range(w.paths, 500, UINT32_MAX);
}

/* Every arrow that is in no row is found, after a path that is legal so far. */
static void every_illegal_arrow(void **state)
{
	static const char * const way[TCPFSM_S_MAX + 1] = {
		[S(SYN_SENT)] = "CLOSED -> SYN_SENT: connect\n",
		[S(SYN_RECEIVED)] = "LISTEN -> SYN_RECEIVED: SYN received\n",
		[S(ESTABLISHED)] = "CLOSED -> SYN_SENT: connect\n"
				   "SYN_SENT -> ESTABLISHED: SYN,ACK received\n",
		[S(FIN_WAIT_1)] = "ESTABLISHED -> FIN_WAIT_1: close\n",
		[S(FIN_WAIT_2)] = "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n",
		[S(CLOSE_WAIT)] = "ESTABLISHED -> CLOSE_WAIT: FIN received\n",
		[S(CLOSING)] = "FIN_WAIT_1 -> CLOSING: FIN received\n",
		[S(LAST_ACK)] = "CLOSE_WAIT -> LAST_ACK: close\n",
		[S(TIME_WAIT)] = "FIN_WAIT_2 -> TIME_WAIT: FIN received\n",
	};
	unsigned int from, to;
	char line[80];
	struct play *p;

	(void)state;
	for (from = S(SYN_SENT); from <= TCPFSM_S_MAX; from++) {
		for (to = S(LISTEN); to <= TCPFSM_S_MAX; to++) {
			if (from == to || fsm_arrow(from, to))
				continue;
			p = play_begin(16);
			play(p, way[from]);
			snprintf(line, sizeof(line), "%s -> %s: unknown\n", state_name(from),
				 state_name(to));
			play(p, line);
			play_end(p);
			assert_int_equal(p->verdicts, 1);
			if (p->verdict[0].violations != 1 ||
			    p->verdict[0].violation[0].rule != RULE_TRANSITION)
				fail_msg("not found: %s", line);
			play_free(p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figure_5),
		cmocka_unit_test(what_is_not_in_the_figure),
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(everything_else_is_illegal),
		cmocka_unit_test(every_path),
		cmocka_unit_test(every_illegal_arrow),
	};

	return cmocka_run_group_tests_name("fsm", tests, NULL, NULL);
}
