/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hostile: talks to the module's netlink family as nobody should, in a guest.
 *
 *   hostile fuzz    sends messages by the hundred thousand, right ones and wrong ones (fuzz.c)
 *   hostile ask     makes every request there is once, with whatever rights it has (ask.c)
 *   hostile listen  joins what groups it can, and tells what came
 *
 * What the family has comes from its YAML specification: build/hostile/spec.h is made from
 * it by describe.py.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define __noreturn	__attribute__((noreturn))

/* ---- what the specification says ---- */

enum spec_kind {
	SPEC_PAD,
	SPEC_FLAG,
	SPEC_NUMBER,
	SPEC_STRING,
	SPEC_BINARY,
	SPEC_NEST,
};

/**
 * struct spec_attr - an attribute
 * @name: its name
 * @id: its number
 * @kind: what it holds
 * @size: bytes of a number
 * @has_min: @min is the least it may be
 * @has_max: @max is the most it may be
 * @min: see @has_min
 * @max: see @has_max
 * @mask: bits it may have, 0 for all
 * @nest: of a nest, the attributes in it
 * @nests: how many these are
 */
struct spec_attr {
	const char		*name;
	uint16_t		id;
	enum spec_kind		kind;
	uint8_t			size;
	bool			has_min;
	bool			has_max;
	uint64_t		min;
	uint64_t		max;
	uint64_t		mask;
	const struct spec_attr	*nest;
	unsigned int		nests;
};

enum spec_way {
	SPEC_DO,
	SPEC_DUMP,
	SPEC_EVENT,		/* not to be asked for */
};

/**
 * struct spec_op - an operation
 * @name: its name
 * @id: its number
 * @way: how it is asked for
 * @takes: indices in @set of the attributes of the request
 * @n: how many these are
 * @set: attributes
 * @set_n: how many
 */
struct spec_op {
	const char		*name;
	uint8_t			id;
	enum spec_way		way;
	const unsigned char	*takes;
	unsigned int		n;
	const struct spec_attr	*set;
	unsigned int		set_n;
};

extern const char spec_family[];
extern const struct spec_op spec_ops[];
extern const unsigned int spec_n_ops;
extern const char *const spec_groups[];
extern const unsigned int spec_n_groups;

/* ---- main.c ---- */

void __noreturn __printf(1, 2) die(const char *fmt, ...);

struct rng {
	uint64_t	state;
};

void rng_init(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
uint32_t below(struct rng *r, uint32_t n);
bool one_in(struct rng *r, uint32_t n);

/* ---- message.c ---- */

#define MESSAGE_MAX	65000

/**
 * struct message - netlink messages back to back
 * @len: bytes of @data
 * @op: index in spec_ops of what the last one asks for
 * @data: room for MESSAGE_MAX, and an attribute beyond that
 */
struct message {
	size_t		len;
	unsigned int	op;
	uint8_t		data[MESSAGE_MAX + 1024] __attribute__((aligned(8)));
};

/* What answers a message of some kind, when whoever asks may do so */
enum answer {
	ANSWER_ANY,
	ANSWER_OK,
	ANSWER_REFUSED,		/* EINVAL, ERANGE */
	ANSWER_UNKNOWN,		/* EOPNOTSUPP */
};

/**
 * struct trick - a kind of message
 * @name: for the report
 * @answer: what has to answer it
 * @weight: how often it comes
 * @make: makes one, of @op
 */
struct trick {
	const char	*name;
	enum answer	answer;
	unsigned int	weight;
	void		(*make)(struct message *m, struct rng *r, unsigned int op);
};

extern const struct trick tricks[];
extern const unsigned int n_tricks;

unsigned int pick_trick(struct rng *r);
void begin(struct message *m, unsigned int op, uint16_t flags);
struct nlattr *put(struct message *m, uint16_t type, const void *data, size_t len);
void end(struct message *m);
void make_valid(struct message *m, struct rng *r, unsigned int op);

/* ---- sock.c ---- */

/* What the kernel's controller says of the family */
struct family {
	uint16_t	id;
	uint32_t	groups[8];	/* in the order of spec_groups */
};

int family_find(struct family *f);
int sock_open(void);
int sock_join(int fd, uint32_t group, bool join);
int sock_bind(uint32_t groups);
const char *errno_word(int err);

/* ---- scan.c ---- */

/**
 * struct findings - what was found in bytes that came
 * @messages: of the family
 * @records: in them
 * @bytes: looked at
 * @addresses: that look like the kernel's own
 * @padding: bytes that should be 0 and are not
 * @netns: inodes of the namespaces the records are of, 0 for those of none
 * @n: how many
 */
struct findings {
	uint64_t	messages;
	uint64_t	records;
	uint64_t	bytes;
	uint64_t	addresses;
	uint64_t	padding;
	uint32_t	netns[64];
	unsigned int	n;
};

void scan(struct findings *f, const struct nlmsghdr *h);
void findings_add(struct findings *to, const struct findings *from);
void findings_print(const struct findings *f);

/* ---- fuzz.c, ask.c ---- */

/**
 * struct plan - what to fuzz, and how much
 * @messages: in all
 * @threads: that send them
 * @seed: of the first thread; the others follow
 * @until: CLOCK_MONOTONIC in s when it is enough in any case, 0 for never
 * @moving: the module is loaded and unloaded until there is this file; NULL when it is not
 */
struct plan {
	uint64_t	messages;
	unsigned int	threads;
	uint64_t	seed;
	time_t		until;
	const char	*moving;
};

int fuzz(const struct plan *p);
int ask(void);
int listen_in(bool any);

#endif
