/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_HTTP_H
#define TCPFSM_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct MHD_Daemon;

/**
 * struct http - answers to GET /metrics
 * @daemon: libmicrohttpd's
 * @fd: what to poll
 * @text: appends the answer
 * @arg: passed to @text
 */
struct http {
	struct MHD_Daemon	*daemon;
	int			fd;
	void			(*text)(void *arg, struct buf *b, bool open);
	void			*arg;
};

int http_open(struct http *h, int listener, void (*text)(void *arg, struct buf *b, bool open),
	      void *arg);
void http_run(struct http *h);
int http_patience(const struct http *h);
void http_close(struct http *h);

#endif
