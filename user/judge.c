// SPDX-License-Identifier: GPL-2.0
/*
 * The judge follows every connection through its events, has the tables of fsm.c
 * and rules.c asked of each one, and says what it was when it has ended. It knows
 * no socket and no clock: time is that of the events, so a live stream, a recording
 * and a capture are judged alike.
 *
 * Memory is bounded. Connections in sight are at most @max; one more, and the one
 * that was quiet for longest is judged early. What outlives a connection (how it
 * left TIME_WAIT, its SYN cookie, the numbers a peer chose) is kept in tables of
 * fixed size in which a newer entry takes the place of an older one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "order.h"
#include "util.h"

#define NONE		UINT32_MAX
#define TUPLES		8192		/* a power of 2 */
#define PEERS		4096		/* a power of 2 */

/* A connection that takes over a TIME_WAIT begins within this time of its end. */
#define REUSE_NS	1000000000ULL
/* A SYN is sent again for so long; the same numbers later are another's. */
#define SYN_NS		130000000000ULL
/* So many equal steps between the numbers of a peer make them predictable. */
#define STEPS		3
/* Half a connection closed for so long is worth a note. */
#define HALF_CLOSED_NS	1000000000ULL

/* What a flow has seen, to tell what comes again; bits */
#define SEEN_SYN		BIT(0)
#define SEEN_SYNACK		BIT(1)
#define SEEN_FIN		BIT(2)

/**
 * struct judge_flow - a connection in sight
 * @cookie: who it is
 * @next: of the list it is in: by time, closed, or spare
 * @prev: of the list by time
 * @state: enum tcpfsm_state as last told, TCPFSM_S_UNKNOWN before the first transition
 * @closed: it waits out its grace
 * @opened: the handshake is judged
 * @three: FIN and ACK of FIN came, or went, in one segment
 * @simultaneous: it was in SYN_RECEIVED after SYN_SENT
 * @drops: of its segments, one was thrown away as the accept queue was full
 * @duplicate: another flow has taken its segments; nothing is to be said
 * @beginning: its first transition was its first
 * @shut: the first FIN was ours, by shutdown()
 * @crossed: it was in CLOSING
 * @numbered: the peer's initial number was compared with its earlier ones
 * @seen: SEEN_*, by enum tcpfsm_dir
 * @losses: of the judge, when it began
 * @first: ts of its first transition
 * @fin_at: ts of the first FIN
 * @last: ts of its latest event
 * @conn: what the rules know
 * @findings: what they found
 * @v: the verdict so far
 */
struct judge_flow {
	uint64_t		cookie;
	uint32_t		next;
	uint32_t		prev;
	uint8_t			state;
	bool			closed;
	bool			opened;
	bool			three;
	bool			simultaneous;
	bool			drops;
	bool			duplicate;
	bool			beginning;
	bool			shut;
	bool			crossed;
	bool			numbered;
	uint8_t			seen[2];
	uint64_t		losses;
	uint64_t		first;
	uint64_t		fin_at;
	uint64_t		last;
	struct conn		conn;
	struct findings		findings;
	struct verdict		v;
};

/* What is remembered of a tuple */
enum tuple_kind {
	TUPLE_NONE,
	TUPLE_REUSED,		/* a TIME_WAIT that was taken over */
	TUPLE_COOKIE,		/* a SYN cookie was sent */
	TUPLE_DROPPED,		/* its SYN was thrown away */
};

struct judge_tuple {
	uint8_t		kind;
	uint16_t	cause;
	uint16_t	family;
	__be16		lport;
	__be16		rport;
	uint32_t	netns;
	uint8_t		laddr[16];
	uint8_t		raddr[16];
	uint64_t	ts;
	uint64_t	cookie;
	struct end	end[2];
};

/* The initial sequence numbers a peer chooses */
struct judge_peer {
	uint16_t	family;
	uint32_t	netns;
	uint8_t		addr[16];
	uint32_t	isn;
	uint32_t	step;
	uint8_t		equal;
	uint8_t		known;
};

