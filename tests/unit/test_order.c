// SPDX-License-Identifier: GPL-2.0
/* The reorder window: order, bounds, lateness; nothing is dropped. */
#include <errno.h>
#include <stdlib.h>

#include "gap.h"
#include "order.h"
#include "unit.h"

#define WINDOW	20

static void push(struct order *o, uint64_t ts, uint32_t cpu, uint64_t seq)
{
	const struct event ev = { .kind = TCPFSM_K_STATE, .ts = ts, .cpu = cpu, .seq = seq };

	assert_int_equal(order_push(o, &ev), 0);
}

static uint64_t pop(struct order *o)
{
	struct event ev;

	assert_true(order_pop(o, &ev));
	return ev.ts * 1000 + ev.cpu * 100 + ev.seq;
}

static void assert_waits(struct order *o)
{
	struct event ev;

	assert_false(order_pop(o, &ev));
}

static void two_processors(void **state)
{
	struct order o;

	(void)state;
	assert_int_equal(order_init(&o, 16, WINDOW), 0);
	push(&o, 100, 0, 1);
	push(&o, 130, 0, 2);
	push(&o, 105, 1, 1);
	assert_int_equal(pop(&o), 100001);
	assert_int_equal(pop(&o), 105101);
	assert_waits(&o);
	push(&o, 150, 1, 2);
	assert_int_equal(pop(&o), 130002);
	assert_waits(&o);
	order_end(&o);
	assert_int_equal(pop(&o), 150102);
	assert_waits(&o);
	assert_int_equal(o.late, 0);
	order_free(&o);
}

static void ties(void **state)
{
	struct event ev = { .kind = TCPFSM_K_LOST, .ts = 5, .cpu = EVENT_CPU_UNKNOWN };
	struct order o;

	(void)state;
	assert_int_equal(order_init(&o, 16, WINDOW), 0);
	push(&o, 5, 1, 3);
	push(&o, 5, 0, 9);
	push(&o, 5, 0, 8);
	assert_int_equal(order_push(&o, &ev), 0);
	order_end(&o);
	assert_true(order_pop(&o, &ev));
	assert_int_equal(ev.kind, TCPFSM_K_LOST);
	assert_int_equal(pop(&o), 5008);
	assert_int_equal(pop(&o), 5009);
	assert_int_equal(pop(&o), 5103);
	order_free(&o);
}

static void what_is_known_to_have_come(void **state)
{
	struct event ev = { .kind = TCPFSM_K_STATE, .ts = 110 };
	struct order o;

	(void)state;
	assert_int_equal(order_init(&o, 16, WINDOW), 0);
	order_until(&o, 109);
	assert_false(order_pass(&o, &ev));
	order_until(&o, 110);
	assert_true(order_pass(&o, &ev));
	/* nothing is known of these yet */
	push(&o, 120, 0, 2);
	push(&o, 115, 1, 1);
	assert_waits(&o);
	order_until(&o, 117);
	assert_int_equal(pop(&o), 115101);
	assert_waits(&o);
	/* nor is it any less for what is older */
	order_until(&o, 3);
	assert_waits(&o);
	ev.ts = 118;
	assert_false(order_pass(&o, &ev));
	push(&o, 118, 1, 2);
	order_until(&o, 120);
	assert_int_equal(pop(&o), 118102);
	assert_int_equal(pop(&o), 120002);
	assert_int_equal(o.late, 0);
	order_free(&o);
}

static void a_single_event_waits_for_the_clock(void **state)
{
	struct order o;
	uint64_t due;

	(void)state;
	assert_int_equal(order_init(&o, 16, WINDOW), 0);
	assert_false(order_due(&o, &due));
	push(&o, 100, 0, 1);
	assert_true(order_due(&o, &due));
	assert_int_equal(due, 120);
	order_mark(&o, 119);
	assert_waits(&o);
	order_mark(&o, 120);
	assert_int_equal(pop(&o), 100001);
	order_free(&o);
}

static void late_is_shown_and_counted(void **state)
{
	struct order o;

	(void)state;
	assert_int_equal(order_init(&o, 16, WINDOW), 0);
	push(&o, 100, 0, 1);
	push(&o, 200, 0, 2);
	assert_int_equal(pop(&o), 100001);
	push(&o, 50, 1, 1);
	push(&o, 60, 1, 2);
	push(&o, 150, 1, 3);
	assert_int_equal(pop(&o), 50101);
	assert_int_equal(pop(&o), 60102);
	assert_int_equal(pop(&o), 150103);
	assert_int_equal(o.late, 2);
	order_free(&o);
}

static void full(void **state)
{
	struct event ev = { .ts = 99 };
	struct order o;

	(void)state;
	assert_int_equal(order_init(&o, 3, 1000), 0);
	push(&o, 103, 0, 3);
	push(&o, 101, 0, 1);
	assert_waits(&o);
	push(&o, 102, 0, 2);
	assert_int_equal(order_push(&o, &ev), -ENOSPC);
	/* full: the earliest goes although its window is open, and only that one */
	assert_int_equal(pop(&o), 101001);
	assert_waits(&o);
	assert_int_equal(order_push(&o, &ev), 0);
	assert_true(order_pop(&o, &ev));
	assert_int_equal(ev.ts, 99);
	assert_int_equal(o.late, 1);
	order_free(&o);
}

