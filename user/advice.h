/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_ADVICE_H
#define TCPFSM_ADVICE_H

#include "buf.h"
#include "stuck.h"

void advice(struct buf *b, const struct stuck *s);

#endif
