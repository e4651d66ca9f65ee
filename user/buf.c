// SPDX-License-Identifier: GPL-2.0
/*
 * Output. Lines are put together here and written whole: a write ends at the
 * end of a line, as callers flush between lines only. printf() is for what is
 * printed once; the line of an event is made of the cheaper calls.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "put.h"

/**
 * buf_init() - begin with nothing
 * @b: the buffer
 * @fd: where to write, or -1 to keep everything
 *
 * Context: any.
 */
void buf_init(struct buf *b, int fd)
{
	*b = (struct buf){ .fd = fd };
}

/**
 * buf_free() - release the memory; what was not flushed is gone
 * @b: the buffer
 *
 * Context: any.
 */
void buf_free(struct buf *b)
{
	free(b->data);
	buf_init(b, -1);
}

/**
 * buf_grow() - make room
 * @b: the buffer
 * @more: bytes it will need
 *
 * Context: any. buf_room() calls it where there is none.
 * Return: where to put them, NULL when there is no memory: then @b->err says so.
 */
char *buf_grow(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : BUF_ENOUGH + 4096;
	char *data;

	if (b->data && b->cap - b->len >= more)
		return b->data + b->len;
	while (cap - b->len < more && cap <= SIZE_MAX / 2)
		cap *= 2;
	data = cap - b->len < more ? NULL : realloc(b->data, cap);
	if (!data) {
		b->err = ENOMEM;
		return NULL;
	}
	b->data = data;
	b->cap = cap;
	return data + b->len;
}

/**
 * buf_mem() - append bytes
 * @b: the buffer
 * @data: the bytes
 * @len: how many
 *
 * Context: any. A lack of memory is kept in @b->err, as by all that append.
 */
void buf_mem(struct buf *b, const char *data, size_t len)
{
	char *to = buf_room(b, len);

	if (!to || !len)
		return;
	memcpy(to, data, len);
	b->len += len;
}

/**
 * buf_str() - append a string
 * @b: the buffer
 * @text: NUL-terminated, without control characters unless meant
 *
 * Context: any.
 */
void buf_str(struct buf *b, const char *text)
{
	buf_mem(b, text, strlen(text));
}

/**
 * buf_char() - append one byte
 * @b: the buffer
 * @c: the byte
 *
 * Context: any.
 */
void buf_char(struct buf *b, char c)
{
	char *to = buf_room(b, 1);

	if (to)
		buf_end(b, put_char(to, c));
}

/**
 * buf_dec_pad() - append a decimal number with leading zeros
 * @b: the buffer
 * @n: the number
 * @digits: at least so many digits, at most 20
 *
 * Context: any.
 */
void buf_dec_pad(struct buf *b, uint64_t n, unsigned int digits)
{
	char text[20];
	char *p = text + sizeof(text);

	if (digits > sizeof(text))
		digits = sizeof(text);
	do {
		*--p = '0' + n % 10;
		n /= 10;
	} while (n);
	while (text + sizeof(text) - p < digits)
		*--p = '0';
	buf_mem(b, p, text + sizeof(text) - p);
}

/* Bytes of a number of 64 bits, and what goes beyond */
#define NUMBER	(20 + PUT_BEYOND)

/**
 * buf_dec() - append a decimal number
 * @b: the buffer
 * @n: the number
 *
 * Context: any.
 */
void buf_dec(struct buf *b, uint64_t n)
{
	char *to = buf_room(b, NUMBER);

	if (to)
		buf_end(b, put_dec(to, n));
}

/**
 * buf_hex() - append a hexadecimal number, lower case, without 0x
 * @b: the buffer
 * @n: the number
 *
 * Context: any.
 */
void buf_hex(struct buf *b, uint64_t n)
{
	char *to = buf_room(b, NUMBER);

	if (to)
		buf_end(b, put_hex(to, n));
}

/**
 * buf_printf() - append formatted text, for lines that are rare
 * @b: the buffer
 * @fmt: as for printf()
 *
 * Context: any.
 */
void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	to = buf_room(b, n + 1);
	if (!to)
		return;
	va_start(ap, fmt);
	vsnprintf(to, n + 1, fmt, ap);
	va_end(ap);
	b->len += n;
}

/**
 * buf_fill() - append spaces
 * @b: the buffer
 * @n: how many; fewer than 0, as where a text is longer than its column, are none
 *
 * Context: any.
 */
void buf_fill(struct buf *b, ssize_t n)
{
	char *to = n > 0 ? buf_room(b, n) : NULL;

	if (!to)
		return;
	memset(to, ' ', n);
	b->len += n;
}

/**
 * buf_pad() - fill a column up, and put one space behind it
 * @b: the buffer
 * @start: @b->len where the column began; all of it has to be single-width ASCII
 * @width: of the column, in characters; longer text is left as it is
 *
 * Context: any.
 */
void buf_pad(struct buf *b, size_t start, size_t width)
{
	size_t have = b->len - start;

	buf_fill(b, (have < width ? width - have : 0) + 1);
}

/* A non-blocking stdout is waited for: somebody else set that flag. */
static int wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

/**
 * buf_flush() - write everything out
 * @b: the buffer, empty afterwards
 *
 * Context: may block as long as the reader of @b->fd does not read.
 * Return: 0, or the negative errno of the first failure this buffer ever had
 * (-EPIPE: the reader has gone, -ENOSPC: disk full, -ENOMEM).
 */
int buf_flush(struct buf *b)
{
	const char *from = b->data;
	ssize_t n;

	if (b->fd < 0)
		return -b->err;
	while (b->len && !b->err) {
		n = write(b->fd, from, b->len);
		if (n >= 0) {
			from += n;
			b->len -= n;
		} else if (errno == EAGAIN) {
			b->err = -wait_writable(b->fd);
		} else if (errno != EINTR) {
			b->err = errno;
		}
	}
	b->len = 0;
	return -b->err;
}
