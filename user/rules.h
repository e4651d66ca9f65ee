/* SPDX-License-Identifier: GPL-2.0 */
/* What the RFCs ask of the segments of one connection. */
#ifndef TCPFSM_RULES_H
#define TCPFSM_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "event.h"

enum rule_id {
	RULE_TRANSITION,
	RULE_CAUSE,
	RULE_SYN_CHALLENGE,
	RULE_TIME_WAIT,
	RULE_SYN_SEQ,
	RULE_SYNACK_ACK,
	RULE_THIRD_SEQ,
	RULE_THIRD_ACK,
	RULE_ACK_MISSING,
	RULE_ACK_BEYOND,
	RULE_FIN_SEQ,
	RULE_DATA_AFTER_FIN,
	RULE_FIN_ACK,
	RULE_ACK_AFTER_FIN,
	RULE_ACK_OF_FIN,
	RULE_RST_SYN_SENT,
	RULE_RST_WINDOW,
	RULE_RST_EXACT,
	RULE_REUSE_ISN,
	RULE_WSCALE_OFFER,
	RULE_WSCALE_MAX,
	RULE_TS_OFFER,
	RULE_TS_ECHO,
	RULE_COOKIE_LEN,
	__RULE_MAX,
};

/* When a rule is asked */
enum rule_when {
	RULE_AT_MOVE,		/* a transition, and the segment that made it */
	RULE_AT_SEGMENT,	/* one we sent, or that made a transition */
	RULE_AT_END,		/* when all is known that will ever be */
};

/* What a rule says */
enum rule_answer {
	RULE_SILENT,		/* it does not apply, or cannot know */
	RULE_KEPT,
	RULE_BROKEN,
};

/**
 * struct rule - what the RFC asks
 * @name: the word for it
 * @section: of the RFC that asks it
 * @text: what it asks
 * @when: enum rule_when
 * @dirs: 1 << enum tcpfsm_dir of the segments it is asked of
 * @set: TCPFSM_TH_* the segment must have
 * @clear: TCPFSM_TH_* it must not have
 * @states: 1 << enum tcpfsm_state the flow must be in
 * @needs: TCPFSM_SEG_* that must be known of the segment
 * @sender: END_* that must be known of the end that sent it
 * @receiver: END_* that must be known of the other end
 * @absence: it concludes from what was not seen: not asked where history is missing
 * @segment: asks a segment; returns whether it is kept
 * @move: asks a transition, and the segment that made it, NULL where none was seen
 * @end: asks the whole connection
 */
struct rule {
	const char	*name;
	const char	*section;
	const char	*text;
	uint8_t		when;
	uint8_t		dirs;
	uint8_t		set;
	uint8_t		clear;
	uint16_t	states;
	uint32_t	needs;
	uint32_t	sender;
	uint32_t	receiver;
	bool		absence;
	bool		(*segment)(const struct conn *c, const struct tcpfsm_segment *s,
				   struct finding *f);
	enum rule_answer (*move)(const struct conn *c, const struct event *ev,
				 const struct tcpfsm_segment *s, struct finding *f);
	enum rule_answer (*end)(const struct conn *c, struct finding *f);
};

extern const struct rule rules[__RULE_MAX];

#endif
