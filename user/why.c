// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "why.h"

/**
 * why() - note why something is refused
 * @w: where to, may be NULL
 * @fmt: as for printf(); what came from the user belongs in quotes
 *
 * Control characters are replaced, as the text goes to a terminal and may quote
 * an argument that holds some.
 *
 * Context: any, takes no lock.
 * Return: -EINVAL always, so that a parser can end with it.
 */
int why(struct why *w, const char *fmt, ...)
{
	va_list ap;
	char *c;

	if (!w)
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
	for (c = w->text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return -EINVAL;
}
