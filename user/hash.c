// SPDX-License-Identifier: GPL-2.0
/*
 * Multiply-shift hashing with a multiplier drawn anew by each process. Who does not
 * know it cannot choose keys that collide; without it a file of a few megabytes, made
 * for the purpose, would be read for hours. The upper bits are the good ones: whoever
 * has fewer slots than 2^32 takes those.
 */
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"
#include "hash.h"

/* Odd, so that no two numbers have one product */
static uint64_t multiplier(void)
{
	static uint64_t odd;

	if (odd)
		return odd;
	/* a kernel that has just booted has no random numbers yet, but nobody knows this one */
	if (getrandom(&odd, sizeof(odd), GRND_NONBLOCK) != sizeof(odd))
		odd = (clock_mono() ^ (uint64_t)getpid() << 32) * 0x9e3779b97f4a7c15ULL;
	odd |= 1;
	return odd;
}

/**
 * hash_word() - hash a number
 * @n: the number
 *
 * Context: any.
 * Return: the hash, the same until the process ends.
 */
uint32_t hash_word(uint64_t n)
{
	const uint64_t odd = multiplier();
	uint64_t h = n * odd;

	/* or numbers a step apart would stay so, and close together with some multipliers */
	h ^= h >> 32;
	return h * odd >> 32;
}

/**
 * hash_bytes() - hash bytes
 * @data: the bytes, in any alignment
 * @len: how many
 *
 * Context: any.
 * Return: the hash, the same until the process ends.
 */
uint32_t hash_bytes(const void *data, size_t len)
{
	const uint64_t odd = multiplier();
	const uint8_t *at = data;
	uint64_t h = len;
	uint64_t word;
	size_t n;

	for (; len; len -= n, at += n) {
		n = len < sizeof(word) ? len : sizeof(word);
		word = 0;
		memcpy(&word, at, n);
		h = (h ^ word) * odd;
		h ^= h >> 32;
	}
	return h * odd >> 32;
}
