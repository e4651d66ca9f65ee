// SPDX-License-Identifier: GPL-2.0
/*
 * A hash table with open addressing over an array of entries, which are in lists by
 * the time of their last use. All memory it will ever need is allocated at once, and
 * pages nobody touches cost nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define NONE	UINT32_MAX

static struct table_link *link_at(const struct table *t, uint32_t i)
{
	return (void *)(t->entries + i * t->size);
}

static uint32_t index_of(const struct table *t, const void *entry)
{
	return ((const uint8_t *)entry - t->entries) / t->size;
}

static struct table_link *link_of(const struct table *t, size_t slot)
{
	return link_at(t, t->slots[slot] - 1);
}

/* Where an entry belongs: by the upper bits of its hash */
static size_t home(const struct table *t, uint32_t hash)
{
	return hash >> t->shift;
}

/* Take a slot out, and close the gap it leaves in its chain. */
static void free_slot(struct table *t, size_t i)
{
	size_t k = i;

	for (;;) {
		t->slots[i] = 0;
		do {
			k = (k + 1) & t->mask;
			if (!t->slots[k])
				return;
		} while (((k - home(t, link_of(t, k)->hash)) & t->mask) < ((k - i) & t->mask));
		t->slots[i] = t->slots[k];
		i = k;
	}
}

static void list_del(struct table *t, struct table_link *l)
{
	if (l->prev == NONE)
		t->first[l->list] = l->next;
	else
		link_at(t, l->prev)->next = l->next;
	if (l->next == NONE)
		t->last[l->list] = l->prev;
	else
		link_at(t, l->next)->prev = l->prev;
}

static void list_add(struct table *t, struct table_link *l, unsigned int list)
{
	uint32_t i = index_of(t, l);

	l->list = list;
	l->next = NONE;
	l->prev = t->last[list];
	if (l->prev == NONE)
		t->first[list] = i;
	else
		link_at(t, l->prev)->next = i;
	t->last[list] = i;
}

/**
 * table_init() - begin with no entry
 * @t: set; table_free() it in any case
 * @max: entries that fit, fewer than 2^31
 * @size: bytes of one, which begins with a struct table_link; a multiple of 8
 * @is: whether an entry has a key
 *
 * Context: any; allocates all it will ever need.
 * Return: 0 or -ENOMEM.
 */
int table_init(struct table *t, size_t max, size_t size,
	       bool (*is)(const void *entry, const void *key))
{
	size_t slots = 16;
	unsigned int i;

	*t = (struct table){ .size = size, .max = max, .spare = NONE, .is = is };
	for (i = 0; i < TABLE_LISTS; i++) {
		t->first[i] = NONE;
		t->last[i] = NONE;
	}
	/* at most half of them are taken, so that chains stay short */
	while (slots < 2 * max)
		slots *= 2;
	t->mask = slots - 1;
	t->shift = 32 - __builtin_ctzl(slots);
	t->slots = calloc(slots, sizeof(*t->slots));
	t->entries = calloc(max, size);
	return t->slots && t->entries ? 0 : -ENOMEM;
}

/**
 * table_free() - release the memory
 * @t: what table_init() set
 *
 * Context: any.
 */
void table_free(struct table *t)
{
	free(t->slots);
	free(t->entries);
	t->slots = NULL;
	t->entries = NULL;
}

/**
 * table_find() - the entry that has a key
 * @t: the table
 * @hash: of @key
 * @key: passed to @t->is
 *
 * Context: any.
 * Return: the entry, NULL when there is none.
 */
void *table_find(const struct table *t, uint32_t hash, const void *key)
{
	struct table_link *l;
	size_t i;

	for (i = home(t, hash); t->slots[i]; i = (i + 1) & t->mask) {
		l = link_of(t, i);
		if (l->hash == hash && t->is(l, key))
			return l;
	}
	return NULL;
}

/**
 * table_add() - a new entry, the last one of list 0
 * @t: the table, with fewer than @t->max entries
 * @hash: of the key it will have, which no other one has
 *
 * Context: any.
 * Return: the entry, zeroed behind its link.
 */
void *table_add(struct table *t, uint32_t hash)
{
	struct table_link *l;
	size_t i = home(t, hash);

	if (t->spare == NONE) {
		l = link_at(t, t->used++);
	} else {
		l = link_at(t, t->spare);
		t->spare = l->next;
	}
	memset(l, 0, t->size);
	l->hash = hash;
	while (t->slots[i])
		i = (i + 1) & t->mask;
	t->slots[i] = index_of(t, l) + 1;
	t->len++;
	list_add(t, l, 0);
	return l;
}

/**
 * table_move() - an entry is the last one of a list from now on
 * @t: the table
 * @entry: the entry, from whatever list
 * @list: below TABLE_LISTS
 *
 * Context: any.
 */
void table_move(struct table *t, void *entry, unsigned int list)
{
	list_del(t, entry);
	list_add(t, entry, list);
}

/**
 * table_remove() - give an entry back; what is in it stays there until table_add()
 * @t: the table
 * @entry: the entry
 *
 * Context: any.
 */
void table_remove(struct table *t, void *entry)
{
	struct table_link *l = entry;
	uint32_t i = index_of(t, l);
	size_t slot = home(t, l->hash);

	while (t->slots[slot] != i + 1)
		slot = (slot + 1) & t->mask;
	free_slot(t, slot);
	list_del(t, l);
	l->next = t->spare;
	t->spare = i;
	t->len--;
}

/**
 * table_first() - the entry of a list that was not moved for longest
 * @t: the table
 * @list: below TABLE_LISTS
 *
 * Context: any.
 * Return: the entry, NULL when the list is empty.
 */
void *table_first(const struct table *t, unsigned int list)
{
	return t->first[list] == NONE ? NULL : link_at(t, t->first[list]);
}
