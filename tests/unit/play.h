/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Streams of events, written like the textbook's ladders, and the verdicts on them.
 *
 *   CLOSED -> SYN_SENT: connect         a transition and its cause, in the words of tcpfsm
 *   out S 1000                          a segment we send: flags, its number
 *   in S. 5000 1001                     one that comes: flags, its number, what it acknowledges
 *   in . 1001 5001 len=4                with payload
 *   +60s  +5ms                          time passes; otherwise 10 us a line
 *   lost 3                              records are lost
 *   flow 50                             what follows is of another connection; 0: of none
 *   peer 10.0.0.9 81                    ... with another peer
 *
 * A segment has the state the flow is in, or state=; of one with FIN the number is the
 * FIN's. What else may follow it: retrans=, mss=, wscale=, tsval=, tsecr=, cookie=, fate=,
 * options (all there were are named), first (of a FIN: it is the first ACK of the peer's),
 * noseq, noack, nolen (not known). After a cause: preexisting, untracked, inherited, nosince.
 */
#ifndef TCPFSM_PLAY_H
#define TCPFSM_PLAY_H

#include <ctype.h>
#include <stdlib.h>

#include "judge.h"
#include "names.h"
#include "unit.h"

#define VERDICTS	64

struct play {
	struct judge	judge;
	struct event	base;		/* which connection */
	uint64_t	now;
	uint64_t	since;
	uint32_t	shift;		/* added to all sequence numbers */
	unsigned int	state;
	struct verdict	verdict[VERDICTS];
	unsigned int	verdicts;
};

static inline void take_verdict(void *arg, const struct verdict *v)
{
	struct play *p = arg;

	assert_in_range(p->verdicts, 0, VERDICTS - 1);
	p->verdict[p->verdicts++] = *v;
}

static inline struct play *play_begin(size_t max)
{
	struct play *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	assert_int_equal(judge_init(&p->judge, max, take_verdict, p), 0);
	p->base = an_event();
	p->base.flags = TCPFSM_F_OWNER;
	p->base.id.cookie = 0x4f;
	p->now = 1000000000;
	return p;
}

/* From here on it is another connection. */
static inline void play_next(struct play *p, uint64_t cookie)
{
	p->base.id.cookie = cookie;
	p->state = TCPFSM_S_UNKNOWN;
}

static inline void play_peer(struct play *p, char *text)
{
	char *port = strchr(text, ' ');

	*port++ = '\0';
	set_addr(p->base.id.raddr, AF_INET, text);
	p->base.id.rport = htons(atoi(port));
}

static inline unsigned int cause_parse(const char *text)
{
	size_t best = 0;
	unsigned int found = 0;
	unsigned int i;
	size_t len;

	for (i = 0; i <= TCPFSM_C_MAX; i++) {
		len = strlen(cause_name(i));
		if (len > best && !strncmp(text, cause_name(i), len)) {
			best = len;
			found = i;
		}
	}
	if (!best)
		fail_msg("no such cause: %s", text);
	return found;
}

static inline void play_move(struct play *p, const char *from, size_t len, const char *rest)
{
	struct event ev = p->base;
	const char *colon = strchr(rest, ':');
	int old = state_parse(from, len);
	int new = state_parse(rest, colon - rest);

	if (old < 0 || new < 0 || !colon)
		fail_msg("bad transition: %s", from);
	ev.kind = TCPFSM_K_STATE;
	ev.ts = p->now;
	ev.old_state = old;
	ev.state = new;
	ev.cause = cause_parse(colon + 2);
	ev.flags |= TCPFSM_F_SINCE;
	ev.ns = old > TCPFSM_S_LISTEN ? p->now - p->since : 0;
	if (strstr(colon, " preexisting"))
		ev.flags |= TCPFSM_F_PREEXISTING;
	if (strstr(colon, " untracked"))
		ev.flags |= TCPFSM_F_UNTRACKED;
	if (strstr(colon, " inherited"))
		ev.flags |= TCPFSM_F_INHERITED;
	if (strstr(colon, " nosince"))
		ev.flags &= ~TCPFSM_F_SINCE;
	judge_event(&p->judge, &ev);
	p->state = new;
	p->since = p->now;
}

static inline uint8_t flags_parse(const char *text)
{
	static const char letters[] = "FSRP.U";
	uint8_t flags = 0;
	const char *at;

	for (; *text; text++) {
		if (*text == '-')
			continue;
		at = strchr(letters, *text);
		if (!at)
			fail_msg("bad flags: %s", text);
		flags |= 1 << (at - letters);
	}
	return flags;
}

static inline void segment_word(struct tcpfsm_segment *s, const char *word)
{
	const char *equals = strchr(word, '=');
	unsigned long n = equals ? strtoul(equals + 1, NULL, 0) : 0;

#define WORD(w)	(!strncmp(word, w, strlen(w)))
	if (WORD("len=")) {
		s->len = n;
	} else if (WORD("retrans=")) {
		s->retrans = n;
		s->known |= TCPFSM_SEG_RETRANS;
	} else if (WORD("mss=")) {
		s->mss = n;
		s->known |= TCPFSM_SEG_MSS | TCPFSM_SEG_OPTIONS;
	} else if (WORD("wscale=")) {
		s->wscale = n;
		s->known |= TCPFSM_SEG_WSCALE | TCPFSM_SEG_OPTIONS;
	} else if (WORD("tsval=")) {
		s->tsval = n;
		s->known |= TCPFSM_SEG_TS | TCPFSM_SEG_TSVAL | TCPFSM_SEG_OPTIONS;
	} else if (WORD("tsecr=")) {
		s->tsecr = n;
		s->known |= TCPFSM_SEG_TS | TCPFSM_SEG_TSECR | TCPFSM_SEG_OPTIONS;
	} else if (WORD("cookie=")) {
		s->cookie_len = n;
		s->known |= TCPFSM_SEG_COOKIE | TCPFSM_SEG_OPTIONS;
	} else if (WORD("state=")) {
		s->state = state_parse(equals + 1, strlen(equals + 1));
	} else if (WORD("fate=")) {
		s->fate = n;
	} else if (WORD("options")) {
		s->known |= TCPFSM_SEG_OPTIONS;
	} else if (WORD("first")) {
		s->known |= TCPFSM_SEG_FIRST_ACK;
	} else if (WORD("noseq")) {
		s->known &= ~TCPFSM_SEG_SEQ;
		s->seq = 0;
	} else if (WORD("noack")) {
		s->known &= ~TCPFSM_SEG_ACK;
		s->ack = 0;
	} else if (WORD("nolen")) {
		s->known &= ~TCPFSM_SEG_LEN;
		s->len = 0;
	} else {
		fail_msg("bad word: %s", word);
	}
#undef WORD
}

static inline void play_segment(struct play *p, bool out, char *rest)
{
	struct event ev = p->base;
	struct tcpfsm_segment *s = &ev.seg;
	char *word = strtok(rest, " ");

	ev.kind = TCPFSM_K_SEGMENT;
	ev.flags = 0;
	ev.ts = p->now;
	s->dir = out ? TCPFSM_DIR_OUT : TCPFSM_DIR_IN;
	s->state = p->state ? p->state : TCPFSM_S_LISTEN;
	s->tcp_flags = flags_parse(word);
	s->known = TCPFSM_SEG_LEN;
	word = strtok(NULL, " ");
	if (word && isdigit((unsigned char)*word)) {
		s->seq = strtoul(word, NULL, 0) + p->shift;
		s->known |= TCPFSM_SEG_SEQ;
		word = strtok(NULL, " ");
	}
	if (word && isdigit((unsigned char)*word)) {
		s->ack = strtoul(word, NULL, 0) + p->shift;
		s->known |= TCPFSM_SEG_ACK;
		word = strtok(NULL, " ");
	}
	for (; word; word = strtok(NULL, " "))
		segment_word(s, word);
	ev.state = s->state;
	judge_event(&p->judge, &ev);
}

static inline void play_line(struct play *p, char *line)
{
	struct event lost = { .kind = TCPFSM_K_LOST, .where = TCPFSM_W_RING };
	char *arrow = strstr(line, " -> ");
	char *unit;
	uint64_t n;

	p->now += 10000;
	if (arrow) {
		play_move(p, line, arrow - line, arrow + 4);
	} else if (!strncmp(line, "in ", 3)) {
		play_segment(p, false, line + 3);
	} else if (!strncmp(line, "out ", 4)) {
		play_segment(p, true, line + 4);
	} else if (line[0] == '+') {
		n = strtoull(line + 1, &unit, 10);
		p->now += n * (*unit == 's' ? 1000000000ULL : 1000000ULL);
	} else if (!strncmp(line, "flow ", 5)) {
		play_next(p, strtoull(line + 5, NULL, 16));
	} else if (!strncmp(line, "peer ", 5)) {
		play_peer(p, line + 5);
	} else if (!strncmp(line, "lost ", 5)) {
		lost.ts = p->now;
		lost.count = strtoull(line + 5, NULL, 10);
		judge_event(&p->judge, &lost);
	} else if (line[0]) {
		fail_msg("bad line: %s", line);
	}
}

static inline void play(struct play *p, const char *text)
{
	char line[160];
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		assert_in_range(len, 0, sizeof(line) - 1);
		memcpy(line, text, len);
		line[len] = '\0';
		play_line(p, line);
	}
}

static inline void play_end(struct play *p)
{
	judge_finish(&p->judge);
}

static inline void play_free(struct play *p)
{
	judge_free(&p->judge);
	free(p);
}

#endif
