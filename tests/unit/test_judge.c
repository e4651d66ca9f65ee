// SPDX-License-Identifier: GPL-2.0
/* Verdicts on streams: the rows of the catalogue, and what is missing. */
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

/* A stream, and what is said of it; NULL for null */
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
	{ "C1 A", THREE_WAY CLOSES MSL_2, "three-way", "four-way", "ok", 0, 0 },
	{ "C1 B", ACCEPTED IS_CLOSED, "three-way", "four-way", "ok", 0, 0 },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_catalogue),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
