// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "util.h"

/* The largest first */
static const struct {
	const char	*name;
	unsigned int	ms;
} units[] = {
	{ "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
};

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

/**
 * duration_parse() - a time, as in 500ms, 90s, 5m, 2h
 * @text: decimal number with one of these units behind it, and nothing else
 * @most: the largest that is taken, in milliseconds
 * @ms: set to the time in milliseconds
 *
 * Context: any.
 * Return: 0, or -EINVAL when it is none, lacks its unit or is too large.
 */
int duration_parse(const char *text, uint64_t most, uint64_t *ms)
{
	size_t digits = strspn(text, "0123456789");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(text + digits, units[i].name))
			continue;
		if (number_parse(text, digits, most / units[i].ms, ms))
			return -EINVAL;
		*ms *= units[i].ms;
		return 0;
	}
	return -EINVAL;
}

/**
 * duration_text() - a time in the form duration_parse() takes
 * @to: DURATION_TEXT bytes, set
 * @ms: milliseconds
 *
 * Context: any.
 * Return: @to: the number of the largest unit that needs no fraction.
 */
const char *duration_text(char *to, uint64_t ms)
{
	size_t i = 0;

	while (ms % units[i].ms)
		i++;
	if (!ms)
		i = 2;	/* 0s */
	snprintf(to, DURATION_TEXT, "%llu%s", (unsigned long long)ms / units[i].ms, units[i].name);
	return to;
}
