/* SPDX-License-Identifier: GPL-2.0 */
/* Hashes nobody can foresee: what is in a file or came from afar cannot pile up in one slot. */
#ifndef TCPFSM_HASH_H
#define TCPFSM_HASH_H

#include <stddef.h>
#include <stdint.h>

uint32_t hash_word(uint64_t n);
uint32_t hash_bytes(const void *data, size_t len);

#endif
