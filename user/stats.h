/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_STATS_H
#define TCPFSM_STATS_H

#include <stdbool.h>

#include "buf.h"
#include "nl.h"

const char *stats_name(unsigned int i);
bool stats_lost(const struct tcpnl_stats *st);
void stats_text(struct buf *b, const struct tcpnl_stats *st);
void stats_json(struct buf *b, const struct tcpnl_stats *st);

#endif
