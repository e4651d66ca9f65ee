// SPDX-License-Identifier: GPL-2.0
/*
 * The page of tcpfsm top, as lines of text: what fits in so many columns and lines, and how
 * old it is.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "names.h"
#include "top_cells.h"
#include "totals.h"

/* Less than that is too small for the states and a row of each panel */
#define WIDTH_MIN	60
#define HEIGHT_MIN	16

/* From so many columns on there is room for queues and causes */
#define WIDE		110

#define STATE_ROWS	5

static void ago(uint64_t ns, char *to, size_t room)
{
	const uint64_t s = ns / NSEC_PER_SEC;

	if (s < 10)
		snprintf(to, room, "%llu.%llus", (unsigned long long)s,
			 (unsigned long long)(ns / (NSEC_PER_SEC / 10) % 10));
	else if (s < 600)
		snprintf(to, room, "%llus", (unsigned long long)s);
	else if (s < 36000)
		snprintf(to, room, "%llum", (unsigned long long)s / 60);
	else
		snprintf(to, room, "%lluh", (unsigned long long)s / 3600);
}

static void clock_text(const struct top_page *p, uint64_t ts, char *to, size_t room)
{
	const time_t s = (time_t)((ts + p->wall) / NSEC_PER_SEC);
	struct tm tm;

	if (!localtime_r(&s, &tm) || !strftime(to, room, "%H:%M:%S", &tm))
		snprintf(to, room, "-");
}

/* The first line: how late it is, how old what follows is, and what is wrong with it */
static void title(struct top_page *p, const struct top *t, struct cells *c)
{
	enum top_look look = TOP_TITLE;
	char when[16], age[24];

	clock_text(p, t->gone ? t->gone : t->now.ts ? t->now.ts : p->at, when, sizeof(when));
	ago(p->every, age, sizeof(age));
	cells_say(c, "tcpfsm top  %s  every %s", when, age);
	if (t->now.stats.version[0])
		cells_say(c, "  module %s", t->now.stats.version);
	if (t->gone) {
		look = TOP_ALERT;
		cells_say(c, "  MODULE NOT LOADED");
	} else if (p->paused || t->err) {
		look = TOP_ALERT;
		ago(p->at - t->now.ts, age, sizeof(age));
		cells_say(c, "  %s, %s OLD", p->paused ? "PAUSED" : "NOT REFRESHED", age);
		if (t->err)
			cells_say(c, ": %s", strerror(-t->err));
	} else if (t->restarted) {
		cells_say(c, "  module was loaded anew");
	} else if (t->now.torn) {
		cells_say(c, "  counts not exact: table changed");
	}
	cells_end(p, c, look);
}

static uint64_t stat(const struct top *t, unsigned int i)
{
	return t->now.stats.value[i];
}

/* Some are told in the initial network namespace only. */
static bool is_told(const struct top *t, unsigned int i)
{
	return t->now.stats.known & BIT(i);
}

/* " ring 12 (+3)": in all, and since the sample before */
static uint64_t loss(struct cells *c, const struct top *t, unsigned int i, const char *name)
{
	const uint64_t n = stat(t, i);
	const uint64_t before = t->before.stats.value[i];

	if (!is_told(t, i))
		return 0;
	cells_say(c, "  %s %llu", name, (unsigned long long)n);
	if (t->before.ts && n > before)
		cells_say(c, " (+%llu)", (unsigned long long)(n - before));
	return n;
}

static bool filtered(const struct filter *f)
{
	return f->family || f->has_local || f->has_remote || f->has_either || f->naddrs ||
	       f->netns || f->states || filter_by_owner(f);
}

static void numbers(struct top_page *p, const struct top *t, struct cells *c)
{
	uint64_t lost;

	if (is_told(t, TCPFSM_A_STATS_FLOWS))
		cells_say(c, "Flows  %llu of %llu, at most %llu   stuck %llu",
			  (unsigned long long)stat(t, TCPFSM_A_STATS_FLOWS),
			  (unsigned long long)stat(t, TCPFSM_A_STATS_FLOWS_MAX),
			  (unsigned long long)stat(t, TCPFSM_A_STATS_FLOWS_PEAK),
			  (unsigned long long)stat(t, TCPFSM_A_STATS_OVERDUE));
	else
		cells_say(c, "Flows  -");
	if (filtered(&t->opts->filter))
		cells_say(c, "   NOW is filtered");
	cells_end(p, c, TOP_PLAIN);
	cells_say(c, "Lost ");
	lost = loss(c, t, TCPFSM_A_STATS_LOST_RING, "ring");
	lost += loss(c, t, TCPFSM_A_STATS_LOST_SEND, "send");
	lost += loss(c, t, TCPFSM_A_STATS_OVERFLOW, "no room");
	lost += loss(c, t, TCPFSM_A_STATS_LISTENER_OVERFLOW, "listeners");
	if (is_told(t, TCPFSM_A_STATS_SKIPPED))
		cells_say(c, "  only counted:");
	loss(c, t, TCPFSM_A_STATS_SKIPPED, "segments");
	cells_end(p, c, lost ? TOP_ALERT : TOP_PLAIN);
}

