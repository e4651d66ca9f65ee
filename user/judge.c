// SPDX-License-Identifier: GPL-2.0
/*
 * The judge follows every connection through its events, has the tables of fsm.c
 * and rules.c asked of each one, and says what it was when it has ended. It knows
 * no socket and no clock: time is that of the events, so a live stream, a recording
 * and a capture are judged alike.
 *
 * Memory is bounded. Connections in sight are at most as many as the table holds; one
 * more, and the one that was quiet for longest is judged early. What outlives a
 * connection is in memory.c.
 */
#include <string.h>

#include "flow.h"
#include "hash.h"
#include "judge.h"
#include "order.h"
#include "util.h"

/* A connection that takes over a TIME_WAIT begins within this time of its end. */
#define REUSE_NS	1000000000ULL
/* A loss is told of so long after it at most, see live.c. */
#define LATE_NS		250000000ULL
/* A SYN cookie is good for so long: two periods of a minute (MAX_SYNCOOKIE_AGE). */
#define COOKIE_NS	120000000000ULL
/* A SYN is sent again for so long; the same numbers later are another's. */
#define SYN_NS		130000000000ULL

/* Lists of the table: in sight, or waiting out its grace */
enum {
	OPEN,
	CLOSED,
};

static bool is(const void *entry, const void *key)
{
	const struct flow *f = entry;

	return f->cookie == *(const uint64_t *)key;
}

static struct flow *find(const struct judge *j, uint64_t cookie)
{
	return table_find(&j->flows, hash_word(cookie), &cookie);
}

static uint32_t missing_of(const struct judge *j, const struct flow *f)
{
	uint32_t missing = f->v.missing | j->blind;

	if (f->losses != j->losses)
		missing |= BIT(VERDICT_M_LOST);
	if (f->conn.unseen)
		missing |= BIT(VERDICT_M_SEGMENTS);
	return missing;
}

static void deliver(struct judge *j, struct verdict *t)
{
	if (t->violations)
		t->conformance = VERDICT_VIOLATION;
	else if (t->missing)
		t->conformance = VERDICT_INCOMPLETE;
	j->numbers.verdicts++;
	j->numbers.ok += t->conformance == VERDICT_OK;
	j->numbers.violated += t->conformance == VERDICT_VIOLATION;
	j->numbers.incomplete += t->conformance == VERDICT_INCOMPLETE;
	j->verdict(j->arg, t);
}

static void find_reuse(struct judge *j, struct flow *f)
{
	const struct memory_tuple *t = memory_recall(&j->memory, &f->v.id, MEMORY_REUSED);
	uint64_t apart;

	/* the one that was taken over is not the one that took over */
	if (!t || !f->beginning || t->cookie == f->cookie)
		return;
	apart = t->ts > f->first ? t->ts - f->first : f->first - t->ts;
	if (apart > REUSE_NS)
		return;
	f->v.notes |= BIT(VERDICT_N_REUSED);
	f->conn.reuse = t->cause;
	memcpy(f->conn.old, t->end, sizeof(t->end));
}

/* Say what is to be said of a flow, and forget it. */
static void conclude(struct judge *j, struct flow *f)
{
	if (f->state != TCPFSM_S_UNKNOWN && !f->duplicate) {
		find_reuse(j, f);
		f->v.missing = missing_of(j, f);
		f->conn.gaps = f->v.missing & ~BIT(VERDICT_M_OPEN);
		f->findings.first = f->v.violation;
		conn_end(&f->conn, &f->findings);
		flow_sum_up(f);
		deliver(j, &f->v);
	}
	table_remove(&j->flows, f);
}

static void cut_short(struct judge *j, struct flow *f, enum verdict_missing why)
{
	flow_cut(f, why, j->now);
	conclude(j, f);
}

static void make_room(struct judge *j)
{
	struct flow *f = table_first(&j->flows, CLOSED);

	if (f) {
		conclude(j, f);
		return;
	}
	f = table_first(&j->flows, OPEN);
	j->numbers.evicted += f->state != TCPFSM_S_UNKNOWN;
	cut_short(j, f, VERDICT_M_EVICTED);
}

static struct flow *new_flow(struct judge *j, const struct event *ev)
{
	struct flow *f;

