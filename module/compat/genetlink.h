/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's generic netlink, on older ones. */
#ifndef _TCPFSM_COMPAT_GENETLINK_H
#define _TCPFSM_COMPAT_GENETLINK_H

#include <net/genetlink.h>

/*
 * 6.8 and stable, cd4d7263d58a ("genetlink: Use internal flags for multicast groups"), brought a
 * flag of its own for groups. Before, from 4d54cc32112d (5.12; 5.10.204 has it), the flag of the
 * operations meant the same. Kernels that have neither let anybody join: no module for those.
 */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

/* 6.6, 9272af109fe6 ("genetlink: add struct genl_info to struct genl_dumpit_info") */
#ifndef HAVE_GENL_INFO_DUMP
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

/*
 * 549017aa1bb7 ("netlink: remove netlink_broadcast_filtered") took it out in 5.16, a3377386b564
 * ("netlink: Reverse the patch which removed filtering") brought it back in 6.6.
 */
#ifdef HAVE_BROADCAST_FILTER
#define TCPFSM_CAN_FILTER true
#else
#define TCPFSM_CAN_FILTER false
#define netlink_broadcast_filtered(ssk, skb, portid, group, gfp, filter, data) \
	((void)(filter), (void)(data), netlink_broadcast(ssk, skb, portid, group, gfp))
#endif

#endif
