// SPDX-License-Identifier: GPL-2.0
/* An address to listen at, as users write it. Names are not looked up: ADDR is a number. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "listen.h"
#include "number.h"

static int refuse(const char *text, struct why *w)
{
	return why(w, "bad address '%.64s'; it is ADDR:PORT, as in 127.0.0.1:10293, [::1]:10293, "
		   "or :10293 for all addresses", text);
}

/**
 * listen_parse() - read an address
 * @text: ADDR:PORT, [ADDR]:PORT for IPv6, :PORT for all addresses of both families
 * @to: set
 * @w: set to the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set.
 */
int listen_parse(const char *text, struct sockaddr_storage *to, struct why *w)
{
	const char *colon = strrchr(text, ':');
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	char addr[INET6_ADDRSTRLEN + 2];
	uint64_t port;
	size_t len;

	if (!colon || (size_t)(colon - text) >= sizeof(addr))
		return refuse(text, w);
	len = colon - text;
	if (number_parse(colon + 1, strlen(colon + 1), UINT16_MAX, &port) || !port)
		return why(w, "bad port '%.64s'; it is 1 to 65535", colon + 1);
	memset(to, 0, sizeof(*to));
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	if (!len)
		return 0;
	if (text[0] == '[' && text[len - 1] == ']') {
		snprintf(addr, sizeof(addr), "%.*s", (int)len - 2, text + 1);
		return inet_pton(AF_INET6, addr, &six->sin6_addr) == 1 ? 0 : refuse(text, w);
	}
	memset(to, 0, sizeof(*to));
	four->sin_family = AF_INET;
	four->sin_port = htons(port);
	snprintf(addr, sizeof(addr), "%.*s", (int)len, text);
	return inet_pton(AF_INET, addr, &four->sin_addr) == 1 ? 0 : refuse(text, w);
}

/**
 * listen_open() - listen there
 * @at: where
 *
 * Context: process.
 * Return: a descriptor, or a negative errno.
 */
int listen_open(const struct sockaddr_storage *at)
{
	const socklen_t len = at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							: sizeof(struct sockaddr_in);
	const int off = 0;
	const int on = 1;
	int err;
	int fd;

	fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (!bind(fd, (const struct sockaddr *)at, len) && !listen(fd, 16))
		return fd;
	err = -errno;
	close(fd);
	return err;
}
