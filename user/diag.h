/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own view of TCP sockets: sock_diag(7), which ss(8) asks too. */
#ifndef TCPFSM_DIAG_H
#define TCPFSM_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/inet_diag.h>
#include <linux/tcpfsm.h>

/* What the kernel waits for, idiag_timer of struct inet_diag_msg */
enum diag_timer {
	DIAG_TIMER_NONE,
	DIAG_TIMER_RETRANSMIT,
	DIAG_TIMER_KEEPALIVE,		/* or the end of an orphan's FIN_WAIT_2 */
	DIAG_TIMER_TIMEWAIT,		/* a timewait socket, in FIN_WAIT_2 perhaps */
	DIAG_TIMER_PROBE,		/* of a closed window */
};

/**
 * struct diag_sock - a socket as the kernel tells of it
 * @id: ports, addresses, interface and cookie, as sock_diag wants them again
 * @cookie: of @id
 * @inode: of its file, 0 when it has none
 * @family: AF_INET or AF_INET6
 * @state: enum tcpfsm_state
 * @timer: enum diag_timer
 * @retrans: how often was sent again what @timer is for
 * @expires: milliseconds until @timer
 * @rqueue: bytes received and not read, the peer's FIN being one; of a listener: waiting
 *	for accept()
 * @wqueue: bytes not acknowledged, our FIN being one; of a listener: its backlog
 * @has_heard: the following is known
 * @heard: milliseconds since the peer's last segment
 * @has_memory: the following is known
 * @memory: bytes its queues take in the kernel
 */
struct diag_sock {
	struct inet_diag_sockid	id;
	uint64_t		cookie;
	uint32_t		inode;
	uint8_t			family;
	uint8_t			state;
	uint8_t			timer;
	uint8_t			retrans;
	uint32_t		expires;
	uint32_t		rqueue;
	uint32_t		wqueue;
	bool			has_heard;
	uint32_t		heard;
	bool			has_memory;
	uint64_t		memory;
};

/**
 * struct diag - a connection to sock_diag of one network namespace
 * @fd: the socket, -1 when there is none
 * @seq: number of the latest request
 * @data: where answers are received
 */
struct diag {
	int		fd;
	uint32_t	seq;
	uint8_t		*data;
};

typedef void (*diag_each)(const struct diag_sock *s, void *arg);

int diag_open(struct diag *d, int netns);
void diag_close(struct diag *d);
int diag_dump(struct diag *d, unsigned int family, uint32_t states, diag_each each, void *arg);
struct inet_diag_sockid diag_id(const struct tcpfsm_id *id);
void diag_set_cookie(struct inet_diag_sockid *id, uint64_t cookie);
int diag_get(struct diag *d, unsigned int family, const struct inet_diag_sockid *id,
	     struct diag_sock *s);
int diag_destroy(struct diag *d, const struct diag_sock *s);
int diag_parse(const void *data, size_t len, struct diag_sock *s);

/* Any socket of these addresses, whatever its cookie */
#define DIAG_ANY_COOKIE	UINT64_MAX

#endif
