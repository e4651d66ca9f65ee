// SPDX-License-Identifier: GPL-2.0
/*
 * The reorder window: records of all processors into the order they were made in.
 *
 * The module's worker merges the rings of all processors by time, but a record
 * whose processor is held up between reading the clock and handing the record over
 * misses its round and comes with the next one, behind younger ones. In a virtual
 * machine the hypervisor may hold a processor up for some milliseconds;
 * ORDER_WINDOW_NS leaves room for that.
 *
 * So the worker says with each message up to when all has come, and what was made before
 * is handed out at once. It says nothing of what it could not wait for, and an older
 * module never does: then an event is handed out when one that is a window younger has
 * been seen, or when the source was found empty a window after the event was made. A
 * reader that lags behind still gets the order right, as then only the first rule works.
 * When more events are held than fit, the earliest goes. No event is ever dropped: one
 * that comes too late for its place is handed out at once and counted.
 *
 * Nearly all events come in order. These wait in a row; only one that is earlier than the
 * last of the row goes into a heap.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

/* By time; where two processors' clocks agree to the ns, by processor and number. */
struct order_key {
	uint64_t	ts;
	uint64_t	seq;
	uint32_t	cpu;
	uint32_t	place;
};

#define ROW_MIN	256	/* events, a power of 2 */

/**
 * order_init() - make an empty window
 * @o: the window
 * @max: events it holds, at least 1
 * @window: ns an event is held back
 *
 * Context: any; allocates.
 * Return: 0 or -ENOMEM.
 */
int order_init(struct order *o, size_t max, uint64_t window)
{
	size_t row = ROW_MIN;

	while (row < max)
		row *= 2;
	*o = (struct order){ .max = max, .window = window, .row_size = ROW_MIN };
	/* the kernel gives memory where it is used first, and most of this never is */
	o->row = calloc(row, sizeof(*o->row));
	o->heap = calloc(max, sizeof(*o->heap));
	o->pool = calloc(max, sizeof(*o->pool));
	o->spare = calloc(max, sizeof(*o->spare));
	if (!o->row || !o->heap || !o->pool || !o->spare) {
		order_free(o);
		return -ENOMEM;
	}
	return 0;
}

/**
 * order_free() - release the window with what it still holds
 * @o: the window
 *
 * Context: any.
 */
void order_free(struct order *o)
{
	free(o->row);
	free(o->heap);
	free(o->pool);
	free(o->spare);
	*o = (struct order){ 0 };
}

static struct order_key key_of(const struct event *ev)
{
	return (struct order_key){ .ts = ev->ts, .seq = ev->seq, .cpu = ev->cpu };
}

static bool earlier(const struct order_key *a, const struct order_key *b)
{
	if (a->ts != b->ts)
		return a->ts < b->ts;
	/* EVENT_CPU_UNKNOWN becomes 0: a loss goes before what came after it */
	if (a->cpu != b->cpu)
		return a->cpu + 1 < b->cpu + 1;
	return a->seq < b->seq;
}

static void sift_up(struct order *o, size_t i)
{
	struct order_key key = o->heap[i];
	size_t up;

	while (i) {
		up = (i - 1) / 2;
		if (!earlier(&key, &o->heap[up]))
			break;
		o->heap[i] = o->heap[up];
		i = up;
	}
	o->heap[i] = key;
}

static void sift_down(struct order *o, size_t i)
{
	struct order_key key = o->heap[i];
	size_t down;

	for (;;) {
		down = 2 * i + 1;
		if (down >= o->heap_len)
			break;
		if (down + 1 < o->heap_len && earlier(&o->heap[down + 1], &o->heap[down]))
			down++;
		if (!earlier(&o->heap[down], &key))
			break;
		o->heap[i] = o->heap[down];
		i = down;
	}
	o->heap[i] = key;
}

static struct event *row_at(const struct order *o, size_t i)
{
	return &o->row[(o->row_head + i) & (o->row_size - 1)];
}

/* Twice the room: what had begun anew at the row's beginning goes behind its old end. */
static void grow_row(struct order *o)
{
	memcpy(o->row + o->row_size, o->row, o->row_head * sizeof(*o->row));
	o->row_size *= 2;
}

static bool is_last(const struct order *o, const struct event *ev)
{
	struct order_key key, last;

	if (!o->row_len)
		return true;
	if (row_at(o, o->row_len - 1)->ts < ev->ts)
		return true;
	key = key_of(ev);
	last = key_of(row_at(o, o->row_len - 1));
	return !earlier(&key, &last);
}

