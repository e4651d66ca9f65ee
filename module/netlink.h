/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_NETLINK_H
#define _TCPFSM_NETLINK_H

#include <net/net_namespace.h>

/**
 * struct tcpfsm_sent - what became of the records
 * @sent: multicast, once for every namespace and group they went to
 * @unheard: dropped, as nobody listened any more, or none who did had room or may see them
 * @lost: no message could be made for them
 * @index: records the namespace that asks was sent so far, or told of as lost
 */
struct tcpfsm_sent {
	u64	sent;
	u64	unheard;
	u64	lost;
	u64	index;
};

/**
 * struct tcpfsm_batch - records on their way to readers
 * @records: back to back
 * @size: their bytes
 * @count: how many
 * @until: CLOCK_MONOTONIC in ns; none made before will come after these
 */
struct tcpfsm_batch {
	const void	*records;
	unsigned int	size;
	unsigned int	count;
	u64		until;
};

int tcpfsm_netlink_init(void);
void tcpfsm_netlink_exit(void);
void tcpfsm_netlink_publish(const struct tcpfsm_batch *b);
bool tcpfsm_netlink_wants_events(void);
bool tcpfsm_netlink_wants_nothing(void);
void tcpfsm_netlink_sent(const struct net *net, struct tcpfsm_sent *sent);

/* Is this the namespace that is told of all others? */
static inline bool tcpfsm_sees_all(const struct net *net)
{
	return net_eq(net, &init_net);
}

/* May a namespace be told of the one with this inode? */
static inline bool tcpfsm_may_see(const struct net *net, u32 netns)
{
	return tcpfsm_sees_all(net) || net->ns.inum == netns;
}

/* main.c */
extern unsigned int tcpfsm_max_flows;
extern unsigned int tcpfsm_ring_records;

#endif
