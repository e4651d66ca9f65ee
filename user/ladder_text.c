// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a picture as text, as RFC 9293 and Stevens draw them: time, the
 * client's states, the segments between two life lines, the server's states.
 * No line is wider than WIDTH; what does not fit goes to a line below.
 */
#include <stdio.h>
#include <string.h>

#include "ladder_words.h"

#define WIDTH		99
#define STATE_WIDTH	12
#define TIME_WIDTH	10	/* at least; it grows at the middle's cost */
#define MIDDLE_MAX	(WIDTH - 2 * STATE_WIDTH - 5 - TIME_WIDTH)

/**
 * struct page - what a picture is drawn on
 * @b: the buffer
 * @l: the picture
 * @left: index of the end that has the left column
 * @time: width of the first column
 * @middle: width between the life lines
 * @line: of each column: | where the end is traced, : where it is not
 * @unseen: a segment is drawn that only one end recorded
 * @split: a segment is drawn in two rows
 * @ways: it is told how long a segment was under way
 * @numbers: a sequence number is drawn
 */
struct page {
	struct buf		*b;
	const struct ladder	*l;
	unsigned int		left;
	size_t			time;
	size_t			middle;
	char			line[2];
	bool			unseen;
	bool			split;
	bool			ways;
	bool			numbers;
};

static void end_line(struct buf *b)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	buf_char(b, '\n');
}

/* One line: time or NULL, a state or NULL in the left or right column, and the middle. */
static void draw(struct page *pg, const uint64_t *ts, const char *left, const char *middle,
		 const char *right)
{
	struct buf *b = pg->b;
	struct piece time;
	size_t start;

	start = b->len;
	if (ts) {
		words_time(pg->l, *ts, &time);
		buf_str(b, time.text);
	}
	buf_pad(b, start, pg->time);
	start = b->len;
	buf_str(b, left);
	buf_pad(b, start, STATE_WIDTH);
	buf_char(b, pg->line[0]);
	start = b->len;
	buf_str(b, middle);
	buf_fill(b, pg->middle - (b->len - start));
	buf_char(b, pg->line[1]);
	buf_char(b, ' ');
	buf_str(b, right);
	end_line(b);
}

/* Text in the middle, in lines where it is too long; time and states on the first. */
static void draw_text(struct page *pg, const uint64_t *ts, const char *left, const char *text,
		      const char *right, bool to_right)
{
	size_t len = strlen(text);
	char line[160];
	size_t n;

	do {
		n = words_fit(text, pg->middle - 2);
		snprintf(line, sizeof(line), "%*s%.*s",
			 (int)(to_right ? pg->middle - 1 - n : 1), "", (int)n, text);
		draw(pg, ts, left, line, right);
		text += n;
		len -= n;
		ts = NULL;
		left = "";
		right = "";
	} while (len);
}

static void draw_middle(struct page *pg, const char *text)
{
	size_t len = strlen(text);
	struct piece line = { 0 };

	piece_add(&line, "%*s%s", (int)(len < pg->middle ? (pg->middle - len) / 2 : 0), "", text);
	draw(pg, NULL, "", line.text, "");
}

static void state_row(struct page *pg, const struct ladder_row *row)
{
	bool to_right = row->side != pg->left;
	struct piece p = { 0 };
	const char *state;
	char room[16];

	words_transition(row->ev, &p);
	state = words_state(row->ev->state, room, sizeof(room));
	draw_text(pg, &row->ts, to_right ? "" : state, p.text, to_right ? state : "", to_right);
}

static void dashes(struct piece *p, size_t end)
{
	while (p->len < end)
		piece_add(p, "-");
}

/* The arrow: how it begins and ends tells which of both ends saw it. */
static void arrow(struct page *pg, const struct ladder_row *row, const struct words *w,
		  const char *inner, struct piece *p)
{
	bool to_right = row->side == pg->left;
	const char *tail = to_right ? "-- " : "--";
	const char *head = to_right ? "-->" : "<-- ";

	*p = (struct piece){ 0 };
	if (row->kind == LADDER_SENT) {
		head = to_right ? " ..." : "... ";
		pg->split = true;
	} else if (row->kind == LADDER_CAME) {
		tail = to_right ? "... " : " ...";
	} else if (w->head_unseen) {
		head = to_right ? " ?" : "? ";
		pg->unseen = true;
	} else if (w->tail_unseen) {
		tail = to_right ? "? " : " ?";
		pg->unseen = true;
	}
	piece_add(p, "%s%s ", to_right ? tail : head, inner);
	dashes(p, pg->middle - strlen(to_right ? head : tail));
	piece_add(p, "%s", to_right ? head : tail);
}

