/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzz targets share: an event goes wherever a command would send it. */
#ifndef TCPFSM_FUZZ_H
#define TCPFSM_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "judge.h"
#include "ladders.h"
#include "pcapng.h"
#include "view.h"

#define ENOUGH	(1 << 16)

/**
 * struct sinks - where events end up
 * @judge: judges them
 * @ladders: draws them
 * @file: shows them to Wireshark
 * @text: shows them
 * @view: how
 * @used: the others are set: an event came
 */
struct sinks {
	struct judge	judge;
	struct ladders	ladders;
	struct pcapng	file;
	struct buf	text;
	struct view	view;
	bool		used;
};

static inline void fuzz_verdict(void *arg, const struct verdict *t)
{
	struct sinks *s = arg;

	text_verdict(&s->text, &s->view, t);
	json_verdict(&s->text, &s->view, t);
	ladders_verdict(&s->ladders, t->id.cookie, conformance_name(t->conformance));
}

/*
 * Made once: their tables are large. What the judge remembers of ended connections stays from one
 * input to the next.
 */
static inline void sinks_init(struct sinks *s)
{
	if (s->used)
		return;
	s->used = true;
	if (judge_init(&s->judge, 64, fuzz_verdict, s) || ladders_init(&s->ladders) ||
	    pcapng_init(&s->file, -1, "k", "t"))
		abort();
	buf_init(&s->text, -1);
	view_init(&s->view, 0);
}

/* Draw those that ended before @ended. */
static inline void sinks_draw(struct sinks *s, uint64_t ended)
{
	struct ladder l;

	while (ladders_take(&s->ladders, ended, &l)) {
		ladder_text(&s->text, &l);
		ladder_free(&l);
	}
}

/* Whatever the input: a terminal shows what was written, and does nothing else. */
static inline void check_shown(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++) {
		const uint8_t c = b->data[i];

		if ((c < ' ' && c != '\n') || c == 0x7f)
			abort();
		/* C1 in UTF-8: CSI is one of these */
		if (c == 0xc2 && i + 1 < b->len && (uint8_t)b->data[i + 1] < 0xa0)
			abort();
	}
}

static inline void sinks_event(struct sinks *s, const struct event *ev)
{
	sinks_init(s);
	judge_event(&s->judge, ev);
	sinks_draw(s, ev->ts);
	ladders_event(&s->ladders, ev, ev->id.lport != ev->id.rport);
	pcapng_event(&s->file, ev);
	text_event(&s->text, &s->view, ev);
	json_event(&s->text, &s->view, ev);
	if (s->text.len > ENOUGH) {
		check_shown(&s->text);
		s->text.len = 0;
	}
	if (s->file.out.len > ENOUGH)
		s->file.out.len = 0;
}

/* An input ends: all that is open is judged and written. */
static inline void sinks_end(struct sinks *s)
{
	if (!s->used)
		return;
	judge_finish(&s->judge);
	sinks_draw(s, UINT64_MAX);
	s->ladders.seen = 0;
	pcapng_end(&s->file);
	check_shown(&s->text);
	s->text.len = 0;
	s->file.out.len = 0;
}

/* fmemopen() takes no 0 bytes */
static inline FILE *fuzz_file(const uint8_t *data, size_t len)
{
	return len ? fmemopen((void *)data, len, "r") : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
