/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_WATCH_H
#define TCPFSM_WATCH_H

#include "opts.h"

int watch(const struct opts *o);

#endif
