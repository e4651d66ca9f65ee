/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_COOKIES_H
#define TCPFSM_COOKIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct cookies - a set of socket cookies
 * @slots: the cookies, 0 for none; a hash table
 * @size: number of slots, a power of 2
 * @len: how many are taken
 */
struct cookies {
	uint64_t	*slots;
	size_t		size;
	size_t		len;
};

bool cookies_has(const struct cookies *s, uint64_t cookie);
void cookies_add(struct cookies *s, uint64_t cookie);
void cookies_drop(struct cookies *s, uint64_t cookie);
void cookies_free(struct cookies *s);

#endif
