// SPDX-License-Identifier: GPL-2.0
/* A planted violation of each rule is found and named; the documentation lists them all. */
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
	"out F. 1005 5001\n"

#define CLOSED_FIRST							\
	CLOSES								\
	"in . 5001 1006\n"						\
	"FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"		\
	"in F. 5001 1006\n"						\
	"out . 1006 5002\n"						\
	"FIN_WAIT_2 -> TIME_WAIT: FIN received\n"

#define IS_CLOSED							\
	"in F. 1005 5001\n"						\
	"ESTABLISHED -> CLOSE_WAIT: FIN received\n"

/* the server closes first, and a SYN takes over its TIME_WAIT */
#define REUSED								\
	ACCEPTED							\
	"ESTABLISHED -> FIN_WAIT_1: close\n"				\
	"out F. 5001 1001\n"						\
	"in . 1001 5002\n"						\
	"FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"		\
	"in F. 1001 5002 tsval=100\n"					\
	"FIN_WAIT_2 -> TIME_WAIT: FIN received\n"			\
	"+1s\n"								\
	"TIME_WAIT -> CLOSED: reused by SYN\n"				\
	"flow 50\n"

/**
 * struct plant - a stream that breaks one rule
 * @stream: as in play.h
 * @dir: whose doing it is
 * @got: number seen, with @want; both 0 where it is not about numbers
 * @want: what the rule wants
 */
struct plant {
	const char	*stream;
	unsigned int	dir;
	uint32_t	got;
	uint32_t	want;
};

#define LOCAL	TCPFSM_DIR_OUT
#define REMOTE	TCPFSM_DIR_IN

static const struct plant plants[__RULE_MAX] = {
	[RULE_TRANSITION] = { THREE_WAY "ESTABLISHED -> TIME_WAIT: FIN received\n", LOCAL, 0, 0 },
	[RULE_CAUSE] = { THREE_WAY "ESTABLISHED -> CLOSE_WAIT: close\n", LOCAL, 0, 0 },
	[RULE_SYN_CHALLENGE] = {
		THREE_WAY "in S 9000\nESTABLISHED -> CLOSED: SYN received\n", LOCAL, 0, 0
	},
	[RULE_TIME_WAIT] = {
		THREE_WAY CLOSED_FIRST "+30s\nTIME_WAIT -> CLOSED: 2MSL expired\n",
		LOCAL, 30000, 59000
	},
	[RULE_SYN_SEQ] = {
		"CLOSED -> SYN_SENT: connect\nout S 1000\n+1s\nout S 1001 retrans=1\n",
		LOCAL, 1001, 1000
	},
	[RULE_SYNACK_ACK] = {
		"CLOSED -> SYN_SENT: connect\nout S 1000\nin S. 5000 1002\n"
		"SYN_SENT -> ESTABLISHED: SYN,ACK received\n", REMOTE, 1002, 1001
	},
	[RULE_THIRD_SEQ] = {
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		"in . 1002 5001\nSYN_RECEIVED -> ESTABLISHED: ACK received\n", REMOTE, 1002, 1001
	},
	[RULE_THIRD_ACK] = {
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		"in . 1001 5002\nSYN_RECEIVED -> ESTABLISHED: ACK received\n", REMOTE, 5002, 5001
	},
	[RULE_ACK_MISSING] = {
		THREE_WAY "in F 5001\nESTABLISHED -> CLOSE_WAIT: FIN received\n", REMOTE, 0, 0
	},
	[RULE_ACK_BEYOND] = {
		THREE_WAY CLOSES "in F. 5001 1007\nFIN_WAIT_1 -> CLOSING: FIN received\n",
		REMOTE, 1007, 1006
	},
	[RULE_FIN_SEQ] = {
		THREE_WAY CLOSES "+1s\nout F. 1006 5001 retrans=1\n", LOCAL, 1006, 1005
	},
	[RULE_DATA_AFTER_FIN] = {
		THREE_WAY CLOSES "out . 1006 5001 len=4\n", LOCAL, 1010, 1005
	},
	[RULE_FIN_ACK] = {
		ACCEPTED IS_CLOSED "CLOSE_WAIT -> LAST_ACK: close\nout F. 5001 1005\n",
		LOCAL, 1005, 1006
	},
	[RULE_ACK_AFTER_FIN] = {
		THREE_WAY CLOSES
		"in . 5001 1006\n"
		"FIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"
		"in F. 5001 1006\n"
		"out . 1006 5001\n"
		"FIN_WAIT_2 -> TIME_WAIT: FIN received\n", LOCAL, 5001, 5002
	},
	[RULE_ACK_OF_FIN] = {
		THREE_WAY CLOSES "in . 5001 1005\nFIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n",
		LOCAL, 1005, 1006
	},
	[RULE_RST_SYN_SENT] = {
		"CLOSED -> SYN_SENT: connect\nout S 1000\nin R. 0 1002\n"
		"SYN_SENT -> CLOSED: RST received\n", LOCAL, 1002, 1001
	},
	[RULE_RST_WINDOW] = {
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
		"in R 1000\nSYN_RECEIVED -> CLOSED: RST received\n", LOCAL, 1000, 1001
	},
	[RULE_RST_EXACT] = {
		ACCEPTED IS_CLOSED "in R 1007\nCLOSE_WAIT -> CLOSED: RST received\n",
		LOCAL, 1007, 1006
	},
	[RULE_REUSE_ISN] = {
		REUSED "in S 900 options\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 9000 901\n",
		LOCAL, 900, 1002
	},
	[RULE_WSCALE_OFFER] = {
		"in S 1000 options\nLISTEN -> SYN_RECEIVED: SYN received\n"
		"out S. 5000 1001 wscale=7\n", LOCAL, 0, 0
	},
	[RULE_WSCALE_MAX] = {
		"in S 1000 wscale=15\nLISTEN -> SYN_RECEIVED: SYN received\n", REMOTE, 15, 14
	},
	[RULE_TS_OFFER] = {
		"in S 1000 options\nLISTEN -> SYN_RECEIVED: SYN received\n"
		"out S. 5000 1001 tsval=7\n", LOCAL, 0, 0
	},
	[RULE_TS_ECHO] = {
		"in S 1000 tsval=10\nLISTEN -> SYN_RECEIVED: SYN received\n"
		"out S. 5000 1001 tsval=7 tsecr=11\n", LOCAL, 11, 10
	},
	[RULE_COOKIE_LEN] = {
		"in S 1000 cookie=3\nLISTEN -> SYN_RECEIVED: SYN received\n", REMOTE, 3, 0
	},
};

