// SPDX-License-Identifier: GPL-2.0
/*
 * A line of tcpfsm top on its way. Of what others chose, names of processes, only characters
 * that take one or two columns get to the terminal.
 */
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "top_cells.h"
#include "utf8.h"

static int columns_of(uint32_t code)
{
	const int n = code < 0x80 ? 1 : wcwidth(code);

	return utf8_shows(code) && n > 0 ? n : 0;
}

/**
 * cells_put() - append text of unknown origin as far as a terminal shows it
 * @c: the line
 * @text: the bytes
 * @len: how many
 * @most: columns it may take; what goes beyond is cut
 *
 * What is no character of this locale, or takes no known number of columns, becomes '?'.
 *
 * Context: any.
 */
void cells_put(struct cells *c, const char *text, size_t len, int most)
{
	const bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	int left = most;
	uint32_t code;
	size_t n;
	int w;

	for (; len && left; text += n, len -= n) {
		n = utf8_next(text, len, &code);
		w = n && (utf8 || code < 0x80) ? columns_of(code) : 0;
		if (w > left)
			break;
		if (w)
			buf_mem(&c->b, text, n);
		else
			buf_char(&c->b, '?');
		n = n ? n : 1;
		left -= w ? w : 1;
	}
	c->width += most - left;
}

/**
 * cells_fill() - append blanks
 * @c: the line
 * @n: how many; none when it is negative
 *
 * Context: any.
 */
void cells_fill(struct cells *c, int n)
{
	buf_fill(&c->b, n);
	c->width += n > 0 ? n : 0;
}

/**
 * cells_left() - append a column, its text at the left
 * @c: the line
 * @width: of the column; a blank follows
 * @text: what is in it
 *
 * Context: any.
 */
void cells_left(struct cells *c, int width, const char *text)
{
	const int start = c->width;

	cells_put(c, text, strlen(text), width);
	cells_fill(c, width - (c->width - start) + 1);
}

/**
 * cells_right() - append a column, its text at the right
 * @c: the line
 * @width: of the column; a blank follows
 * @text: what is in it, ASCII
 *
 * Context: any.
 */
void cells_right(struct cells *c, int width, const char *text)
{
	const int len = strlen(text);

	cells_fill(c, width - len);
	cells_put(c, text, len, width);
	cells_fill(c, 1);
}

/**
 * cells_say() - append words
 * @c: the line
 * @fmt: as printf() has it
 *
 * Context: any.
 */
void cells_say(struct cells *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cells_put(c, text, strlen(text), INT32_MAX);
}

/**
 * cells_end() - make it the next line of the page
 * @p: the page; the line is as wide at most, and a bar just as wide
 * @c: the line, empty afterwards
 * @look: how it looks
 *
 * Context: any.
 */
void cells_end(struct top_page *p, struct cells *c, enum top_look look)
{
	const bool bar = look == TOP_TITLE || look == TOP_CHOSEN || look == TOP_ALERT;
	struct cells cut = { 0 };
	struct top_line *line;

	buf_init(&cut.b, -1);
	cells_put(&cut, c->b.data ? c->b.data : "", c->b.len, p->width);
	if (bar)
		cells_fill(&cut, p->width - cut.width);
	if (p->n < TOP_LINES) {
		line = &p->line[p->n++];
		line->look = look;
		snprintf(line->text, sizeof(line->text), "%.*s", (int)cut.b.len,
			 cut.b.data ? cut.b.data : "");
	}
	buf_free(&cut.b);
	c->b.len = 0;
	c->width = 0;
}
