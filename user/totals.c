// SPDX-License-Identifier: GPL-2.0
/*
 * What the module counted: transitions as a matrix, times in states, causes. Of times
 * it keeps how many were below which power of two, so what is said here are bounds.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "names.h"
#include "totals.h"

#define ROW_WIDTH	13
#define CELL_WIDTH	7

/* Heads of columns: eleven states are to fit beside each other */
static const char * const heads[TCPNL_STATES] = {
	[TCPFSM_S_UNKNOWN]	= "?",
	[TCPFSM_S_CLOSED]	= "CLOSED",
	[TCPFSM_S_LISTEN]	= "LISTEN",
	[TCPFSM_S_SYN_SENT]	= "SYN_S",
	[TCPFSM_S_SYN_RECEIVED]	= "SYN_R",
	[TCPFSM_S_ESTABLISHED]	= "ESTAB",
	[TCPFSM_S_FIN_WAIT_1]	= "FIN_W1",
	[TCPFSM_S_FIN_WAIT_2]	= "FIN_W2",
	[TCPFSM_S_CLOSE_WAIT]	= "CLOSEW",
	[TCPFSM_S_CLOSING]	= "CLOSNG",
	[TCPFSM_S_LAST_ACK]	= "LASTAK",
	[TCPFSM_S_TIME_WAIT]	= "TIMEW",
};

/**
 * totals_state() - what a state is called, one a newer module knows too
 * @state: enum tcpfsm_state
 * @to: room for its name
 * @room: bytes of it
 *
 * Context: any.
 * Return: the name.
 */
const char *totals_state(unsigned int state, char *to, size_t room)
{
	const char *name = state_name(state);

	if (name)
		return name;
	if (state == TCPFSM_S_UNKNOWN)
		return "unknown";
	snprintf(to, room, "state_%u", state);
	return to;
}

/**
 * text_count() - append a number in at most six characters
 * @b: the buffer
 * @n: the number; from a million on its first three digits: 1.23M
 *
 * Context: any.
 */
void text_count(struct buf *b, uint64_t n)
{
	static const char letters[] = "MGTPE";
	unsigned int i = 0;
	double part;

	if (n < 1000000) {
		buf_dec(b, n);
		return;
	}
	for (part = n / 1e6; part >= 999.5 && letters[i + 1]; i++)
		part /= 1000;
	buf_printf(b, "%.*f%c", part < 9.995 ? 2 : part < 99.95 ? 1 : 0, part, letters[i]);
}

static void cell(struct buf *b, uint64_t n)
{
	size_t start = b->len;

	if (n)
		text_count(b, n);
	else
		buf_char(b, '.');
	buf_pad(b, start, CELL_WIDTH - 1);
}

/**
 * totals_left() - whether a state was ever left
 * @t: the numbers
 * @state: the state
 *
 * Context: any.
 * Return: true when it was.
 */
bool totals_left(const struct tcpnl_totals *t, unsigned int state)
{
	size_t i;

	for (i = 0; i < TCPNL_STATES; i++)
		if (t->matrix[state][i])
			return true;
	return false;
}

/**
 * totals_entered() - whether a state was ever entered
 * @t: the numbers
 * @state: the state
 *
 * Context: any.
 * Return: true when it was.
 */
bool totals_entered(const struct tcpnl_totals *t, unsigned int state)
{
	size_t i;

	for (i = 0; i < TCPNL_STATES; i++)
		if (t->matrix[i][state])
			return true;
	return false;
}

/* Each line ends in what it says, not in blanks. */
static void end_line(struct buf *b)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	buf_char(b, '\n');
}

/**
 * matrix_text() - append the matrix of transitions, from the row's state to the column's
 * @b: the buffer
 * @t: the numbers; states that were never left are no rows, never entered no columns
 *
 * Context: any.
 */
void matrix_text(struct buf *b, const struct tcpnl_totals *t)
{
	bool column[TCPNL_STATES];
	unsigned int i, j;
	size_t start;
	char text[16];

	start = b->len;
	buf_str(b, "FROM / TO");
	buf_pad(b, start, ROW_WIDTH - 1);
	for (i = 0; i < TCPNL_STATES; i++) {
		column[i] = totals_entered(t, i);
		if (!column[i])
			continue;
		start = b->len;
		buf_str(b, heads[i] ? heads[i] : "NEWER");
		buf_pad(b, start, CELL_WIDTH - 1);
	}
	end_line(b);
	for (i = 0; i < TCPNL_STATES; i++) {
		if (!totals_left(t, i))
			continue;
		start = b->len;
		buf_str(b, totals_state(i, text, sizeof(text)));
		buf_pad(b, start, ROW_WIDTH - 1);
		for (j = 0; j < TCPNL_STATES; j++)
			if (column[j])
				cell(b, t->matrix[i][j]);
		end_line(b);
	}
}

