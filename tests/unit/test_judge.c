// SPDX-License-Identifier: GPL-2.0
/* Verdicts on streams: the rows of the catalogue, and what is missing. */
#include "fsm.h"
#include "play.h"

#define THREE_WAY							\
	"CLOSED -> SYN_SENT: connect\n"					\
	"out S 1000\n"							\
	"in S. 5000 1001\n"						\
	"SYN_SENT -> ESTABLISHED: SYN,ACK received\n"

#define ACCEPTED							\
	"in S 1000 options\n"						\
	"LISTEN -> SYN_RECEIVED: SYN received\n"			\
	"out S. 5000 1001\n"						\
	"in . 1001 5001\n"						\
	"SYN_RECEIVED -> ESTABLISHED: ACK received\n"

#define CLOSES								\
	"ESTABLISHED -> FIN_WAIT_1: close\n"				\
	"out F. 1005 5001\n"						\
	"in . 5001 1006\n"						\
	"FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"		\
	"in F. 5001 1006\n"						\
	"out . 1006 5002\n"						\
	"FIN_WAIT_2 -> TIME_WAIT: FIN received\n"

#define IS_CLOSED							\
	"in F. 1005 5001 len=4\n"					\
	"ESTABLISHED -> CLOSE_WAIT: FIN received\n"			\
	"CLOSE_WAIT -> LAST_ACK: close\n"				\
	"out F. 5001 1006\n"						\
	"in . 1006 5002\n"						\
	"LAST_ACK -> CLOSED: ACK of FIN received\n"

#define MSL_2	"+60s\nTIME_WAIT -> CLOSED: 2MSL expired\n"

#define NOTE(n)		BIT(VERDICT_N_##n)
#define LACKS(m)	BIT(VERDICT_M_##m)

/**
 * struct row - a stream, and what is to be said of it
 * @id: row of the catalogue and endpoint
 * @stream: as in play.h
 * @handshake: word, NULL for none
 * @teardown: word, NULL for none
 * @conformance: word
 * @notes: of the verdict
 * @missing: of the verdict
 */
struct row {
	const char	*id;
	const char	*stream;
	const char	*handshake;
	const char	*teardown;
	const char	*conformance;
	uint32_t	notes;
	uint32_t	missing;
};