static uint64_t entered(const struct top_sample *s, unsigned int state)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < TCPNL_STATES; i++)
		n += s->totals.matrix[i][state];
	return n;
}

static uint64_t gone_from(const struct top_sample *s, unsigned int state)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < TCPNL_STATES; i++)
		n += s->totals.matrix[state][i];
	return n;
}

static bool totals_rated(const struct top *t)
{
	return top_rated(t) && t->now.has_totals && t->before.has_totals;
}

/* In six columns */
static void rate_text(char *to, size_t room, bool known, double rate)
{
	if (!known)
		snprintf(to, room, "-");
	else if (rate < 9999.95)
		snprintf(to, room, "%.1f", rate);
	else if (rate < 999999.5)
		snprintf(to, room, "%.0f", rate);
	else
		snprintf(to, room, "%.1fM", rate / 1e6);
}

static void rate(struct cells *c, const struct top *t, bool known, uint64_t now, uint64_t before,
		 const char *name)
{
	char text[24];

	rate_text(text, sizeof(text), known, known ? top_rate(t, now, before) : 0);
	cells_say(c, "  %s %s", name, text);
}

static void rates(struct top_page *p, const struct top *t, struct cells *c)
{
	const struct top_sample *now = &t->now, *before = &t->before;
	const bool rated = totals_rated(t);

	cells_say(c, "Rate/s");
	rate(c, t, top_rated(t) && is_told(t, TCPFSM_A_STATS_TRANSITIONS),
	     stat(t, TCPFSM_A_STATS_TRANSITIONS),
	     before->stats.value[TCPFSM_A_STATS_TRANSITIONS], "transitions");
	rate(c, t, top_rated(t) && is_told(t, TCPFSM_A_STATS_SEGMENTS),
	     stat(t, TCPFSM_A_STATS_SEGMENTS),
	     before->stats.value[TCPFSM_A_STATS_SEGMENTS], "segments");
	rate(c, t, rated, entered(now, TCPFSM_S_ESTABLISHED),
	     entered(before, TCPFSM_S_ESTABLISHED), "opened");
	rate(c, t, rated, entered(now, TCPFSM_S_CLOSED), entered(before, TCPFSM_S_CLOSED),
	     "closed");
	cells_end(p, c, TOP_PLAIN);
}

static void state_cells(struct cells *c, const struct top *t, unsigned int state)
{
	const struct top_sample *now = &t->now, *before = &t->before;
	const bool rated = totals_rated(t);
	char text[24];

	cells_left(c, 12, state_name(state));
	snprintf(text, sizeof(text), "%llu", (unsigned long long)now->now[state]);
	cells_right(c, 7, text);
	rate_text(text, sizeof(text), rated, !rated ? 0 :
		  top_rate(t, entered(now, state), entered(before, state)));
	cells_right(c, 7, text);
	rate_text(text, sizeof(text), rated, !rated ? 0 :
		  top_rate(t, gone_from(now, state), gone_from(before, state)));
	cells_right(c, 7, text);
}

static void states(struct top_page *p, const struct top *t, struct cells *c)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		cells_left(c, 12, "STATE");
		cells_right(c, 7, "NOW");
		cells_right(c, 7, "IN/s");
		cells_right(c, 7, "OUT/s");
		cells_fill(c, 3);
	}
	cells_end(p, c, TOP_BOLD);
	for (i = 0; i < STATE_ROWS; i++) {
		state_cells(c, t, TCPFSM_S_LISTEN + i);
		cells_fill(c, 3);
		state_cells(c, t, TCPFSM_S_LISTEN + STATE_ROWS + i);
		cells_end(p, c, TOP_PLAIN);
	}
}

