// SPDX-License-Identifier: GPL-2.0
/* Verdicts, as lines for people and as JSON. */
#include "clock.h"
#include "fsm.h"
#include "names.h"
#include "verdict.h"

#define HANDSHAKE_WIDTH		20
#define TEARDOWN_WIDTH		18
#define CONFORMANCE_WIDTH	10

#define NUMBERS			8	/* steps that are shown as evidence */

/**
 * verdict_event() - what a verdict shares with an event, to filter and to print it
 * @t: the verdict
 *
 * Context: any.
 * Return: an event of its connection, in its last state.
 */
struct event verdict_event(const struct verdict *t)
{
	return (struct event){
		.kind = TCPFSM_K_STATE, .flags = t->flags, .ts = t->ts, .id = t->id,
		.owner = t->owner, .old_state = t->state, .state = t->state,
	};
}

static const char *side(const struct finding *f)
{
	return f->dir == TCPFSM_DIR_OUT ? "local" : "remote";
}

static void column(struct buf *b, size_t width, const char *text)
{
	size_t start = b->len;

	buf_str(b, text ? text : "-");
	buf_pad(b, start, width);
}

static void ms(struct buf *b, uint64_t ns)
{
	buf_dec(b, ns / NSEC_PER_MSEC);
	buf_char(b, '.');
	buf_dec_pad(b, ns % NSEC_PER_MSEC / NSEC_PER_USEC, 3);
}

static void state_text(struct buf *b, unsigned int state)
{
	const char *name = state_name(state);

	if (name)
		buf_str(b, name);
	else
		buf_printf(b, "state_%u", state);
}

static void cause_text(struct buf *b, unsigned int cause)
{
	const char *name = cause_name(cause);

	if (name)
		buf_str(b, name);
	else
		buf_printf(b, "cause %u", cause);
}

static bool about_states(const struct finding *f)
{
	return rules[f->rule].when == RULE_AT_MOVE && !f->numbers;
}

static void violation_text(struct buf *b, const struct finding *f)
{
	buf_printf(b, "%s violates %s (%s)", side(f), rules[f->rule].name,
		   rules[f->rule].section);
	if (about_states(f)) {
		buf_str(b, ": ");
		state_text(b, f->got >> 8);
		buf_str(b, " -> ");
		state_text(b, f->got & 0xff);
	} else if (f->numbers) {
		buf_printf(b, ": %u, not %u", f->got, f->want);
	}
}

/* What separates one remark from the next */
static void remark(struct buf *b, bool *first)
{
	if (!*first)
		buf_str(b, "; ");
	*first = false;
}

static void violations_text(struct buf *b, const struct verdict *t, bool *first)
{
	uint32_t i;

	for (i = 0; i < t->violations && i < VERDICT_VIOLATIONS; i++) {
		remark(b, first);
		violation_text(b, &t->violation[i]);
	}
	if (t->violations > VERDICT_VIOLATIONS) {
		remark(b, first);
		buf_printf(b, "%u more violations", t->violations - VERDICT_VIOLATIONS);
	}
}

static uint32_t times(const struct verdict *t, unsigned int note)
{
	switch (note) {
	case VERDICT_N_RETRANS_SYN:
		return t->syn_retrans;
	case VERDICT_N_RETRANS_SYNACK:
		return t->synack_retrans;
	case VERDICT_N_RETRANS_FIN:
		return t->fin_retrans;
	case VERDICT_N_CHALLENGED:
		return t->challenged;
	}
	return 1;
}

static void notes_text(struct buf *b, const struct verdict *t, bool *first)
{
	unsigned int i;

	for (i = 0; i < __VERDICT_N_MAX; i++) {
		if (!(t->notes & BIT(i)))
			continue;
		remark(b, first);
		buf_str(b, note_name(i));
		if (i == VERDICT_N_HALF_CLOSED) {
			buf_char(b, ' ');
			ms(b, t->half_closed_ns);
			buf_str(b, " ms");
		}
		if (times(t, i) > 1)
			buf_printf(b, " %u times", times(t, i));
	}
}