static const struct row rows[] = {
	{ "O2 B", "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		  "in P. 1001 5001 len=4\nSYN_RECEIVED -> ESTABLISHED: ACK received\n"
		  "in R 1005\nESTABLISHED -> CLOSED: RST received\n",
	  "three-way", "reset-remote", "ok", 0, 0 },
	{ "O3 A", "CLOSED -> SYN_SENT: connect\nout S 1000\nin R. 0 1001\n"
		  "SYN_SENT -> CLOSED: RST received\n", "refused", NULL, "ok", 0, 0 },
	{ "O4 A", "CLOSED -> SYN_SENT: connect\nout S 1000 retrans=0\n+1s\n"
		  "out S 1000 retrans=1\n+2s\nout S 1000 retrans=2\n+124s\n"
		  "SYN_SENT -> CLOSED: SYN timed out\n",
	  "timed-out", NULL, "ok", NOTE(RETRANS_SYN), 0 },
	{ "O5 A", "CLOSED -> SYN_SENT: connect\nout S 1000\nSYN_SENT -> CLOSED: ICMP error\n",
	  "unreachable", NULL, "ok", 0, 0 },
	{ "O6", "CLOSED -> SYN_SENT: connect\nout S 1000\nin S 5000\n"
		"SYN_SENT -> SYN_RECEIVED: SYN received\nout S. 1000 5001\nin S. 5000 1001\n"
		"SYN_RECEIVED -> ESTABLISHED: ACK received\n"
		"ESTABLISHED -> CLOSED: linger 0\nout R. 1001 5001\n",
	  "simultaneous-open", "reset-local", "ok", 0, 0 },
	{ "O7 B", "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001 retrans=0\n"
		  "+1s\nout S. 5000 1001 retrans=1\n+62s\n"
		  "SYN_RECEIVED -> CLOSED: SYN,ACK timed out\n",
	  "half-open-expired", NULL, "ok", NOTE(RETRANS_SYNACK), 0 },
	{ "O8 B", "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		  "in R 1001\nSYN_RECEIVED -> CLOSED: RST received\n",
	  "reset", NULL, "ok", 0, 0 },
	{ "O9 B4", "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001 retrans=0\n"
		   "in . 1001 5001 fate=5\n+1s\nout S. 5000 1001 retrans=1\n"
		   "in . 1001 5001 fate=5\n+62s\nSYN_RECEIVED -> CLOSED: SYN,ACK timed out\n",
	  "dropped-accept-queue", NULL, "ok", NOTE(RETRANS_SYNACK) | NOTE(ACCEPT_QUEUE), 0 },
	{ "O9 B5", "flow 0\nin S 1000 fate=5\n+1s\nin S 1000 fate=5\n+2s\nin S 1000 fate=5\n",
	  "dropped-accept-queue", NULL, "ok", 0, 0 },
	{ "O10 B", "flow 0\nin S 1000 fate=4\n+1s\nin S 1000 fate=4\n",
	  "dropped-syn-queue", NULL, "ok", 0, 0 },
	{ "O11 B", "flow 0\nin S 1000\nout S. 7000 1001 fate=7\nflow 4f\n"
		   "in . 1001 7001 state=LISTEN\nLISTEN -> ESTABLISHED: SYN cookie\n"
		   "in R 1001\nESTABLISHED -> CLOSED: RST received\n",
	  "syn-cookie", "reset-remote", "ok", 0, 0 },
	{ "O12 A2", "CLOSED -> SYN_SENT: connect\nout S 1000 nolen\nin S. 5000 1005\n"
		    "SYN_SENT -> ESTABLISHED: SYN,ACK received\n"
		    "ESTABLISHED -> CLOSED: linger 0\n",
	  "fast-open", "reset-local", "ok", 0, 0 },
	{ "O12 B2", "in S 1000 cookie=8 len=4\nout S. 5000 1005\n"
		    "LISTEN -> SYN_RECEIVED: Fast Open\nin . 1005 5001\n"
		    "SYN_RECEIVED -> ESTABLISHED: ACK received\n"
		    "in R 1005\nESTABLISHED -> CLOSED: RST received\n",
	  "fast-open", "reset-remote", "ok", NOTE(SYN_DATA), 0 },
	{ "O13 B", ACCEPTED "ESTABLISHED -> CLOSED: listener closed inherited\n",
	  "three-way", "reset-local", "ok", NOTE(UNACCEPTED), 0 },
	{ "O13 H", "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		   "SYN_RECEIVED -> CLOSED: listener closed inherited\n",
	  "reset", NULL, "ok", 0, 0 },
	{ "O17 A", "CLOSED -> SYN_SENT: connect\nout S 1000\n+1s\nSYN_SENT -> CLOSED: close\n",
	  "aborted", NULL, "ok", 0, 0 },
	{ "O18 B", "in S 1000 len=4\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		   "in . 1001 5001\nSYN_RECEIVED -> ESTABLISHED: ACK received\n" IS_CLOSED,
	  "three-way", "four-way", "ok", NOTE(SYN_DATA), 0 },
	{ "C1 A", THREE_WAY CLOSES MSL_2, "three-way", "four-way", "ok", 0, 0 },
	{ "C1 B", ACCEPTED IS_CLOSED, "three-way", "four-way", "ok", 0, 0 },
	{ "C2 A", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\nin F. 5001 1006\n"
			    "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\nout . 1006 5002\n"
			    "FIN_WAIT_2 -> TIME_WAIT: FIN received\n" MSL_2,
	  "three-way", "three-segment", "ok", 0, 0 },
	{ "C2 B", ACCEPTED "in F. 1005 5001 len=4\nESTABLISHED -> CLOSE_WAIT: FIN received\n"
			   "CLOSE_WAIT -> LAST_ACK: close\nout F. 5001 1006 first\n"
			   "in . 1006 5002\nLAST_ACK -> CLOSED: ACK of FIN received\n",
	  "three-way", "three-segment", "ok", 0, 0 },
	/* the FIN right behind the ACK: still two segments */
	{ "C1 A, close", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\n"
				   "in . 5001 1006\n"
				   "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"
				   "in F. 5001 1006\nFIN_WAIT_2 -> TIME_WAIT: FIN received\n" MSL_2,
	  "three-way", "four-way", "ok", 0, 0 },
	{ "C4", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\nin F. 5001 1005\n"
			  "FIN_WAIT_1 -> CLOSING: FIN received\nin . 5002 1006\n"
			  "CLOSING -> TIME_WAIT: ACK of FIN received\n" MSL_2,
	  "three-way", "simultaneous-close", "ok", 0, 0 },
	{ "C5 A", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: shutdown\nout F. 1005 5001\n"
			    "in . 5001 1006\n"
			    "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n+100ms\n"
			    "in F. 5009 1006\nFIN_WAIT_2 -> TIME_WAIT: FIN received\n" MSL_2,
	  "three-way", "four-way", "ok", NOTE(HALF_CLOSED), 0 },
	{ "C5 B", ACCEPTED "in F. 1005 5001 len=4\nESTABLISHED -> CLOSE_WAIT: FIN received\n+2s\n"
			   "CLOSE_WAIT -> LAST_ACK: close\nout F. 5009 1006\nin . 1006 5010\n"
			   "LAST_ACK -> CLOSED: ACK of FIN received\n",
	  "three-way", "four-way", "ok", NOTE(HALF_CLOSED), 0 },
	{ "C6 A", THREE_WAY "ESTABLISHED -> CLOSED: linger 0\nout R. 1001 5001\n",
	  "three-way", "reset-local", "ok", 0, 0 },
	{ "C6 B", ACCEPTED "in R. 1001 5001\nESTABLISHED -> CLOSED: RST received\n",
	  "three-way", "reset-remote", "ok", 0, 0 },
	{ "C7 A", THREE_WAY "ESTABLISHED -> CLOSED: unread data\n",
	  "three-way", "reset-local", "ok", 0, 0 },
	{ "C9 A", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\nin . 5001 1006\n"
			    "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n+60s\n"
			    "FIN_WAIT_2 -> CLOSED: FIN_WAIT_2 timed out\n",
	  "three-way", "fin-wait-2-expired", "ok", NOTE(HALF_CLOSED), 0 },
	{ "C10 A", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\n"
			     "FIN_WAIT_1 -> CLOSED: orphan limit\n",
	  "three-way", "reset-local", "ok", 0, 0 },
	{ "C11 A", THREE_WAY CLOSES "+1s\nin F. 5001 1006\nout . 1006 5002\n" MSL_2,
	  "three-way", "four-way", "ok", NOTE(RETRANS_FIN), 0 },
	{ "C11 B", ACCEPTED "in F. 1005 5001 len=4\nESTABLISHED -> CLOSE_WAIT: FIN received\n"
			    "CLOSE_WAIT -> LAST_ACK: close\nout F. 5001 1006 retrans=0\n+200ms\n"
			    "out F. 5001 1006 retrans=1\nin . 1006 5002\n"
			    "LAST_ACK -> CLOSED: ACK of FIN received\n",
	  "three-way", "four-way", "ok", NOTE(RETRANS_FIN), 0 },
	{ "C13 A", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\nin . 5001 1006\n"
			     "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\nin F. 5001 1006\n"
			     "FIN_WAIT_2 -> CLOSED: TIME_WAIT skipped\n",
	  "three-way", "time-wait-skipped", "ok", 0, 0 },
	{ "C14 A", THREE_WAY CLOSES "in R 5002\nTIME_WAIT -> CLOSED: RST received\n",
	  "three-way", "four-way", "ok", NOTE(ASSASSINATED), 0 },
	{ "C15 A", THREE_WAY "ESTABLISHED -> CLOSED: disconnect\nout R. 1001 5001\n",
	  "three-way", "reset-local", "ok", 0, 0 },
	{ "C16 A", THREE_WAY "ESTABLISHED -> CLOSED: destroyed\n",
	  "three-way", "destroyed", "ok", 0, 0 },
	{ "C16 H", "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		   "SYN_RECEIVED -> CLOSED: destroyed\n", "aborted", NULL, "ok", 0, 0 },
	{ "C17 A", THREE_WAY "+924s\nESTABLISHED -> CLOSED: retransmission timed out\n",
	  "three-way", "timed-out", "ok", 0, 0 },
	{ "C18 A", THREE_WAY "+7875s\nESTABLISHED -> CLOSED: keepalive timed out\n",
	  "three-way", "timed-out", "ok", 0, 0 },
	{ "C18 U", THREE_WAY "+10s\nESTABLISHED -> CLOSED: user timeout\n",
	  "three-way", "timed-out", "ok", 0, 0 },
	{ "C22 G", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\nin F. 5001 1005\n"
			     "FIN_WAIT_1 -> CLOSING: FIN received\n+100s\n"
			     "CLOSING -> CLOSED: retransmission timed out\n",
	  "three-way", "timed-out", "ok", 0, 0 },
	{ "C23 T", THREE_WAY CLOSES "TIME_WAIT -> CLOSED: namespace gone\n",
	  "three-way", "four-way", "ok", NOTE(DESTROYED), 0 },
	{ "C23 O", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\nin . 5001 1006\n"
			     "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"
			     "FIN_WAIT_2 -> CLOSED: namespace gone\n",
	  "three-way", "destroyed", "ok", 0, 0 },

	/* what is missing */
	{ "open", THREE_WAY, "three-way", "open", "incomplete", 0, LACKS(OPEN) },
	{ "in TIME_WAIT", THREE_WAY CLOSES, "three-way", "four-way", "ok", NOTE(IN_TIME_WAIT), 0 },
	{ "half open", "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\n", NULL, NULL,
	  "incomplete", 0, LACKS(OPEN) },
	{ "loss", THREE_WAY "lost 3\n" CLOSES MSL_2, "three-way", "four-way", "incomplete", 0,
	  LACKS(LOST) },
	{ "loss of an ACK", THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1001 5001\nlost 1\n"
			    "FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"
			    "FIN_WAIT_2 -> CLOSED: destroyed\n",
	  "three-way", "destroyed", "incomplete", 0, LACKS(LOST) | LACKS(SEGMENTS) },
	{ "loss of a connection between", THREE_WAY "lost 4\nout S 9000 state=SYN_SENT\n"
					  "in S. 70000 9001 state=SYN_SENT\n"
					  "SYN_SENT -> ESTABLISHED: SYN,ACK received\n"
					  "ESTABLISHED -> CLOSED: destroyed\n",
	  "three-way", "destroyed", "incomplete", 0, LACKS(LOST) | LACKS(STATES) },
	{ "loss right after", THREE_WAY CLOSES MSL_2 "+50ms\nlost 3\n", "three-way", "four-way",
	  "incomplete", 0, LACKS(LOST) },
	{ "loss before", "lost 3\n" THREE_WAY CLOSES MSL_2, "three-way", "four-way", "ok", 0, 0 },
	{ "loss after", THREE_WAY CLOSES MSL_2 "+1s\nlost 3\n", "three-way", "four-way", "ok",
	  0, 0 },
	{ "older", "ESTABLISHED -> CLOSE_WAIT: FIN received preexisting\n"
		   "CLOSE_WAIT -> CLOSED: destroyed\n",
	  "pre-existing", "destroyed", "incomplete", 0, LACKS(OLDER) | LACKS(SEGMENTS) },
	{ "later", "CLOSE_WAIT -> CLOSED: destroyed\n", NULL, "destroyed", "incomplete", 0,
	  LACKS(BEGINNING) },
	{ "untracked", THREE_WAY "ESTABLISHED -> CLOSED: linger 0 untracked\n", "three-way",
	  "reset-local", "incomplete", 0, LACKS(TABLE) },
	{ "a gap", THREE_WAY "CLOSE_WAIT -> CLOSED: linger 0\n", "three-way", "reset-local",
	  "incomplete", 0, LACKS(STATES) },
	{ "no SYN", "LISTEN -> SYN_RECEIVED: SYN received\nSYN_RECEIVED -> CLOSED: destroyed\n",
	  "aborted", NULL, "incomplete", 0, LACKS(SEGMENTS) },
	{ "no cause", THREE_WAY "ESTABLISHED -> CLOSED: unknown\n", "three-way", NULL, "ok", 0, 0 },
};

static void check(const char *id, const char *what, const char *got, const char *want)
{
	if ((!got || !want) ? got != want : strcmp(got, want))
		fail_msg("%s: %s is %s, not %s", id, what, got ? got : "null",
			 want ? want : "null");
}

static void check_row(const struct row *r, const struct verdict *v)
{
	if (v->violations && strcmp(r->conformance, "violation"))
		fail_msg("%s: broke %s: %u not %u", r->id, rules[v->violation[0].rule].name,
			 v->violation[0].got, v->violation[0].want);
	check(r->id, "handshake", handshake_name(v->handshake), r->handshake);
	check(r->id, "teardown", teardown_name(v->teardown), r->teardown);
	if (v->missing != r->missing)
		fail_msg("%s: missing is %x, not %x", r->id, v->missing, r->missing);
	check(r->id, "conformance", conformance_name(v->conformance), r->conformance);
	if (v->notes != r->notes)
		fail_msg("%s: notes are %x, not %x", r->id, v->notes, r->notes);
	if (verdict_ended(v) && v->cause == TCPFSM_C_UNKNOWN && strcmp(r->id, "no cause"))
		fail_msg("%s: nobody knows the cause", r->id);
}

static void the_catalogue(void **state)
{
	struct play *p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		p = play_begin(16);
		play(p, rows[i].stream);
		play_end(p);
		assert_int_equal(p->verdicts, 1);
		check_row(&rows[i], &p->verdict[0]);
		play_free(p);
	}
}

