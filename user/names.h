/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_NAMES_H
#define TCPFSM_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "put.h"
#include "why.h"

const char *state_name(unsigned int state);
int state_parse(const char *text, size_t len);
int states_parse(const char *text, uint32_t *mask, struct why *w);
const char *cause_name(unsigned int cause);
const char *fate_name(unsigned int fate);
const char *where_name(unsigned int where);
const struct word *state_word(unsigned int state);
const struct word *cause_word(unsigned int cause);

#endif
