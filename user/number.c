// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "number.h"

/**
 * number_parse() - a decimal number and nothing else
 * @text: digits; no sign, no space, no 0x
 * @len: bytes of @text that count
 * @most: the largest that is taken
 * @n: set to the number
 *
 * Context: any.
 * Return: 0, or -EINVAL when it is none or too large.
 */
int number_parse(const char *text, size_t len, uint64_t most, uint64_t *n)
{
	uint64_t sum = 0;
	unsigned int digit;
	size_t i;

	if (!len)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		digit = text[i] - '0';
		if (digit > most || sum > (most - digit) / 10)
			return -EINVAL;
		sum = sum * 10 + digit;
	}
	*n = sum;
	return 0;
}

/**
 * size_parse() - a size in bytes, K, M or G
 * @text: decimal number, with one of these letters behind it for powers of 1024
 * @most: the largest that is taken, in bytes
 * @bytes: set to the size
 *
 * Context: any.
 * Return: 0, or -EINVAL when it is none or too large.
 */
int size_parse(const char *text, uint64_t most, uint64_t *bytes)
{
	static const char letters[] = "KMG";
	size_t len = strlen(text);
	const char *letter = NULL;
	unsigned int shift = 0;

	if (len)
		letter = strchr(letters, text[len - 1] & ~0x20);
	if (letter && *letter) {
		shift = 10 * (letter - letters + 1);
		len--;
	}
	if (number_parse(text, len, most >> shift, bytes))
		return -EINVAL;
	*bytes <<= shift;
	return 0;
}
