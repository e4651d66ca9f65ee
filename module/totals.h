/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_TOTALS_H
#define _TCPFSM_TOTALS_H

#include <linux/types.h>

#include <linux/tcpfsm.h>

#define TCPFSM_STATES		(TCPFSM_S_MAX + 1)
#define TCPFSM_CAUSES		(TCPFSM_C_MAX + 1)
#define TCPFSM_TIMES		40	/* 2^39 microseconds are six days */

/**
 * struct tcpfsm_totals - transitions counted
 * @matrix: by old and new state
 * @times: by state that was left and time in it, see TCPFSM_A_TIMES
 * @causes: by cause
 */
struct tcpfsm_totals {
	u64	matrix[TCPFSM_STATES][TCPFSM_STATES];
	u64	times[TCPFSM_STATES][TCPFSM_TIMES];
	u64	causes[TCPFSM_CAUSES];
};

int tcpfsm_totals_init(void);
void tcpfsm_totals_exit(void);
void tcpfsm_totals_count(u8 from, u8 to, u16 cause, bool timed, u64 ns_in_old);
void tcpfsm_totals_sum(struct tcpfsm_totals *sum);
u64 tcpfsm_totals_transitions(void);

#endif