/* No word is without a row. */
static void every_word(void **state)
{
	unsigned int i;
	size_t k;

	(void)state;
	for (i = 1; i < __VERDICT_H_MAX; i++) {
		for (k = 0; k < ARRAY_SIZE(rows); k++)
			if (rows[k].handshake && !strcmp(rows[k].handshake, handshake_name(i)))
				break;
		if (k == ARRAY_SIZE(rows))
			fail_msg("no row for the handshake %s", handshake_name(i));
	}
	for (i = 1; i < __VERDICT_T_MAX; i++) {
		for (k = 0; k < ARRAY_SIZE(rows); k++)
			if (rows[k].teardown && !strcmp(rows[k].teardown, teardown_name(i)))
				break;
		if (k == ARRAY_SIZE(rows))
			fail_msg("no row for the teardown %s", teardown_name(i));
	}
}

static void the_numbers(void **state)
{
	struct play *p = play_begin(16);
	const struct verdict *v = p->verdict;

	(void)state;
	play(p, THREE_WAY CLOSES MSL_2);
	play_end(p);
	assert_true(v->has_iss && v->has_irs && v->has_handshake_ns && v->has_duration_ns);
	assert_int_equal(v->iss, 1000);
	assert_int_equal(v->irs, 5000);
	assert_int_equal(v->handshake_ns, 30000);
	assert_int_equal(v->state_ns[TCPFSM_S_SYN_SENT], 30000);
	assert_int_equal(v->state_ns[TCPFSM_S_ESTABLISHED], 10000);
	assert_int_equal(v->half_closed_ns, 60000);
	assert_int_equal(v->state, TCPFSM_S_TIME_WAIT);
	assert_int_equal(v->cause, TCPFSM_C_2MSL);
	assert_int_equal(v->opened, TCPFSM_C_RCV_SYNACK);
	assert_int_equal(v->departures, BIT(DEPARTURE_TIME_WAIT_60));
	assert_true(v->state_ns[TCPFSM_S_TIME_WAIT] >= 60000000000ULL);
	play_free(p);
}