static void add_place(char *to, size_t room, uint16_t family, const uint8_t *addr, __be16 port)
{
	char text[INET6_ADDRSTRLEN] = "-";

	inet_ntop(family, addr, text, sizeof(text));
	snprintf(to, room, strchr(text, ':') ? "[%s]:%u" : "%s:%u", text, ntohs(port));
}

/*
 * Who holds it now, or in parentheses whose listener it waits at; whoever opened it, with a ?,
 * as long as that was not looked up
 */
static void owner_cells(struct cells *c, const struct top_stuck *s)
{
	const bool listens = s->owner.kind == OWNER_UNACCEPTED;
	char comm[TCPFSM_COMM_LEN + 3] = "-";
	char pid[16] = "-";

	if (s->looked_up && s->owner.held) {
		snprintf(pid, sizeof(pid), "%u", s->owner.pid);
		snprintf(comm, sizeof(comm), listens ? "(%.*s)" : "%.*s", TCPFSM_COMM_LEN,
			 s->owner.comm);
	} else if (s->looked_up) {
		snprintf(comm, sizeof(comm), "(%s)", owner_kind_name(s->owner.kind));
	} else if (s->ev.flags & TCPFSM_F_OWNER) {
		snprintf(comm, sizeof(comm), "%.*s?", TCPFSM_COMM_LEN - 1, s->ev.owner.comm);
	}
	cells_right(c, 7, pid);
	cells_left(c, 15, comm);
}

static void age_cells(struct cells *c, const struct event *ev)
{
	char text[24] = "-";
	char age[20];

	if (ev->flags & TCPFSM_F_SINCE || ev->bound) {
		ago(ev->ns, age, sizeof(age));
		snprintf(text, sizeof(text), "%s%s", ev->flags & TCPFSM_F_SINCE ? "" : ">", age);
	}
	cells_right(c, 6, text);
}

static void queue_cells(struct cells *c, bool known, uint32_t n)
{
	char text[16] = "-";

	if (known)
		snprintf(text, sizeof(text), "%u", n);
	cells_right(c, 7, text);
}

static void stuck_header(struct cells *c, const struct top_page *p)
{
	cells_right(c, 6, "AGE");
	cells_left(c, 12, "STATE");
	cells_right(c, 7, "PID");
	cells_left(c, 15, "COMM");
	if (p->width >= WIDE) {
		cells_right(c, 7, "RX");
		cells_right(c, 7, "TX");
		cells_left(c, 21, "LOCAL");
		cells_left(c, 21, "REMOTE");
		cells_say(c, "CAUSE");
	} else {
		cells_right(c, 5, "LPORT");
		cells_say(c, "REMOTE");
	}
}

static void stuck_cells(struct cells *c, const struct top_page *p, const void *row)
{
	const struct top_stuck *s = row;
	const struct event *ev = &s->ev;
	char place[2][INET6_ADDRSTRLEN + 8];
	char port[8];

	add_place(place[0], sizeof(place[0]), ev->id.family, ev->id.laddr, ev->id.lport);
	add_place(place[1], sizeof(place[1]), ev->id.family, ev->id.raddr, ev->id.rport);
	age_cells(c, ev);
	cells_left(c, 12, state_name(ev->state) ? state_name(ev->state) : "-");
	owner_cells(c, s);
	if (p->width < WIDE) {
		snprintf(port, sizeof(port), "%u", ntohs(ev->id.lport));
		cells_right(c, 5, port);
		cells_say(c, "%s", place[1]);
		return;
	}
	queue_cells(c, s->queues, s->rx);
	queue_cells(c, s->queues, s->tx);
	cells_left(c, 21, place[0]);
	cells_left(c, 21, place[1]);
	if (cause_name(ev->cause))
		cells_say(c, "%s", cause_name(ev->cause));
}

static void listener_header(struct cells *c, const struct top_page *p)
{
	cells_left(c, p->width >= WIDE ? 46 : 21, "LISTENING ON");
	cells_right(c, 7, "PID");
	cells_left(c, 15, "COMM");
	cells_right(c, 7, "SYNs/s");
	cells_right(c, 6, "HALF");
	cells_right(c, 11, "WAITING/MAX");
	cells_right(c, 7, "DROPPED");
}

