/* SPDX-License-Identifier: GPL-2.0 */
/* What is said in the picture of a connection, however it is drawn. */
#ifndef TCPFSM_LADDER_WORDS_H
#define TCPFSM_LADDER_WORDS_H

#include "ladder.h"

/* Below the picture, where it has such */
#define WORDS_NUMBERS	"seq, ack: relative to the initial number (absolute)"
#define WORDS_UNSEEN	"?    not recorded at that end: lost on the way, or not looked at there"
#define WORDS_WAYS	"+    arrived so long after it was sent"

/* A piece of text; what goes beyond is cut, so whoever fills it has to look */
struct piece {
	char	text[160];
	size_t	len;
};

/**
 * struct words - what is said of a segment
 * @flags: as tcpdump prints them
 * @numbers: sequence number and acknowledgment, with a blank before each; may be empty
 * @notes: payload, options, how often it was sent, what became of it; may be empty
 * @way: how long it was under way, empty where that is not known
 * @tail_unseen: the end that sent it is traced, and there is no record of that
 * @head_unseen: the end it was sent to is traced, and there is no record of its coming
 * @again: it was sent before
 */
struct words {
	struct piece	flags;
	struct piece	numbers;
	struct piece	notes;
	struct piece	way;
	bool		tail_unseen;
	bool		head_unseen;
	bool		again;
};

__printf(2, 3) void piece_add(struct piece *p, const char *fmt, ...);
size_t words_fit(const char *text, size_t room);
void words_time(const struct ladder *l, uint64_t ts, struct piece *p);
const char *words_state(unsigned int state, char *to, size_t room);
void words_transition(const struct event *ev, struct piece *p);
void words_segment(const struct ladder *l, const struct ladder_row *row, struct words *w);
void words_between(const struct ladder *l, const struct ladder_row *row, struct piece *p);
void words_place(struct buf *b, const struct ladder *l, unsigned int side);
void words_owner(struct buf *b, const struct ladder_end *e);
bool words_last(struct buf *b, const struct ladder *l, unsigned int side);

#endif