static void missing_text(struct buf *b, const struct verdict *t, bool *first)
{
	unsigned int i;

	for (i = 0; i < __VERDICT_M_MAX; i++) {
		if (!(t->missing & BIT(i)))
			continue;
		remark(b, first);
		buf_str(b, "missing: ");
		buf_str(b, missing_name(i));
	}
}

static void remarks(struct buf *b, const struct verdict *t)
{
	bool first = true;

	if (verdict_ended(t)) {
		remark(b, &first);
		cause_text(b, t->cause);
	}
	violations_text(b, t, &first);
	notes_text(b, t, &first);
	missing_text(b, t, &first);
	buf_char(b, '\n');
}

/**
 * text_verdict_header() - append the names of the columns text_verdict() writes
 * @b: the buffer
 * @v: how events are shown
 *
 * Context: any.
 */
void text_verdict_header(struct buf *b, struct view *v)
{
	text_identity_header(b, v);
	column(b, HANDSHAKE_WIDTH, "HANDSHAKE");
	column(b, TEARDOWN_WIDTH, "TEARDOWN");
	column(b, CONFORMANCE_WIDTH, "VERDICT");
	buf_str(b, "REMARKS\n");
}

/**
 * text_verdict() - append the line of a verdict
 * @b: the buffer
 * @v: how events are shown
 * @t: the verdict
 *
 * Context: any.
 */
void text_verdict(struct buf *b, struct view *v, const struct verdict *t)
{
	const struct event ev = verdict_event(t);

	text_identity(b, v, &ev);
	column(b, HANDSHAKE_WIDTH, handshake_name(t->handshake));
	column(b, TEARDOWN_WIDTH, teardown_name(t->teardown));
	column(b, CONFORMANCE_WIDTH, conformance_name(t->conformance));
	remarks(b, t);
}

/**
 * text_verdict_among() - append the line of a verdict among those of transitions
 * @b: the buffer
 * @v: how events are shown
 * @t: the verdict
 *
 * Context: any.
 */
void text_verdict_among(struct buf *b, struct view *v, const struct verdict *t)
{
	const struct event ev = verdict_event(t);

	text_identity(b, v, &ev);
	buf_str(b, "verdict: ");
	buf_str(b, conformance_name(t->conformance));
	buf_str(b, "; ");
	buf_str(b, t->handshake ? handshake_name(t->handshake) : "opening unknown");
	if (t->teardown) {
		buf_str(b, ", ");
		buf_str(b, teardown_name(t->teardown));
	}
	buf_str(b, "; ");
	remarks(b, t);
}

static void add_cause(struct buf *b, const char *key, unsigned int cause)
{
	json_key(b, key);
	buf_char(b, '"');
	cause_text(b, cause);
	buf_char(b, '"');
}

static void add_known(struct buf *b, const char *key, bool known, uint64_t n)
{
	json_key(b, key);
	if (known)
		buf_dec(b, n);
	else
		buf_str(b, "null");
}

/* An array of the names whose bits are set */
static void add_names(struct buf *b, const char *key, uint32_t bits,
		      const char *(*name)(unsigned int))
{
	bool first = true;
	unsigned int i;

	json_key(b, key);
	buf_char(b, '[');
	for (i = 0; bits >> i; i++) {
		if (!(bits & BIT(i)))
			continue;
		buf_str(b, first ? "\"" : ",\"");
		buf_str(b, name(i));
		buf_char(b, '"');
		first = false;
	}
	buf_char(b, ']');
}

static const char *departure_name(unsigned int departure)
{
	return departures[departure].name;
}

