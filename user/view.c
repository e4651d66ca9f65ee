// SPDX-License-Identifier: GPL-2.0
/* What is put once for the lines of a connection: see struct view_known. */
#include <string.h>

#include "put.h"
#include "view.h"

static struct view_known *place(struct view *v, const struct tcpfsm_id *id)
{
	return &v->known[id->cookie % VIEW_KNOWN];
}

/**
 * view_recall() - put what was kept of a connection
 * @v: how events are shown
 * @id: the connection
 * @p: where to
 *
 * Context: any.
 * Return: the place behind it, NULL when nothing is kept that fits the columns.
 */
char *view_recall(struct view *v, const struct tcpfsm_id *id, char *p)
{
	const struct view_known *k = place(v, id);
	size_t done;

	if (!k->len || k->widths[0] != v->width[VIEW_LADDR] ||
	    k->widths[1] != v->width[VIEW_RADDR] || memcmp(&k->id, id, sizeof(k->id)))
		return NULL;
	for (done = 0; done < k->len; done += PUT_BEYOND)
		memcpy(p + done, k->text + done, PUT_BEYOND);
	return p + k->len;
}

/**
 * view_keep() - keep what was put of a connection
 * @v: how events are shown, with the columns as wide as they were put
 * @id: the connection
 * @text: what was put; if it is long it is not kept
 * @end: the place behind it
 *
 * Context: any.
 */
void view_keep(struct view *v, const struct tcpfsm_id *id, const char *text, const char *end)
{
	struct view_known *k = place(v, id);
	size_t len = end - text;

	k->len = 0;
	if (len > sizeof(k->text))
		return;
	k->id = *id;
	k->len = len;
	k->widths[0] = v->width[VIEW_LADDR];
	k->widths[1] = v->width[VIEW_RADDR];
	memcpy(k->text, text, len);
}