/* Drops are told of once for each SYN, whatever the number of its repetitions. */
static void dropped_syns(void **state)
{
	struct play *p = play_begin(16);

	(void)state;
	play(p, "flow 0\nin S 1000 fate=4\n+1s\nin S 1000 fate=4\nin S 2000 fate=4\n"
		"peer 10.0.0.3 7\nin S 1000 fate=4\nin S 3000 fate=5\n");
	play_end(p);
	assert_int_equal(p->verdicts, 4);
	assert_int_equal(p->judge.numbers.repeated, 1);
	assert_int_equal(p->verdict[0].id.cookie, 0);
	assert_int_equal(p->verdict[0].irs, 1000);
	assert_int_equal(p->verdict[1].irs, 2000);
	assert_string_equal(cause_name(p->verdict[0].cause), "SYN queue full");
	assert_int_equal(p->verdict[3].cause, TCPFSM_C_ACCEPT_QUEUE);
	play_free(p);
}

static void reuse(struct play *p, const char *cause)
{
	char line[64];

	play(p, ACCEPTED
		"ESTABLISHED -> FIN_WAIT_1: close\nout F. 5001 1001\nin . 1001 5002\n"
		"FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\nin F. 1001 5002\n"
		"FIN_WAIT_2 -> TIME_WAIT: FIN received\n+1s\n");
	snprintf(line, sizeof(line), "TIME_WAIT -> CLOSED: %s\n", cause);
	play(p, line);
}

