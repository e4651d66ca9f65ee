/* SPDX-License-Identifier: GPL-2.0 */
/* A table of bounded size: entries are found by a key, and are in lists by time. */
#ifndef TCPFSM_TABLE_H
#define TCPFSM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_LISTS	2	/* what they are for is up to the owner; 0 is that of new entries */

/**
 * struct table_link - what each entry begins with; the table's own
 * @hash: of the entry's key, see hash.h
 * @next: the one behind it in its list, or among the spare ones
 * @prev: the one before it in its list
 * @list: which list it is in
 */
struct table_link {
	uint32_t	hash;
	uint32_t	next;
	uint32_t	prev;
	uint32_t	list;
};

/**
 * struct table - entries, all of one size
 * @entries: them
 * @size: bytes of one
 * @max: how many fit
 * @used: how many were ever taken
 * @len: how many are taken
 * @spare: first one that was given back
 * @slots: hash table of entries plus 1, 0 for none
 * @mask: of @slots
 * @shift: from a hash to the slot where its entry belongs
 * @first: by list, the entry that came first
 * @last: the other end
 * @is: whether an entry has a key
 */
struct table {
	uint8_t		*entries;
	size_t		size;
	size_t		max;
	size_t		used;
	size_t		len;
	uint32_t	spare;
	uint32_t	*slots;
	size_t		mask;
	unsigned int	shift;
	uint32_t	first[TABLE_LISTS];
	uint32_t	last[TABLE_LISTS];
	bool		(*is)(const void *entry, const void *key);
};

int table_init(struct table *t, size_t max, size_t size,
	       bool (*is)(const void *entry, const void *key));
void table_free(struct table *t);
void *table_find(const struct table *t, uint32_t hash, const void *key);
void *table_add(struct table *t, uint32_t hash);
void table_move(struct table *t, void *entry, unsigned int list);
void table_remove(struct table *t, void *entry);
void *table_first(const struct table *t, unsigned int list);

#endif
