// SPDX-License-Identifier: GPL-2.0
/* A listener: its queues, what came to it, and in a second line what went wrong there. */
#include "clock.h"
#include "listeners.h"
#include "totals.h"

/* Columns; each is followed by a blank */
#define PAIR_WIDTH	11
#define QUEUE_WIDTH	14
#define COUNT_WIDTH	8

/**
 * listeners_header() - append the names of the columns listener_text() writes
 * @b: the buffer
 * @v: how listeners are shown
 *
 * Context: any.
 */
void listeners_header(struct buf *b, struct view *v)
{
	text_listener_header(b, v);
	buf_printf(b, "%-*s %-*s %-*s %-*s %-*s %s\n",
		   PAIR_WIDTH, "HALFOPEN", QUEUE_WIDTH, "WAITING",
		   COUNT_WIDTH, "SYNS", COUNT_WIDTH, "OPENED", COUNT_WIDTH, "ACCEPTED",
		   "WAIT-MS");
}

static void count_column(struct buf *b, uint64_t n)
{
	size_t start = b->len;

	text_count(b, n);
	buf_pad(b, start, COUNT_WIDTH);
}

/* "3/256 of 511": now, at most so far, room */
static void queue_column(struct buf *b, const struct tcpfsm_listener *l,
			 const struct listener_queue *q)
{
	size_t start = b->len;

	buf_printf(b, "%u/%u", q->known ? q->waiting : l->waiting, l->waiting_peak);
	if (q->known)
		buf_printf(b, " of %u", q->limit);
	buf_pad(b, start, QUEUE_WIDTH);
}

static uint64_t mean_ns(const struct tcpfsm_listener *l)
{
	return l->accepted ? l->accept_ns / l->accepted : 0;
}

static void ms(struct buf *b, uint64_t ns)
{
	buf_printf(b, "%llu.%03llu", ns / NSEC_PER_MSEC,
		   ns % NSEC_PER_MSEC / NSEC_PER_USEC);
}

/* A part of the second line, which begins with the first of them */
static void trouble(struct buf *b, bool *begun, uint64_t n, const char *what)
{
	if (!n)
		return;
	buf_str(b, *begun ? ", " : "  ** ");
	*begun = true;
	text_count(b, n);
	buf_char(b, ' ');
	buf_str(b, what);
}

static void troubles(struct buf *b, const struct tcpfsm_listener *l)
{
	bool begun = false;

	trouble(b, &begun, l->syn_drops, "dropped: SYN queue full or no route back");
	trouble(b, &begun, l->accept_drops, "dropped: accept queue full");
	trouble(b, &begun, l->synack_retrans, "SYN,ACKs sent again");
	trouble(b, &begun, l->expired, "expired half-open");
	trouble(b, &begun, l->cookies_sent, "cookies sent");
	trouble(b, &begun, l->cookies_ok, "cookies came back");
	trouble(b, &begun, l->cookies_bad, "bad cookies");
	trouble(b, &begun, l->floods, l->floods == 1 ? "flood" : "floods");
	if (l->flooded)
		buf_str(b, begun ? ", FLOODED NOW" : "  ** FLOODED NOW");
	if (begun || l->flooded)
		buf_char(b, '\n');
}

/**
 * listener_text() - append the line of a listener, and a second one if there was trouble
 * @b: the buffer
 * @v: how listeners are shown
 * @ev: which listener, and whose
 * @l: its numbers
 * @q: its accept queue
 *
 * Context: any.
 */
void listener_text(struct buf *b, struct view *v, const struct event *ev,
		   const struct tcpfsm_listener *l, const struct listener_queue *q)
{
	size_t start;

	text_listener(b, v, ev);
	start = b->len;
	buf_printf(b, "%u/%u", l->half_open, l->half_open_peak);
	buf_pad(b, start, PAIR_WIDTH);
	queue_column(b, l, q);
	count_column(b, l->syns);
	count_column(b, l->completed);
	count_column(b, l->accepted);
	if (l->accepted) {
		ms(b, mean_ns(l));
		buf_char(b, '/');
		ms(b, l->accept_max_ns);
	} else {
		buf_char(b, '-');
	}
	buf_char(b, '\n');
	troubles(b, l);
}

static void queue_fields(struct buf *b, const struct listener_queue *q)
{
	if (q->known) {
		json_add_num(b, "queue", q->waiting);
		json_add_num(b, "queue_limit", q->limit);
		return;
	}
	json_add_str(b, "queue", NULL);
	json_add_str(b, "queue_limit", NULL);
}

/**
 * listener_json() - append the object of a listener
 * @b: the buffer
 * @v: for its time of day
 * @ev: which listener, and whose
 * @l: its numbers
 * @q: its accept queue
 *
 * Context: any.
 */
void listener_json(struct buf *b, struct view *v, const struct event *ev,
		   const struct tcpfsm_listener *l, const struct listener_queue *q)
{
	json_begin(b, "listener");
	json_identity(b, v, ev);
	json_age(b, ev);
	json_add_num(b, "half_open", l->half_open);
	json_add_num(b, "half_open_peak", l->half_open_peak);
	json_add_num(b, "waiting", l->waiting);
	json_add_num(b, "waiting_peak", l->waiting_peak);
	queue_fields(b, q);
	json_add_num(b, "syns", l->syns);
	json_add_num(b, "completed", l->completed);
	json_add_num(b, "synack_retrans", l->synack_retrans);
	json_add_num(b, "expired", l->expired);
	json_add_num(b, "syn_drops", l->syn_drops);
	json_add_num(b, "accept_drops", l->accept_drops);
	json_add_num(b, "cookies_sent", l->cookies_sent);
	json_add_num(b, "cookies_ok", l->cookies_ok);
	json_add_num(b, "cookies_bad", l->cookies_bad);
	json_add_num(b, "accepted", l->accepted);
	json_add_num(b, "accept_ns", l->accept_ns);
	json_add_num(b, "accept_max_ns", l->accept_max_ns);
	json_add_num(b, "floods", l->floods);
	json_add_bool(b, "flooded", l->flooded);
	json_end(b);
}