/* The new connection bears the note, also where it begins before the old one ends. */
static void time_wait_is_reused(void **state)
{
	struct play *p = play_begin(16);

	(void)state;
	reuse(p, "reused by SYN");
	play(p, "flow 50\nin S 200000 options\nLISTEN -> SYN_RECEIVED: SYN received\n");
	play_end(p);
	assert_int_equal(p->verdicts, 2);
	assert_false(p->verdict[0].notes & NOTE(REUSED));
	assert_true(p->verdict[1].notes & NOTE(REUSED));
	assert_true(p->verdict[1].checked & BIT_ULL(RULE_REUSE_ISN));
	play_free(p);
}

static void new_before_old_ends(void **state)
{
	struct play *p = play_begin(16);
	unsigned int i;

	(void)state;
	play(p, THREE_WAY CLOSES "+1s\nflow 50\nCLOSED -> SYN_SENT: connect\nflow 4f\n"
		"TIME_WAIT -> CLOSED: reused by connect\nflow 50\nout S 90000 state=SYN_SENT\n"
		"in S. 7000 90001 state=SYN_SENT\nSYN_SENT -> ESTABLISHED: SYN,ACK received\n");
	play_end(p);
	assert_int_equal(p->verdicts, 2);
	for (i = 0; i < 2; i++)
		assert_int_equal(!!(p->verdict[i].notes & NOTE(REUSED)),
				 p->verdict[i].id.cookie == 0x50);
	play_free(p);
}

