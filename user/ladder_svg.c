// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a picture as SVG: one file with nothing outside of it, no script and no
 * font. What is drawn over is made first: life lines, then arrows, then words, which
 * leave out what is behind them. Lengths are pixels at 12 pixels a letter; viewers scale.
 */
#include <string.h>

#include "ladder_words.h"
#include "utf8.h"

#define WIDTH		1000
#define MARGIN		16
#define LEFT		230		/* x of the left life line */
#define RIGHT		(WIDTH - LEFT)
#define MIDDLE		(RIGHT - LEFT)
#define GAP		12		/* between a life line and what stands beside it */
#define LETTERS		70		/* that fit in the middle, of the widest such font */
#define LINE		18		/* of text */
#define ARROW		30		/* height of a segment's row, without notes */
#define DROP		14		/* by which an arrow falls on its way */
#define TOP		58		/* where life lines begin */
#define STEEP		5		/* what falls more than 1 in so many has level words */

/**
 * struct sheet - what a picture is drawn on
 * @b: what is drawn: words
 * @under: what is drawn under it: states along the life lines, and arrows
 * @l: the picture
 * @left: index of the end that has the left life line
 * @y: how far down it is drawn
 * @bottom: where life lines end
 * @since: by end, where its state began
 * @state: by end, the state it is in
 * @sent: by row, where an arrow begins that ends in another row
 * @rows: the rows
 * @unseen: a segment is drawn that only one end recorded
 * @ways: it is told how long a segment was under way
 * @numbers: a sequence number is drawn
 */
struct sheet {
	struct buf		b;
	struct buf		under;
	const struct ladder	*l;
	unsigned int		left;
	int			y;
	int			bottom;
	int			since[2];
	unsigned int		state[2];
	int			sent[LADDER_ROWS];
	struct ladder_row	rows[LADDER_ROWS];
	bool			unseen;
	bool			ways;
	bool			numbers;
};

/* Colors of a light and of a dark viewer; those that know nothing of this take the first. */
static const char style[] =
	"<style>"
	"text{font:12px monospace;fill:#1b1f24}"
	".bg{fill:#ffffff}"
	".big{font-weight:bold}"
	".dim{fill:#57606a}"
	".mid{text-anchor:middle}"
	".end{text-anchor:end}"
	".halo{paint-order:stroke;stroke:#ffffff;stroke-width:3px;stroke-linejoin:round}"
	".life{stroke:#8c959f}"
	".seg{stroke:#1b1f24;stroke-width:1.5}"
	".again{stroke:#9a5b00}"
	".ask{font-weight:bold;fill:#b3261e}"
	".warn{fill:#b3261e}"
	".gap{fill:#b3261e;fill-opacity:.12}"
	".s-closed{fill:#d0d7de}"
	".s-open{fill:#d4a72c}"
	".s-estab{fill:#2da44e}"
	".s-active{fill:#4a8fe2}"
	".s-passive{fill:#e16f24}"
	".s-wait{fill:#a371f7}"
	"@media (prefers-color-scheme:dark){"
	"text{fill:#e6edf3}"
	".bg{fill:#0d1117}"
	".dim{fill:#9da7b3}"
	".halo{stroke:#0d1117}"
	".life{stroke:#6e7681}"
	".seg{stroke:#e6edf3}"
	".again{stroke:#e3a33b}"
	".ask,.warn{fill:#ff7b72}"
	".gap{fill:#ff7b72}"
	".s-closed{fill:#484f58}"
	"}"
	"</style>\n";

/* Text as XML has it: what is no UTF-8, or nothing XML may have, becomes '?'. */
static void add_text(struct buf *b, const char *text, size_t len)
{
	uint32_t code;
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_next(text, len, &code);
		/* the last two of each plane are no characters */
		if (!n || !utf8_shows(code) || (code & 0xfffe) == 0xfffe)
			buf_char(b, '?');
		else if (code == '&')
			buf_str(b, "&amp;");
		else if (code == '<')
			buf_str(b, "&lt;");
		else if (code == '>')
			buf_str(b, "&gt;");
		else
			buf_mem(b, text, n);
		n = n ? n : 1;
	}
}