/* The verdict that tells of a violation: of several connections one does. */
static const struct verdict *found(const struct play *p)
{
	const struct verdict *v = NULL;
	unsigned int i;

	for (i = 0; i < p->verdicts; i++) {
		if (!p->verdict[i].violations)
			continue;
		assert_null(v);
		v = &p->verdict[i];
	}
	return v;
}

static void each_planted_violation(void **state)
{
	const struct finding *f;
	const struct verdict *v;
	struct play *p;
	unsigned int i;

	(void)state;
	for (i = 0; i < __RULE_MAX; i++) {
		if (!plants[i].stream)
			fail_msg("no violation is planted of %s", rules[i].name);
		p = play_begin(16);
		play(p, plants[i].stream);
		play_end(p);
		v = found(p);
		if (!v || v->violations != 1)
			fail_msg("%s: %u violations", rules[i].name, v ? v->violations : 0);
		f = &v->violation[0];
		if (f->rule != i)
			fail_msg("%s: found is %s", rules[i].name, rules[f->rule].name);
		assert_int_equal(v->conformance, VERDICT_VIOLATION);
		if (f->dir != plants[i].dir)
			fail_msg("%s: wrong side", rules[i].name);
		if (plants[i].got || plants[i].want) {
			assert_true(f->numbers);
			assert_int_equal(f->got, plants[i].got);
			assert_int_equal(f->want, plants[i].want);
		} else {
			assert_false(f->numbers);
		}
		play_free(p);
	}
}

/* The numbers are the same beyond 2^32. */
static void numbers_wrap(void **state)
{
	static const uint32_t shifts[] = { 0xffffffff - 999, -1000U, -1001U, -1005U, -1006U, -5000U,
					   -5001U, -5002U, 0x80000000U, 0x7fffffffU - 1001 };
	const struct verdict *v;
	struct play *p;
	unsigned int i;
	unsigned int k;

	(void)state;
	for (i = 0; i < __RULE_MAX; i++) {
		/* "seq 0" of a RST is no relative number */
		if (i == RULE_RST_SYN_SENT)
			continue;
		for (k = 0; k < ARRAY_SIZE(shifts); k++) {
			p = play_begin(16);
			p->shift = shifts[k];
			play(p, plants[i].stream);
			play_end(p);
			v = found(p);
			if (!v || v->violations != 1 || v->violation[0].rule != i)
				fail_msg("%s: not found with %u", rules[i].name, shifts[k]);
			play_free(p);
		}
	}
}

