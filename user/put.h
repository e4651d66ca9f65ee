/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the lines of events are put together with. Each of these writes at a place that has
 * room, which the caller sees to once a line, and returns the place behind what it wrote.
 * Some write more than that, up to PUT_BEYOND bytes beyond what they return: that is cheaper
 * than to stop. What comes next goes over it.
 */
#ifndef TCPFSM_PUT_H
#define TCPFSM_PUT_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PUT_BEYOND	32

/**
 * struct word - a word of a table, ready to be put
 * @len: bytes of it
 * @text: it, NUL-terminated
 */
struct word {
	uint8_t	len;
	char	text[PUT_BEYOND - 1];
};

extern const char put_pairs[];

char *put_hex(char *p, uint64_t n);
char *put_ip4(char *p, const uint8_t *addr);
char *put_ip6(char *p, const uint8_t *addr);
char *put_addr(char *p, unsigned int family, const uint8_t *addr);
char *put_flags(char *p, unsigned int flags);

static inline char *put_mem(char *p, const char *text, size_t len)
{
	memcpy(p, text, len);
	return p + len;
}

/* A string literal */
#define put_lit(p, s)	put_mem(p, "" s, sizeof(s) - 1)

static inline char *put_char(char *p, char c)
{
	*p = c;
	return p + 1;
}

static inline char *put_word(char *p, const struct word *w)
{
	memcpy(p, w->text, sizeof(w->text));
	return p + w->len;
}

/* Eight digits with leading zeros, as numbers from 0 to 9: a byte each, the first one lowest */
static inline uint64_t put_split(uint32_t n)
{
	uint64_t x = n / 10000 | (uint64_t)(n % 10000) << 32;
	uint64_t tens;

	/* four digits to twice two, in both halves at once; then two to twice one */
	tens = x * 10486 >> 20 & 0x0000007f0000007fULL;
	x = tens + ((x - tens * 100) << 16);
	tens = x * 103 >> 10 & 0x000f000f000f000fULL;
	return tens + ((x - tens * 10) << 8);
}

static inline char *put_eight(char *p, uint64_t digits)
{
	digits = htole64(digits + 0x3030303030303030ULL);
	memcpy(p, &digits, sizeof(digits));
	return p + sizeof(digits);
}

/* Below 100,000,000, without leading zeros */
static inline char *put_short(char *p, uint32_t n)
{
	uint64_t digits;
	int zeros;

	if (n < 10)
		return put_char(p, '0' + n);
	if (n < 100)
		return put_mem(p, &put_pairs[2 * n], 2);
	digits = put_split(n);
	zeros = __builtin_ctzll(digits) & ~7;
	put_eight(p, digits >> zeros);
	return p + 8 - zeros / 8;
}

#define PUT_HALF	100000000ULL	/* what eight digits count to */

/**
 * put_dec() - put a decimal number
 * @p: where to
 * @n: the number
 *
 * Context: any.
 * Return: the place behind it.
 */
static inline char *put_dec(char *p, uint64_t n)
{
	uint64_t upper;

	if (n < PUT_HALF)
		return put_short(p, n);
	upper = n / PUT_HALF;
	if (upper >= PUT_HALF) {
		p = put_short(p, upper / PUT_HALF);
		p = put_eight(p, put_split(upper % PUT_HALF));
	} else {
		p = put_short(p, upper);
	}
	return put_eight(p, put_split(n % PUT_HALF));
}

/* Three digits, of a number below 1,000 */
static inline char *put_three(char *p, unsigned int n)
{
	p = put_char(p, '0' + n / 100);
	return put_mem(p, &put_pairs[2 * (n % 100)], 2);
}

/* Six digits, of a number below 1,000,000 */
static inline char *put_six(char *p, uint32_t n)
{
	put_eight(p, put_split(n) >> 16);
	return p + 6;
}

/* Nine digits, of a number below 1,000,000,000 */
static inline char *put_nine(char *p, uint32_t n)
{
	p = put_char(p, '0' + n / (uint32_t)PUT_HALF);
	return put_eight(p, put_split(n % (uint32_t)PUT_HALF));
}

/**
 * put_fill() - fill up with spaces
 * @p: from here
 * @end: to there, not before @p
 *
 * Context: any.
 * Return: @end.
 */
static inline char *put_fill(char *p, char *end)
{
	do {
		memcpy(p, "                ", 16);
		p += 16;
	} while (p < end);
	return end;
}

#endif
