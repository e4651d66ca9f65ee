/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_UTF8_H
#define TCPFSM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

size_t utf8_next(const char *text, size_t len, uint32_t *code);
bool utf8_shows(uint32_t code);

#endif
