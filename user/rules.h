/* SPDX-License-Identifier: GPL-2.0 */
/* What the RFCs ask of the segments of one connection. */
#ifndef TCPFSM_RULES_H
#define TCPFSM_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "fsm.h"

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

/**
 * struct finding - a rule that was broken
 * @rule: enum rule_id
 * @dir: whose doing it is: TCPFSM_DIR_OUT ours, TCPFSM_DIR_IN the peer's
 * @numbers: @got and @want are numbers
 * @got: what was seen; of a transition the states, old << 8 | new
 * @want: what the rule wants
 */
struct finding {
	uint8_t		rule;
	uint8_t		dir;
	bool		numbers;
	uint32_t	got;
	uint32_t	want;
};

/* What is known of an end; bits */
#define END_ISN		(1 << 0)
#define END_FIN		(1 << 1)
#define END_OPTIONS	(1 << 2)
#define END_TSVAL	(1 << 3)
#define END_SYN_LEN	(1 << 4)

/**
 * struct end - one end of a connection, as far as its segments told
 * @known: END_*
 * @isn: number of its SYN
 * @fin: number of its FIN
 * @syn_len: bytes its SYN carried at most
 * @syn_opts: TCPFSM_SEG_* of the options its SYNs carried
 * @tsval: timestamp of its first SYN
 * @tsval_last: timestamp of its last segment that bore one and was seen
 * @tsval_syn: timestamp of its last SYN
 * @syn_data: its SYN brought data and a Fast Open cookie
 */
struct end {
	uint32_t	known;
	uint32_t	isn;
	uint32_t	fin;
	uint32_t	syn_len;
	uint32_t	syn_opts;
	uint32_t	tsval;
	uint32_t	tsval_last;
	uint32_t	tsval_syn;
	bool		syn_data;
};

/**
 * struct arrival - a segment that came
 * @seg: it
 * @number: which one of those that came, from 1; 0 for none
 * @asked: the rules were asked of it
 */
struct arrival {
	struct tcpfsm_segment	seg;
	uint32_t		number;
	bool			asked;
};

/**
 * struct conn - what the rules know of a connection
 * @end: by enum tcpfsm_dir of what it sends: the peer at _IN, we at _OUT
 * @gaps: part of its history is missing: nothing follows from what was not seen
 * @unseen: a segment there must have been was not seen
 * @fast_open: it is a Fast Open one, data may come before the third segment
 * @resent: the third segment may not be the first of its kind
 * @third_next: the last segment was a SYN,ACK we received
 * @arrivals: segments that came so far
 * @last: the last one
 * @last_fin: the last one with FIN
 * @reply: what we acknowledged since @last_fin came
 * @has_reply: @reply is set
 * @fin_number: the arrival that brought the peer's FIN, 0 for none
 * @ack_number: the arrival that acknowledged ours, 0 for none
 * @reuse: enum tcpfsm_cause, how it took over a TIME_WAIT, or TCPFSM_C_UNKNOWN
 * @old: what is known of the two ends of that TIME_WAIT
 */
struct conn {
	struct end		end[2];
	bool			gaps;
	bool			unseen;
	bool			fast_open;
	bool			resent;
	bool			third_next;
	uint32_t		arrivals;
	struct arrival		last;
	struct arrival		last_fin;
	struct tcpfsm_segment	reply;
	bool			has_reply;
	uint32_t		fin_number;
	uint32_t		ack_number;
	uint16_t		reuse;
	struct end		old[2];
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

/**
 * struct findings - what came of asking
 * @checked: 1 << enum rule_id, rules that could answer
 * @departures: 1 << enum departure
 * @count: rules that were broken
 * @first: the first of them
 * @room: how many fit into @first
 */
struct findings {
	uint64_t	checked;
	uint32_t	departures;
	uint32_t	count;
	struct finding	*first;
	size_t		room;
};

void rules_sent(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs);
void rules_came(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs);
void rules_move(struct conn *c, const struct event *ev, struct findings *fs);
void rules_end(struct conn *c, struct findings *fs);

/* Whether sequence number a comes after b, in a window of 2^31 */
static inline bool seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

#endif
