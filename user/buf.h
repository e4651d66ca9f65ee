/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_BUF_H
#define TCPFSM_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util.h"

/**
 * struct buf - text on its way out
 * @data: the bytes, not terminated
 * @len: how many there are
 * @cap: how many fit before it grows
 * @fd: where buf_flush() writes, -1 for nowhere
 * @err: errno of the first write or allocation that failed, 0 for none
 */
struct buf {
	char	*data;
	size_t	len;
	size_t	cap;
	int	fd;
	int	err;
};

/* Write out in the middle of a burst when so much has gathered, in bytes. */
#define BUF_ENOUGH	(64 << 10)

void buf_init(struct buf *b, int fd);
void buf_free(struct buf *b);
char *buf_grow(struct buf *b, size_t more);
void buf_mem(struct buf *b, const char *data, size_t len);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_dec(struct buf *b, uint64_t n);
void buf_dec_pad(struct buf *b, uint64_t n, unsigned int digits);
void buf_hex(struct buf *b, uint64_t n);
__printf(2, 3) void buf_printf(struct buf *b, const char *fmt, ...);
void buf_pad(struct buf *b, size_t start, size_t width);
void buf_fill(struct buf *b, ssize_t n);
int buf_flush(struct buf *b);

/**
 * buf_room() - where to put something, see put.h
 * @b: the buffer
 * @more: bytes it will need, with what may go beyond it
 *
 * Context: any.
 * Return: the place, NULL when there is no memory: then @b->err says so. buf_end() says
 * how far it went.
 */
static inline char *buf_room(struct buf *b, size_t more)
{
	return b->cap - b->len > more ? b->data + b->len : buf_grow(b, more);
}

/**
 * buf_end() - something was put where buf_room() said
 * @b: the buffer
 * @end: the place behind it
 *
 * Context: any.
 */
static inline void buf_end(struct buf *b, const char *end)
{
	b->len = end - b->data;
}

#endif