	if (j->flows.len == j->flows.max)
		make_room(j);
	f = table_add(&j->flows, hash_word(ev->id.cookie));
	f->cookie = ev->id.cookie;
	f->losses = j->losses;
	f->judged = j->losses;
	f->findings.first = f->v.violation;
	f->findings.room = VERDICT_VIOLATIONS;
	f->v.id = ev->id;
	return f;
}

/* The numbers of a flow that a SYN cookie began were told of before there was one. */
static void take_beginning(struct judge *j, struct flow *f, const struct event *ev)
{
	const struct memory_tuple *t;

	if (ev->cause != TCPFSM_C_SYN_COOKIE)
		return;
	t = memory_recall(&j->memory, &ev->id, MEMORY_COOKIE);
	/* a later one may not have been told of */
	if (t && t->ts > j->hidden && ev->ts - t->ts < COOKIE_NS)
		memcpy(f->conn.end, t->end, sizeof(t->end));
}

/* It waits out its grace; who takes over its ports will ask for its numbers. */
static void closed(struct judge *j, struct flow *f, const struct event *ev)
{
	struct memory_tuple *t;

	if (ev->cause == TCPFSM_C_REUSE_SYN || ev->cause == TCPFSM_C_REUSE_CONNECT) {
		t = memory_keep(&j->memory, &f->v.id, MEMORY_REUSED, ev->ts);
		t->cause = ev->cause;
		t->cookie = f->cookie;
		memcpy(t->end, f->conn.end, sizeof(t->end));
	}
	table_move(&j->flows, f, CLOSED);
}

/* What the opening segments say beyond the rules; asked again as more is known */
static void note_opening(struct judge *j, struct flow *f)
{
	const struct end *peer = &f->conn.end[TCPFSM_DIR_IN];
	const struct end *we = &f->conn.end[TCPFSM_DIR_OUT];
	const struct tcpfsm_segment *s = &f->conn.last.seg;

	if (!f->numbered && peer->known & END_ISN) {
		f->numbered = true;
		f->v.isn_steps = memory_predictable(&j->memory, &f->v.id, peer->isn,
						    &f->v.isn_step);
		if (f->v.isn_steps)
			f->v.notes |= BIT(VERDICT_N_PREDICTABLE);
	}
	if (peer->syn_len || we->syn_len)
		f->v.notes |= BIT(VERDICT_N_SYN_DATA);
	/* the peer took the data of our SYN */
	if (f->state == TCPFSM_S_SYN_SENT && f->conn.last.asked && we->known & END_ISN &&
	    s->tcp_flags & TCPFSM_TH_SYN && s->known & TCPFSM_SEG_ACK &&
	    seq_after(s->ack, we->isn + 1))
		f->conn.fast_open = true;
}

/* Before the rules are asked: where findings go, and whether history is whole */
static void look(struct judge *j, struct flow *f)
{
	f->findings.first = f->v.violation;
	f->conn.gaps = missing_of(j, f);
	if (f->judged == j->losses)
		return;
	f->judged = j->losses;
	memset(f->seen, 0, sizeof(f->seen));
	conn_gap(&f->conn);
}

/* Those that ended up to then have had their grace. */
static void settle(struct judge *j, uint64_t then)
{
	struct flow *f;

	while ((f = table_first(&j->flows, CLOSED)) != NULL && f->last <= then)
		conclude(j, f);
}

/* Not that of a newer module */
static bool known_state(unsigned int state)
{
	return state > TCPFSM_S_UNKNOWN && state <= TCPFSM_S_MAX;
}

static void on_state(struct judge *j, const struct event *ev)
{
	struct flow *f;

	if (!ev->id.cookie || ev->old_state == ev->state)
		return;
	f = find(j, ev->id.cookie);
	/* listeners are no connections */
	if ((!f || f->state == TCPFSM_S_UNKNOWN) &&
	    (ev->state == TCPFSM_S_LISTEN ||
	     (ev->old_state == TCPFSM_S_LISTEN && ev->state == TCPFSM_S_CLOSED)))
		return;
	/* a socket that closed may connect anew, and keeps its cookie */
	if (f && f->link.list == CLOSED) {
		settle(j, f->last);
		/* behind one that closed later, if events came late */
		f = find(j, ev->id.cookie);
		if (f)
			conclude(j, f);
		f = NULL;
	}
	if (!f)
		f = new_flow(j, ev);
	else
		table_move(&j->flows, f, OPEN);
	if (f->state == TCPFSM_S_UNKNOWN)
		take_beginning(j, f, ev);
	flow_leave(f, ev);

	look(j, f);
	if (known_state(ev->old_state) && known_state(ev->state))
		conn_move(&f->conn, ev, &f->findings);
	else
		f->v.missing |= BIT(VERDICT_M_STATES);
	note_opening(j, f);
	flow_enter(f, ev);
	if (ev->state == TCPFSM_S_CLOSED)
		closed(j, f, ev);
}

