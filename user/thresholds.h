/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_THRESHOLDS_H
#define TCPFSM_THRESHOLDS_H

#include "buf.h"
#include "nl.h"
#include "view.h"
#include "why.h"

int threshold_parse(const char *text, struct tcpnl_config *c, struct why *w);
void thresholds_text(struct buf *b, const struct tcpnl_config *c, bool header);
void thresholds_json(struct buf *b, struct view *v, const struct tcpnl_config *c);

#endif
