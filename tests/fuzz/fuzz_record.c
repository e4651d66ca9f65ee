// SPDX-License-Identifier: GPL-2.0
/* A recording that may be anything, read, put in order and judged. */
#include "fuzz.h"
#include "order.h"
#include "record.h"

/* The time of day is the recording's, and changes within it. */
static void take_wall(struct sinks *s, int64_t wall)
{
	sinks_init(s);
	s->view.wall = wall;
	s->view.time_of_day = wall & 1;
	s->file.wall = wall;
}

static void drain(struct sinks *s, struct order *o)
{
	struct event ev;

	while (order_pop(o, &ev))
		sinks_event(s, &ev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct record_in in;
	static struct sinks s;
	FILE *f = fuzz_file(data, len);
	struct record_span span;
	struct order o;
	struct event ev;
	struct why w;

	if (!f)
		return 0;
	record_span(data, len, &span);
	if (span.len > len)
		abort();
	if (order_init(&o, 64, ORDER_WINDOW_NS))
		abort();
	if (!record_open(&in, f, &w)) {
		while (record_next(&in, &ev, &w) == 1) {
			take_wall(&s, in.wall);
			order_push(&o, &ev);
			order_mark(&o, in.now);
			drain(&s, &o);
		}
		if (in.at > len)
			abort();
	}
	order_end(&o);
	drain(&s, &o);
	order_free(&o);
	sinks_end(&s);
	fclose(f);
	return 0;
}
