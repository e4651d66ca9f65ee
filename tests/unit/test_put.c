// SPDX-License-Identifier: GPL-2.0
/* Numbers and addresses as text: the same as the C library's. */
#include <stdlib.h>

#include "put.h"
#include "unit.h"

static char text[64 + PUT_BEYOND];

static void assert_put(const char *end, const char *want)
{
	if ((size_t)(end - text) == strlen(want) && !memcmp(text, want, end - text))
		return;
	fail_msg("'%.*s', not '%s'", (int)(end - text), text, want);
}

static void assert_dec(uint64_t n)
{
	char want[32];

	snprintf(want, sizeof(want), "%llu", (unsigned long long)n);
	assert_put(put_dec(text, n), want);
}

static uint64_t any(void)
{
	return (uint64_t)rand() << 62 ^ (uint64_t)rand() << 31 ^ (uint64_t)rand();
}

/* Each of four digits, where the split into digits is exact or not; all lengths */
static void decimal(void **state)
{
	uint64_t ten, n;
	int i;

	(void)state;
	for (n = 0; n < 10000; n++) {
		assert_dec(n);
		assert_dec(n * 10000);
		assert_dec(n * 10000 + 9999);
		assert_dec(n * 100000000 + 100000000 - n);
	}
	for (ten = 1, i = 0; i < 20; i++, ten *= 10) {
		assert_dec(ten - 1);
		assert_dec(ten);
		assert_dec(ten + 1);
	}
	assert_dec(UINT64_MAX);
	for (i = 0; i < 1000000; i++)
		assert_dec(any() >> i % 64);
}

static void padded(void **state)
{
	char want[32];
	uint32_t n;
	int i;

	(void)state;
	for (n = 0; n < 1000; n++) {
		snprintf(want, sizeof(want), "%03u", n);
		assert_put(put_three(text, n), want);
	}
	for (n = 0; n < 1000000; n++) {
		snprintf(want, sizeof(want), "%06u", n);
		assert_put(put_six(text, n), want);
	}
	for (i = 0; i < 1000000; i++) {
		n = i < 1000 ? (uint32_t)i : i < 2000 ? 999999999U - i : any() % 1000000000;
		snprintf(want, sizeof(want), "%09u", n);
		assert_put(put_nine(text, n), want);
	}
}

static void hexadecimal(void **state)
{
	char want[32];
	uint64_t n;
	int i;

	(void)state;
	for (i = 0; i < 1000000; i++) {
		n = i < 66000 ? (uint64_t)i : any() >> i % 64;
		snprintf(want, sizeof(want), "%llx", (unsigned long long)n);
		assert_put(put_hex(text, n), want);
	}
}

static void assert_addr(int family, const uint8_t *addr)
{
	char want[INET6_ADDRSTRLEN];

	assert_non_null(inet_ntop(family, addr, want, sizeof(want)));
	assert_put(put_addr(text, family, addr), want);
}

static void ipv4(void **state)
{
	uint8_t addr[4];
	int i, j;

	(void)state;
	for (i = 0; i < 65536; i++) {
		for (j = 0; j < 3; j++) {
			memset(addr, i >> 4, sizeof(addr));
			addr[j] = i;
			addr[j + 1] = i >> 8;
			assert_addr(AF_INET, addr);
		}
	}
}

/* Zeros in every place, before and behind words of every length */
static void ipv6(void **state)
{
	static const uint16_t words[] = { 0, 1, 0xffff, 0x10, 0xabc, 0x2001 };
	unsigned int pattern, other, i;
	uint8_t addr[16];

	(void)state;
	for (pattern = 0; pattern < 256; pattern++) {
		for (other = 1; other < ARRAY_SIZE(words) * ARRAY_SIZE(words); other++) {
			for (i = 0; i < 8; i++) {
				unsigned int which = i % 2 ? other / 6 : other % 6;
				uint16_t word = pattern >> i & 1 ? words[which] : 0;

				addr[2 * i] = word >> 8;
				addr[2 * i + 1] = word;
			}
			assert_addr(AF_INET6, addr);
		}
	}
	for (pattern = 0; pattern < 1000000; pattern++) {
		for (i = 0; i < 16; i++)
			addr[i] = pattern >> i % 8 & 1 ? rand() : 0;
		assert_addr(AF_INET6, addr);
	}
}

static void other_families(void **state)
{
	(void)state;
	assert_ptr_equal(put_addr(text, 0, NULL), text);
	assert_ptr_equal(put_addr(text, AF_UNIX, NULL), text);
}

static void fill(void **state)
{
	char room[80];
	int i, j;

	(void)state;
	for (i = 0; i < 40; i++) {
		memset(room, 'x', sizeof(room));
		assert_ptr_equal(put_fill(room + 1, room + 1 + i), room + 1 + i);
		assert_int_equal(room[0], 'x');
		for (j = 0; j < i; j++)
			assert_int_equal(room[1 + j], ' ');
		assert_int_equal(room[1 + i + PUT_BEYOND], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal),
		cmocka_unit_test(padded),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(other_families),
		cmocka_unit_test(fill),
	};

	return cmocka_run_group_tests_name("put", tests, NULL, NULL);
}
