// SPDX-License-Identifier: GPL-2.0
/*
 * The connections that were captured, and the events that become of them: an end met
 * a segment, or went to another state.
 *
 * Memory is bounded: of too many connections the one that was quiet for longest is
 * forgotten. Ended ones are kept until then, for late segments are not a beginning.
 */
#include <string.h>

#include "hash.h"
#include "wire_conn.h"

#define S(s)	TCPFSM_S_##s

/**
 * wire_key_of() - which connection a segment is of, and which end sent it
 * @p: the segment
 * @key: set; the end with the lower address, or else the lower port, is end 0
 *
 * Context: any.
 * Return: the end, 0 or 1.
 */
unsigned int wire_key_of(const struct packet *p, struct wire_key *key)
{
	int order = memcmp(p->src, p->dst, 16);
	unsigned int s;

	memset(key, 0, sizeof(*key));
	s = order > 0 || (!order && memcmp(&p->sport, &p->dport, 2) > 0);
	memcpy(key->addr[s], p->src, 16);
	memcpy(key->addr[!s], p->dst, 16);
	key->port[s] = p->sport;
	key->port[!s] = p->dport;
	key->family = p->family;
	return s;
}

static uint32_t hash_of(const struct wire_key *key)
{
	return hash_bytes(key, sizeof(*key));
}

static bool is(const void *entry, const void *key)
{
	const struct wire_conn *c = entry;

	return !memcmp(&c->key, key, sizeof(c->key));
}

/**
 * wire_find() - a connection that a segment was captured of
 * @w: connections in sight
 * @key: which
 *
 * Context: any.
 * Return: it, NULL when it is not in sight.
 */
struct wire_conn *wire_find(struct wire *w, const struct wire_key *key)
{
	struct wire_conn *c = table_find(&w->conns, hash_of(key), key);

	if (c)
		table_move(&w->conns, c, 0);
	return c;
}

static void fresh(struct wire *w, struct wire_conn *c)
{
	memset(c->end, 0, sizeof(c->end));
	c->older = false;
	c->end[0].cookie = ++w->cookies;
	c->end[1].cookie = ++w->cookies;
}

/**
 * wire_add() - a connection that was not in sight
 * @w: connections in sight
 * @key: which
 *
 * Context: any; may forget another one.
 * Return: it, with two ends that never had a state.
 */
struct wire_conn *wire_add(struct wire *w, const struct wire_key *key)
{
	struct wire_conn *c;

	if (w->conns.len == w->conns.max) {
		c = table_first(&w->conns, 0);
		w->evicted += !wire_over(&c->end[0]) || !wire_over(&c->end[1]);
		table_remove(&w->conns, c);
	}
	c = table_add(&w->conns, hash_of(key));
	c->key = *key;
	fresh(w, c);
	return c;
}

/* The next free place in the queue, which has room for all one segment makes */
static struct event *make(struct wire *w, const struct wire_conn *c, unsigned int side,
			  unsigned int kind)
{
	struct event *ev = &w->queue[w->tail++ % WIRE_EVENTS];
	const struct wire_key *k = &c->key;

	*ev = (struct event){
		.kind = kind, .wire = true, .ts = w->now, .seq = w->seq++,
		.id = { .cookie = c->end[side].cookie, .family = k->family,
			.lport = k->port[side], .rport = k->port[!side] },
	};
	memcpy(ev->id.laddr, k->addr[side], 16);
	memcpy(ev->id.raddr, k->addr[!side], 16);
	return ev;
}

/**
 * wire_tell() - an end met a segment
 * @w: where the event goes
 * @c: the connection
 * @side: the end
 * @dir: enum tcpfsm_dir: it came, or was sent
 * @seg: the segment
 * @nobody: no connection of that end did
 *
 * Context: any.
 */
void wire_tell(struct wire *w, const struct wire_conn *c, unsigned int side, unsigned int dir,
	       const struct tcpfsm_segment *seg, bool nobody)
{
	struct event *ev = make(w, c, side, TCPFSM_K_SEGMENT);

	ev->seg = *seg;
	ev->seg.dir = dir;
	ev->seg.state = nobody ? S(CLOSED) : c->end[side].state;
	ev->state = ev->seg.state;
	if (nobody)
		ev->id.cookie = 0;
}

/**
 * wire_move() - an end is in another state
 * @w: where the event goes
 * @c: the connection
 * @side: the end
 * @to: enum tcpfsm_state
 * @cause: enum tcpfsm_cause
 *
 * Context: any.
 */
void wire_move(struct wire *w, struct wire_conn *c, unsigned int side, unsigned int to,
	       unsigned int cause)
{
	struct wire_end *e = &c->end[side];
	struct event *ev = make(w, c, side, TCPFSM_K_STATE);

	ev->old_state = e->state;
	if (e->state == S(UNKNOWN))
		ev->old_state = to == S(SYN_RECEIVED) ? S(LISTEN) : S(CLOSED);
	ev->state = to;
	ev->cause = cause;
	if (!wire_lives(e) || e->state == S(LISTEN)) {
		ev->flags |= TCPFSM_F_SINCE;
	} else if (e->has_since) {
		ev->flags |= TCPFSM_F_SINCE;
		ev->ns = w->now - e->since;
	}
	if (c->older)
		ev->flags |= TCPFSM_F_PREEXISTING;
	e->state = to;
	e->since = w->now;
	e->has_since = true;
}

/**
 * wire_tell_both() - both ends met a segment, as far as they live
 * @w: where the events go
 * @c: the connection
 * @from: who sent it
 * @seg: the segment
 *
 * Context: any.
 */
void wire_tell_both(struct wire *w, const struct wire_conn *c, unsigned int from,
		    const struct tcpfsm_segment *seg)
{
	if (wire_lives(&c->end[from]))
		wire_tell(w, c, from, TCPFSM_DIR_OUT, seg, false);
	if (wire_lives(&c->end[!from]))
		wire_tell(w, c, !from, TCPFSM_DIR_IN, seg, false);
}

/**
 * wire_restart() - the same ends begin anew; why TIME_WAIT ended, nobody knows
 * @w: where the events go
 * @c: the connection
 *
 * Context: any.
 */
void wire_restart(struct wire *w, struct wire_conn *c)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (c->end[i].state == S(TIME_WAIT))
			wire_move(w, c, i, S(CLOSED), TCPFSM_C_UNKNOWN);
	fresh(w, c);
}

/**
 * wire_pop() - the next event a segment made
 * @w: connections in sight
 * @ev: set
 *
 * Context: any.
 * Return: false when there is none.
 */
bool wire_pop(struct wire *w, struct event *ev)
{
	if (w->head == w->tail)
		return false;
	*ev = w->queue[w->head++ % WIRE_EVENTS];
	return true;
}

/**
 * wire_init() - begin with no connection
 * @w: set; wire_free() it in any case
 * @max: connections that fit
 *
 * Context: any; allocates.
 * Return: 0 or -ENOMEM.
 */
int wire_init(struct wire *w, size_t max)
{
	memset(w, 0, sizeof(*w));
	return table_init(&w->conns, max, sizeof(struct wire_conn), is);
}

/**
 * wire_free() - forget all
 * @w: what wire_init() set
 *
 * Context: any.
 */
void wire_free(struct wire *w)
{
	table_free(&w->conns);
}
