// SPDX-License-Identifier: GPL-2.0
/*
 * A set of socket cookies, a hash table with open addressing. It has a bound: beyond
 * COOKIES_MAX (8 MB) it begins anew, empty.
 */
#include <stdlib.h>
#include <string.h>

#include "cookies.h"
#include "hash.h"
#include "util.h"

#define COOKIES_MIN	1024
#define COOKIES_MAX	BIT(20)

static size_t home(const struct cookies *s, uint64_t cookie)
{
	return hash_word(cookie) >> (32 - __builtin_ctzl(s->size));
}

/* The slot of a cookie, or the free one where it belongs */
static size_t find(const struct cookies *s, uint64_t cookie)
{
	size_t i = home(s, cookie);

	while (s->slots[i] && s->slots[i] != cookie)
		i = (i + 1) & (s->size - 1);
	return i;
}

/* At most half of the slots are taken, so that chains stay short and find() ends. */
static bool make_room(struct cookies *s)
{
	struct cookies old = *s;
	size_t i;

	if (s->len < s->size / 2)
		return true;
	if (s->size == COOKIES_MAX) {
		memset(s->slots, 0, s->size * sizeof(*s->slots));
		s->len = 0;
		return true;
	}
	s->size = s->size ? s->size * 2 : COOKIES_MIN;
	s->slots = calloc(s->size, sizeof(*s->slots));
	if (!s->slots) {
		*s = old;
		return s->len + 1 < s->size;
	}
	for (i = 0; i < old.size; i++)
		if (old.slots[i])
			s->slots[find(s, old.slots[i])] = old.slots[i];
	free(old.slots);
	return true;
}

/* Take one out, and close the gap it leaves in its chain. */
static void forget(struct cookies *s, size_t i)
{
	size_t mask = s->size - 1;
	size_t j = i;

	s->len--;
	for (;;) {
		s->slots[i] = 0;
		do {
			j = (j + 1) & mask;
			if (!s->slots[j])
				return;
		} while (((j - home(s, s->slots[j])) & mask) < ((j - i) & mask));
		s->slots[i] = s->slots[j];
		i = j;
	}
}

/**
 * cookies_has() - whether a cookie is in the set
 * @s: the set
 * @cookie: the cookie
 *
 * Context: any.
 * Return: true when it is; never for 0.
 */
bool cookies_has(const struct cookies *s, uint64_t cookie)
{
	return cookie && s->len && s->slots[find(s, cookie)];
}

/**
 * cookies_add() - put a cookie in
 * @s: zeroed at first
 * @cookie: the cookie, not 0
 *
 * Context: any; allocates, and leaves the cookie out where that fails.
 */
void cookies_add(struct cookies *s, uint64_t cookie)
{
	size_t i;

	if (cookies_has(s, cookie) || !make_room(s))
		return;
	i = find(s, cookie);
	s->slots[i] = cookie;
	s->len++;
}

/**
 * cookies_drop() - take a cookie out, if it is there
 * @s: the set
 * @cookie: the cookie
 *
 * Context: any.
 */
void cookies_drop(struct cookies *s, uint64_t cookie)
{
	if (cookies_has(s, cookie))
		forget(s, find(s, cookie));
}

/**
 * cookies_free() - release the memory
 * @s: the set, empty then
 *
 * Context: any.
 */
void cookies_free(struct cookies *s)
{
	free(s->slots);
	*s = (struct cookies){ 0 };
}