/* Cookies are consecutive numbers; this spreads them (Fibonacci hashing). */
static size_t home(const struct judge *j, uint64_t cookie)
{
	return (cookie * 0x9e3779b97f4a7c15ULL >> 32) & j->mask;
}

/* The slot of a cookie, or the free one where it belongs */
static size_t find_slot(const struct judge *j, uint64_t cookie)
{
	size_t i = home(j, cookie);

	while (j->slots[i] && j->flows[j->slots[i] - 1].cookie != cookie)
		i = (i + 1) & j->mask;
	return i;
}

static struct judge_flow *find(const struct judge *j, uint64_t cookie)
{
	size_t i = find_slot(j, cookie);

	return j->slots[i] ? &j->flows[j->slots[i] - 1] : NULL;
}

/* Take a slot out, and close the gap it leaves in its chain. */
static void free_slot(struct judge *j, size_t i)
{
	size_t k = i;

	for (;;) {
		j->slots[i] = 0;
		do {
			k = (k + 1) & j->mask;
			if (!j->slots[k])
				return;
		} while (((k - home(j, j->flows[j->slots[k] - 1].cookie)) & j->mask) <
			 ((k - i) & j->mask));
		j->slots[i] = j->slots[k];
		i = k;
	}
}

static uint32_t index_of(const struct judge *j, const struct judge_flow *f)
{
	return f - j->flows;
}

static void list_del(struct judge *j, struct judge_flow *f)
{
	if (f->prev == NONE)
		j->oldest = f->next;
	else
		j->flows[f->prev].next = f->next;
	if (f->next == NONE)
		j->newest = f->prev;
	else
		j->flows[f->next].prev = f->prev;
}

static void list_add(struct judge *j, struct judge_flow *f)
{
	f->next = NONE;
	f->prev = j->newest;
	if (j->newest == NONE)
		j->oldest = index_of(j, f);
	else
		j->flows[j->newest].next = index_of(j, f);
	j->newest = index_of(j, f);
}

static uint64_t mix(uint64_t h, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len--)
		h = (h ^ *at++) * 0x100000001b3ULL;
	return h;
}

static size_t tuple_slot(const struct tcpfsm_id *id, unsigned int kind)
{
	uint64_t h = 0xcbf29ce484222325ULL ^ kind;

	h = mix(h, &id->netns, sizeof(id->netns));
	h = mix(h, &id->lport, sizeof(id->lport));
	h = mix(h, &id->rport, sizeof(id->rport));
	h = mix(h, id->laddr, sizeof(id->laddr));
	h = mix(h, id->raddr, sizeof(id->raddr));
	return (h ^ h >> 29) & (TUPLES - 1);
}

static bool same_tuple(const struct judge_tuple *t, const struct tcpfsm_id *id, unsigned int kind)
{
	return t->kind == kind && t->netns == id->netns && t->family == id->family &&
	       t->lport == id->lport && t->rport == id->rport &&
	       !memcmp(t->laddr, id->laddr, 16) && !memcmp(t->raddr, id->raddr, 16);
}

static struct judge_tuple *recall(struct judge *j, const struct tcpfsm_id *id, unsigned int kind)
{
	struct judge_tuple *t = &j->tuples[tuple_slot(id, kind)];

	return same_tuple(t, id, kind) ? t : NULL;
}

static struct judge_tuple *remember(struct judge *j, const struct tcpfsm_id *id,
				    unsigned int kind, uint64_t ts)
{
	struct judge_tuple *t = &j->tuples[tuple_slot(id, kind)];

	if (t->kind != TUPLE_NONE && !same_tuple(t, id, kind))
		j->numbers.forgotten++;
	*t = (struct judge_tuple){
		.kind = kind, .family = id->family, .lport = id->lport, .rport = id->rport,
		.netns = id->netns, .ts = ts,
	};
	memcpy(t->laddr, id->laddr, 16);
	memcpy(t->raddr, id->raddr, 16);
	return t;
}

