// SPDX-License-Identifier: GPL-2.0
/*
 * What an operator is woken for, as lines for people and for programs: connections
 * that are stuck, floods, segments nobody should send, and what was left out.
 */
#include "clock.h"
#include "names.h"
#include "number.h"
#include "view.h"

/* Who is stuck or flooded is told by the columns before; the word stands out. */
static const char * const phase_words[][TCPFSM_ALERT_END + 1] = {
	[TCPFSM_K_STUCK] = { "stuck?", "STUCK", "STUCK", "stuck, ended" },
	[TCPFSM_K_FLOOD] = { "flood?", "FLOOD", "FLOOD", "flood, ended" },
};

/**
 * alert_word() - what begins, goes on or ends
 * @ev: TCPFSM_K_STUCK or TCPFSM_K_FLOOD
 *
 * Context: any.
 * Return: a word or two.
 */
const char *alert_word(const struct event *ev)
{
	return phase_words[ev->kind][ev->alert <= TCPFSM_ALERT_END ? ev->alert : 0];
}

/* SYNs a second since it began; 0 when it has just begun */
static uint64_t flood_rate(const struct event *ev)
{
	const uint64_t ms = ev->ns / NSEC_PER_MSEC;

	return ms ? ev->flood.total * 1000 / ms : 0;
}

static void stuck_words(struct buf *b, const struct event *ev)
{
	const char *cause = cause_name(ev->cause);
	char text[DURATION_TEXT];

	if (ev->alert == TCPFSM_ALERT_END && ev->cause == TCPFSM_C_UNKNOWN) {
		buf_str(b, "accepted, or its threshold was changed");
		return;
	}
	if (cause)
		buf_str(b, cause);
	else
		buf_printf(b, "cause %u", ev->cause);
	if (ev->alert != TCPFSM_ALERT_END)
		buf_printf(b, "; longer than %s", duration_text(text, ev->count));
}

static void flood_words(struct buf *b, const struct event *ev)
{
	const struct event_flood *f = &ev->flood;
	const uint64_t rate = flood_rate(ev);

	buf_printf(b, "%u SYNs from about %u addresses, %u completed; ", f->syns, f->sources,
		   f->completed);
	if (ev->alert != TCPFSM_ALERT_BEGIN)
		buf_printf(b, "%llu in all, ", (unsigned long long)f->total);
	if (rate)
		buf_printf(b, "%llu a second, ", (unsigned long long)rate);
	buf_printf(b, "%u half-open now", f->half_open);
}

static const char * const skip_words[] = {
	[TCPFSM_SKIP_SYN]	= "SYNs thrown away as a queue was full",
	[TCPFSM_SKIP_COOKIE]	= "of SYN cookies",
	[TCPFSM_SKIP_REFUSED]	= "refused and their RSTs",
	[TCPFSM_SKIP_DROPPED]	= "dropped or challenged",
};

static const char * const skip_keys[] = {
	[TCPFSM_SKIP_SYN]	= "syn",
	[TCPFSM_SKIP_COOKIE]	= "cookie",
	[TCPFSM_SKIP_REFUSED]	= "refused",
	[TCPFSM_SKIP_DROPPED]	= "dropped",
};

_Static_assert(ARRAY_SIZE(skip_words) == __TCPFSM_SKIP_MAX, "reason without words");
_Static_assert(ARRAY_SIZE(skip_keys) == __TCPFSM_SKIP_MAX, "reason without a key");

/**
 * skipped_total() - how many segments were left out
 * @ev: TCPFSM_K_SKIPPED
 *
 * Context: any.
 * Return: the number, all reasons together.
 */
uint64_t skipped_total(const struct event *ev)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < __TCPFSM_SKIP_MAX; i++)
		total += ev->skipped[i];
	return total;
}

static void skipped_words(struct buf *b, const struct event *ev)
{
	const uint64_t total = skipped_total(ev);
	const char *between = ": ";
	size_t i;

	buf_str(b, "left out ");
	buf_dec(b, total);
	buf_str(b, total == 1 ? " segment" : " segments");
	for (i = 0; i < __TCPFSM_SKIP_MAX; i++) {
		if (!ev->skipped[i])
			continue;
		buf_str(b, between);
		buf_dec(b, ev->skipped[i]);
		buf_char(b, ' ');
		buf_str(b, skip_words[i]);
		between = ", ";
	}
}

