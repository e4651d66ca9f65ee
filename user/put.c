// SPDX-License-Identifier: GPL-2.0
/* Addresses and numbers as text, into a place that has room. See put.h. */
#include <sys/socket.h>

#include "put.h"
#include "util.h"

#define TEN(d)	#d "0" #d "1" #d "2" #d "3" #d "4" #d "5" #d "6" #d "7" #d "8" #d "9"

/* 00 to 99 */
const char put_pairs[] =
	TEN(0) TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9);

static const char hex_digits[] = "0123456789abcdef";

/**
 * put_hex() - put a hexadecimal number, lower case, without 0x
 * @p: where to
 * @n: the number
 *
 * Context: any.
 * Return: the place behind it.
 */
char *put_hex(char *p, uint64_t n)
{
	int shift = (63 - __builtin_clzll(n | 1)) & ~3;

	for (; shift >= 0; shift -= 4)
		*p++ = hex_digits[n >> shift & 15];
	return p;
}

static char *put_byte(char *p, unsigned int n)
{
	if (n >= 100)
		return put_three(p, n);
	return put_short(p, n);
}

/**
 * put_ip4() - put an IPv4 address
 * @p: where to
 * @addr: its 4 bytes
 *
 * Context: any.
 * Return: the place behind it.
 */
char *put_ip4(char *p, const uint8_t *addr)
{
	p = put_char(put_byte(p, addr[0]), '.');
	p = put_char(put_byte(p, addr[1]), '.');
	p = put_char(put_byte(p, addr[2]), '.');
	return put_byte(p, addr[3]);
}

/* The first of the longest runs of words that are 0, if it has two or more; else none */
static unsigned int longest_run(const uint16_t *words, unsigned int *len)
{
	unsigned int best = 8, run = 0, i;

	*len = 1;
	for (i = 0; i < 8; i++) {
		run = words[i] ? 0 : run + 1;
		if (run > *len) {
			*len = run;
			best = i + 1 - run;
		}
	}
	return best;
}

/**
 * put_ip6() - put an IPv6 address as inet_ntop() does: RFC 5952
 * @p: where to
 * @addr: its 16 bytes
 *
 * The last 4 bytes of a mapped IPv4 address, and of one that has nothing else, are put as
 * one of IPv4.
 *
 * Context: any.
 * Return: the place behind it.
 */
char *put_ip6(char *p, const uint8_t *addr)
{
	unsigned int gap, len, i;
	uint16_t words[8];

	for (i = 0; i < 8; i++)
		words[i] = addr[2 * i] << 8 | addr[2 * i + 1];
	gap = longest_run(words, &len);
	for (i = 0; i < 8; i++) {
		if (i == gap) {
			p = put_char(p, ':');
			i += len - 1;
			continue;
		}
		if (i)
			p = put_char(p, ':');
		if (i == 6 && !gap && (len == 6 || (len == 5 && words[5] == 0xffff)))
			return put_ip4(p, addr + 12);
		p = put_hex(p, words[i]);
	}
	return gap + len == 8 ? put_char(p, ':') : p;
}

/**
 * put_addr() - put an address
 * @p: where to
 * @family: AF_INET or AF_INET6
 * @addr: its bytes
 *
 * Context: any.
 * Return: the place behind it, @p for another family.
 */
char *put_addr(char *p, unsigned int family, const uint8_t *addr)
{
	if (family == AF_INET)
		return put_ip4(p, addr);
	return family == AF_INET6 ? put_ip6(p, addr) : p;
}

/**
 * put_flags() - put a segment's flags as tcpdump prints them: [S.]
 * @p: where to
 * @flags: TCPFSM_TH_*
 *
 * Context: any.
 * Return: the place behind them.
 */
char *put_flags(char *p, unsigned int flags)
{
	/* of TCPFSM_TH_FIN and the bits above it */
	static const char letters[] = "FSRP.U";

	flags &= BIT(sizeof(letters) - 1) - 1;
	if (!flags)
		return put_lit(p, "[none]");
	p = put_char(p, '[');
	for (; flags; flags &= flags - 1)
		p = put_char(p, letters[__builtin_ctz(flags)]);
	return put_char(p, ']');
}
