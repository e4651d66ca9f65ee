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

const char *totals_state(unsigned int state, char *to, size_t room);
bool totals_left(const struct tcpnl_totals *t, unsigned int state);
bool totals_entered(const struct tcpnl_totals *t, unsigned int state);
uint64_t times_below(unsigned int n);
int times_rank(const uint64_t *times, unsigned int percent);
void times_bound(struct buf *b, int n);
void matrix_text(struct buf *b, const struct tcpnl_totals *t);
void matrix_json(struct buf *b, struct view *v, const struct tcpnl_totals *t);
void times_text(struct buf *b, const struct tcpnl_totals *t);
void times_json(struct buf *b, struct view *v, const struct tcpnl_totals *t);
void causes_text(struct buf *b, const struct tcpnl_totals *t);
void causes_json(struct buf *b, struct view *v, const struct tcpnl_totals *t);
void totals_dot(struct buf *b, const struct tcpnl_totals *t);
void text_count(struct buf *b, uint64_t n);

#endif
