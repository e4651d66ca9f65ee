// SPDX-License-Identifier: GPL-2.0
/*
 * What the judge remembers when a connection is gone. Each thing has one place it can
 * be in: what was there before is forgotten, so that memory is bounded, and looking
 * for something takes no longer for having seen much.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define TUPLES		8192		/* a power of 2 */
#define PEERS		4096		/* a power of 2 */

/* So many equal steps between the numbers of a peer make them predictable. */
#define STEPS		3

/* The initial sequence numbers a peer chooses */
struct memory_peer {
	uint16_t	family;
	uint32_t	netns;
	uint8_t		addr[16];
	uint32_t	isn;
	uint32_t	step;
	uint8_t		equal;
	uint8_t		known;
};

/* FNV-1a. What is forgotten is not to differ from run to run, so nothing here is secret. */
#define MIX		0xcbf29ce484222325ULL

static uint64_t mix(uint64_t h, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len--)
		h = (h ^ *at++) * 0x100000001b3ULL;
	return h;
}

static size_t spread(uint64_t h)
{
	return h ^ h >> 29;
}

static size_t tuple_slot(const struct tcpfsm_id *id, unsigned int kind)
{
	uint64_t h = MIX ^ kind;

	h = mix(h, &id->netns, sizeof(id->netns));
	h = mix(h, &id->lport, sizeof(id->lport));
	h = mix(h, &id->rport, sizeof(id->rport));
	h = mix(h, id->laddr, sizeof(id->laddr));
	h = mix(h, id->raddr, sizeof(id->raddr));
	return spread(h) & (TUPLES - 1);
}

static bool same_tuple(const struct memory_tuple *t, const struct tcpfsm_id *id, unsigned int kind)
{
	return t->kind == kind && t->netns == id->netns && t->family == id->family &&
	       t->lport == id->lport && t->rport == id->rport &&
	       !memcmp(t->laddr, id->laddr, 16) && !memcmp(t->raddr, id->raddr, 16);
}

/**
 * memory_recall() - what is remembered of a tuple
 * @m: the memory
 * @id: its addresses and ports
 * @kind: of what is asked for
 *
 * Context: any.
 * Return: it, NULL for nothing.
 */
struct memory_tuple *memory_recall(const struct memory *m, const struct tcpfsm_id *id,
				   enum memory_kind kind)
{
	struct memory_tuple *t = &m->tuples[tuple_slot(id, kind)];

	return same_tuple(t, id, kind) ? t : NULL;
}

/**
 * memory_keep() - remember something of a tuple
 * @m: the memory
 * @id: its addresses and ports
 * @kind: what
 * @ts: now
 *
 * Context: any.
 * Return: what is remembered from now on; the caller fills in the rest.
 */
struct memory_tuple *memory_keep(struct memory *m, const struct tcpfsm_id *id,
				 enum memory_kind kind, uint64_t ts)
{
	struct memory_tuple *t = &m->tuples[tuple_slot(id, kind)];

	if (t->kind != MEMORY_NONE && !same_tuple(t, id, kind))
		m->forgotten++;
	*t = (struct memory_tuple){
		.kind = kind, .family = id->family, .lport = id->lport, .rport = id->rport,
		.netns = id->netns, .ts = ts,
	};
	memcpy(t->laddr, id->laddr, 16);
	memcpy(t->raddr, id->raddr, 16);
	return t;
}

/**
 * memory_predictable() - remember a number a peer chose: RFC 6528
 * @m: the memory
 * @id: the connection
 * @isn: its peer's initial sequence number
 * @step: set to what it added to its number before this one
 *
 * Context: any.
 * Return: how many such steps were equal up to this one, when they are enough to say
 * that the number follows from the peer's earlier ones; else 0. A step may be 0.
 */
unsigned int memory_predictable(struct memory *m, const struct tcpfsm_id *id, uint32_t isn,
				uint32_t *step)
{
	uint64_t h = mix(MIX, id->raddr, 16);
	struct memory_peer *p = &m->peers[spread(h) & (PEERS - 1)];

	*step = isn - p->isn;
	if (!p->known || p->family != id->family || p->netns != id->netns ||
	    memcmp(p->addr, id->raddr, 16)) {
		m->forgotten += p->known > 0;
		*p = (struct memory_peer){
			.family = id->family, .netns = id->netns, .isn = isn, .known = 1,
		};
		memcpy(p->addr, id->raddr, 16);
		return 0;
	}
	if (p->known > 1 && *step == p->step)
		p->equal += p->equal < UINT8_MAX;
	else
		p->equal = 1;
	p->known = 2;
	p->step = *step;
	p->isn = isn;
	return p->equal >= STEPS ? p->equal : 0;
}

/**
 * memory_init() - begin with nothing
 * @m: set; memory_free() it in any case
 *
 * Context: any; allocates all it will ever need.
 * Return: 0 or -ENOMEM.
 */
int memory_init(struct memory *m)
{
	*m = (struct memory){
		.tuples = calloc(TUPLES, sizeof(*m->tuples)),
		.peers = calloc(PEERS, sizeof(*m->peers)),
	};
	return m->tuples && m->peers ? 0 : -ENOMEM;
}

/**
 * memory_free() - forget all
 * @m: what memory_init() set
 *
 * Context: any.
 */
void memory_free(struct memory *m)
{
	free(m->tuples);
	free(m->peers);
	m->tuples = NULL;
	m->peers = NULL;
}