static void segment_row(struct page *pg, const struct ladder_row *row)
{
	struct piece notes = { 0 };
	struct piece p;
	struct words w;

	words_segment(pg->l, row, &w);
	if (w.flags.len + w.numbers.len + 10 <= pg->middle)
		piece_add(&w.flags, "%s", w.numbers.text);
	else
		piece_add(&notes, "%s ", w.numbers.text + 1);
	piece_add(&notes, "%s", w.notes.text);
	arrow(pg, row, &w, w.flags.text, &p);
	pg->numbers |= w.numbers.len;
	pg->ways |= w.way.len;
	if (row->side == pg->left)
		draw(pg, &row->ts, "", p.text, w.way.text);
	else
		draw(pg, &row->ts, w.way.text, p.text, "");
	/* where it comes they were told of where it was sent */
	if (notes.len && (row->kind != LADDER_CAME || row->came->seg.fate))
		draw_text(pg, NULL, "", notes.text, "", false);
}

static void between_row(struct page *pg, const struct ladder_row *row)
{
	struct piece p = { 0 };

	words_between(pg->l, row, &p);
	draw_middle(pg, p.text);
}

static void draw_row(struct page *pg, const struct ladder_row *row)
{
	switch (row->kind) {
	case LADDER_STATE:
		state_row(pg, row);
		break;
	case LADDER_SEGMENT:
	case LADDER_SENT:
	case LADDER_CAME:
		segment_row(pg, row);
		break;
	case LADDER_DATA:
	case LADDER_LOST:
	case LADDER_LEFT_OUT:
		between_row(pg, row);
		break;
	}
}

/* Characters of UTF-8 text */
static size_t characters(const char *text, size_t len)
{
	size_t n = 0;

	while (len--)
		n += (*text++ & 0xc0) != 0x80;
	return n;
}

/* A line of the head: what is said of the left end, and of the right one at the margin */
static void head_line(struct page *pg, struct buf *left, struct buf *right)
{
	size_t have = pg->time + 1 + characters(left->data, left->len);
	size_t want = characters(right->data, right->len);

	buf_fill(pg->b, pg->time + 1);
	buf_mem(pg->b, left->data, left->len);
	if (have + want + 2 > WIDTH) {
		buf_char(pg->b, '\n');
		have = 0;
	}
	buf_fill(pg->b, have + want < WIDTH ? WIDTH - have - want : 0);
	buf_mem(pg->b, right->data, right->len);
	buf_char(pg->b, '\n');
	left->len = 0;
	right->len = 0;
}

static void head(struct page *pg)
{
	struct buf text[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		buf_init(&text[i], -1);
		words_place(&text[i], pg->l, i ? !pg->left : pg->left);
	}
	head_line(pg, &text[0], &text[1]);
	for (i = 0; i < 2; i++)
		words_owner(&text[i], &pg->l->end[i ? !pg->left : pg->left]);
	head_line(pg, &text[0], &text[1]);
	for (i = 0; i < 2; i++)
		buf_free(&text[i]);
}

/* The states both were in before the first event */
static void first_states(struct page *pg)
{
	char room[2][16];
	const char *text[2];
	unsigned int i;

	for (i = 0; i < 2; i++)
		text[i] = words_state(pg->l->end[i ? !pg->left : pg->left].first, room[i],
				      sizeof(room[i]));
	if (*text[0] || *text[1])
		draw(pg, NULL, text[0], "", text[1]);
}

static void legend(struct page *pg)
{
	if (pg->numbers && (pg->l->end[0].has_iss || pg->l->end[1].has_iss))
		buf_str(pg->b, WORDS_NUMBERS "\n");
	if (pg->ways)
		buf_str(pg->b, WORDS_WAYS "\n");
	if (pg->split)
		buf_str(pg->b, "...  under way: sent in one line, arrives in another\n");
	if (pg->unseen)
		buf_str(pg->b, WORDS_UNSEEN "\n");
}

static void last_words(struct page *pg)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (words_last(pg->b, pg->l, i ? !pg->left : pg->left))
			buf_char(pg->b, '\n');
}

static size_t widest_time(const struct ladder *l)
{
	size_t width = TIME_WIDTH;
	struct piece p;

	if (l->len) {
		words_time(l, l->events[l->len - 1].ts, &p);
		if (p.len >= width)
			width = p.len + 1;
	}
	return width;
}

/**
 * ladder_text() - append the picture
 * @b: the buffer
 * @l: the picture
 *
 * Context: any.
 */
void ladder_text(struct buf *b, const struct ladder *l)
{
	struct ladder_row rows[LADDER_ROWS];
	struct page pg = {
		.b = b, .l = l, .left = ladder_left(l), .time = widest_time(l),
	};
	size_t i, n;

	pg.middle = MIDDLE_MAX - (pg.time - TIME_WIDTH);
	for (i = 0; i < 2; i++)
		pg.line[i] = l->end[i ? !pg.left : pg.left].traced ? '|' : ':';
	head(&pg);
	first_states(&pg);
	n = ladder_rows(l, rows);
	for (i = 0; i < n; i++)
		draw_row(&pg, &rows[i]);
	legend(&pg);
	last_words(&pg);
}