/* A socket that closed may connect anew, and keeps its cookie. */
static void one_cookie_twice(void **state)
{
	struct play *p = play_begin(16);

	(void)state;
	play(p, THREE_WAY "ESTABLISHED -> CLOSED: disconnect\nout R. 1001 5001\n"
		"CLOSED -> SYN_SENT: connect\nout S 8000\nin S. 9000 8001\n"
		"SYN_SENT -> ESTABLISHED: SYN,ACK received\nESTABLISHED -> CLOSED: linger 0\n");
	play_end(p);
	assert_int_equal(p->verdicts, 2);
	assert_int_equal(p->verdict[0].iss, 1000);
	assert_int_equal(p->verdict[1].iss, 8000);
	assert_int_equal(p->verdict[1].conformance, VERDICT_OK);
	play_free(p);
}

/* The same, and what told of its end came too late to be put in its place. */
static void one_cookie_late(void **state)
{
	struct play *p = play_begin(16);

	(void)state;
	play(p, THREE_WAY "ESTABLISHED -> CLOSED: linger 0\n");
	p->now -= 2000000;
	play(p, "flow 50\n" THREE_WAY "ESTABLISHED -> CLOSED: disconnect\n"
		"CLOSED -> SYN_SENT: connect\nout S 8000\nSYN_SENT -> CLOSED: SYN timed out\n");
	play_end(p);
	assert_int_equal(p->verdicts, 3);
	assert_int_equal(p->judge.flows.len, 0);
	assert_int_equal(p->verdict[0].id.cookie, 0x50);
	assert_int_equal(p->verdict[0].handshake, VERDICT_H_THREE_WAY);
	assert_int_equal(p->verdict[1].id.cookie, 0x4f);
	assert_int_equal(p->verdict[2].id.cookie, 0x50);
	assert_int_equal(p->verdict[2].handshake, VERDICT_H_TIMED_OUT);
	play_free(p);
}

