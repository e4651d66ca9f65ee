// SPDX-License-Identifier: GPL-2.0
/*
 * GET /metrics over HTTP, which libmicrohttpd speaks. It runs in our own loop and no thread.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "http.h"
#include "metrics.h"
#include "mhd.h"

/* What a stranger may take of us */
#define CONNECTIONS	32U
#define IDLE_SECONDS	30U
#define REQUEST_BYTES	((size_t)(16 << 10))	/* and as much for its answer's head */

static const char front[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\"><head><title>tcpfsm exporter</title></head>\n"
	"<body><h1>tcpfsm exporter</h1><p><a href=\"metrics\">Metrics</a></p></body></html>\n";

static enum MHD_Result answer(struct MHD_Connection *c, unsigned int status, const char *type,
			      const char *text, size_t len)
{
	enum MHD_Result done;
	struct MHD_Response *r;

	r = mhd.create_response_from_buffer(len, (void *)text, MHD_RESPMEM_MUST_COPY);
	if (!r)
		return MHD_NO;
	mhd.add_response_header(r, "Content-Type", type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		mhd.add_response_header(r, "Allow", "GET, HEAD");
	done = mhd.queue_response(c, status, r);
	mhd.destroy_response(r);
	return done;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned int status, const char *text)
{
	return answer(c, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result answer_metrics(struct http *h, struct MHD_Connection *c)
{
	const char *accept = mhd.lookup_connection_value(c, MHD_HEADER_KIND, "Accept");
	const bool open = metrics_asked_open(accept);
	enum MHD_Result done;
	struct buf b;

	buf_init(&b, -1);
	h->text(h->arg, &b, open);
	if (b.err)
		done = refuse(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	else
		done = answer(c, MHD_HTTP_OK, metrics_type(open), b.data, b.len);
	buf_free(&b);
	return done;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *body,
				  size_t *body_len, void **state)
{
	static char seen;

	(void)version;
	(void)body;
	/* the first call is for the head alone; a body is of no use */
	if (!*state) {
		*state = &seen;
		return MHD_YES;
	}
	if (*body_len) {
		*body_len = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(arg, c);
	if (!strcmp(url, "/"))
		return answer(c, MHD_HTTP_OK, "text/html; charset=utf-8", front, strlen(front));
	return refuse(c, MHD_HTTP_NOT_FOUND, "there is /metrics\n");
}

/**
 * http_open() - begin to answer
 * @h: set; http_close() it in any case
 * @listener: a listening socket, closed by http_close()
 * @text: appends the answer
 * @arg: passed to @text
 *
 * Context: process, after mhd_load().
 * Return: 0 or -ENOMEM.
 */
int http_open(struct http *h, int listener, void (*text)(void *arg, struct buf *b, bool open),
	      void *arg)
{
	const union MHD_DaemonInfo *info;

	*h = (struct http){ .fd = -1, .text = text, .arg = arg };
	h->daemon = mhd.start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, h,
				     MHD_OPTION_LISTEN_SOCKET, listener,
				     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
				     MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_BYTES,
				     MHD_OPTION_END);
	if (!h->daemon) {
		close(listener);
		return -ENOMEM;
	}
	info = mhd.get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->fd = info ? info->epoll_fd : -1;
	return h->fd < 0 ? -ENOMEM : 0;
}

/**
 * http_run() - do what is to be done; waits for nothing
 * @h: the server
 *
 * Context: process, when @h->fd is readable or http_patience() has passed.
 */
void http_run(struct http *h)
{
	mhd.run(h->daemon);
}

/**
 * http_patience() - how long nothing is to be done, as long as @h->fd is not readable
 * @h: the server
 *
 * Context: process.
 * Return: ms, -1 for ever.
 */
int http_patience(const struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (mhd.get_timeout(h->daemon, &ms) != MHD_YES)
		return -1;
	return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

/**
 * http_close() - answer no more
 * @h: the server
 *
 * Context: process.
 */
void http_close(struct http *h)
{
	if (h->daemon)
		mhd.stop_daemon(h->daemon);
	h->daemon = NULL;
}
