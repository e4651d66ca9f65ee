/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's tables of sockets, on older ones. */
#ifndef _TCPFSM_COMPAT_HASHINFO_H
#define _TCPFSM_COMPAT_HASHINFO_H

#include <net/inet_hashtables.h>
#include <net/net_namespace.h>

/*
 * 5.18, fbb8295248e1 ("tcp: allocate tcp_death_row outside of struct netns_ipv4"), and
 * 6.1, e9bd0cca09d1 ("tcp: Don't allocate tcp_death_row outside of struct netns_ipv4."),
 * which took that back
 */
static inline struct inet_hashinfo *tcpfsm_hashinfo(const struct net *net)
{
#ifdef HAVE_DEATH_ROW_POINTER
	return net->ipv4.tcp_death_row->hashinfo;
#else
	return net->ipv4.tcp_death_row.hashinfo;
#endif
}

/*
 * 5.19, cae3873c5b3a ("net: inet: Retire port only listening_hash"). Before, lhash2
 * had the listeners as well, yet linked in another way.
 */
#ifdef HAVE_LISTENING_HASH
#define tcpfsm_listen_buckets(h) ARRAY_SIZE((h)->listening_hash)
#define tcpfsm_listen_bucket(h, i) (&(h)->listening_hash[i])
#else
#define tcpfsm_listen_buckets(h) ((h)->lhash2_mask + 1)
#define tcpfsm_listen_bucket(h, i) (&(h)->lhash2[i])
#endif

#endif