/* Places of the pool are taken in turn, and before that those that were given back. */
static void push_heap(struct order *o, const struct event *ev)
{
	uint32_t place = o->spares ? o->spare[--o->spares] : o->heap_len;

	o->pool[place] = *ev;
	o->heap[o->heap_len] = key_of(ev);
	o->heap[o->heap_len].place = place;
	sift_up(o, o->heap_len++);
}

static void pop_heap(struct order *o, struct event *ev)
{
	uint32_t place = o->heap[0].place;

	*ev = o->pool[place];
	o->spare[o->spares++] = place;
	if (--o->heap_len) {
		o->heap[0] = o->heap[o->heap_len];
		sift_down(o, 0);
	}
}

/**
 * order_push() - take an event in
 * @o: the window
 * @ev: the event, copied
 *
 * Context: any.
 * Return: 0, or -ENOSPC when it is full: call order_pop() until that returns
 * false after each push, and it never is.
 */
int order_push(struct order *o, const struct event *ev)
{
	if (o->len == o->max)
		return -ENOSPC;
	if (is_last(o, ev)) {
		if (o->row_len == o->row_size)
			grow_row(o);
		*row_at(o, o->row_len++) = *ev;
	} else {
		push_heap(o, ev);
	}
	o->len++;
	order_mark(o, ev->ts);
	return 0;
}

/**
 * order_mark() - say up to when everything has come
 * @o: the window
 * @now: CLOCK_MONOTONIC in ns, read before the source was found empty
 *
 * Context: any.
 */
void order_mark(struct order *o, uint64_t now)
{
	if (now > o->mark)
		o->mark = now;
}

/**
 * order_until() - say before when everything has come
 * @o: the window
 * @until: CLOCK_MONOTONIC in ns; one that was made then may be pushed next
 *
 * Context: any.
 */
void order_until(struct order *o, uint64_t until)
{
	order_mark(o, until + o->window);
}

/**
 * order_end() - say that nothing more will come: all may be handed out
 * @o: the window
 *
 * Context: any.
 */
void order_end(struct order *o)
{
	o->mark = UINT64_MAX;
	o->window = 0;
}

/* Whether the earliest event is in the heap; there is one */
static bool from_heap(const struct order *o)
{
	struct order_key key;

	if (!o->heap_len || !o->row_len)
		return o->heap_len;
	key = key_of(row_at(o, 0));
	return earlier(&o->heap[0], &key);
}

/**
 * order_due() - when the earliest event may be handed out, if nothing else comes
 * @o: the window
 * @due: set to CLOCK_MONOTONIC in ns
 *
 * Context: any.
 * Return: false when no event is held.
 */
bool order_due(const struct order *o, uint64_t *due)
{
	if (!o->len)
		return false;
	*due = (from_heap(o) ? o->heap[0].ts : row_at(o, 0)->ts) + o->window;
	return true;
}

/* Whether all that was made before has come */
static bool is_certain(const struct order *o, uint64_t ts)
{
	return o->mark >= o->window && ts <= o->mark - o->window;
}

static void handed_out(struct order *o, uint64_t ts)
{
	if (o->out && ts < o->last)
		o->late++;
	else
		o->last = ts;
	o->out = true;
}

/**
 * order_pass() - whether an event need not be taken in
 * @o: the window
 * @ev: the event
 *
 * Context: any.
 * Return: true when its place is certain, and it counts as handed out: nothing is held back.
 */
bool order_pass(struct order *o, const struct event *ev)
{
	if (o->len || (o->window && !is_certain(o, ev->ts)))
		return false;
	order_mark(o, ev->ts);
	handed_out(o, ev->ts);
	return true;
}

/**
 * order_pop() - hand out the earliest event, if its place is certain
 * @o: the window
 * @ev: set to the event
 *
 * Context: any.
 * Return: true with @ev set, or false when all that is held has to wait.
 */
bool order_pop(struct order *o, struct event *ev)
{
	uint64_t ts;
	bool heap;

	if (!o->len)
		return false;
	heap = from_heap(o);
	ts = heap ? o->heap[0].ts : row_at(o, 0)->ts;
	if (o->len < o->max && !is_certain(o, ts))
		return false;
	if (heap) {
		pop_heap(o, ev);
	} else {
		*ev = *row_at(o, 0);
		o->row_head = (o->row_head + 1) & (o->row_size - 1);
		/* the same places again are in the processor's cache */
		if (!--o->row_len)
			o->row_head = 0;
	}
	o->len--;
	handed_out(o, ts);
	return true;
}