static void on_flow_segment(struct judge *j, struct flow *f, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;

	if (s->dir > TCPFSM_DIR_OUT)
		return;
	look(j, f);
	flow_segment(f, s);
	if (s->dir == TCPFSM_DIR_IN)
		conn_came(&f->conn, s, &f->findings);
	else
		conn_sent(&f->conn, s, &f->findings);
	note_opening(j, f);
}

/* A SYN that was thrown away opens no flow; one verdict for all its repetitions. */
static void on_dropped_syn(struct judge *j, const struct event *ev)
{
	struct memory_tuple *t = memory_recall(&j->memory, &ev->id, MEMORY_DROPPED);
	const struct tcpfsm_segment *s = &ev->seg;
	struct verdict v = {
		.ts = ev->ts, .id = ev->id, .flags = ev->flags,
		.handshake = s->fate == TCPFSM_FATE_SYN_QUEUE ? VERDICT_H_SYN_QUEUE
							      : VERDICT_H_ACCEPT_QUEUE,
		.cause = s->fate == TCPFSM_FATE_SYN_QUEUE ? EVENT_C_SYN_QUEUE
							  : TCPFSM_C_ACCEPT_QUEUE,
		.has_irs = s->known & TCPFSM_SEG_SEQ, .irs = s->seq,
	};

	if (t && ev->ts - t->ts < SYN_NS &&
	    (!v.has_irs || t->end[TCPFSM_DIR_IN].isn == s->seq)) {
		j->numbers.repeated++;
		return;
	}
	t = memory_keep(&j->memory, &ev->id, MEMORY_DROPPED, ev->ts);
	t->end[TCPFSM_DIR_IN].isn = s->seq;
	v.id.cookie = 0;
	v.opened = v.cause;
	if (s->known & TCPFSM_SEG_LEN && s->len)
		v.notes |= BIT(VERDICT_N_SYN_DATA);
	deliver(j, &v);
}

/* The SYN,ACK of a cookie belongs to no flow yet; the ACK that brings it back makes one. */
static void on_cookie_sent(struct judge *j, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;
	struct memory_tuple *t;

	if (!(s->known & TCPFSM_SEG_SEQ) || !(s->known & TCPFSM_SEG_ACK))
		return;
	t = memory_keep(&j->memory, &ev->id, MEMORY_COOKIE, ev->ts);
	t->end[TCPFSM_DIR_OUT].isn = s->seq;
	t->end[TCPFSM_DIR_OUT].known = END_ISN;
	t->end[TCPFSM_DIR_IN].isn = s->ack - 1;
	t->end[TCPFSM_DIR_IN].known = END_ISN;
}

static void on_segment(struct judge *j, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;
	bool syn = (s->tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_ACK)) == TCPFSM_TH_SYN;
	struct flow *f;

	f = ev->id.cookie ? find(j, ev->id.cookie) : NULL;
	if (!f && s->dir == TCPFSM_DIR_IN && syn &&
	    (s->fate == TCPFSM_FATE_SYN_QUEUE || s->fate == TCPFSM_FATE_ACCEPT_QUEUE)) {
		on_dropped_syn(j, ev);
		return;
	}
	if (!f && s->fate == TCPFSM_FATE_COOKIE) {
		on_cookie_sent(j, ev);
		return;
	}
	/* a SYN, or the ACK of a cookie, is told of before the transition it makes */
	if (!f && ev->id.cookie && ev->id.rport && s->fate == TCPFSM_FATE_NONE &&
	    (s->tcp_flags & TCPFSM_TH_SYN || s->state == TCPFSM_S_SYN_RECEIVED ||
	     s->state == TCPFSM_S_LISTEN))
		f = new_flow(j, ev);
	if (f)
		on_flow_segment(j, f, ev);
}

