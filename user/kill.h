/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_KILL_H
#define TCPFSM_KILL_H

#include "out_stuck.h"

typedef void (*kill_each)(const struct stuck *s, enum kill_result result, void *arg);

void kill_all(const struct stuck_list *l, kill_each each, void *arg);

#endif