/**
 * matrix_json() - append an object for each transition that was ever made
 * @b: the buffer
 * @v: for its time of day
 * @t: the numbers
 *
 * Context: any.
 */
void matrix_json(struct buf *b, struct view *v, const struct tcpnl_totals *t)
{
	const uint64_t now = clock_mono();
	unsigned int i, j;

	for (i = 0; i < TCPNL_STATES; i++) {
		for (j = 0; j < TCPNL_STATES; j++) {
			if (!t->matrix[i][j])
				continue;
			json_begin(b, "transitions");
			json_time(b, v, now);
			json_add_state(b, "old", i);
			json_add_state(b, "new", j);
			json_add_num(b, "count", t->matrix[i][j]);
			json_end(b);
		}
	}
}

/**
 * times_below() - the bound above of one of the numbers of a state
 * @n: which one
 *
 * Context: any.
 * Return: ns all that it counts were below, TOTALS_ENDLESS for none.
 */
uint64_t times_below(unsigned int n)
{
	return n + 1 < TCPNL_TIMES ? BIT_ULL(n) * NSEC_PER_USEC : TOTALS_ENDLESS;
}

/* ns that none was below: 0 for the first number */
static uint64_t times_from(unsigned int n)
{
	/* never -1, of nothing that was counted: NOLINTNEXTLINE(clang-analyzer-core.*) */
	return n ? BIT_ULL(n - 1) * NSEC_PER_USEC : 0;
}

static uint64_t times_count(const uint64_t *times)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < TCPNL_TIMES; i++)
		count += times[i];
	return count;
}

/**
 * times_rank() - where among the numbers of a state a share of the times ends
 * @times: the numbers
 * @percent: 50 for the median, 100 for the longest; at least so many of the times are
 *	in the number returned or in those before it
 *
 * Context: any.
 * Return: which number, -1 when nothing was counted.
 */
int times_rank(const uint64_t *times, unsigned int percent)
{
	const uint64_t count = times_count(times);
	/* rounded up, and without passing 2^64 */
	uint64_t rank = count / 100 * percent + (count % 100 * percent + 99) / 100;
	int i;

	if (!count)
		return -1;
	for (i = 0; i < TCPNL_TIMES; i++) {
		if (times[i] >= rank)
			return i;
		rank -= times[i];
	}
	return TCPNL_TIMES - 1;
}

/**
 * times_bound() - append the bound of one of the numbers of a state, with three digits at most
 * @b: the buffer
 * @n: which one
 *
 * Context: any.
 */
void times_bound(struct buf *b, int n)
{
	static const struct {
		const char	*name;
		double		ns;
	} units[] = {
		{ "h", 3600e9 }, { "m", 60e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 },
	};
	const bool endless = times_below(n) == TOTALS_ENDLESS;
	const double ns = endless ? times_from(n) : times_below(n);
	double part;
	size_t i;

	for (i = 0; i + 1 < ARRAY_SIZE(units) && ns < units[i].ns; i++)
		;
	part = ns / units[i].ns;
	buf_printf(b, "%s%.*f%s", endless ? ">=" : "<", part < 10 && ns > 1e6 ? 1 : 0, part,
		   units[i].name);
}

static void bound(struct buf *b, int n)
{
	size_t start = b->len;

	times_bound(b, n);
	buf_pad(b, start, 8);
}

/**
 * times_text() - append a line for each state that was left, with for how long it lasted
 * @b: the buffer
 * @t: the numbers
 *
 * Context: any.
 */
void times_text(struct buf *b, const struct tcpnl_totals *t)
{
	char text[16];
	size_t start;
	size_t i;

	buf_printf(b, "%-13s%-8s%-9s%-9s%s\n", "STATE", "COUNT", "MEDIAN", "P99", "MAX");
	for (i = 0; i < TCPNL_STATES; i++) {
		if (times_rank(t->times[i], 100) < 0)
			continue;
		start = b->len;
		buf_str(b, totals_state(i, text, sizeof(text)));
		buf_pad(b, start, ROW_WIDTH - 1);
		start = b->len;
		text_count(b, times_count(t->times[i]));
		buf_pad(b, start, 7);
		bound(b, times_rank(t->times[i], 50));
		bound(b, times_rank(t->times[i], 99));
		bound(b, times_rank(t->times[i], 100));
		end_line(b);
	}
}