/* Whether the peer's number follows from its earlier ones: RFC 6528 */
static bool predictable(struct judge *j, const struct tcpfsm_id *id, uint32_t isn)
{
	uint64_t h = mix(0xcbf29ce484222325ULL, id->raddr, 16);
	struct judge_peer *p = &j->peers[(h ^ h >> 29) & (PEERS - 1)];
	uint32_t step = isn - p->isn;

	if (!p->known || p->family != id->family || p->netns != id->netns ||
	    memcmp(p->addr, id->raddr, 16)) {
		j->numbers.forgotten += p->known > 0;
		*p = (struct judge_peer){
			.family = id->family, .netns = id->netns, .isn = isn, .known = 1,
		};
		memcpy(p->addr, id->raddr, 16);
		return false;
	}
	if (p->known > 1 && step == p->step)
		p->equal += p->equal < UINT8_MAX;
	else
		p->equal = 1;
	p->known = 2;
	p->step = step;
	p->isn = isn;
	return p->equal >= STEPS;
}

static uint32_t missing_of(const struct judge *j, const struct judge_flow *f)
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

static void find_reuse(struct judge *j, struct judge_flow *f)
{
	const struct judge_tuple *t = recall(j, &f->v.id, TUPLE_REUSED);
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

static void take_numbers(struct judge_flow *f)
{
	const struct end *we = &f->conn.end[TCPFSM_DIR_OUT];
	const struct end *peer = &f->conn.end[TCPFSM_DIR_IN];
	struct verdict *v = &f->v;

	v->has_iss = we->known & END_ISN;
	v->iss = we->isn;
	v->has_irs = peer->known & END_ISN;
	v->irs = peer->isn;
	v->checked = f->findings.checked;
	v->departures = f->findings.departures;
	v->violations = f->findings.count;
	if (v->syn_retrans)
		v->notes |= BIT(VERDICT_N_RETRANS_SYN);
	if (v->synack_retrans)
		v->notes |= BIT(VERDICT_N_RETRANS_SYNACK);
	if (v->fin_retrans)
		v->notes |= BIT(VERDICT_N_RETRANS_FIN);
	if (v->challenged)
		v->notes |= BIT(VERDICT_N_CHALLENGED);
	if (f->drops)
		v->notes |= BIT(VERDICT_N_ACCEPT_QUEUE);
}

/* Say what is to be said of a flow, and forget it. */
static void conclude(struct judge *j, struct judge_flow *f)
{
	size_t slot = find_slot(j, f->cookie);

	if (f->state != TCPFSM_S_UNKNOWN && !f->duplicate) {
		find_reuse(j, f);
		f->v.missing = missing_of(j, f);
		f->conn.gaps = f->v.missing & ~BIT(VERDICT_M_OPEN);
		f->findings.first = f->v.violation;
		rules_end(&f->conn, &f->findings);
		take_numbers(f);
		deliver(j, &f->v);
	}
	free_slot(j, slot);
	f->next = j->spare;
	j->spare = index_of(j, f);
	j->len--;
}

static uint8_t closing_word(const struct judge_flow *f);

/* Not that of a newer module */
static bool known_state(unsigned int state)
{
	return state > TCPFSM_S_UNKNOWN && state <= TCPFSM_S_MAX;
}

/* It has not ended, but this is all there is. */
static void cut_short(struct judge *j, struct judge_flow *f, enum verdict_missing why)
{
	struct verdict *v = &f->v;

	list_del(j, f);
	/* in TIME_WAIT all is said, but how long it lasts */
	if (why == VERDICT_M_OPEN && f->state == TCPFSM_S_TIME_WAIT)
		v->notes |= BIT(VERDICT_N_IN_TIME_WAIT);
	else
		v->missing |= BIT(why);
	v->ts = j->now;
	v->state = f->state;
	if (f->opened)
		v->teardown = f->state == TCPFSM_S_TIME_WAIT ? closing_word(f)
							     : VERDICT_T_OPEN;
	if (f->beginning) {
		v->has_duration_ns = true;
		v->duration_ns = v->ts - f->first;
	}
	if (f->fin_at && (f->state == TCPFSM_S_CLOSE_WAIT || f->state == TCPFSM_S_FIN_WAIT_2))
		v->half_closed_ns = v->ts - f->fin_at;
	if (known_state(f->state) && v->ts >= f->last) {
		v->state_ns[f->state] += v->ts - f->last;
		v->state_known |= BIT(f->state);
	}
	conclude(j, f);
}

static struct judge_flow *new_flow(struct judge *j, const struct event *ev)
{
	struct judge_flow *f;
	uint32_t i;

	if (j->len == j->max && j->closed != NONE) {
		f = &j->flows[j->closed];
		j->closed = f->next;
		if (j->closed == NONE)
			j->closed_last = NONE;
		conclude(j, f);
	} else if (j->len == j->max) {
		j->numbers.evicted += j->flows[j->oldest].state != TCPFSM_S_UNKNOWN;
		cut_short(j, &j->flows[j->oldest], VERDICT_M_EVICTED);
	}
	if (j->spare == NONE) {
		i = j->used++;
	} else {
		i = j->spare;
		j->spare = j->flows[i].next;
	}
	f = &j->flows[i];
	memset(f, 0, sizeof(*f));
	f->cookie = ev->id.cookie;
	f->losses = j->losses;
	f->findings.first = f->v.violation;
	f->findings.room = VERDICT_VIOLATIONS;
	f->v.id = ev->id;
	j->slots[find_slot(j, f->cookie)] = i + 1;
	j->len++;
	list_add(j, f);
	return f;
}

/* Four segments or three: by what was seen, and four where it was not. */
static uint8_t closing_word(const struct judge_flow *f)
{
	if (f->crossed)
		return VERDICT_T_SIMULTANEOUS;
	return f->three ? VERDICT_T_THREE_SEGMENT : VERDICT_T_FOUR_WAY;
}

/* How a handshake ended that came to nothing */
static uint8_t failed_handshake(const struct judge_flow *f, const struct event *ev)
{
	bool active = ev->old_state == TCPFSM_S_SYN_SENT;

	switch (ev->cause) {
	case TCPFSM_C_RCV_RST:
		return active ? VERDICT_H_REFUSED : VERDICT_H_RESET;
	case TCPFSM_C_RCV_SYN:
	case TCPFSM_C_LISTENER_CLOSED:
	case TCPFSM_C_DATA_AFTER_CLOSE:
		return VERDICT_H_RESET;
	case TCPFSM_C_ICMP:
		return VERDICT_H_UNREACHABLE;
	case TCPFSM_C_ACCEPT_QUEUE:
		return VERDICT_H_ACCEPT_QUEUE;
	case TCPFSM_C_SYNACK_TIMEOUT:
		return f->drops ? VERDICT_H_ACCEPT_QUEUE : VERDICT_H_EXPIRED;
	case TCPFSM_C_SYN_TIMEOUT:
	case TCPFSM_C_RTO:
	case TCPFSM_C_USER_TIMEOUT:
	case TCPFSM_C_KEEPALIVE:
	case TCPFSM_C_PROBE_TIMEOUT:
		return VERDICT_H_TIMED_OUT;
	case TCPFSM_C_CLOSE:
	case TCPFSM_C_SHUTDOWN:
	case TCPFSM_C_EXIT:
	case TCPFSM_C_LINGER:
	case TCPFSM_C_UNREAD:
	case TCPFSM_C_DISCONNECT:
	case TCPFSM_C_CONNECT_FAILED:
	case TCPFSM_C_DESTROY:
	case TCPFSM_C_NETNS_GONE:
	case TCPFSM_C_ORPHAN_LIMIT:
		return VERDICT_H_ABORTED;
	}
	return VERDICT_H_UNKNOWN;
}

/* How an open connection ended */
static uint8_t teardown_of(const struct judge_flow *f, const struct event *ev)
{
	/* by then all is said; what ended TIME_WAIT is the cause */
	if (ev->old_state == TCPFSM_S_TIME_WAIT)
		return closing_word(f);

	switch (ev->cause) {
	case TCPFSM_C_RCV_ACK_OF_FIN:
		return closing_word(f);
	case TCPFSM_C_RCV_RST:
		return VERDICT_T_RESET_REMOTE;
	case TCPFSM_C_LINGER:
	case TCPFSM_C_UNREAD:
	case TCPFSM_C_DATA_AFTER_CLOSE:
	case TCPFSM_C_DISCONNECT:
	case TCPFSM_C_ORPHAN_LIMIT:
	case TCPFSM_C_LISTENER_CLOSED:
	case TCPFSM_C_RCV_SYN:
		return VERDICT_T_RESET_LOCAL;
	case TCPFSM_C_RTO:
	case TCPFSM_C_KEEPALIVE:
	case TCPFSM_C_USER_TIMEOUT:
	case TCPFSM_C_PROBE_TIMEOUT:
	case TCPFSM_C_SYNACK_TIMEOUT:
		return VERDICT_T_TIMED_OUT;
	case TCPFSM_C_DESTROY:
	case TCPFSM_C_NETNS_GONE:
	case TCPFSM_C_REUSE_CONNECT:
		return VERDICT_T_DESTROYED;
	case TCPFSM_C_FIN_TIMEOUT:
		return VERDICT_T_FIN_WAIT_2;
	case TCPFSM_C_TW_SKIPPED:
		return VERDICT_T_TW_SKIPPED;
	}
	return VERDICT_T_NONE;
}

static bool data_state(unsigned int state)
{
	return state >= TCPFSM_S_ESTABLISHED && state <= TCPFSM_S_TIME_WAIT;
}

static void begin(struct judge_flow *f, const struct event *ev)
{
	bool begins = ev->old_state == TCPFSM_S_CLOSED || ev->old_state == TCPFSM_S_LISTEN;

	f->first = ev->ts;
	f->beginning = begins && !(ev->flags & TCPFSM_F_PREEXISTING);
	if (ev->flags & TCPFSM_F_PREEXISTING) {
		f->v.handshake = VERDICT_H_PREEXISTING;
		f->v.missing |= BIT(VERDICT_M_OLDER);
	} else if (!begins) {
		f->v.missing |= BIT(VERDICT_M_BEGINNING);
	}
	f->opened = data_state(ev->old_state);
}

static void opened(struct judge_flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;

	f->opened = true;
	v->opened = ev->cause;
	if (f->beginning && v->handshake == VERDICT_H_UNKNOWN) {
		if (ev->cause == TCPFSM_C_SYN_COOKIE)
			v->handshake = VERDICT_H_SYN_COOKIE;
		else if (f->conn.fast_open)
			v->handshake = VERDICT_H_FAST_OPEN;
		else if (f->simultaneous)
			v->handshake = VERDICT_H_SIMULTANEOUS;
		else
			v->handshake = VERDICT_H_THREE_WAY;
	}
	if (f->beginning) {
		v->has_handshake_ns = true;
		v->handshake_ns = ev->ts - f->first;
	}
}

/* The time in the state it left; 0 in those a connection begins in */
static void clock_state(struct judge_flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;

	if (!(ev->flags & TCPFSM_F_SINCE) || ev->old_state > TCPFSM_S_MAX ||
	    ev->old_state <= TCPFSM_S_LISTEN)
		return;
	v->state_ns[ev->old_state] += ev->ns;
	v->state_known |= BIT(ev->old_state);
}

static void clock_half_closed(struct judge_flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;
	bool half = ev->old_state == TCPFSM_S_CLOSE_WAIT || ev->old_state == TCPFSM_S_FIN_WAIT_2;

	if (ev->state == TCPFSM_S_FIN_WAIT_1 || ev->state == TCPFSM_S_CLOSE_WAIT) {
		f->fin_at = ev->ts;
		f->shut = ev->cause == TCPFSM_C_SHUTDOWN;
		return;
	}
	if (!f->fin_at || !half)
		return;
	v->half_closed_ns = ev->ts - f->fin_at;
	if (v->half_closed_ns >= HALF_CLOSED_NS || (f->shut && !f->three))
		v->notes |= BIT(VERDICT_N_HALF_CLOSED);
}

static void take_beginning(struct judge *j, struct judge_flow *f, const struct event *ev)
{
	const struct judge_tuple *t;

	if (ev->cause != TCPFSM_C_SYN_COOKIE)
		return;
	t = recall(j, &ev->id, TUPLE_COOKIE);
	if (t)
		memcpy(f->conn.end, t->end, sizeof(t->end));
}

static void queue_closed(struct judge *j, struct judge_flow *f)
{
	list_del(j, f);
	f->closed = true;
	f->next = NONE;
	if (j->closed == NONE)
		j->closed = index_of(j, f);
	else
		j->flows[j->closed_last].next = index_of(j, f);
	j->closed_last = index_of(j, f);
}

static void closed(struct judge *j, struct judge_flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;
	struct judge_tuple *t;

	v->ts = ev->ts;
	v->state = ev->old_state;
	v->cause = ev->cause;
	if (ev->cause == TCPFSM_C_DUPLICATE_SYN)
		f->duplicate = true;
	if (f->opened) {
		v->teardown = teardown_of(f, ev);
	} else {
		v->opened = ev->cause;
		if (v->handshake == VERDICT_H_UNKNOWN)
			v->handshake = failed_handshake(f, ev);
	}
	if (f->beginning) {
		v->has_duration_ns = true;
		v->duration_ns = ev->ts - f->first;
	}
	if (ev->flags & TCPFSM_F_INHERITED && f->opened)
		v->notes |= BIT(VERDICT_N_UNACCEPTED);
	if (ev->old_state == TCPFSM_S_TIME_WAIT && ev->cause == TCPFSM_C_RCV_RST)
		v->notes |= BIT(VERDICT_N_ASSASSINATED);
	if (ev->old_state == TCPFSM_S_TIME_WAIT &&
	    (ev->cause == TCPFSM_C_DESTROY || ev->cause == TCPFSM_C_NETNS_GONE))
		v->notes |= BIT(VERDICT_N_DESTROYED);
	if (ev->cause == TCPFSM_C_REUSE_SYN || ev->cause == TCPFSM_C_REUSE_CONNECT) {
		t = remember(j, &v->id, TUPLE_REUSED, ev->ts);
		t->cause = ev->cause;
		t->cookie = f->cookie;
		memcpy(t->end, f->conn.end, sizeof(t->end));
	}
	queue_closed(j, f);
}

/* The fields of a verdict that every transition refreshes */
static void refresh(struct judge_flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;

	v->id = ev->id;
	v->flags = ev->flags;
	if (ev->flags & TCPFSM_F_OWNER)
		v->owner = ev->owner;
	if (ev->flags & TCPFSM_F_RETRANS) {
		v->has_retrans = true;
		v->retrans = ev->count;
	}
	if (ev->flags & TCPFSM_F_UNTRACKED)
		v->missing |= BIT(VERDICT_M_TABLE);
}

/* Whether the FIN came with the ACK of ours, in one segment */
static void note_two_steps(struct judge_flow *f, const struct event *ev)
{
	if (ev->state != TCPFSM_S_TIME_WAIT)
		return;
	f->three = ev->old_state == TCPFSM_S_FIN_WAIT_1 ||
		   (f->conn.fin_number && f->conn.fin_number == f->conn.ack_number);
}

/* What the opening segments say beyond the rules; asked again as more is known */
static void note_opening(struct judge *j, struct judge_flow *f)
{
	const struct end *peer = &f->conn.end[TCPFSM_DIR_IN];
	const struct end *we = &f->conn.end[TCPFSM_DIR_OUT];
	const struct tcpfsm_segment *s = &f->conn.last.seg;

	if (!f->numbered && peer->known & END_ISN) {
		f->numbered = true;
		if (predictable(j, &f->v.id, peer->isn))
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
static void look(struct judge *j, struct judge_flow *f)
{
	f->findings.first = f->v.violation;
	f->conn.gaps = missing_of(j, f);
}

static void settle(struct judge *j, uint64_t then);

static void on_state(struct judge *j, const struct event *ev)
{
	struct judge_flow *f;

	if (!ev->id.cookie || ev->old_state == ev->state)
		return;
	f = find(j, ev->id.cookie);
	/* listeners are no connections */
	if ((!f || f->state == TCPFSM_S_UNKNOWN) &&
	    (ev->state == TCPFSM_S_LISTEN ||
	     (ev->old_state == TCPFSM_S_LISTEN && ev->state == TCPFSM_S_CLOSED)))
		return;
	if (!f)
		f = new_flow(j, ev);
	/* a socket that closed may connect anew, and keeps its cookie */
	if (f->closed) {
		settle(j, f->last);
		f = new_flow(j, ev);
	}
	list_del(j, f);
	list_add(j, f);
	refresh(f, ev);
	if (f->state == TCPFSM_S_UNKNOWN) {
		begin(f, ev);
		take_beginning(j, f, ev);
	} else if (f->state != ev->old_state) {
		f->v.missing |= BIT(VERDICT_M_STATES);
		f->opened |= data_state(ev->old_state);
	}
	if (ev->old_state == TCPFSM_S_SYN_SENT && ev->state == TCPFSM_S_SYN_RECEIVED)
		f->simultaneous = true;
	f->crossed |= ev->state == TCPFSM_S_CLOSING || ev->old_state == TCPFSM_S_CLOSING;

	look(j, f);
	if (known_state(ev->old_state) && known_state(ev->state))
		rules_move(&f->conn, ev, &f->findings);
	else
		f->v.missing |= BIT(VERDICT_M_STATES);
	note_opening(j, f);
	note_two_steps(f, ev);
	clock_state(f, ev);
	clock_half_closed(f, ev);
	if (!f->opened && data_state(ev->state))
		opened(f, ev);
	f->state = ev->state;
	f->last = ev->ts;
	if (ev->state == TCPFSM_S_CLOSED)
		closed(j, f, ev);
}

/* How often what is sent again was: by its own number, or one more */
static void count_one(uint32_t *n, const struct tcpfsm_segment *s, bool again)
{
	if (!(s->known & TCPFSM_SEG_RETRANS))
		*n += again;
	else if (s->retrans > *n)
		*n = s->retrans;
}

/* What comes again with other numbers is another's. */
static bool same_again(const struct end *e, const struct tcpfsm_segment *s)
{
	if (!(s->known & TCPFSM_SEG_SEQ))
		return true;
	if (s->tcp_flags & TCPFSM_TH_SYN)
		return !(e->known & END_ISN) || s->seq == e->isn;
	return !(e->known & END_FIN) || s->seq == e->fin;
}

static void count_again(struct judge_flow *f, const struct tcpfsm_segment *s)
{
	uint8_t *seen = &f->seen[s->dir];
	struct verdict *v = &f->v;
	uint8_t bit;

	if (!(s->tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_FIN)) || s->tcp_flags & TCPFSM_TH_RST ||
	    !same_again(&f->conn.end[s->dir], s))
		return;
	if (!(s->tcp_flags & TCPFSM_TH_SYN)) {
		bit = SEEN_FIN;
		count_one(&v->fin_retrans, s, *seen & bit);
	} else if (s->tcp_flags & TCPFSM_TH_ACK) {
		bit = SEEN_SYNACK;
		count_one(&v->synack_retrans, s, *seen & bit);
	} else {
		bit = SEEN_SYN;
		count_one(&v->syn_retrans, s, *seen & bit);
	}
	*seen |= bit;
}

/* Our FIN may be the first to acknowledge the peer's: then three segments are enough. */
static void note_fin(struct judge_flow *f, const struct tcpfsm_segment *s)
{
	if (s->tcp_flags & TCPFSM_TH_FIN && s->known & TCPFSM_SEG_FIRST_ACK)
		f->three = true;
}

static void on_flow_segment(struct judge *j, struct judge_flow *f, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;

	if (s->dir > TCPFSM_DIR_OUT)
		return;
	if (s->fate == TCPFSM_FATE_CHALLENGED)
		f->v.challenged++;
	if (s->fate == TCPFSM_FATE_ACCEPT_QUEUE)
		f->drops = true;
	look(j, f);
	count_again(f, s);
	if (s->dir == TCPFSM_DIR_IN) {
		rules_came(&f->conn, s, &f->findings);
	} else {
		rules_sent(&f->conn, s, &f->findings);
		note_fin(f, s);
	}
	note_opening(j, f);
}

/* A SYN that was thrown away opens no flow; one verdict for all its repetitions. */
static void on_dropped_syn(struct judge *j, const struct event *ev)
{
	struct judge_tuple *t = recall(j, &ev->id, TUPLE_DROPPED);
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
	t = remember(j, &ev->id, TUPLE_DROPPED, ev->ts);
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
	struct judge_tuple *t;

	if (!(s->known & TCPFSM_SEG_SEQ) || !(s->known & TCPFSM_SEG_ACK))
		return;
	t = remember(j, &ev->id, TUPLE_COOKIE, ev->ts);
	t->end[TCPFSM_DIR_OUT].isn = s->seq;
	t->end[TCPFSM_DIR_OUT].known = END_ISN;
	t->end[TCPFSM_DIR_IN].isn = s->ack - 1;
	t->end[TCPFSM_DIR_IN].known = END_ISN;
}

static void on_segment(struct judge *j, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;
	bool syn = (s->tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_ACK)) == TCPFSM_TH_SYN;
	struct judge_flow *f;

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
	size_t slots = 16;

	*j = (struct judge){
		.verdict = verdict, .arg = arg, .max = max, .spare = NONE,
		.oldest = NONE, .newest = NONE, .closed = NONE, .closed_last = NONE,
	};
	/* at most half of them are taken, so that chains stay short */
	while (slots < 2 * max)
		slots *= 2;
	j->mask = slots - 1;
	j->slots = calloc(slots, sizeof(*j->slots));
	/* pages nobody touches cost nothing */
	j->flows = calloc(max, sizeof(*j->flows));
	j->tuples = calloc(TUPLES, sizeof(*j->tuples));
	j->peers = calloc(PEERS, sizeof(*j->peers));
	return j->slots && j->flows && j->tuples && j->peers ? 0 : -ENOMEM;
}

/**
 * judge_blind() - this stream cannot show something
 * @j: the judge
 * @missing: 1 << enum verdict_missing, added to every verdict
 *
 * Context: any.
 */
void judge_blind(struct judge *j, uint32_t missing)
{
	j->blind = missing;
}

/* Those that ended up to then have had their grace. */
static void settle(struct judge *j, uint64_t then)
{
	struct judge_flow *f;

	while (j->closed != NONE) {
		f = &j->flows[j->closed];
		if (f->last > then)
			break;
		j->closed = f->next;
		if (j->closed == NONE)
			j->closed_last = NONE;
		conclude(j, f);
	}
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
	if (j->closed == NONE)
		return false;
	*due = j->flows[j->closed].last + JUDGE_GRACE_NS;
	return true;
}

/**
 * judge_settled() - a live stream has handed out all it had
 * @j: the judge
 * @now: CLOCK_MONOTONIC in ns
 *
 * What is younger than the window of order.c is still held back by it.
 *
 * Context: any.
 * Return: when to call this again if nothing happens, in ns, 0 for never.
 */
uint64_t judge_settled(struct judge *j, uint64_t now)
{
	uint64_t due;

	if (now > ORDER_WINDOW_NS)
		judge_clock(j, now - ORDER_WINDOW_NS);
	return judge_due(j, &due) ? due + ORDER_WINDOW_NS : 0;
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
	judge_clock(j, ev->ts);
	switch (ev->kind) {
	case TCPFSM_K_STATE:
		on_state(j, ev);
		break;
	case TCPFSM_K_SEGMENT:
		on_segment(j, ev);
		break;
	case TCPFSM_K_LOST:
		j->losses++;
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
	settle(j, UINT64_MAX);
	while (j->oldest != NONE)
		cut_short(j, &j->flows[j->oldest], VERDICT_M_OPEN);
}

/**
 * judge_free() - release the memory
 * @j: what judge_init() set
 *
 * Context: any.
 */
void judge_free(struct judge *j)
{
	free(j->slots);
	free(j->flows);
	free(j->tuples);
	free(j->peers);
	j->slots = NULL;
	j->flows = NULL;
	j->tuples = NULL;
	j->peers = NULL;
}