/**
 * judge_init() - begin to judge
 * @j: set; judge_free() it in any case
 * @max: connections in sight at most
 * @verdict: called once a connection, when it has ended
 * @arg: passed to @verdict
 *
 * Context: any; allocates all it will ever need.
 * Return: 0 or -ENOMEM.
 */
int judge_init(struct judge *j, size_t max,
	       void (*verdict)(void *arg, const struct verdict *t), void *arg)
{
	int err;

	*j = (struct judge){ .verdict = verdict, .arg = arg };
	err = table_init(&j->flows, max, sizeof(struct flow), is);
	return err ? err : memory_init(&j->memory);
}

/**
 * judge_blind() - this stream cannot show something
 * @j: the judge
 * @missing: 1 << enum verdict_missing, added to every verdict from now on
 *
 * Context: any.
 */
void judge_blind(struct judge *j, uint32_t missing)
{
	j->blind = missing;
}

/**
 * judge_clock() - time has passed though nothing happened
 * @j: the judge
 * @now: CLOCK_MONOTONIC in ns; all events up to it have been judged
 *
 * Gives the verdicts of those that have waited out their grace.
 *
 * Context: any.
 */
void judge_clock(struct judge *j, uint64_t now)
{
	if (now > j->now)
		j->now = now;
	if (j->now >= JUDGE_GRACE_NS)
		settle(j, j->now - JUDGE_GRACE_NS);
}

/**
 * judge_due() - when the next verdict is due if nothing happens
 * @j: the judge
 * @due: set to what judge_clock() has to be told for that
 *
 * Context: any.
 * Return: false when none is.
 */
bool judge_due(const struct judge *j, uint64_t *due)
{
	const struct flow *f = table_first(&j->flows, CLOSED);

	if (f)
		*due = f->last + JUDGE_GRACE_NS;
	return f;
}

/**
 * judge_settled() - a stream has handed out all it had
 * @j: the judge
 * @now: up to when, clock of the events in ns
 * @doubt: some of it may have been lost, and nobody has told of that yet
 *
 * What is younger than the window of order.c is still held back by it.
 *
 * Context: any.
 * Return: when to call this again if nothing happens, in ns, 0 for never.
 */
uint64_t judge_settled(struct judge *j, uint64_t now, bool doubt)
{
	uint64_t due;

	if (doubt)
		return 0;
	if (now > ORDER_WINDOW_NS)
		judge_clock(j, now - ORDER_WINDOW_NS);
	return judge_due(j, &due) ? due + ORDER_WINDOW_NS : 0;
}

/* What was lost may have been of those that would by now have had their grace. */
static void lose(struct judge *j, uint64_t ts)
{
	if (ts > LATE_NS)
		judge_clock(j, ts - LATE_NS);
	j->losses++;
}

/**
 * judge_event() - judge the next event
 * @j: the judge
 * @ev: it, in the order of @ev->ts as far as that can be
 *
 * Context: any. Calls the verdict function, for others as well.
 */
void judge_event(struct judge *j, const struct event *ev)
{
	if (ev->kind == TCPFSM_K_LOST)
		lose(j, ev->ts);
	if (ev->kind == TCPFSM_K_LOST || ev->kind == TCPFSM_K_SKIPPED)
		j->hidden = ev->ts;
	judge_clock(j, ev->ts);
	switch (ev->kind) {
	case TCPFSM_K_STATE:
		on_state(j, ev);
		break;
	case TCPFSM_K_SEGMENT:
		on_segment(j, ev);
		break;
	}
}

/**
 * judge_finish() - nothing more will come
 * @j: the judge; gives the verdicts of all that are in sight
 *
 * Context: any.
 */
void judge_finish(struct judge *j)
{
	struct flow *f;

	settle(j, UINT64_MAX);
	while ((f = table_first(&j->flows, OPEN)) != NULL)
		cut_short(j, f, VERDICT_M_OPEN);
}

/**
 * judge_free() - release the memory
 * @j: what judge_init() set
 *
 * Context: any.
 */
void judge_free(struct judge *j)
{
	table_free(&j->flows);
	memory_free(&j->memory);
}
