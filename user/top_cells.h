/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_TOP_CELLS_H
#define TCPFSM_TOP_CELLS_H

#include "top.h"

/**
 * struct cells - a line on its way
 * @b: its text
 * @width: columns it takes
 */
struct cells {
	struct buf	b;
	int		width;
};

void cells_put(struct cells *c, const char *text, size_t len, int most);
void cells_fill(struct cells *c, int n);
void cells_left(struct cells *c, int width, const char *text);
void cells_right(struct cells *c, int width, const char *text);
__printf(2, 3) void cells_say(struct cells *c, const char *fmt, ...);
void cells_end(struct top_page *p, struct cells *c, enum top_look look);

#endif
