/* SPDX-License-Identifier: GPL-2.0 */
/* The state machine of RFC 9293, figure 5 and section 3.10, and where Linux departs. */
#ifndef TCPFSM_FSM_H
#define TCPFSM_FSM_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"

/* What Linux does on purpose that RFC 9293 does not say, or says otherwise */
enum departure {
	DEPARTURE_NONE,
	DEPARTURE_LISTENER_STAYS,
	DEPARTURE_SYN_COOKIE,
	DEPARTURE_FAST_OPEN,
	DEPARTURE_TWO_STEPS,
	DEPARTURE_TIME_WAIT_60,
	DEPARTURE_ORPHAN_FIN_WAIT_2,
	DEPARTURE_TIME_WAIT_SKIPPED,
	DEPARTURE_REUSE_CONNECT,
	DEPARTURE_ORPHAN_LIMIT,
	DEPARTURE_ACCEPT_QUEUE,
	DEPARTURE_LISTENER_CLOSED,
	DEPARTURE_DESTROYED,
	DEPARTURE_SYN_RETRIES,
	DEPARTURE_ICMP,
	DEPARTURE_RST_IN_WINDOW,
	DEPARTURE_RST_AT_FIN,
	DEPARTURE_SYN_IN_FIN_WAIT_2,
	__DEPARTURE_MAX,
};

#define DEPARTURE_MAX (__DEPARTURE_MAX - 1)

/**
 * struct departure_row - a departure
 * @name: the word for it
 * @section: of the RFC it departs from
 * @text: what Linux does
 */
struct departure_row {
	const char	*name;
	const char	*section;
	const char	*text;
};

/**
 * struct fsm_row - an arrow of the figure
 * @from: enum tcpfsm_state
 * @to: enum tcpfsm_state
 * @causes: 1 << enum tcpfsm_cause that may lead along it
 * @section: of the RFC that has it
 * @departure: enum departure, DEPARTURE_NONE where Linux does as the RFC says
 */
struct fsm_row {
	uint8_t		from;
	uint8_t		to;
	uint64_t	causes;
	const char	*section;
	uint8_t		departure;
};

extern const struct fsm_row fsm_rows[];
extern const size_t fsm_len;
extern const struct departure_row departures[DEPARTURE_MAX + 1];

const struct fsm_row *fsm_arrow(unsigned int from, unsigned int to);
const struct fsm_row *fsm_step(unsigned int from, unsigned int to, unsigned int cause);

#endif
