/* SPDX-License-Identifier: GPL-2.0 */
/* What is said of a connection that ended. The words are listed in docs/verdicts.md. */
#ifndef TCPFSM_VERDICT_H
#define TCPFSM_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"
#include "rules.h"
#include "view.h"

/* How it was opened */
enum verdict_handshake {
	VERDICT_H_UNKNOWN,
	VERDICT_H_THREE_WAY,
	VERDICT_H_SIMULTANEOUS,
	VERDICT_H_FAST_OPEN,
	VERDICT_H_SYN_COOKIE,
	VERDICT_H_REFUSED,
	VERDICT_H_TIMED_OUT,
	VERDICT_H_UNREACHABLE,
	VERDICT_H_RESET,
	VERDICT_H_ABORTED,
	VERDICT_H_EXPIRED,
	VERDICT_H_SYN_QUEUE,
	VERDICT_H_ACCEPT_QUEUE,
	VERDICT_H_PREEXISTING,
	__VERDICT_H_MAX,
};

/* How it was closed */
enum verdict_teardown {
	VERDICT_T_NONE,		/* it was never open, or nobody knows */
	VERDICT_T_FOUR_WAY,
	VERDICT_T_THREE_SEGMENT,
	VERDICT_T_SIMULTANEOUS,
	VERDICT_T_RESET_LOCAL,
	VERDICT_T_RESET_REMOTE,
	VERDICT_T_TIMED_OUT,
	VERDICT_T_DESTROYED,
	VERDICT_T_FIN_WAIT_2,
	VERDICT_T_TW_SKIPPED,
	VERDICT_T_OPEN,
	__VERDICT_T_MAX,
};

enum verdict_conformance {
	VERDICT_OK,
	VERDICT_VIOLATION,
	VERDICT_INCOMPLETE,
};

/* What else is worth knowing; bits */
enum verdict_note {
	VERDICT_N_HALF_CLOSED,
	VERDICT_N_SYN_DATA,
	VERDICT_N_REUSED,
	VERDICT_N_UNACCEPTED,
	VERDICT_N_PREDICTABLE,
	VERDICT_N_ASSASSINATED,
	VERDICT_N_CHALLENGED,
	VERDICT_N_DESTROYED,
	VERDICT_N_RETRANS_SYN,
	VERDICT_N_RETRANS_SYNACK,
	VERDICT_N_RETRANS_FIN,
	VERDICT_N_ACCEPT_QUEUE,
	VERDICT_N_IN_TIME_WAIT,
	__VERDICT_N_MAX,
};

/* What is not known of it, so that it cannot be said to be well; bits */
enum verdict_missing {
	VERDICT_M_LOST,
	VERDICT_M_OLDER,
	VERDICT_M_TABLE,
	VERDICT_M_SEGMENTS,
	VERDICT_M_BEGINNING,
	VERDICT_M_STATES,
	VERDICT_M_OPEN,
	VERDICT_M_EVICTED,
	VERDICT_M_FILTERED,
	__VERDICT_M_MAX,
};

#define VERDICT_VIOLATIONS	8	/* kept; more are counted */

/**
 * struct verdict - what is said of a connection
 * @ts: CLOCK_MONOTONIC in ns when it ended, or when judging did
 * @id: the connection; the cookie is 0 where a SYN was thrown away
 * @owner: valid with TCPFSM_F_OWNER in @flags
 * @flags: TCPFSM_F_*, of its last transition
 * @state: the state it was in last, before CLOSED; TCPFSM_S_UNKNOWN for none
 * @handshake: enum verdict_handshake
 * @teardown: enum verdict_teardown
 * @conformance: enum verdict_conformance
 * @cause: enum tcpfsm_cause of its end, or EVENT_C_SYN_QUEUE
 * @opened: enum tcpfsm_cause that completed the handshake, or ended it
 * @notes: 1 << enum verdict_note
 * @missing: 1 << enum verdict_missing
 * @departures: 1 << enum departure
 * @checked: 1 << enum rule_id, rules that could be asked
 * @violation: the first ones
 * @violations: how many there were, some perhaps not in @violation
 * @has_handshake_ns: @handshake_ns is known
 * @has_duration_ns: @duration_ns is known
 * @has_iss: @iss is known
 * @has_irs: @irs is known
 * @has_retrans: @retrans is known
 * @handshake_ns: from the first transition to ESTABLISHED
 * @duration_ns: from the first transition to the end
 * @half_closed_ns: from one FIN to the other, or to the end
 * @state_ns: time in each state, 0 for none or not known
 * @state_known: 1 << enum tcpfsm_state, entries of @state_ns that are known
 * @syn_retrans: SYNs sent or received again
 * @synack_retrans: SYN,ACKs sent or received again
 * @fin_retrans: FINs sent or received again
 * @retrans: segments sent again, all kinds
 * @challenged: segments answered with a challenge ACK
 * @iss: our initial sequence number
 * @irs: the peer's
 * @isn_steps: so many of the peer's numbers up to @irs were @isn_step more than the one
 *	before, 0 when they are not predictable
 * @isn_step: see @isn_steps
 */
struct verdict {
	uint64_t		ts;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	uint8_t			flags;
	uint8_t			state;
	uint8_t			handshake;
	uint8_t			teardown;
	uint8_t			conformance;
	uint16_t		cause;
	uint16_t		opened;
	uint32_t		notes;
	uint32_t		missing;
	uint32_t		departures;
	uint64_t		checked;
	struct finding		violation[VERDICT_VIOLATIONS];
	uint32_t		violations;
	bool			has_handshake_ns;
	bool			has_duration_ns;
	bool			has_iss;
	bool			has_irs;
	bool			has_retrans;
	uint64_t		handshake_ns;
	uint64_t		duration_ns;
	uint64_t		half_closed_ns;
	uint64_t		state_ns[TCPFSM_S_MAX + 1];
	uint32_t		state_known;
	uint32_t		syn_retrans;
	uint32_t		synack_retrans;
	uint32_t		fin_retrans;
	uint64_t		retrans;
	uint32_t		challenged;
	uint32_t		iss;
	uint32_t		irs;
	unsigned int		isn_steps;
	uint32_t		isn_step;
};

const char *handshake_name(unsigned int handshake);
const char *teardown_name(unsigned int teardown);
const char *conformance_name(unsigned int conformance);
const char *note_name(unsigned int note);
const char *missing_name(unsigned int missing);

struct event verdict_event(const struct verdict *t);
bool verdict_ended(const struct verdict *t);
void text_verdict_header(struct buf *b, struct view *v);
void text_verdict(struct buf *b, struct view *v, const struct verdict *t);
void text_verdict_among(struct buf *b, struct view *v, const struct verdict *t);
void json_verdict(struct buf *b, struct view *v, const struct verdict *t);

#endif