static void say(struct buf *b, int x, int y, const char *class, const char *text, size_t len)
{
	if (!len)
		return;
	buf_printf(b, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	add_text(b, text, len);
	buf_str(b, "</text>\n");
}

static void say_time(struct sheet *s, uint64_t ts, int y)
{
	struct piece p;

	words_time(s->l, ts, &p);
	say(&s->b, MARGIN, y, "dim", p.text, p.len);
}

static bool at_right(const struct sheet *s, unsigned int side)
{
	return side != s->left;
}

static int life(const struct sheet *s, unsigned int side)
{
	return at_right(s, side) ? RIGHT : LEFT;
}

/* Beside an end's life line, away from the other one: its state, or how long it took */
static void say_outside(struct sheet *s, unsigned int side, int y, const char *class,
			const char *text, size_t len)
{
	const char *end = at_right(s, side) ? "" : " end";
	int x = life(s, side) + (at_right(s, side) ? GAP : -GAP);
	char both[32] = "";

	strcat(strcat(both, class), end);
	say(&s->b, x, y, both, text, len);
}

static const char *color(unsigned int state)
{
	switch (state) {
	case TCPFSM_S_UNKNOWN:
	case TCPFSM_S_CLOSED:
	case TCPFSM_S_LISTEN:
		return "s-closed";
	case TCPFSM_S_SYN_SENT:
	case TCPFSM_S_SYN_RECEIVED:
		return "s-open";
	case TCPFSM_S_ESTABLISHED:
		return "s-estab";
	case TCPFSM_S_CLOSE_WAIT:
	case TCPFSM_S_LAST_ACK:
		return "s-passive";
	case TCPFSM_S_TIME_WAIT:
		return "s-wait";
	default:
		return "s-active";
	}
}

/* From here on the end is in another state: color its life line down to here. */
static void enter(struct sheet *s, unsigned int side, unsigned int state, int y)
{
	if (s->state[side] != TCPFSM_S_UNKNOWN && s->state[side] != TCPFSM_S_CLOSED)
		buf_printf(&s->under, "<rect x=\"%d\" y=\"%d\" width=\"6\" height=\"%d\" "
			   "class=\"%s\"/>\n", life(s, side) - 3, s->since[side],
			   y - s->since[side], color(s->state[side]));
	s->state[side] = state;
	s->since[side] = y;
}

static void state_row(struct sheet *s, const struct ladder_row *row)
{
	const bool right = at_right(s, row->side);
	const int x = life(s, row->side) + (right ? -GAP : GAP);
	const char *state, *text;
	struct piece p = { 0 };
	char room[16];
	size_t n;

	words_transition(row->ev, &p);
	state = words_state(row->ev->state, room, sizeof(room));
	say_time(s, row->ts, s->y + 13);
	say_outside(s, row->side, s->y + 13, "big", state, strlen(state));
	enter(s, row->side, row->ev->state, s->y + 9);
	buf_printf(&s->b, "<circle cx=\"%d\" cy=\"%d\" r=\"4\" class=\"%s\"/>\n",
		   life(s, row->side), s->y + 9, color(row->ev->state));
	for (text = p.text; *text; text += n) {
		n = words_fit(text, LETTERS);
		say(&s->b, x, s->y + 13, right ? "dim halo end" : "dim halo", text, n);
		s->y += LINE;
	}
}

/**
 * struct flight - an arrow
 * @x: where it begins and ends
 * @y: the same
 * @right: it goes to the right
 * @middle: its words stand in its middle, else at its beginning
 */
struct flight {
	int	x[2];
	int	y[2];
	bool	right;
	bool	middle;
};

static double slope(const struct flight *f)
{
	return (double)(f->y[1] - f->y[0]) / (f->x[1] - f->x[0]);
}

/* Words along an arrow, @off below it; letters stay upright. */
static void say_along(struct sheet *s, const struct flight *f, const char *class, int off,
		      const char *text, size_t len)
{
	const bool steep = (f->y[1] - f->y[0]) * STEEP > MIDDLE;
	const double k = steep ? 0 : slope(f);
	const int x = f->middle ? (f->x[0] + f->x[1]) / 2 : f->x[0] + (f->right ? GAP : -GAP);
	const double y = f->y[0] + k * (x - f->x[0]) + off;
	const char *anchor = f->middle ? "mid" : f->right ? "" : "end";

	if (!len)
		return;
	buf_printf(&s->b, "<text transform=\"matrix(1,%.4f,0,1,%d,%.1f)\" class=\"halo %s %s\">",
		   k, x, y, class, anchor);
	add_text(&s->b, text, len);
	buf_str(&s->b, "</text>\n");
}

/* A question mark where a record is missing, and the arrow that much shorter */
static void ask(struct sheet *s, struct flight *f, unsigned int at)
{
	const int shorter = (at ? -1 : 1) * (f->right ? 40 : -40);
	const double k = slope(f);

	say(&s->b, f->x[at] + shorter / 2, f->y[at] + 4, "ask mid", "?", 1);
	f->x[at] += shorter;
	f->y[at] += (int)(k * shorter);
	s->unseen = true;
}

static void draw_flight(struct sheet *s, struct flight *f, const struct words *w)
{
	const char *again = w->again ? " again" : "";

	if (w->tail_unseen)
		ask(s, f, 0);
	if (w->head_unseen)
		ask(s, f, 1);
	buf_printf(&s->under,
		   "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"seg%s\"%s "
		   "marker-end=\"url(#tcpfsm-head)\"/>\n", f->x[0], f->y[0], f->x[1], f->y[1],
		   again, w->tail_unseen || w->head_unseen ? " stroke-dasharray=\"7 4\"" : "");
}

static struct flight flight_of(const struct sheet *s, unsigned int side)
{
	const bool right = side == s->left;

	return (struct flight){
		.x = { right ? LEFT + 4 : RIGHT - 4, right ? RIGHT - 5 : LEFT + 5 },
		.right = right,
	};
}

/* Flags and numbers above the arrow, if they fit there; the rest below it */
static void say_words(struct sheet *s, const struct flight *f, const struct words *w, bool level)
{
	struct piece first = w->flags;
	struct piece rest = { 0 };
	const char *text;
	int off = LINE - 4;
	size_t n;

	piece_add(w->flags.len + w->numbers.len <= LETTERS ? &first : &rest, "%s",
		  w->numbers.text);
	s->numbers |= w->numbers.len;
	say_along(s, f, w->again ? "big" : "", -5, first.text, first.len);
	piece_add(&rest, "%s", w->notes.text);
	for (text = rest.text + strspn(rest.text, " "); *text; text += n) {
		n = words_fit(text, LETTERS);
		say_along(s, f, "dim", off, text, n);
		off += LINE - 3;
		if (level)
			s->y += LINE - 3;
	}
}

/* Where the arrow began that ends in row @at */
static int begun(const struct sheet *s, size_t at)
{
	size_t i;

	for (i = at; i-- > 0;)
		if (s->rows[i].kind == LADDER_SENT && s->rows[i].ev == s->rows[at].ev)
			return s->sent[i];
	return s->y;
}

static void segment_row(struct sheet *s, size_t at)
{
	const struct ladder_row *row = &s->rows[at];
	struct flight f = flight_of(s, row->side);
	struct words w;

	words_segment(s->l, row, &w);
	f.middle = row->kind == LADDER_SEGMENT;
	f.y[0] = s->y + 13;
	f.y[1] = f.y[0] + DROP;
	say_time(s, row->ts, s->y + 17);
	s->y += ARROW;
	if (row->kind == LADDER_SENT) {
		/* the arrow comes with the row where it ends, the words stand here */
		s->sent[at] = f.y[0];
		f.y[1] = f.y[0];
		say_words(s, &f, &w, true);
		return;
	}
	if (row->kind == LADDER_CAME) {
		f.y[1] = f.y[0];
		f.y[0] = begun(s, at);
		draw_flight(s, &f, &w);
		if (w.notes.len)
			say_outside(s, !row->side, f.y[1] + 4, "dim", w.notes.text, w.notes.len);
		return;
	}
	draw_flight(s, &f, &w);
	say_words(s, &f, &w, true);
	if (w.way.len) {
		say_outside(s, !row->side, f.y[1], "dim", w.way.text, w.way.len);
		s->ways = true;
	}
}

static void between_row(struct sheet *s, const struct ladder_row *row)
{
	struct piece p = { 0 };
	const bool gap = row->kind != LADDER_DATA;

	words_between(s->l, row, &p);
	if (gap)
		buf_printf(&s->under, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
			   "class=\"gap\"/>\n", MARGIN, s->y + 3, WIDTH - 2 * MARGIN, LINE);
	s->y += 3;
	say(&s->b, WIDTH / 2, s->y + 13, gap ? "warn mid halo" : "dim mid halo", p.text, p.len);
	s->y += LINE + 3;
}

static void draw_rows(struct sheet *s)
{
	const size_t n = ladder_rows(s->l, s->rows);
	size_t i;

	for (i = 0; i < n; i++) {
		switch (s->rows[i].kind) {
		case LADDER_STATE:
			state_row(s, &s->rows[i]);
			break;
		case LADDER_SEGMENT:
		case LADDER_SENT:
		case LADDER_CAME:
			segment_row(s, i);
			break;
		case LADDER_DATA:
		case LADDER_LOST:
		case LADDER_LEFT_OUT:
			between_row(s, &s->rows[i]);
			break;
		}
	}
}

/* Who the ends are, and the states they were in first */
static void head(struct sheet *s)
{
	const char *text;
	struct buf words;
	unsigned int i;
	char room[16];

	buf_init(&words, -1);
	for (i = 0; i < 2; i++) {
		const unsigned int side = i ? !s->left : s->left;
		const int x = i ? WIDTH - MARGIN : MARGIN;

		words.len = 0;
		words_place(&words, s->l, side);
		say(&s->b, x, 24, i ? "big end" : "big", words.data, words.len);
		words.len = 0;
		words_owner(&words, &s->l->end[side]);
		say(&s->b, x, 24 + LINE, i ? "dim end" : "dim", words.data, words.len);
		text = words_state(s->l->end[side].first, room, sizeof(room));
		say_outside(s, side, TOP + 13, "big", text, strlen(text));
		s->state[side] = s->l->end[side].first;
		s->since[side] = TOP + 9;
	}
	buf_free(&words);
	s->y = TOP + LINE;
}

/* How it ends, what signs mean, and what is said of each end */
static void foot(struct sheet *s)
{
	const bool relative = s->l->end[0].has_iss || s->l->end[1].has_iss;
	unsigned int side, i;
	struct buf words;

	s->y += 6;
	for (i = 0; i < 2; i++) {
		side = i ? !s->left : s->left;
		enter(s, side, TCPFSM_S_UNKNOWN, s->y);
	}
	s->bottom = s->y;
	s->y += LINE;
	buf_init(&words, -1);
	for (i = 0; i < 2; i++) {
		words.len = 0;
		if (!words_last(&words, s->l, i ? !s->left : s->left))
			continue;
		say(&s->b, MARGIN, s->y, "big", words.data, words.len);
		s->y += LINE;
	}
	buf_free(&words);
	if (s->numbers && relative) {
		say(&s->b, MARGIN, s->y, "dim", WORDS_NUMBERS, strlen(WORDS_NUMBERS));
		s->y += LINE;
	}
	if (s->ways) {
		say(&s->b, MARGIN, s->y, "dim", WORDS_WAYS, strlen(WORDS_WAYS));
		s->y += LINE;
	}
	if (s->unseen) {
		say(&s->b, MARGIN, s->y, "dim", WORDS_UNSEEN, strlen(WORDS_UNSEEN));
		s->y += LINE;
	}
}

static void life_line(struct buf *b, const struct sheet *s, unsigned int side)
{
	buf_printf(b, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"life\"%s/>\n",
		   life(s, side), TOP, life(s, side), s->bottom,
		   s->l->end[side].traced ? "" : " stroke-dasharray=\"2 4\"");
}

static void title(struct buf *b, const struct ladder *l, unsigned int left)
{
	struct buf words;

	buf_init(&words, -1);
	words_place(&words, l, left);
	buf_str(&words, " and ");
	words_place(&words, l, !left);
	buf_str(b, "<title>TCP connection of ");
	add_text(b, words.data, words.len);
	buf_str(b, "</title>\n");
	buf_free(&words);
}

/**
 * ladder_svg() - append the picture as an SVG document
 * @b: the buffer
 * @l: the picture
 *
 * Context: any; allocates.
 */
void ladder_svg(struct buf *b, const struct ladder *l)
{
	struct sheet s = { .l = l, .left = ladder_left(l) };

	buf_init(&s.b, -1);
	buf_init(&s.under, -1);
	head(&s);
	draw_rows(&s);
	foot(&s);
	buf_printf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" "
		   "height=\"%d\" viewBox=\"0 0 %d %d\">\n", WIDTH, s.y, WIDTH, s.y);
	title(b, l, s.left);
	buf_str(b, style);
	buf_str(b, "<defs><marker id=\"tcpfsm-head\" viewBox=\"0 0 10 8\" refX=\"10\" refY=\"4\" "
		   "markerWidth=\"10\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" "
		   "orient=\"auto\"><path d=\"M0 0L10 4L0 8\" fill=\"none\" class=\"seg\"/>"
		   "</marker></defs>\n");
	buf_printf(b, "<rect class=\"bg\" width=\"%d\" height=\"%d\"/>\n", WIDTH, s.y);
	life_line(b, &s, 0);
	life_line(b, &s, 1);
	buf_mem(b, s.under.data, s.under.len);
	buf_mem(b, s.b.data, s.b.len);
	buf_str(b, "</svg>\n");
	if (s.b.err || s.under.err)
		b->err = s.b.err ? s.b.err : s.under.err;
	buf_free(&s.under);
	buf_free(&s.b);
}