static void listener_cells(struct cells *c, const struct top_page *p, const void *row)
{
	const struct top_listener *l = row;
	const struct event *ev = &l->row.ev;
	char comm[TCPFSM_COMM_LEN + 1] = "-";
	char place[INET6_ADDRSTRLEN + 8];
	char text[32] = "-";

	add_place(place, sizeof(place), ev->id.family, ev->id.laddr, ev->id.lport);
	cells_left(c, p->width >= WIDE ? 46 : 21, place);
	if (ev->flags & TCPFSM_F_OWNER) {
		snprintf(text, sizeof(text), "%u", ev->owner.pid);
		snprintf(comm, sizeof(comm), "%.*s", TCPFSM_COMM_LEN, ev->owner.comm);
	}
	cells_right(c, 7, text);
	cells_left(c, 15, comm);
	rate_text(text, sizeof(text), l->rated, l->rate);
	cells_right(c, 7, text);
	snprintf(text, sizeof(text), "%u", l->row.l.half_open);
	cells_right(c, 6, text);
	if (l->row.q.known)
		snprintf(text, sizeof(text), "%u/%u", l->row.l.waiting, l->row.q.limit);
	else
		snprintf(text, sizeof(text), "%u/-", l->row.l.waiting);
	cells_right(c, 11, text);
	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)(l->row.l.syn_drops + l->row.l.accept_drops));
	cells_right(c, 7, text);
}

/* It goes wrong there now. */
static bool is_alarming(enum top_panel panel, const void *row)
{
	const struct top_listener *l = row;

	return panel == TOP_LISTENERS && (l->row.l.flooded || l->dropped);
}

static const struct {
	const char	*name;
	const char	*none;
	void		(*header)(struct cells *c, const struct top_page *p);
	void		(*cells)(struct cells *c, const struct top_page *p, const void *row);
} panels[TOP_PANELS] = {
	[TOP_STUCK] = { "STUCK", "nothing is stuck", stuck_header, stuck_cells },
	[TOP_LISTENERS] = { "LISTENERS", "nobody listens", listener_header, listener_cells },
};

static bool passes(struct top_page *p, enum top_panel panel, const void *row, struct cells *c)
{
	bool yes;

	if (!p->filter[0])
		return true;
	panels[panel].cells(c, p, row);
	buf_char(&c->b, '\0');
	yes = strcasestr(c->b.data, p->filter);
	c->b.len = 0;
	c->width = 0;
	return yes;
}

/* Those rows of a panel that are shown if there is room, in order; NULL without memory */
static const void **rows_of(struct top_page *p, const struct top *t, enum top_panel panel,
			    struct cells *c)
{
	const size_t most = panel == TOP_STUCK ? t->nstuck : t->nlisteners;
	const void **rows = calloc(most + 1, sizeof(*rows));
	const void *row;
	size_t n = 0;
	size_t i;

	for (i = 0; rows && i < most; i++) {
		if (panel == TOP_STUCK && t->stuck[i].hidden)
			continue;
		row = panel == TOP_STUCK ? (const void *)&t->stuck[i] : &t->listeners[i];
		if (passes(p, panel, row, c))
			rows[n++] = row;
	}
	p->rows[panel] = n;
	if (rows)
		top_page_rows(p, panel, rows, n);
	return rows;
}

static void panel_title(struct top_page *p, const struct top *t, enum top_panel panel,
			struct cells *c)
{
	char age[24];

	cells_say(c, "%s %zu, by %s%s", panels[panel].name, p->rows[panel],
		  top_page_order(p, panel), p->invert[panel] ? " upwards" : "");
	if (p->filter[0])
		cells_say(c, ", with '%s'", p->filter);
	if (p->scroll[panel])
		cells_say(c, ", from row %zu", p->scroll[panel] + 1);
	if (panel == TOP_STUCK && p->rows[panel] && t->looked_up) {
		ago(p->at > t->looked_up ? p->at - t->looked_up : 0, age, sizeof(age));
		cells_say(c, "; owners and queues of %s ago", age);
	}
	cells_end(p, c, panel == p->panel ? TOP_CHOSEN : TOP_TITLE);
}

