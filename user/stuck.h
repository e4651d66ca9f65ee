/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that are in a state for too long, and whose they are. */
#ifndef TCPFSM_STUCK_H
#define TCPFSM_STUCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "event.h"
#include "filter.h"
#include "owner.h"

/* States one can be stuck in; ESTABLISHED only as long as nobody has accepted */
#define STUCK_STATES	(BIT(TCPFSM_S_SYN_SENT) | BIT(TCPFSM_S_SYN_RECEIVED) | \
			 BIT(TCPFSM_S_ESTABLISHED) | BIT(TCPFSM_S_FIN_WAIT_1) | \
			 BIT(TCPFSM_S_FIN_WAIT_2) | BIT(TCPFSM_S_CLOSE_WAIT) | \
			 BIT(TCPFSM_S_CLOSING) | BIT(TCPFSM_S_LAST_ACK))

/**
 * struct stuck - a connection that is stuck
 * @ev: what the module says of it, of kind TCPFSM_K_FLOW or TCPFSM_K_STUCK
 * @asked: sock_diag of its network namespace was asked for it
 * @found: and has it
 * @sock: what it says
 * @kind: whose it is
 * @holders: who holds it, or of one that nobody has accepted who holds the listener, by
 *	process and descriptor; NULL for nobody known
 * @nholders: how many
 * @first: the one of them to show when there is room for one
 * @listener: of one that nobody has accepted, and half-open ones: the only listener it can
 *	belong to is known
 * @listeners: how many it can belong to
 * @listener_inode: of the file of @listener
 * @queue: how many wait for accept() there
 * @backlog: how many may
 */
struct stuck {
	struct event		ev;
	bool			asked;
	bool			found;
	struct diag_sock	sock;
	enum owner_kind		kind;
	const struct holder	*holders;
	size_t			nholders;
	const struct holder	*first;
	bool			listener;
	unsigned int		listeners;
	uint64_t		listener_inode;
	uint32_t		queue;
	uint32_t		backlog;
};

/**
 * struct stuck_list - connections that are stuck
 * @items: each one, after stuck_resolve() by namespace and cookie
 * @n: how many
 * @owners: the processes
 */
struct stuck_list {
	struct stuck	*items;
	size_t		n;
	struct owners	owners;
};

int stuck_add(struct stuck_list *l, const struct event *ev);
int stuck_resolve(struct stuck_list *l);
void stuck_free(struct stuck_list *l);
const struct process *stuck_process(const struct stuck_list *l, const struct holder *h);
bool stuck_opened_by_other(const struct stuck *s);
bool stuck_match_owner(const struct stuck_list *l, const struct stuck *s, const struct filter *f);

#endif
