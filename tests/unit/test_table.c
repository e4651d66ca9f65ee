// SPDX-License-Identifier: GPL-2.0
/* The table finds what is in it and nothing else, and no choice of keys makes it slow. */
#include <stdlib.h>

#include "hash.h"
#include "table.h"
#include "unit.h"

#define MAX	512
#define KEYS	2048

struct entry {
	struct table_link	link;
	uint64_t		key;
};

static bool is(const void *entry, const void *key)
{
	return ((const struct entry *)entry)->key == *(const uint64_t *)key;
}

static struct entry *find(struct table *t, uint64_t key)
{
	return table_find(t, hash_word(key), &key);
}

static struct entry *add(struct table *t, uint64_t key)
{
	struct entry *e = table_add(t, hash_word(key));

	assert_int_equal(e->key, 0);
	e->key = key;
	return e;
}

/* Against a plain array, which knows when each key was used last */
static void like_an_array(void **state)
{
	uint64_t used[KEYS + 1] = { 0 };
	unsigned int list[KEYS + 1] = { 0 };
	struct table t;
	uint64_t now, key;
	struct entry *e;
	size_t len = 0;
	unsigned int i, l;

	(void)state;
	srand(7);
	assert_int_equal(table_init(&t, MAX, sizeof(struct entry), is), 0);
	for (now = 1; now < 200000; now++) {
		key = 1 + rand() % KEYS;
		e = find(&t, key);
		assert_int_equal(e ? e->key : 0, used[key] ? key : 0);
		if (!e && len < MAX) {
			add(&t, key);
			list[key] = 0;
			len++;
		} else if (e && rand() % 2) {
			table_remove(&t, e);
			used[key] = 0;
			len--;
			continue;
		} else if (e) {
			list[key] = rand() % TABLE_LISTS;
			table_move(&t, e, list[key]);
		} else {
			continue;
		}
		used[key] = now;
		assert_int_equal(t.len, len);
	}
	assert_in_range(t.used, 1, MAX);
	/* each list hands them out in the order of their last use */
	for (l = 0; l < TABLE_LISTS; l++) {
		for (now = 0; (e = table_first(&t, l)) != NULL; now = used[key]) {
			key = e->key;
			assert_int_equal(list[key], l);
			assert_true(used[key] > now);
			table_remove(&t, e);
			len--;
		}
	}
	assert_int_equal(len, 0);
	for (i = 0; i <= t.mask; i++)
		assert_int_equal(t.slots[i], 0);
	table_free(&t);
}

/* The longest chain that keys a step apart make */
static size_t longest(uint64_t step)
{
	size_t most = 0, len = 0, i;
	struct table t;

	assert_int_equal(table_init(&t, KEYS, sizeof(struct entry), is), 0);
	for (i = 1; i <= KEYS; i++)
		add(&t, i * step);
	for (i = 0; i <= t.mask; i++) {
		len = t.slots[i] ? len + 1 : 0;
		most = len > most ? len : most;
	}
	table_free(&t);
	return most;
}

/*
 * Steps that pile up in one slot where hashing takes the lower bits, or multiplies by a
 * number everybody knows: 0xf1de83e19937733d undoes 0x9e3779b97f4a7c15.
 */
static void no_key_is_bad(void **state)
{
	static const uint64_t steps[] = {
		1, 0x1000, 1ULL << 32, 1ULL << 40, 1ULL << 52, 0xf1de83e19937733dULL,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		assert_in_range(longest(steps[i]), 1, KEYS / 4);
}

static void bytes(void **state)
{
	uint8_t data[40] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++) {
		uint32_t before = hash_bytes(data, sizeof(data));

		assert_int_equal(hash_bytes(data, sizeof(data)), before);
		data[i] = 1;
		assert_int_not_equal(hash_bytes(data, sizeof(data)), before);
	}
	assert_int_not_equal(hash_bytes(data + 1, 3), hash_bytes(data + 1, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_an_array),
		cmocka_unit_test(no_key_is_bad),
		cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
