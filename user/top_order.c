// SPDX-License-Identifier: GPL-2.0
/* In which order tcpfsm top shows what is stuck, and listeners. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

static int less(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int by_age(const void *a, const void *b)
{
	const struct top_stuck *x = *(const struct top_stuck * const *)a;
	const struct top_stuck *y = *(const struct top_stuck * const *)b;

	return less(x->ev.ns, y->ev.ns);
}

static int by_state(const void *a, const void *b)
{
	const struct top_stuck *x = *(const struct top_stuck * const *)a;
	const struct top_stuck *y = *(const struct top_stuck * const *)b;

	return x->ev.state != y->ev.state ? x->ev.state - y->ev.state : by_age(a, b);
}

static int by_owner(const void *a, const void *b)
{
	const struct top_stuck *x = *(const struct top_stuck * const *)a;
	const struct top_stuck *y = *(const struct top_stuck * const *)b;
	const int order = strncmp(x->owner.comm, y->owner.comm, sizeof(x->owner.comm));

	return order ? order : x->owner.pid != y->owner.pid ? less(y->owner.pid, x->owner.pid) :
	       by_age(a, b);
}

static int by_queue(const void *a, const void *b)
{
	const struct top_stuck *x = *(const struct top_stuck * const *)a;
	const struct top_stuck *y = *(const struct top_stuck * const *)b;
	const int order = less((double)x->rx + x->tx, (double)y->rx + y->tx);

	return order ? order : by_age(a, b);
}

static int by_syns(const void *a, const void *b)
{
	const struct top_listener *x = *(const struct top_listener * const *)a;
	const struct top_listener *y = *(const struct top_listener * const *)b;
	const int order = less(x->rate, y->rate);

	return order ? order : less(x->row.l.syns, y->row.l.syns);
}

static int by_waiting(const void *a, const void *b)
{
	const struct top_listener *x = *(const struct top_listener * const *)a;
	const struct top_listener *y = *(const struct top_listener * const *)b;
	const int order = less(x->row.l.waiting, y->row.l.waiting);

	return order ? order : by_syns(a, b);
}

static int by_half_open(const void *a, const void *b)
{
	const struct top_listener *x = *(const struct top_listener * const *)a;
	const struct top_listener *y = *(const struct top_listener * const *)b;
	const int order = less(x->row.l.half_open, y->row.l.half_open);

	return order ? order : by_syns(a, b);
}

static int by_drops(const void *a, const void *b)
{
	const struct top_listener *x = *(const struct top_listener * const *)a;
	const struct top_listener *y = *(const struct top_listener * const *)b;
	const int order = less(x->dropped, y->dropped);

	return order ? order : less(x->row.l.syn_drops + x->row.l.accept_drops,
				    y->row.l.syn_drops + y->row.l.accept_drops);
}

static int by_port(const void *a, const void *b)
{
	const struct top_listener *x = *(const struct top_listener * const *)a;
	const struct top_listener *y = *(const struct top_listener * const *)b;

	return ntohs(x->row.ev.id.lport) - ntohs(y->row.ev.id.lport);
}

static const struct order {
	const char	*name;
	int		(*compare)(const void *a, const void *b);
} orders[TOP_PANELS][6] = {
	[TOP_STUCK] = {
		{ "age", by_age }, { "state", by_state }, { "owner", by_owner },
		{ "queues", by_queue },
	},
	[TOP_LISTENERS] = {
		{ "SYNs", by_syns }, { "waiting", by_waiting }, { "half-open", by_half_open },
		{ "drops", by_drops }, { "port", by_port },
	},
};

static unsigned int norders(enum top_panel panel)
{
	unsigned int n = 1;	/* each panel has one at least */

	while (n < ARRAY_SIZE(orders[panel]) && orders[panel][n].name)
		n++;
	return n;
}

/**
 * top_page_sort() - put the chosen panel's rows in another order
 * @p: the page
 * @step: 1 for the next one, -1 for the one before
 *
 * Context: any.
 */
void top_page_sort(struct top_page *p, int step)
{
	const unsigned int n = norders(p->panel);

	p->sort[p->panel] = (p->sort[p->panel] + n + step) % n;
	p->scroll[p->panel] = 0;
}

/**
 * top_page_order() - what a panel is sorted by
 * @p: the page
 * @panel: the panel
 *
 * Context: any.
 * Return: its name.
 */
const char *top_page_order(const struct top_page *p, enum top_panel panel)
{
	return orders[panel][p->sort[panel]].name;
}

/**
 * top_page_rows() - put a panel's rows in order
 * @p: the page
 * @panel: the panel
 * @rows: pointers to what the panel has
 * @n: how many
 *
 * Context: any.
 */
void top_page_rows(const struct top_page *p, enum top_panel panel, const void **rows, size_t n)
{
	const void *swap;
	size_t i;

	if (!n)
		return;
	qsort(rows, n, sizeof(*rows), orders[panel][p->sort[panel]].compare);
	for (i = 0; p->invert[panel] && i < n / 2; i++) {
		swap = rows[i];
		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = swap;
	}
}
