// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners, as metrics. Several may have the same labels (SO_REUSEPORT), and each takes its
 * numbers with it when it closes: so what they grew by is added up, and no sum ever falls.
 * It begins with nothing when the exporter begins: had it begun with what the listeners that
 * are there had come to, it would be less after the exporter was begun anew, as those that are
 * gone would miss, and who reads it would take the whole of it for new.
 *
 * Label sets are bounded: one stays where it is as long as there is such a listener, and when
 * all are taken the rest is counted together.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "families.h"

/* What only grows, in the order of @count */
static const struct counter {
	size_t		at;
	bool		wide;		/* of 64 bits, not of 32 */
	bool		seconds;	/* in ns */
	const char	*name;
	const char	*help;
} counters[FAMILIES_COUNTERS] = {
	{ offsetof(struct tcpfsm_listener, syns), true, false, "tcpfsm_listener_syns",
	  "SYNs that came, those thrown away too." },
	{ offsetof(struct tcpfsm_listener, completed), true, false, "tcpfsm_listener_opened",
	  "Handshakes completed, with a SYN cookie or without." },
	{ offsetof(struct tcpfsm_listener, accepted), true, false, "tcpfsm_listener_accepted",
	  "Connections that a process accepted." },
	{ offsetof(struct tcpfsm_listener, accept_ns), true, true,
	  "tcpfsm_listener_accept_wait_seconds",
	  "How long those accepted waited for it, in sum." },
	{ offsetof(struct tcpfsm_listener, synack_retrans), true, false,
	  "tcpfsm_listener_synack_retransmits", "SYN,ACKs sent again." },
	{ offsetof(struct tcpfsm_listener, expired), true, false,
	  "tcpfsm_listener_half_open_expired",
	  "Half-open flows whose SYN,ACK was never answered." },
	{ offsetof(struct tcpfsm_listener, syn_drops), true, false,
	  "tcpfsm_listener_syn_queue_drops",
	  "SYNs thrown away as the SYN queue was full, or there was no route back." },
	{ offsetof(struct tcpfsm_listener, accept_drops), true, false,
	  "tcpfsm_listener_accept_queue_drops",
	  "SYNs, and ACKs that complete a handshake, thrown away as the accept queue was full." },
	{ offsetof(struct tcpfsm_listener, cookies_sent), true, false,
	  "tcpfsm_listener_syn_cookies_sent", "SYN,ACKs with a SYN cookie." },
	{ offsetof(struct tcpfsm_listener, cookies_bad), true, false,
	  "tcpfsm_listener_syn_cookies_rejected", "ACKs that acknowledged no SYN cookie." },
	{ offsetof(struct tcpfsm_listener, floods), false, false, "tcpfsm_listener_floods",
	  "Floods of SYNs." },
};