/* As the module does it: each processor in order, disorder less than the window */
static void random_streams(void **state)
{
	uint64_t next[4] = { 0 };
	uint64_t pushed = 0;
	uint64_t popped = 0;
	uint64_t last = 0;
	struct event ev;
	struct order o;
	int i;

	(void)state;
	srand(1);
	assert_int_equal(order_init(&o, 256, WINDOW), 0);
	for (i = 1; i <= 20000; i++) {
		unsigned int cpu = rand() % 4;
		uint64_t ts = i + rand() % (WINDOW / 2);

		if (ts <= next[cpu])
			ts = next[cpu];
		next[cpu] = ts;
		push(&o, ts, cpu, i);
		pushed++;
		while (order_pop(&o, &ev)) {
			assert_true(ev.ts >= last);
			last = ev.ts;
			popped++;
		}
		assert_true(o.len < 4 * WINDOW);
	}
	order_end(&o);
	while (order_pop(&o, &ev)) {
		assert_true(ev.ts >= last);
		last = ev.ts;
		popped++;
	}
	assert_int_equal(popped, pushed);
	assert_int_equal(o.late, 0);
	order_free(&o);
}

/* The row of those in order grows while it goes round, and some are earlier than its last */
static void grows(void **state)
{
	uint64_t out = 1, in = 1;
	struct event ev;
	struct order o;

	(void)state;
	assert_int_equal(order_init(&o, 8192, 0), 0);
	order_mark(&o, 0);
	o.window = 1000000;
	for (; in <= 5000; in += 2) {
		push(&o, 1000000 + in + 1, 0, in);
		push(&o, 1000000 + in, 1, in);
		/* of three that come one goes */
		if (in % 3)
			continue;
		order_mark(&o, 2000000 + out);
		assert_true(order_pop(&o, &ev));
		assert_int_equal(ev.ts, 1000000 + out++);
		assert_waits(&o);
	}
	order_end(&o);
	while (order_pop(&o, &ev))
		assert_int_equal(ev.ts, 1000000 + out++);
	assert_int_equal(out, in);
	assert_int_equal(o.late, 0);
	order_free(&o);
}

static void passes(void **state)
{
	const struct event late = { .ts = 90 }, ev = { .ts = 100 };
	struct order o;

	(void)state;
	assert_int_equal(order_init(&o, 16, 0), 0);
	assert_true(order_pass(&o, &ev));
	assert_true(order_pass(&o, &late));
	assert_int_equal(o.last, 100);
	assert_int_equal(o.late, 1);
	/* behind one that is held */
	push(&o, 110, 0, 1);
	assert_false(order_pass(&o, &ev));
	order_free(&o);
	assert_int_equal(order_init(&o, 16, WINDOW), 0);
	assert_false(order_pass(&o, &ev));
	order_free(&o);
}

static void gaps(void **state)
{
	struct gap g;

	(void)state;
	gap_base(&g, 100);
	/* sent between joining and asking */
	assert_int_equal(gap_batch(&g, 98, 4), 0);
	assert_int_equal(gap_batch(&g, 102, 8), 0);
	assert_int_equal(gap_sent(&g, 110), 0);
	assert_int_equal(gap_batch(&g, 115, 5), 5);
	assert_int_equal(gap_batch(&g, 120, 1), 0);
	/* the end of a burst */
	assert_int_equal(gap_sent(&g, 150), 29);
	assert_int_equal(gap_sent(&g, 150), 0);
	assert_int_equal(gap_batch(&g, 150, 1), 0);
	/* a message sent after the question, already read */
	assert_int_equal(gap_sent(&g, 140), 0);
	assert_int_equal(gap_batch(&g, 151, 1), 0);
	/* the module was loaded anew */
	assert_int_equal(gap_batch(&g, 0, 10), 0);
	assert_int_equal(gap_batch(&g, 12, 1), 2);
}

static void gap_before_the_first(void **state)
{
	struct gap g;

	(void)state;
	gap_base(&g, 100);
	assert_int_equal(gap_batch(&g, 103, 1), 3);
	gap_base(&g, 100);
	assert_int_equal(gap_sent(&g, 107), 7);
	/* a module that does not tell how many it sent */
	memset(&g, 0, sizeof(g));
	assert_int_equal(gap_batch(&g, 103, 1), 0);
	assert_int_equal(gap_batch(&g, 106, 1), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_processors),
		cmocka_unit_test(ties),
		cmocka_unit_test(what_is_known_to_have_come),
		cmocka_unit_test(a_single_event_waits_for_the_clock),
		cmocka_unit_test(late_is_shown_and_counted),
		cmocka_unit_test(full),
		cmocka_unit_test(random_streams),
		cmocka_unit_test(grows),
		cmocka_unit_test(passes),
		cmocka_unit_test(gaps),
		cmocka_unit_test(gap_before_the_first),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
