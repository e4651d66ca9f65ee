/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_NUMBER_H
#define TCPFSM_NUMBER_H

#include <stddef.h>
#include <stdint.h>

int number_parse(const char *text, size_t len, uint64_t most, uint64_t *n);
int size_parse(const char *text, uint64_t most, uint64_t *bytes);
int duration_parse(const char *text, uint64_t most, uint64_t *ms);

#define DURATION_TEXT	24

const char *duration_text(char *to, uint64_t ms);

#endif
