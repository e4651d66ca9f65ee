// SPDX-License-Identifier: GPL-2.0
/* Names of processes are bytes that anybody chose; these say which are text. */
#include "utf8.h"

/**
 * utf8_next() - the first character of some bytes
 * @text: the bytes
 * @len: how many, at least 1
 * @code: set to the Unicode code point
 *
 * Strict as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond
 * U+10FFFF.
 *
 * Context: any.
 * Return: bytes of the character, or 0 when the first byte begins none.
 */
size_t utf8_next(const char *text, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c = p[0];
	size_t n;
	size_t i;

	if (c < 0x80) {
		*code = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf)
		n = 2;
	else if (c >= 0xe0 && c <= 0xef)
		n = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		n = 4;
	else
		return 0;
	if (len < n)
		return 0;
	c &= 0x7f >> n;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return n;
}

/**
 * utf8_shows() - whether a terminal shows a character and does nothing else
 * @code: Unicode code point
 *
 * Context: any.
 * Return: false for control characters (C0, DEL, C1), for line separators, and
 * for what turns the direction of text or takes no room.
 */
bool utf8_shows(uint32_t code)
{
	return code >= 0x20 &&
	       !(code >= 0x7f && code <= 0x9f) &&
	       code != 0xad &&
	       code != 0x61c &&
	       !(code >= 0x200b && code <= 0x200f) &&
	       !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2060 && code <= 0x206f) &&
	       code != 0xfeff &&
	       !(code >= 0xfff0 && code <= 0xfffb) &&
	       !(code >= 0xe0000 && code <= 0xe0fff);
}