static void panel(struct top_page *p, const struct top *t, enum top_panel which,
		  const void **rows, struct cells *c)
{
	const size_t room = p->room[which];
	size_t i;

	if (p->scroll[which] + room > p->rows[which])
		p->scroll[which] = p->rows[which] > room ? p->rows[which] - room : 0;
	panel_title(p, t, which, c);
	panels[which].header(c, p);
	cells_end(p, c, TOP_BOLD);
	for (i = 0; i < room; i++) {
		const size_t at = p->scroll[which] + i;

		if (at < p->rows[which]) {
			panels[which].cells(c, p, rows[at]);
			cells_end(p, c, is_alarming(which, rows[at]) ? TOP_ALERT : TOP_PLAIN);
			continue;
		}
		if (!i)
			cells_say(c, "%s%s", panels[which].none,
				  p->filter[0] ? " that matches" : "");
		cells_end(p, c, TOP_DIM);
	}
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Each panel gets half of the room; what one does not need is the other's. */
static void share(struct top_page *p)
{
	const int lines = p->height - 1 - p->n - 2 * TOP_PANELS;
	const size_t room = lines > 2 ? lines : 2;
	const size_t listeners = smaller(p->rows[TOP_LISTENERS] ? p->rows[TOP_LISTENERS] : 1,
					 room / 2);
	const size_t stuck = p->rows[TOP_STUCK] ? p->rows[TOP_STUCK] : 1;

	p->room[TOP_STUCK] = smaller(stuck, room - listeners);
	p->room[TOP_LISTENERS] = room - p->room[TOP_STUCK];
}

static void tables(struct top_page *p, const struct top *t, struct cells *c)
{
	const void **rows[TOP_PANELS];
	unsigned int i;

	for (i = 0; i < TOP_PANELS; i++)
		rows[i] = rows_of(p, t, i, c);
	share(p);
	for (i = 0; i < TOP_PANELS; i++) {
		if (rows[i])
			panel(p, t, i, rows[i], c);
		free(rows[i]);
	}
}

static void help(struct top_page *p, struct cells *c)
{
	static const char * const lines[] = {
		"q F10        quit",
		"h ? F1       this; any key goes back",
		"Tab          the other panel: what is stuck, listeners",
		"Up Down PgUp PgDn Home    scroll it",
		"> . F6       sort it by the next column    < ,  by the one before",
		"I            the other way round",
		"/ \\ F4       only rows with this text; Esc: all",
		"Space p      pause, and go on",
		"+ -          more time between refreshes, less",
		"r            refresh now",
		"",
		"NOW   connections in a state, of those the options ask for",
		"IN/s  how often it was entered, of all    OUT/s  left",
		"AGE   time in the state, > when it may be longer    ?  who opened it, the",
		"      owner was not looked up yet    ()  it waits for accept() there",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		cells_say(c, "%s", lines[i]);
		cells_end(p, c, TOP_PLAIN);
	}
}

static void gone(struct top_page *p, const struct top *t, struct cells *c)
{
	char when[16];

	clock_text(p, t->gone, when, sizeof(when));
	cells_end(p, c, TOP_PLAIN);
	cells_say(c, "The module was unloaded; since %s there is nothing to show.", when);
	cells_end(p, c, TOP_BOLD);
	cells_say(c, "It is waited for: modprobe tcpfsm. q ends.");
	cells_end(p, c, TOP_PLAIN);
}

/* The last line, whatever is above it */
static void bar(struct top_page *p, struct cells *c)
{
	while (p->n < p->height - 1)
		cells_end(p, c, TOP_PLAIN);
	p->n = p->height - 1;
	if (p->typing)
		cells_say(c, "Filter: %s_   Enter: keep  Esc: all rows", p->filter);
	else
		cells_say(c, "q Quit  h Help  Tab Panel  > Sort  I Invert  / Filter  Space Pause  "
			  "+- Every");
	cells_end(p, c, TOP_TITLE);
}

/**
 * top_page() - lay out the page
 * @p: the page; scrolling is corrected where there is nothing
 * @t: what there is
 *
 * Context: process; allocates, and leaves out what there is no memory for.
 */
void top_page(struct top_page *p, const struct top *t)
{
	struct cells c = { 0 };

	buf_init(&c.b, -1);
	p->n = 0;
	p->height = p->height < TOP_LINES ? p->height : TOP_LINES;
	p->width = p->width < TOP_COLUMNS ? p->width : TOP_COLUMNS;
	if (p->width < WIDTH_MIN || p->height < HEIGHT_MIN) {
		cells_say(&c, "%dx%d is too small: %dx%d", p->width, p->height, WIDTH_MIN,
			  HEIGHT_MIN);
		cells_end(p, &c, TOP_ALERT);
		buf_free(&c.b);
		return;
	}
	title(p, t, &c);
	if (p->help) {
		help(p, &c);
	} else if (t->gone) {
		gone(p, t, &c);
	} else if (t->now.ts) {
		numbers(p, t, &c);
		rates(p, t, &c);
		states(p, t, &c);
		tables(p, t, &c);
	}
	bar(p, &c);
	buf_free(&c.b);
}