static void violation_object(struct buf *b, const struct finding *f)
{
	const struct rule *r = &rules[f->rule];

	buf_str(b, "{\"rule\":\"");
	buf_str(b, r->name);
	buf_char(b, '"');
	json_add_str(b, "section", r->section);
	json_add_str(b, "side", side(f));
	json_add_str(b, "text", r->text);
	if (about_states(f)) {
		json_add_state(b, "old", f->got >> 8);
		json_add_state(b, "new", f->got & 0xff);
	} else if (f->numbers) {
		json_add_num(b, "got", f->got);
		json_add_num(b, "want", f->want);
	}
	buf_char(b, '}');
}

static void add_violations(struct buf *b, const struct verdict *t)
{
	uint32_t i;

	json_key(b, "violations");
	buf_char(b, '[');
	for (i = 0; i < t->violations && i < VERDICT_VIOLATIONS; i++) {
		if (i)
			buf_char(b, ',');
		violation_object(b, &t->violation[i]);
	}
	buf_char(b, ']');
	json_add_num(b, "violations_total", t->violations);
}

static void add_times(struct buf *b, const struct verdict *t)
{
	bool first = true;
	unsigned int i;

	add_known(b, "handshake_ns", t->has_handshake_ns, t->handshake_ns);
	add_known(b, "duration_ns", t->has_duration_ns, t->duration_ns);
	add_known(b, "half_closed_ns", t->half_closed_ns, t->half_closed_ns);
	json_key(b, "ns_in");
	buf_char(b, '{');
	for (i = 0; i <= TCPFSM_S_MAX; i++) {
		if (!(t->state_known & BIT(i)))
			continue;
		buf_str(b, first ? "\"" : ",\"");
		buf_str(b, state_name(i));
		buf_str(b, "\":");
		buf_dec(b, t->state_ns[i]);
		first = false;
	}
	buf_char(b, '}');
}

/* Why the peer's number is predictable: its latest ones, which are a step apart */
static void add_numbers(struct buf *b, const struct verdict *t)
{
	unsigned int n;

	if (!t->isn_steps)
		return;
	json_add_num(b, "isn_steps", t->isn_steps);
	json_add_num(b, "isn_step", t->isn_step);
	json_key(b, "isn_numbers");
	buf_char(b, '[');
	for (n = t->isn_steps < NUMBERS ? t->isn_steps : NUMBERS; n; n--) {
		buf_dec(b, t->irs - n * t->isn_step);
		buf_char(b, ',');
	}
	buf_dec(b, t->irs);
	buf_char(b, ']');
}

/**
 * json_verdict() - append the object of a verdict
 * @b: the buffer
 * @v: how events are shown, for its time of day
 * @t: the verdict
 *
 * Context: any.
 */
void json_verdict(struct buf *b, struct view *v, const struct verdict *t)
{
	const struct event ev = verdict_event(t);

	json_begin(b, "verdict");
	json_identity(b, v, &ev);
	json_add_str(b, "handshake", handshake_name(t->handshake));
	json_add_str(b, "teardown", teardown_name(t->teardown));
	json_add_str(b, "conformance", conformance_name(t->conformance));
	add_violations(b, t);
	add_names(b, "missing", t->missing, missing_name);
	add_names(b, "notes", t->notes, note_name);
	add_names(b, "departures", t->departures, departure_name);
	json_add_state(b, "last_state", t->state);
	if (verdict_ended(t))
		add_cause(b, "cause", t->cause);
	else
		json_add_str(b, "cause", NULL);
	add_times(b, t);
	json_add_num(b, "syn_retrans", t->syn_retrans);
	json_add_num(b, "synack_retrans", t->synack_retrans);
	json_add_num(b, "fin_retrans", t->fin_retrans);
	add_known(b, "retrans", t->has_retrans, t->retrans);
	json_add_num(b, "challenged", t->challenged);
	add_known(b, "iss", t->has_iss, t->iss);
	add_known(b, "irs", t->has_irs, t->irs);
	add_numbers(b, t);
	json_add_num(b, "rules_checked", __builtin_popcountll(t->checked));
	json_end(b);
}
