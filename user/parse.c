// SPDX-License-Identifier: GPL-2.0
/* What a user writes for a filter: ports, addresses, processes. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "filter.h"
#include "number.h"
#include "util.h"

#define PORTS_FORM	"ports are 1 to 65535, as in 80,443,8000-8100"

/* The longest quotation of a user's text in a message */
#define QUOTE		64

static int quote(size_t len)
{
	return len < QUOTE ? len : QUOTE;
}

static int bad_ports(const char *text, size_t len, const char *what, struct why *w)
{
	if (!len)
		return why(w, "empty item in the list of ports; %s", PORTS_FORM);
	return why(w, "%s '%.*s'; %s", what, quote(len), text, PORTS_FORM);
}

static int port_item(const char *text, size_t len, struct ports *p, struct why *w)
{
	const char *dash = memchr(text, '-', len);
	size_t first = dash ? (size_t)(dash - text) : len;
	uint64_t from;
	uint64_t to;

	if (number_parse(text, first, 65535, &from))
		return bad_ports(text, len, "bad port", w);
	to = from;
	if (dash && number_parse(dash + 1, len - first - 1, 65535, &to))
		return bad_ports(text, len, "bad range of ports", w);
	if (!from || !to)
		return bad_ports(text, len, "bad port", w);
	if (to < from)
		return bad_ports(text, len, "range of ports runs backwards", w);
	for (; from <= to; from++)
		p->bits[from / 64] |= BIT_ULL(from % 64);
	return 0;
}

/**
 * ports_parse() - a list of ports
 * @text: ports and ranges with commas between, 80,443,8000-8100
 * @p: set to these ports
 * @w: set to the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set.
 */
int ports_parse(const char *text, struct ports *p, struct why *w)
{
	size_t len;

	memset(p, 0, sizeof(*p));
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (port_item(text, len, p, w))
			return -EINVAL;
		if (!text[len])
			return 0;
	}
}

static int bad_prefix(const char *text, const char *what, struct why *w)
{
	return why(w, "%s '%.*s'; an address is 10.0.0.1, 10.0.0.0/8, fe80::1 or 2001:db8::/32",
		   what, QUOTE, text);
}

/* Bits beyond the prefix do not count; clear them so that they cannot. */
static void mask(struct prefix *p)
{
	unsigned int i;

	for (i = 0; i < sizeof(p->addr); i++)
		if (i * 8 >= p->bits)
			p->addr[i] = 0;
		else if (p->bits - i * 8 < 8)
			p->addr[i] &= 0xff << (8 - (p->bits - i * 8));
}

/**
 * prefix_parse() - an address, or a network
 * @text: IPv4 or IPv6 address, with /LEN for a network
 * @p: set to it
 * @w: set to the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set.
 */
int prefix_parse(const char *text, struct prefix *p, struct why *w)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char addr[INET6_ADDRSTRLEN];
	uint64_t most;
	uint64_t bits;

	memset(p, 0, sizeof(*p));
	if (!len || len >= sizeof(addr))
		return bad_prefix(text, "bad address", w);
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (inet_pton(AF_INET, addr, p->addr + 12) == 1) {
		p->family = 4;
		p->addr[10] = 0xff;
		p->addr[11] = 0xff;
		most = 32;
	} else if (inet_pton(AF_INET6, addr, p->addr) == 1) {
		p->family = 6;
		most = 128;
	} else {
		return bad_prefix(text, "bad address", w);
	}
	bits = most;
	if (slash && number_parse(slash + 1, strlen(slash + 1), most, &bits))
		return why(w, "bad prefix length in '%.*s'; for IPv%u it is 0 to %u",
			   QUOTE, text, p->family, (unsigned int)most);
	p->bits = bits + 128 - most;
	mask(p);
	return 0;
}

/**
 * pid_parse() - a process number
 * @text: decimal
 * @pid: set to it
 * @w: set to the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set.
 */
int pid_parse(const char *text, uint32_t *pid, struct why *w)
{
	uint64_t n;

	/* PID_MAX_LIMIT of the kernel; there is no process of that number */
	if (number_parse(text, strlen(text), 4194303, &n) || !n)
		return why(w, "bad process number '%.*s'; it is 1 to 4194303", QUOTE, text);
	*pid = n;
	return 0;
}

/* How many characters a text needs at least to match a pattern */
static size_t shortest(const char *pattern)
{
	const char *end;
	size_t n = 0;

	for (; *pattern; pattern++) {
		if (*pattern == '*')
			continue;
		n++;
		if (*pattern == '\\' && pattern[1])
			pattern++;
		if (*pattern != '[')
			continue;
		end = pattern + 1;
		if (*end == '!' || *end == '^')
			end++;
		if (*end == ']')
			end++;
		end = strchr(end, ']');
		if (end)
			pattern = end;
	}
	return n;
}

/**
 * comm_parse() - the name of a process, or a pattern for it
 * @text: whole name, with * ? [] as the shell has them
 * @w: set to the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set when no name can match.
 */
int comm_parse(const char *text, struct why *w)
{
	if (!*text)
		return why(w, "empty name; a whole name as in nginx, or a pattern as in 'php-*'");
	if (shortest(text) >= TCPFSM_COMM_LEN)
		return why(w, "'%.*s' matches nothing: the kernel keeps %d characters of a name, "
			   "write '%.*s*'", QUOTE, text, TCPFSM_COMM_LEN - 1,
			   strpbrk(text, "*?[\\") ? 0 : TCPFSM_COMM_LEN - 1, text);
	return 0;
}