/* Without the field it needs, a rule says nothing. */
static void what_is_unknown_breaks_no_rule(void **state)
{
	static const char * const streams[] = {
		"CLOSED -> SYN_SENT: connect\nout S noseq\n+1s\nout S 1001 retrans=1\n",
		"CLOSED -> SYN_SENT: connect\nout S 1000\nin S. 5000 1002 noack\n"
			"SYN_SENT -> ESTABLISHED: SYN,ACK received\n",
		"in S 1000 noseq\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
			"in . 1002 5001\nSYN_RECEIVED -> ESTABLISHED: ACK received\n",
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001 noseq\n"
			"in . 1001 5002\nSYN_RECEIVED -> ESTABLISHED: ACK received\n",
		THREE_WAY "ESTABLISHED -> FIN_WAIT_1: close\nout F. 1005 5001 noseq\n"
			"in . 5001 1005\nFIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n",
		THREE_WAY CLOSES "out . 1006 5001 nolen\n",
		ACCEPTED IS_CLOSED "CLOSE_WAIT -> LAST_ACK: close\nout F. 5001 1005 noack\n",
		ACCEPTED IS_CLOSED "in R 1007 noseq\nCLOSE_WAIT -> CLOSED: RST received\n",
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001 wscale=7\n",
		"CLOSED -> SYN_SENT: connect\nout S 1000\nSYN_SENT -> ESTABLISHED: SYN,ACK received\n",
		THREE_WAY CLOSED_FIRST "+1s\nTIME_WAIT -> CLOSED: 2MSL expired nosince\n",
	};
	struct play *p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		p = play_begin(16);
		play(p, streams[i]);
		play_end(p);
		if (found(p))
			fail_msg("%zu: %s", i, rules[found(p)->violation[0].rule].name);
		play_free(p);
	}
}

/* A segment that comes and changes nothing is no evidence: anybody may send it. */
static void strangers(void **state)
{
	static const char * const streams[] = {
		/* B6: a SYN,ACK with a wrong number, refused; then the right one */
		"CLOSED -> SYN_SENT: connect\nout S 1000\nin S. 7000 4444\nout R 4444\n"
			"in S. 5000 1001\nSYN_SENT -> ESTABLISHED: SYN,ACK received\n",
		/* B3, B4: RSTs and a SYN that are challenged or dropped */
		ACCEPTED "in R 2000 fate=3\nin R 9 fate=1\nin S 77 fate=3\n" IS_CLOSED
			"CLOSE_WAIT -> LAST_ACK: close\nout F. 5001 1006\nin R 2222\n"
			"in . 1006 5002\nLAST_ACK -> CLOSED: ACK of FIN received\n",
		/* a SYN with another number in SYN_RECEIVED */
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\nin S 3000\n"
			"in . 1001 5001\nSYN_RECEIVED -> ESTABLISHED: ACK received\n",
		/* a RST that was challenged is not the one that was taken, which was not seen */
		ACCEPTED IS_CLOSED "in R 9999 fate=3\nCLOSE_WAIT -> CLOSED: RST received\n",
		/* an ACK that acknowledges too much */
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\nin . 1001 9999\n"
			"out R 9999\nin . 1001 5001\nSYN_RECEIVED -> ESTABLISHED: ACK received\n",
	};
	struct play *p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		p = play_begin(16);
		play(p, streams[i]);
		play_end(p);
		assert_int_equal(p->verdicts, 1);
		if (found(p))
			fail_msg("%zu: %s", i, rules[found(p)->violation[0].rule].name);
		play_free(p);
	}
}