/* A verdict waits for the last segments, and no longer. */
static void grace(void **state)
{
	struct play *p = play_begin(16);
	uint64_t due = 0;

	(void)state;
	play(p, THREE_WAY);
	assert_false(judge_due(&p->judge, &due));
	play(p, "ESTABLISHED -> CLOSED: linger 0\n");
	assert_int_equal(p->verdicts, 0);
	assert_true(judge_due(&p->judge, &due));
	assert_int_equal(due, p->now + JUDGE_GRACE_NS);
	judge_clock(&p->judge, due - 1);
	assert_int_equal(p->verdicts, 0);
	judge_clock(&p->judge, due);
	assert_int_equal(p->verdicts, 1);
	assert_false(judge_due(&p->judge, &due));
	/* what comes later begins nothing */
	play(p, "out R. 1001 5001\nin R 5001\n");
	play_end(p);
	assert_int_equal(p->verdicts, 1);
	play_free(p);
}

/* With no room left the connection that was quiet for longest is judged early. */
static void memory_is_bounded(void **state)
{
	struct play *p = play_begin(4);
	const struct verdict *v;
	char line[64];
	unsigned int i;

	(void)state;
	for (i = 1; i <= 6; i++) {
		snprintf(line, sizeof(line), "flow %x\n", i);
		play(p, line);
		play(p, THREE_WAY);
	}
	assert_int_equal(p->verdicts, 2);
	assert_int_equal(p->judge.numbers.evicted, 2);
	for (i = 0; i < 2; i++) {
		v = &p->verdict[i];
		assert_int_equal(v->id.cookie, i + 1);
		assert_int_equal(v->conformance, VERDICT_INCOMPLETE);
		assert_int_equal(v->missing, LACKS(EVICTED));
	}
	/* its end is no longer known to be one */
	play(p, "flow 1\nESTABLISHED -> CLOSED: linger 0\n");
	play_end(p);
	assert_int_equal(p->verdicts, 7);
	play_free(p);
}

/* The numbers of a SYN cookie are known from the SYN,ACK that belonged to no flow. */
static void numbers_of_a_cookie(void **state)
{
	struct play *p = play_begin(4);

	(void)state;
	play(p, "flow 0\nin S 1000\nout S. 7000 1001 fate=7\nflow 4f\n"
		"in . 1001 7002 state=LISTEN\nLISTEN -> ESTABLISHED: SYN cookie\n");
	play_end(p);
	assert_int_equal(p->verdicts, 1);
	assert_int_equal(p->verdict[0].violations, 1);
	assert_int_equal(p->verdict[0].violation[0].rule, RULE_THIRD_ACK);
	assert_int_equal(p->verdict[0].iss, 7000);
	assert_int_equal(p->verdict[0].irs, 1000);
	play_free(p);
}

/* A later one may have been sent unseen: its SYN,ACK lost, or left out; or this one is too old. */
static void numbers_of_an_old_cookie(void **state)
{
	static const char * const hidden[] = { "lost 1\n", "+121s\n" };
	char text[256];
	struct play *p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(hidden); i++) {
		p = play_begin(4);
		snprintf(text, sizeof(text),
			 "flow 0\nin S 1000\nout S. 7000 1001 fate=7\n%sflow 4f\n"
			 "in . 3001 9001 state=LISTEN\nLISTEN -> ESTABLISHED: SYN cookie\n",
			 hidden[i]);
		play(p, text);
		play_end(p);
		assert_int_equal(p->verdicts, 1);
		assert_int_equal(p->verdict[0].violations, 0);
		play_free(p);
	}
}

