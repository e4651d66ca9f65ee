/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_TOTALS_H
#define TCPFSM_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "nl.h"
#include "view.h"

/* No bound: the last of the numbers of struct tcpnl_totals.times has none above. */
#define TOTALS_ENDLESS	UINT64_MAX

uint64_t times_below(unsigned int n);
int times_rank(const uint64_t *times, unsigned int percent);
void matrix_text(struct buf *b, const struct tcpnl_totals *t);
void matrix_json(struct buf *b, struct view *v, const struct tcpnl_totals *t);
void times_text(struct buf *b, const struct tcpnl_totals *t);
void times_json(struct buf *b, struct view *v, const struct tcpnl_totals *t);
void causes_text(struct buf *b, const struct tcpnl_totals *t);
void causes_json(struct buf *b, struct view *v, const struct tcpnl_totals *t);
void text_count(struct buf *b, uint64_t n);

#endif