static uint64_t number_of(const struct tcpfsm_listener *l, const struct counter *c)
{
	const char *at = (const char *)l + c->at;
	uint32_t narrow;
	uint64_t wide;

	if (c->wide) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

static const char *comm_of(const struct event *ev)
{
	return ev->flags & TCPFSM_F_OWNER ? ev->owner.comm : "";
}

static bool same(const struct listener_series *s, const struct event *ev)
{
	const struct tcpfsm_id *a = &s->id;
	const struct tcpfsm_id *b = &ev->id;

	return a->netns == b->netns && a->family == b->family && a->lport == b->lport &&
	       !memcmp(a->laddr, b->laddr, sizeof(a->laddr)) &&
	       !strncmp(s->comm, comm_of(ev), sizeof(s->comm));
}

static int compare(const void *a, const void *b)
{
	const struct listener_known *x = a;
	const struct listener_known *y = b;

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

/* Add what it grew by since it was looked at last; after a reload the module counts anew. */
static void grow(const struct family_listeners *f, struct listener_series *s,
		 struct listener_known *now)
{
	const struct listener_known *before = NULL;
	size_t i;

	if (f->nknown)
		before = bsearch(now, f->known, f->nknown, sizeof(*f->known), compare);
	for (i = 0; i < FAMILIES_COUNTERS; i++)
		s->count[i] += before && before->count[i] <= now->count[i] ?
			       now->count[i] - before->count[i] : now->count[i];
}

static void clear_gauges(struct listener_series *s)
{
	s->sockets = 0;
	s->half_open = 0;
	s->waiting = 0;
	s->limit = 0;
	s->flooded = 0;
}

static struct listener_series *place_of(struct family_listeners *f, const struct event *ev,
					const bool *kept)
{
	struct listener_series *unused = NULL;
	size_t i;

	for (i = 0; i < FAMILIES_LISTENERS; i++) {
		if ((kept[i] || f->series[i].sockets) && same(&f->series[i], ev))
			return &f->series[i];
		if (!kept[i] && !f->series[i].sockets && !unused)
			unused = &f->series[i];
	}
	if (!unused)
		return &f->series[FAMILIES_LISTENERS];
	*unused = (struct listener_series){ .id = ev->id };
	memcpy(unused->comm, comm_of(ev), strnlen(comm_of(ev), sizeof(unused->comm)));
	return unused;
}

/* Which places are taken by labels that are still there */
static void keep_places(const struct family_listeners *f, const struct listener_list *list,
			bool *kept)
{
	size_t i, j;

	for (i = 0; i < FAMILIES_LISTENERS; i++) {
		kept[i] = false;
		for (j = 0; f->series[i].sockets && j < list->n && !kept[i]; j++)
			kept[i] = same(&f->series[i], &list->rows[j].ev);
	}
}

static void add(struct family_listeners *f, struct listener_series *s,
		const struct listener_row *r, struct listener_known *now)
{
	size_t i;

	*now = (struct listener_known){ .cookie = r->ev.id.cookie };
	for (i = 0; i < FAMILIES_COUNTERS; i++)
		now->count[i] = number_of(&r->l, &counters[i]);
	if (f->begun)
		grow(f, s, now);
	s->sockets++;
	s->half_open += r->l.half_open;
	s->waiting += r->q.known ? r->q.waiting : r->l.waiting;
	s->limit += r->q.known ? r->q.limit : 0;
	s->flooded |= !!r->l.flooded;
}

/**
 * listeners_count() - count them
 * @f: set; zeroed at first, and what is counted from then on
 * @list: the listeners; those beyond FAMILIES_KNOWN are left out
 *
 * Context: any; allocates. Without memory nothing changes.
 */
void listeners_count(struct family_listeners *f, const struct listener_list *list)
{
	const size_t n = list->n < FAMILIES_KNOWN ? list->n : FAMILIES_KNOWN;
	struct listener_known *known = calloc(n ? n : 1, sizeof(*known));
	bool kept[FAMILIES_LISTENERS];
	size_t i;

	if (!known)
		return;
	keep_places(f, list, kept);
	for (i = 0; i <= FAMILIES_LISTENERS; i++)
		clear_gauges(&f->series[i]);
	for (i = 0; i < n; i++)
		add(f, place_of(f, &list->rows[i].ev, kept), &list->rows[i], &known[i]);
	qsort(known, n, sizeof(*known), compare);
	free(f->known);
	f->known = known;
	f->nknown = n;
	f->begun = true;
}

/**
 * listeners_forget() - release the memory
 * @f: empty afterwards
 *
 * Context: any.
 */
void listeners_forget(struct family_listeners *f)
{
	free(f->known);
	*f = (struct family_listeners){ 0 };
}

static void begin(struct metrics *m, const struct family_listeners *f,
		  const struct listener_series *s)
{
	char addr[INET6_ADDRSTRLEN] = "other";
	char port[8] = "";
	char netns[16] = "";

	if (s < f->series + FAMILIES_LISTENERS) {
		inet_ntop(s->id.family == AF_INET6 ? AF_INET6 : AF_INET, s->id.laddr, addr,
			  sizeof(addr));
		snprintf(port, sizeof(port), "%u", ntohs(s->id.lport));
		snprintf(netns, sizeof(netns), "%u", s->id.netns);
	}
	metrics_begin(m);
	metrics_word(m, "netns", netns);
	metrics_word(m, "address", addr);
	metrics_word(m, "port", port);
	metrics_label(m, "comm", s->comm, strnlen(s->comm, sizeof(s->comm)));
}

/* The last one goes on growing when it has no listener just now. */
static bool told(const struct family_listeners *f, const struct listener_series *s)
{
	return s->sockets || (s == f->series + FAMILIES_LISTENERS && s->count[0]);
}

static void gauges(struct metrics *m, const struct family_listeners *f)
{
	static const struct {
		size_t		at;
		const char	*name;
		const char	*help;
	} of[] = {
		{ offsetof(struct listener_series, sockets), "tcpfsm_listener_sockets",
		  "Listening sockets with this address, port and process." },
		{ offsetof(struct listener_series, half_open), "tcpfsm_listener_half_open",
		  "Flows in SYN_RECEIVED." },
		{ offsetof(struct listener_series, waiting), "tcpfsm_listener_accept_queue",
		  "Connections that wait for accept()." },
		{ offsetof(struct listener_series, limit), "tcpfsm_listener_accept_queue_limit",
		  "The most that may wait: the backlog; 0 when it is not known." },
		{ offsetof(struct listener_series, flooded), "tcpfsm_listener_flooded",
		  "Whether a flood of SYNs goes on." },
	};
	const struct listener_series *s;
	uint64_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(of); i++) {
		metrics_family(m, METRIC_GAUGE, of[i].name, of[i].help);
		for (s = f->series; s <= f->series + FAMILIES_LISTENERS; s++) {
			if (!told(f, s))
				continue;
			memcpy(&value, (const char *)s + of[i].at, sizeof(value));
			begin(m, f, s);
			metrics_number(m, value);
		}
	}
}

/**
 * family_listeners() - their queues, what came to them, and what went wrong there
 * @m: the text
 * @f: the numbers
 *
 * Context: any.
 */
void family_listeners(struct metrics *m, const struct family_listeners *f)
{
	const struct listener_series *s;
	size_t i;

	gauges(m, f);
	for (i = 0; i < FAMILIES_COUNTERS; i++) {
		metrics_family(m, METRIC_COUNTER, counters[i].name, counters[i].help);
		for (s = f->series; s <= f->series + FAMILIES_LISTENERS; s++) {
			if (!told(f, s))
				continue;
			begin(m, f, s);
			if (counters[i].seconds)
				metrics_seconds(m, s->count[i]);
			else
				metrics_number(m, s->count[i]);
		}
	}
}