static void peers_are_told_apart(void **state)
{
	static const uint32_t random[] = { 77, 900001, 31, 4000000000U, 12, 5 };
	char text[256];
	unsigned int flagged;
	unsigned int kind;
	struct play *p;
	unsigned int i;
	uint32_t irs;

	(void)state;
	/* constant, by fixed steps (through 2^32), and as they should be */
	for (kind = 0; kind < 3; kind++) {
		p = play_begin(16);
		for (i = 0; i < 6; i++) {
			irs = kind == 0 ? 42 : kind == 1 ? 4294900000U + 64000 * i : random[i];
			snprintf(text, sizeof(text), "flow %x\nin S %u\n"
				 "LISTEN -> SYN_RECEIVED: SYN received\nin S %u\n"
				 "in R %u\nSYN_RECEIVED -> CLOSED: RST received\n",
				 i + 1, irs, irs, irs + 1);
			play(p, text);
		}
		play_end(p);
		assert_int_equal(p->verdicts, 6);
		flagged = 0;
		for (i = 0; i < 6; i++)
			flagged += !!(p->verdict[i].notes & NOTE(PREDICTABLE));
		assert_int_equal(flagged, kind < 2 ? 3 : 0);
		assert_int_equal(p->verdict[2].isn_steps, 0);
		assert_int_equal(p->verdict[5].isn_steps, kind < 2 ? 5 : 0);
		if (kind < 2)
			assert_int_equal(p->verdict[5].isn_step, kind ? 64000 : 0);
		play_free(p);
	}
}

static void listeners_and_duplicates_are_none(void **state)
{
	struct play *p = play_begin(16);

	(void)state;
	play(p, "CLOSED -> LISTEN: listen\nin . 5 6 state=LISTEN fate=2\n+1s\n"
		"LISTEN -> CLOSED: close\n"
		"flow 50\nin S 1000\nLISTEN -> SYN_RECEIVED: SYN received\n"
		"SYN_RECEIVED -> CLOSED: duplicate SYN\n");
	play_end(p);
	assert_int_equal(p->verdicts, 0);
	play_free(p);
}

/* More rules broken than a verdict holds are counted. */
static void violations_are_bounded(void **state)
{
	struct play *p = play_begin(16);
	unsigned int i;

	(void)state;
	play(p, THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001\n");
	for (i = 0; i < 20; i++)
		play(p, "out F. 1006 5001 retrans=1\n");
	play_end(p);
	assert_int_equal(p->verdict[0].violations, 20);
	play_free(p);
}

/* Bytes of any origin: nothing is to be concluded, and nothing to break. */
static void noise(void **state)
{
	struct play *p = play_begin(8);
	struct event ev;
	uint8_t *bytes = (uint8_t *)&ev;
	unsigned int i;
	size_t k;

	(void)state;
	srandom(1);
	for (i = 0; i < 200000; i++) {
		for (k = 0; k < sizeof(ev); k++)
			bytes[k] = random();
		ev.kind = 1 + random() % 4;
		ev.id.cookie = random() % 16;
		ev.old_state = random() % 14;
		ev.state = random() % 14;
		ev.seg.state = random() % 14;
		ev.seg.dir = random() % 3;
		ev.cause = random() % 70;
		ev.ts = i * 1000000ULL;
		p->verdicts = 0;
		judge_event(&p->judge, &ev);
	}
	p->verdicts = 0;
	play_end(p);
	assert_int_equal(p->judge.flows.len, 0);
	play_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_catalogue),
		cmocka_unit_test(every_word),
		cmocka_unit_test(the_numbers),
		cmocka_unit_test(dropped_syns),
		cmocka_unit_test(time_wait_is_reused),
		cmocka_unit_test(new_before_old_ends),
		cmocka_unit_test(one_cookie_twice),
		cmocka_unit_test(one_cookie_late),
		cmocka_unit_test(grace),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(numbers_of_a_cookie),
		cmocka_unit_test(numbers_of_an_old_cookie),
		cmocka_unit_test(peers_are_told_apart),
		cmocka_unit_test(listeners_and_duplicates_are_none),
		cmocka_unit_test(violations_are_bounded),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
