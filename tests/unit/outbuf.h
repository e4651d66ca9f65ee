/* SPDX-License-Identifier: GPL-2.0 */
/* A buffer that a test writes to, and what is in it. For one file of tests. */
#ifndef _OUTBUF_H
#define _OUTBUF_H

#include <string.h>

#include "buf.h"
#include "unit.h"

static struct buf out;

/* It is all that was written, and is taken out. */
static inline void assert_out(const char *want)
{
	buf_char(&out, '\0');
	assert_string_equal(out.data, want);
	out.len = 0;
}

static inline void assert_has(const char *want)
{
	buf_char(&out, '\0');
	if (!strstr(out.data, want))
		fail_msg("'%s' is not in '%s'", want, out.data);
	out.len--;
}

static inline void assert_lacks(const char *text)
{
	buf_char(&out, '\0');
	if (strstr(out.data, text))
		fail_msg("'%s' is in '%s'", text, out.data);
	out.len--;
}

static inline int out_init(void **state)
{
	(void)state;
	buf_init(&out, -1);
	return 0;
}

static inline int out_free(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

#endif
