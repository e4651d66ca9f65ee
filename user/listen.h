/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_LISTEN_H
#define TCPFSM_LISTEN_H

#include <sys/socket.h>

#include "why.h"

int listen_parse(const char *text, struct sockaddr_storage *to, struct why *w);
int listen_open(const struct sockaddr_storage *at);

#endif
