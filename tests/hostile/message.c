// SPDX-License-Identifier: GPL-2.0
/* Messages to the family: as the specification has them, and spoilt in all the ways there are. */
#include <stdio.h>
#include <string.h>

#include "hostile.h"

/**
 * begin() - begin a message, behind those that are there
 * @m: where
 * @op: index in spec_ops
 * @flags: beside NLM_F_REQUEST
 *
 * Type, number and port are filled in by whoever sends it.
 */
void begin(struct message *m, unsigned int op, uint16_t flags)
{
	struct {
		struct nlmsghdr		nlh;
		struct genlmsghdr	genl;
	} h = {
		.nlh.nlmsg_len = sizeof(h),
		.nlh.nlmsg_flags = NLM_F_REQUEST | flags,
		.genl.cmd = spec_ops[op].id,
		.genl.version = 1,
	};

	m->op = op;
	m->len = sizeof(h);
	memcpy(m->data, &h, sizeof(h));
}

/**
 * put() - an attribute behind what is there
 * @m: the message
 * @type: its number, with flags
 * @data: its payload, NULL for zeros
 * @len: bytes of it
 *
 * Return: the attribute; when there is no room for it, one that counts for nothing.
 */
struct nlattr *put(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = { .nla_type = type, .nla_len = NLA_HDRLEN + len };
	uint8_t *at = m->data + m->len;

	if (m->len + NLA_ALIGN(a.nla_len) > sizeof(m->data))
		return (void *)(m->data + sizeof(m->data) - NLA_HDRLEN);
	memcpy(at, &a, sizeof(a));
	memset(at + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (data)
		memcpy(at + NLA_HDRLEN, data, len);
	m->len += NLA_ALIGN(a.nla_len);
	return (void *)at;
}

static void nest_end(struct message *m, struct nlattr *nest)
{
	nest->nla_len = m->data + m->len - (uint8_t *)nest;
}

/**
 * end() - the message is as long as what is there
 * @m: the message
 */
void end(struct message *m)
{
	struct nlmsghdr *h = (void *)m->data;

	h->nlmsg_len = m->len;
}

static uint64_t good_number(struct rng *r, const struct spec_attr *a)
{
	uint64_t most = a->has_max ? a->max : a->size < 8 ? (1ULL << a->size * 8) - 1 : UINT64_MAX;
	uint64_t least = a->has_min ? a->min : 0;
	uint64_t n;

	if (a->mask) {
		n = rng_next(r) & a->mask;
		return n ? n : a->mask;
	}
	switch (below(r, 4)) {
	case 0:
		return least;
	case 1:
		return most;
	case 2:		/* as people would choose it */
		n = least + below(r, 100000);
		return n < most ? n : most;
	default:
		n = rng_next(r);
		return most - least == UINT64_MAX ? n : least + n % (most - least + 1);
	}
}

static void put_good(struct message *m, struct rng *r, const struct spec_attr *a)
{
	struct nlattr *nest;
	uint8_t noise[64];
	unsigned int i;
	uint64_t n;

	switch (a->kind) {
	case SPEC_PAD:
		break;
	case SPEC_FLAG:
		put(m, a->id, NULL, 0);
		break;
	case SPEC_NUMBER:
		n = good_number(r, a);
		put(m, a->id, &n, a->size);
		break;
	case SPEC_STRING:
		put(m, a->id, "text", 5);
		break;
	case SPEC_BINARY:
		for (i = 0; i < sizeof(noise); i++)
			noise[i] = rng_next(r);
		put(m, a->id, noise, below(r, sizeof(noise)));
		break;
	case SPEC_NEST:
		nest = put(m, a->id | NLA_F_NESTED, NULL, 0);
		for (i = 0; i < a->nests; i++)
			if (one_in(r, 2))
				put_good(m, r, a->nest + i);
		nest_end(m, nest);
		break;
	}
}

static const struct spec_attr *taken(unsigned int op, unsigned int i)
{
	return spec_ops[op].set + spec_ops[op].takes[i];
}

/**
 * make_valid() - a request that is right
 * @m: set
 * @r: dice
 * @op: index in spec_ops; of an event, which nobody may ask for, another one is made
 */
void make_valid(struct message *m, struct rng *r, unsigned int op)
{
	const struct spec_op *o;
	unsigned int i, must;

	while (spec_ops[op].way == SPEC_EVENT)
		op = below(r, spec_n_ops);
	o = &spec_ops[op];
	begin(m, op, o->way == SPEC_DUMP ? NLM_F_DUMP : NLM_F_ACK);
	/* what changes something has to be told what; a dump is told what to show or not */
	must = o->way == SPEC_DO && o->n ? below(r, o->n) : UINT32_MAX;
	for (i = 0; i < o->n; i++)
		if (i == must || one_in(r, 3))
			put_good(m, r, taken(op, i));
	end(m);
}

/* An operation that takes attributes, @op if it does */
static unsigned int one_with_attributes(struct rng *r, unsigned int op)
{
	while (!spec_ops[op].n)
		op = below(r, spec_n_ops);
	return op;
}

/* The scalars an operation takes, in nests too: the @want-th that has limits, or any */
static const struct spec_attr *scalar(unsigned int op, bool limited, struct rng *r,
				      const struct spec_attr **nest)
{
	const struct spec_attr *a, *list;
	unsigned int i, n, tries;

	for (tries = 0; tries < 64; tries++) {
		a = taken(op, below(r, spec_ops[op].n));
		*nest = NULL;
		if (a->kind == SPEC_NEST) {
			*nest = a;
			list = a->nest;
			n = a->nests;
			i = below(r, n);
			a = list + i;
		}
		if (limited ? a->has_min || a->has_max || a->mask :
			      a->kind == SPEC_NUMBER || a->kind == SPEC_FLAG)
			return a;
	}
	return NULL;
}

static void put_in(struct message *m, const struct spec_attr *nest, uint16_t type,
		   const void *data, size_t len)
{
	struct nlattr *outer = NULL;

	if (nest)
		outer = put(m, nest->id | NLA_F_NESTED, NULL, 0);
	put(m, type, data, len);
	if (outer)
		nest_end(m, outer);
}

/* A number beyond its limits */
static void make_range(struct message *m, struct rng *r, unsigned int op)
{
	const struct spec_attr *a = NULL, *nest = NULL;
	uint64_t n;

	while (!a) {
		op = one_with_attributes(r, op);
		a = scalar(op, true, r, &nest);
		if (!a)
			op = below(r, spec_n_ops);
	}
	make_valid(m, r, op);
	if (a->mask)
		n = rng_next(r) | 1ULL << (__builtin_ctzll(~a->mask & ~1ULL));
	else if (a->has_max && (!a->has_min || one_in(r, 2)))
		n = a->max + 1 + below(r, 1000);
	else
		n = a->min - 1;
	put_in(m, nest, a->id, &n, a->size);
	end(m);
}

/* A number, or a flag, that is shorter or longer than it is */
static void make_length(struct message *m, struct rng *r, unsigned int op)
{
	const struct spec_attr *a = NULL, *nest = NULL;
	uint8_t noise[40];
	size_t i, len;

	while (!a) {
		op = one_with_attributes(r, op);
		a = scalar(op, false, r, &nest);
	}
	for (i = 0; i < sizeof(noise); i++)
		noise[i] = rng_next(r);
	do {
		len = below(r, sizeof(noise));
	} while (len == a->size);
	make_valid(m, r, op);
	put_in(m, nest, a->id, noise, len);
	end(m);
}

/* Attributes that are none of this operation's, or nobody's */
static void make_foreign(struct message *m, struct rng *r, unsigned int op)
{
	const struct spec_op *o;
	unsigned int n = 1 + below(r, 4);
	uint64_t noise;

	make_valid(m, r, op);
	o = &spec_ops[m->op];
	while (n--) {
		noise = rng_next(r);
		if (one_in(r, 2))
			put_good(m, r, o->set + below(r, o->set_n));
		else
			put(m, rng_next(r) & (one_in(r, 2) ? 0xffff : 0x3f), &noise, below(r, 9));
	}
	end(m);
}

/* Nests in nests, nests that do not say they are, nests where none belongs */
static void make_nests(struct message *m, struct rng *r, unsigned int op)
{
	struct nlattr *open[256];
	unsigned int deep = 1 + below(r, one_in(r, 4) ? ARRAY_SIZE(open) : 4);
	const struct spec_op *o;
	unsigned int i;
	uint32_t n;

	make_valid(m, r, one_with_attributes(r, op));
	o = &spec_ops[m->op];
	for (i = 0; i < deep; i++)
		open[i] = put(m, o->set[below(r, o->set_n)].id | (one_in(r, 4) ? 0 : NLA_F_NESTED),
			      NULL, 0);
	n = rng_next(r);
	put(m, 1 + below(r, 16), &n, sizeof(n));
	while (i--)
		nest_end(m, open[i]);
	end(m);
}

/* An operation there is not, or asked for in another way */
static void make_operation(struct message *m, struct rng *r, unsigned int op)
{
	struct nlmsghdr *h = (void *)m->data;
	struct genlmsghdr *g = NLMSG_DATA(h);

	make_valid(m, r, op);
	if (one_in(r, 2)) {
		h->nlmsg_flags = NLM_F_REQUEST |
				 (spec_ops[m->op].way == SPEC_DUMP ? NLM_F_ACK : NLM_F_DUMP);
	} else if (one_in(r, 2)) {
		g->cmd = spec_n_ops + 1 + below(r, 255 - spec_n_ops);
	} else {
		do {
			m->op = below(r, spec_n_ops);
		} while (spec_ops[m->op].way != SPEC_EVENT);
		g->cmd = spec_ops[m->op].id;
	}
}

/* Ends too early: the message, or an attribute of it */
static void make_cut(struct message *m, struct rng *r, unsigned int op)
{
	struct nlmsghdr *h = (void *)m->data;
	struct nlattr *a = (void *)(m->data + NLMSG_HDRLEN + GENL_HDRLEN);

	make_valid(m, r, one_in(r, 4) ? op : one_with_attributes(r, op));
	if (m->len >= NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN && one_in(r, 2)) {
		/* promises more than there is, or less than itself */
		a->nla_len = one_in(r, 2) ? below(r, NLA_HDRLEN) :
					    a->nla_len + 1 + below(r, 0x8000);
		return;
	}
	m->len -= 1 + below(r, m->len - NLMSG_HDRLEN);
	h->nlmsg_len = one_in(r, 4) ? h->nlmsg_len : m->len;
}

/* Some bits are wrong, behind the header */
static void make_flip(struct message *m, struct rng *r, unsigned int op)
{
	unsigned int n = 1 + below(r, 8);

	make_valid(m, r, one_in(r, 4) ? op : one_with_attributes(r, op));
	while (n--)
		m->data[NLMSG_HDRLEN + below(r, m->len - NLMSG_HDRLEN)] ^= 1 << below(r, 8);
}

/* As much as fits */
static void make_large(struct message *m, struct rng *r, unsigned int op)
{
	size_t most = one_in(r, 8) ? MESSAGE_MAX : 1 + below(r, 8192);
	const struct spec_op *o;

	make_valid(m, r, one_in(r, 4) ? op : one_with_attributes(r, op));
	o = &spec_ops[m->op];
	while (m->len < most) {
		if (o->n && !one_in(r, 8))
			put_good(m, r, taken(m->op, below(r, o->n)));
		else
			put(m, 1 + below(r, 40), NULL, below(r, 512));
	}
	end(m);
}

/* Anything behind the header */
static void make_noise(struct message *m, struct rng *r, unsigned int op)
{
	struct nlmsghdr *h = (void *)m->data;
	size_t n = below(r, 256);

	begin(m, op, one_in(r, 2) ? NLM_F_DUMP : NLM_F_ACK);
	for (m->len = NLMSG_HDRLEN; n--; m->len++)
		m->data[m->len] = rng_next(r);
	h->nlmsg_len = m->len;
}

/* Flags, version and what is reserved */
static void make_header(struct message *m, struct rng *r, unsigned int op)
{
	struct nlmsghdr *h = (void *)m->data;
	struct genlmsghdr *g = NLMSG_DATA(h);

	make_valid(m, r, op);
	if (one_in(r, 2))
		h->nlmsg_flags = rng_next(r) | (one_in(r, 2) ? NLM_F_REQUEST : 0);
	if (one_in(r, 2))
		g->version = rng_next(r);
	if (one_in(r, 2))
		g->reserved = rng_next(r);
}

const struct trick tricks[] = {
	{ "valid",	ANSWER_OK,	12, make_valid },
	{ "range",	ANSWER_REFUSED,	3, make_range },
	{ "length",	ANSWER_REFUSED,	3, make_length },
	{ "operation",	ANSWER_UNKNOWN,	2, make_operation },
	{ "foreign",	ANSWER_ANY,	3, make_foreign },
	{ "nests",	ANSWER_ANY,	3, make_nests },
	{ "cut",	ANSWER_ANY,	3, make_cut },
	{ "flip",	ANSWER_ANY,	3, make_flip },
	{ "large",	ANSWER_ANY,	1, make_large },
	{ "noise",	ANSWER_ANY,	2, make_noise },
	{ "header",	ANSWER_ANY,	2, make_header },
};

const unsigned int n_tricks = ARRAY_SIZE(tricks);

/**
 * pick_trick() - which kind is next
 * @r: dice
 *
 * Return: index in tricks.
 */
unsigned int pick_trick(struct rng *r)
{
	unsigned int i, sum = 0, n;

	for (i = 0; i < n_tricks; i++)
		sum += tricks[i].weight;
	n = below(r, sum);
	for (i = 0; n >= tricks[i].weight; i++)
		n -= tricks[i].weight;
	return i;
}