/* What is no violation though it looks like one */
static void legal_oddities(void **state)
{
	static const char * const streams[] = {
		/* the third segment is lost, what completes the handshake comes later */
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
			"in P. 2461 5001 len=1460\nSYN_RECEIVED -> ESTABLISHED: ACK received\n",
		/* it answers a SYN,ACK that was sent again */
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001 retrans=0\n"
			"+1s\nout S. 5000 1001 retrans=1\nin . 2461 5001\n"
			"SYN_RECEIVED -> ESTABLISHED: ACK received\n",
		/* it brings data and the FIN */
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
			"in F. 1005 5001 len=4\nSYN_RECEIVED -> ESTABLISHED: ACK received\n"
			"ESTABLISHED -> CLOSE_WAIT: FIN received\n",
		/* a peer's FIN that crossed the ACK of ours acknowledges less */
		THREE_WAY CLOSES "in . 5001 1006\nFIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"
			"in F. 5001 1005\nFIN_WAIT_2 -> TIME_WAIT: FIN received\n",
		/* the SYN,ACK echoes an earlier SYN */
		"CLOSED -> SYN_SENT: connect\nout S 1000 tsval=10\n+1s\n"
			"out S 1000 tsval=1010 retrans=1\nin S. 5000 1001 tsval=1 tsecr=10\n"
			"SYN_SENT -> ESTABLISHED: SYN,ACK received\n",
		/* a SYN,ACK sent again echoes the third segment, which was thrown away */
		"in S 1000 tsval=10\nLISTEN -> SYN_RECEIVED: SYN received\n"
			"out S. 5000 1001 tsval=1 tsecr=10 retrans=0\nin . 1001 5001 fate=5\n+1s\n"
			"out S. 5000 1001 tsval=2 tsecr=11 retrans=1\n",
		/* Fast Open: part of the data is acknowledged */
		"CLOSED -> SYN_SENT: connect\nout S 1000 cookie=8 len=100\nin S. 5000 1051\n"
			"SYN_SENT -> ESTABLISHED: SYN,ACK received\n",
		/* a RST in the window, which Linux takes in SYN_RECEIVED */
		"in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\n"
			"in R 1500\nSYN_RECEIVED -> CLOSED: RST received\n",
		/* one with the number of the FIN before it */
		ACCEPTED IS_CLOSED "in R 1005\nCLOSE_WAIT -> CLOSED: RST received\n",
		/* an old number, but a newer timestamp */
		REUSED "in S 900 tsval=101\nLISTEN -> SYN_RECEIVED: SYN received\n",
		REUSED "in S 1002 options\nLISTEN -> SYN_RECEIVED: SYN received\n",
		/* the FIN came before data it had to wait for */
		THREE_WAY CLOSES "in . 5001 1006\nFIN_WAIT_1 -> FIN_WAIT_2: ACK of FIN received\n"
			"in F. 9001 1006\nin S 77 fate=1\nout . 1006 9002\n"
			"FIN_WAIT_2 -> TIME_WAIT: FIN received\n",
	};
	struct play *p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		p = play_begin(16);
		play(p, streams[i]);
		play_end(p);
		if (found(p))
			fail_msg("%zu: %s: %u not %u", i,
				 rules[found(p)->violation[0].rule].name,
				 found(p)->violation[0].got, found(p)->violation[0].want);
		play_free(p);
	}
}

/* What concludes from what was not seen is not asked after a loss. */
static void loss_silences_conclusions(void **state)
{
	struct play *p = play_begin(16);

	(void)state;
	/* the SYN,ACK that was sent again may be among what was lost */
	play(p, "in S 1000\nLISTEN -> SYN_RECEIVED: SYN received\nout S. 5000 1001\nlost 1\n"
		"in . 1400 5001\nSYN_RECEIVED -> ESTABLISHED: ACK received\n");
	play_end(p);
	assert_int_equal(p->verdicts, 1);
	assert_int_equal(p->verdict[0].violations, 0);
	assert_int_equal(p->verdict[0].conformance, VERDICT_INCOMPLETE);
	assert_true(p->verdict[0].missing & BIT(VERDICT_M_LOST));
	play_free(p);
}

static void names_are_unique(void **state)
{
	unsigned int i;
	unsigned int k;

	(void)state;
	for (i = 0; i < __RULE_MAX; i++) {
		assert_non_null(rules[i].name);
		assert_non_null(rules[i].section);
		assert_non_null(rules[i].text);
		assert_int_equal(!!rules[i].segment, rules[i].when == RULE_AT_SEGMENT);
		assert_int_equal(!!rules[i].move, rules[i].when == RULE_AT_MOVE);
		assert_int_equal(!!rules[i].end, rules[i].when == RULE_AT_END);
		for (k = 0; k < i; k++)
			assert_string_not_equal(rules[i].name, rules[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_planted_violation),
		cmocka_unit_test(numbers_wrap),
		cmocka_unit_test(what_is_unknown_breaks_no_rule),
		cmocka_unit_test(strangers),
		cmocka_unit_test(legal_oddities),
		cmocka_unit_test(loss_silences_conclusions),
		cmocka_unit_test(names_are_unique),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