/**
 * alert_words() - append what is to be said of an alert, beside of whom it is
 * @b: the buffer
 * @ev: TCPFSM_K_STUCK, TCPFSM_K_FLOOD or TCPFSM_K_SKIPPED
 *
 * Context: any.
 */
void alert_words(struct buf *b, const struct event *ev)
{
	switch (ev->kind) {
	case TCPFSM_K_STUCK:
		stuck_words(b, ev);
		break;
	case TCPFSM_K_FLOOD:
		flood_words(b, ev);
		break;
	default:
		skipped_words(b, ev);
		break;
	}
}

/**
 * text_alert() - append the rest of the line of an alert
 * @b: the buffer, behind what text_identity() appends
 * @v: how events are shown
 * @ev: TCPFSM_K_STUCK, TCPFSM_K_FLOOD or TCPFSM_K_SKIPPED, which is nobody's
 *
 * Context: any.
 */
void text_alert(struct buf *b, struct view *v, const struct event *ev)
{
	if (ev->kind != TCPFSM_K_SKIPPED) {
		text_state(b, ev->state);
		buf_str(b, "** ");
		text_word(b, alert_word(ev));
		text_ms(b, v, ev);
	}
	alert_words(b, ev);
	buf_char(b, '\n');
}

static void json_alert_begin(struct buf *b, const char *alert, const char *phase)
{
	json_begin(b, "alert");
	json_add_str(b, "alert", alert);
	if (phase)
		json_add_str(b, "phase", phase);
}

static const char *phase_name(const struct event *ev)
{
	static const char * const names[] = {
		[TCPFSM_ALERT_BEGIN]	= "begin",
		[TCPFSM_ALERT_GOES_ON]	= "goes-on",
		[TCPFSM_ALERT_END]	= "end",
	};
	const char *name = ev->alert < ARRAY_SIZE(names) ? names[ev->alert] : NULL;

	return name ? name : "unknown";
}

static void json_number(struct buf *b, const struct event *ev)
{
	json_add_num(b, "cpu", ev->cpu);
	json_add_num(b, "record", ev->seq);
	json_end(b);
}

static void json_stuck(struct buf *b, struct view *v, const struct event *ev)
{
	json_alert_begin(b, "stuck", phase_name(ev));
	json_identity(b, v, ev);
	json_add_state(b, "state", ev->state);
	json_age(b, ev);
	json_add_cause(b, ev->cause);
	json_add_num(b, "threshold_ms", ev->count);
	json_number(b, ev);
}

static void json_flood(struct buf *b, struct view *v, const struct event *ev)
{
	const struct event_flood *f = &ev->flood;
	const uint64_t rate = flood_rate(ev);

	json_alert_begin(b, "flood", phase_name(ev));
	json_identity(b, v, ev);
	json_add_num(b, "duration_ns", ev->ns);
	json_add_num(b, "syns", f->syns);
	json_add_num(b, "completed", f->completed);
	json_add_num(b, "sources", f->sources);
	json_add_num(b, "half_open", f->half_open);
	json_add_num(b, "syns_total", f->total);
	json_key(b, "syns_per_second");
	if (rate)
		buf_dec(b, rate);
	else
		buf_str(b, "null");
	json_number(b, ev);
}

static void json_skipped(struct buf *b, struct view *v, const struct event *ev)
{
	size_t i;

	json_alert_begin(b, "skipped", NULL);
	json_time(b, v, ev->ts);
	json_add_num(b, "count", skipped_total(ev));
	for (i = 0; i < __TCPFSM_SKIP_MAX; i++)
		json_add_num(b, skip_keys[i], ev->skipped[i]);
	json_number(b, ev);
}

/**
 * json_alert() - append the object of a stuck connection, a flood or of what was left out
 * @b: the buffer
 * @v: how events are shown
 * @ev: TCPFSM_K_STUCK, TCPFSM_K_FLOOD or TCPFSM_K_SKIPPED
 *
 * Context: any.
 */
void json_alert(struct buf *b, struct view *v, const struct event *ev)
{
	switch (ev->kind) {
	case TCPFSM_K_STUCK:
		json_stuck(b, v, ev);
		break;
	case TCPFSM_K_FLOOD:
		json_flood(b, v, ev);
		break;
	default:
		json_skipped(b, v, ev);
		break;
	}
}