static void json_bound(struct buf *b, const char *key, uint64_t ns)
{
	json_key(b, key);
	if (ns == TOTALS_ENDLESS)
		buf_str(b, "null");
	else
		buf_dec(b, ns);
}

static void json_histogram(struct buf *b, const uint64_t *times)
{
	const int last = times_rank(times, 100);
	int i;

	json_key(b, "histogram");
	buf_char(b, '[');
	for (i = 0; i <= last; i++) {
		if (i)
			buf_char(b, ',');
		buf_dec(b, times[i]);
	}
	buf_char(b, ']');
}

/**
 * times_json() - append an object for each state that was left
 * @b: the buffer
 * @v: for its time of day
 * @t: the numbers
 *
 * Context: any.
 */
void times_json(struct buf *b, struct view *v, const struct tcpnl_totals *t)
{
	static const struct {
		unsigned int	percent;
		const char	*from;
		const char	*below;
	} ranks[] = {
		{ 50, "median_from_ns", "median_below_ns" },
		{ 99, "p99_from_ns", "p99_below_ns" },
		{ 100, "max_from_ns", "max_below_ns" },
	};
	const uint64_t now = clock_mono();
	size_t i, j;
	int n;

	for (i = 0; i < TCPNL_STATES; i++) {
		if (times_rank(t->times[i], 100) < 0)
			continue;
		json_begin(b, "times");
		json_time(b, v, now);
		json_add_state(b, "state", i);
		json_add_num(b, "count", times_count(t->times[i]));
		for (j = 0; j < ARRAY_SIZE(ranks); j++) {
			n = times_rank(t->times[i], ranks[j].percent);
			json_bound(b, ranks[j].from, times_from(n));
			json_bound(b, ranks[j].below, times_below(n));
		}
		json_histogram(b, t->times[i]);
		json_end(b);
	}
}

/* The causes there were, the most frequent first, the unknown one last; how many */
static size_t sort_causes(const struct tcpnl_totals *t, uint8_t *order)
{
	size_t n = 0;
	size_t i, j;

	for (i = TCPFSM_C_UNKNOWN + 1; i < TCPNL_CAUSES; i++) {
		if (!t->causes[i])
			continue;
		for (j = n++; j && t->causes[order[j - 1]] < t->causes[i]; j--)
			order[j] = order[j - 1];
		order[j] = i;
	}
	if (t->causes[TCPFSM_C_UNKNOWN])
		order[n++] = TCPFSM_C_UNKNOWN;
	return n;
}

/**
 * causes_text() - append a line for each cause of a transition there was
 * @b: the buffer
 * @t: the numbers
 *
 * Context: any.
 */
void causes_text(struct buf *b, const struct tcpnl_totals *t)
{
	uint8_t order[TCPNL_CAUSES];
	const size_t n = sort_causes(t, order);
	size_t start;
	size_t i;

	buf_printf(b, "%-13s%s\n", "COUNT", "CAUSE");
	for (i = 0; i < n; i++) {
		start = b->len;
		buf_dec(b, t->causes[order[i]]);
		buf_pad(b, start, ROW_WIDTH - 1);
		if (cause_name(order[i]))
			buf_printf(b, "%s\n", cause_name(order[i]));
		else
			buf_printf(b, "cause %u\n", order[i]);
	}
}

/**
 * causes_json() - append an object for each cause of a transition there was
 * @b: the buffer
 * @v: for its time of day
 * @t: the numbers
 *
 * Context: any.
 */
void causes_json(struct buf *b, struct view *v, const struct tcpnl_totals *t)
{
	uint8_t order[TCPNL_CAUSES];
	const size_t n = sort_causes(t, order);
	const uint64_t now = clock_mono();
	size_t i;

	for (i = 0; i < n; i++) {
		json_begin(b, "causes");
		json_time(b, v, now);
		json_add_cause(b, order[i]);
		json_add_num(b, "count", t->causes[order[i]]);
		json_end(b);
	}
}
