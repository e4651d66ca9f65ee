// SPDX-License-Identifier: GPL-2.0
/*
 * Stuck connections, as metrics. Label sets are bounded: one stays where it is as long as
 * any connection has it, and when all are taken the rest is counted by state alone.
 */
#include <string.h>

#include "families.h"
#include "names.h"

/* Who is to be told of: who holds it; where that is not to be known, who opened it */
static struct stuck_series labels_of(const struct stuck_list *l, const struct stuck *s)
{
	struct stuck_series k = { .state = s->ev.state, .kind = s->kind };

	if (s->first)
		memcpy(k.comm, stuck_process(l, s->first)->comm, sizeof(k.comm));
	else if (s->ev.flags & TCPFSM_F_OWNER && s->kind != OWNER_ORPHAN)
		memcpy(k.comm, s->ev.owner.comm, sizeof(k.comm));
	return k;
}

static bool same(const struct stuck_series *a, const struct stuck_series *b)
{
	return a->state == b->state && a->kind == b->kind &&
	       !strncmp(a->comm, b->comm, sizeof(a->comm));
}

static struct stuck_series *find(struct stuck_series *of, const struct stuck_series *k)
{
	struct stuck_series *s;

	for (s = of; s < of + FAMILIES_STUCK; s++)
		if (s->n && same(s, k))
			return s;
	return NULL;
}

static struct stuck_series *find_free(struct stuck_series *of)
{
	struct stuck_series *s;

	for (s = of; s < of + FAMILIES_STUCK; s++)
		if (!s->n)
			return s;
	return NULL;
}

/* Labels that were there before come first, so that no other takes their place. */
static void keep_places(struct family_stuck *f, const struct stuck_list *l)
{
	struct stuck_series before[FAMILIES_STUCK];
	struct stuck_series k, *place;
	size_t i;

	memcpy(before, f->series, sizeof(before));
	memset(f, 0, sizeof(*f));
	for (i = 0; i < l->n; i++) {
		k = labels_of(l, &l->items[i]);
		place = find(before, &k);
		if (!place)
			continue;
		k.n = f->series[place - before].n + 1;
		f->series[place - before] = k;
	}
}

static void count_new(struct family_stuck *f, struct stuck_series k)
{
	struct stuck_series *place = find(f->series, &k);

	if (!place)
		place = find_free(f->series);
	if (!place) {
		f->other[k.state]++;
		return;
	}
	k.n = place->n + 1;
	*place = k;
}

/**
 * stuck_count() - count them
 * @f: set; what it had decides on which labels stay
 * @l: the stuck connections, resolved
 *
 * Context: any.
 */
void stuck_count(struct family_stuck *f, const struct stuck_list *l)
{
	struct stuck_series kept[FAMILIES_STUCK];
	struct stuck_series k;
	const struct event *ev;
	size_t i;

	keep_places(f, l);
	memcpy(kept, f->series, sizeof(kept));
	for (i = 0; i < l->n; i++) {
		ev = &l->items[i].ev;
		if (ev->state > TCPFSM_S_MAX)
			continue;
		if (ev->ns > f->oldest_ns[ev->state])
			f->oldest_ns[ev->state] = ev->ns;
		k = labels_of(l, &l->items[i]);
		if (!find(kept, &k))
			count_new(f, k);
	}
}

static void number(struct metrics *m, unsigned int state, const char *owner, const char *comm,
		   uint64_t n)
{
	metrics_begin(m);
	metrics_word(m, "state", state_name(state));
	metrics_word(m, "owner", owner);
	metrics_label(m, "comm", comm, strnlen(comm, TCPFSM_COMM_LEN));
	metrics_number(m, n);
}

/**
 * family_stuck() - stuck connections, by state and whose they are, and the oldest
 * @m: the text
 * @f: the numbers
 *
 * Context: any.
 */
void family_stuck(struct metrics *m, const struct family_stuck *f)
{
	const struct stuck_series *s;
	unsigned int i;

	metrics_family(m, METRIC_GAUGE, "tcpfsm_stuck_flows",
		       "Flows in their state for longer than its threshold, by state and whose they "
		       "are.");
	for (s = f->series; s < f->series + FAMILIES_STUCK; s++)
		if (s->n)
			number(m, s->state, owner_kind_name(s->kind), s->comm, s->n);
	for (i = 0; i <= TCPFSM_S_MAX; i++)
		if (f->other[i])
			number(m, i, "other", "", f->other[i]);
	metrics_family(m, METRIC_GAUGE, "tcpfsm_stuck_oldest_seconds",
		       "For how long the oldest stuck flow is in its state, 0 for none; at least "
		       "so long where it is older than the module.");
	for (i = TCPFSM_S_SYN_SENT; i < TCPFSM_S_TIME_WAIT; i++) {
		metrics_begin(m);
		metrics_word(m, "state", state_name(i));
		metrics_seconds(m, f->oldest_ns[i]);
	}
}
