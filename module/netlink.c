// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the stream of events to those who listen; requests.c answers
 * requests. uapi/linux/tcpfsm.h has the grammar of the messages, spec/tcpfsm.yaml
 * the same for machines.
 *
 * Who sees what: a socket in the initial network namespace is told of all
 * namespaces, one in any other namespace only of its own. Every request and the
 * joining of a group need CAP_NET_ADMIN in the user namespace that owns the
 * network namespace; generic netlink checks it, for requests through
 * GENL_UNS_ADMIN_PERM, for groups through GENL_MCAST_CAP_NET_ADMIN. The latter is
 * not enough: see may_not_hear().
 */
#include <linux/capability.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include <linux/tcpfsm.h>

#include "compat/genetlink.h"
#include "netlink.h"
#include "requests.h"
#include "ring.h"

enum { GROUP_EVENTS, GROUP_ALERTS, GROUPS };

/*
 * What a namespace has been sent.
 * @node: in nets, protected by nets_lock
 * @net: no reference is held; the namespace takes itself off the list first
 * @index: records sent to each group of it, protected by nets_lock
 */
struct net_state {
	struct list_head node;
	struct net *net;
	u64 index[GROUPS];
};

static unsigned int net_id;
static LIST_HEAD(nets);
static DEFINE_MUTEX(nets_lock);	/* worker, requests, namespaces coming and going */

static struct tcpfsm_sent counts;	/* protected by nets_lock */
static bool listened;	/* somebody did when the worker last had something to send */

static const struct genl_multicast_group groups[] = {
	[GROUP_EVENTS] = { .name = TCPFSM_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
	[GROUP_ALERTS] = { .name = TCPFSM_MCGRP_ALERTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

/* Of those that were lost or left out nobody knows whose they were. */
static bool is_anybodys(const struct tcpfsm_rec *r)
{
	return r->kind == TCPFSM_K_LOST || r->kind == TCPFSM_K_SKIPPED;
}

static bool is_alert(const struct tcpfsm_rec *r)
{
	const struct tcpfsm_segment_rec *s;

	if (r->kind == TCPFSM_K_SEGMENT) {
		s = container_of(r, struct tcpfsm_segment_rec, rec);
		return s->seg.known & TCPFSM_SEG_ILLEGAL;
	}
	return is_anybodys(r) || r->kind == TCPFSM_K_STUCK || r->kind == TCPFSM_K_FLOOD;
}

/* What a record adds to the index: whoever misses the message with it misses as many. */
static u64 weight_of(const struct tcpfsm_rec *r)
{
	return r->kind == TCPFSM_K_LOST ? container_of(r, struct tcpfsm_lost_rec, rec)->count : 1;
}

/* Records for this group that this namespace may see; what is anybody's, all are told. */
static unsigned int copy_visible(const struct net *net, unsigned int group, void *to,
				 const void *from, unsigned int size, unsigned int *count,
				 u64 *index)
{
	const struct tcpfsm_state_rec *r;
	unsigned int at, used = 0;

	*count = 0;
	*index = 0;
	for (at = 0; at < size; at += r->rec.size) {
		r = from + at;
		if (group == GROUP_ALERTS && !is_alert(&r->rec))
			continue;
		if (!is_anybodys(&r->rec) && !tcpfsm_may_see(net, r->id.netns))
			continue;
		if (to)
			tcpfsm_ring_copy(to + used, r);
		used += r->rec.size;
		(*count)++;
		*index += weight_of(&r->rec);
	}
	return used;
}

/*
 * The right to hear is asked for when a group is joined; but the kernel lets anybody
 * join a number that is no group's, as ours are until the module is loaded. Whoever
 * did so is told nothing: what counts is who opened the socket. One without a file is
 * the kernel's.
 */
static int may_not_hear(struct sock *sk, struct sk_buff *skb, void *data)
{
	const struct file *file = sk->sk_socket->file;
	const struct net *net = data;

	return file && !file_ns_capable(file, net->user_ns, CAP_NET_ADMIN);
}

/* As genlmsg_multicast_netns(). */
static int multicast(struct net *net, struct sk_buff *skb, unsigned int group)
{
	const u32 number = tcpfsm_family.mcgrp_offset + group;

	NETLINK_CB(skb).dst_group = number;
	return netlink_broadcast_filtered(net->genl_sock, skb, 0, number, GFP_ATOMIC,
					  may_not_hear, net);
}

/* Whether anybody in the namespace listens, as far as this could find out. */
static bool send_records(struct net_state *ns, unsigned int group, const struct tcpfsm_batch *b)
{
	const u8 cmd = group == GROUP_ALERTS ? TCPFSM_CMD_ALERTS : TCPFSM_CMD_EVENTS;
	const bool all = group == GROUP_EVENTS && tcpfsm_sees_all(ns->net);
	unsigned int used = b->size, count = b->count;
	struct nlattr *attr;
	struct sk_buff *skb;
	void *hdr;
	u64 index;

	if (!all)
		used = copy_visible(ns->net, group, NULL, b->records, b->size, &count,
				    &index);
	if (!count)
		return false;

	skb = genlmsg_new(2 * nla_total_size_64bit(sizeof(u64)) + nla_total_size(used) +
			  NLA_HDRLEN, GFP_KERNEL);
	if (!skb)
		goto lost;
	hdr = genlmsg_put(skb, 0, 0, &tcpfsm_family, 0, cmd);
	if (!hdr || nla_put_u64_64bit(skb, TCPFSM_A_INDEX, ns->index[group], TCPFSM_A_PAD) ||
	    nla_put_u64_64bit(skb, TCPFSM_A_UNTIL, b->until, TCPFSM_A_PAD))
		goto lost;
	attr = nla_reserve(skb, TCPFSM_A_RECORDS, used);
	if (!attr)
		goto lost;
	copy_visible(ns->net, group, nla_data(attr), b->records, b->size, &count, &index);
	genlmsg_end(skb, hdr);

	/*
	 * Atomic, or netlink_broadcast() would make the worker yield() to a
	 * reader that lags, while the rings fill. Whoever's buffer is full is
	 * told by its socket, and by the gap in the index; when that is so of
	 * all, it is as if nobody listened.
	 */
	ns->index[group] += index;
	if (multicast(ns->net, skb, group) == -ESRCH)
		return false;
	counts.sent += count;
	return true;

lost:
	nlmsg_free(skb);
	copy_visible(ns->net, group, NULL, b->records, b->size, &count, &index);
	/* the gap in the index of the next message says so */
	ns->index[group] += index;
	counts.lost += count;
	return true;
}

/**
 * tcpfsm_netlink_publish() - send records to all who listen and may see them
 * @b: the records
 *
 * Context: the drain worker; sleeps.
 */
void tcpfsm_netlink_publish(const struct tcpfsm_batch *b)
{
	struct net_state *ns;
	unsigned int group;
	bool heard = false, told = false;

	mutex_lock(&nets_lock);
	list_for_each_entry(ns, &nets, node) {
		for (group = 0; group < GROUPS; group++) {
			/* true whichever namespace the listeners are in */
			if (!genl_has_listeners(&tcpfsm_family, ns->net, group))
				continue;
			if (!send_records(ns, group, b))
				continue;
			told = true;
			heard |= group == GROUP_EVENTS;
		}
	}
	if (!told)
		counts.unheard += b->count;
	WRITE_ONCE(listened, heard);
	mutex_unlock(&nets_lock);
}

static bool has_listeners(void)
{
	unsigned int group;

	for (group = 0; group < GROUPS; group++)
		if (genl_has_listeners(&tcpfsm_family, &init_net, group))
			return true;
	return false;
}

/**
 * tcpfsm_netlink_wants_events() - is a record worth making?
 *
 * What nobody listens to costs no more than to find that out. Who listens to alerts alone is told
 * of those, which are made whoever listens.
 *
 * Context: any but hardirq and NMI.
 * Return: whether anybody listens to all events, in whatever namespace.
 */
bool tcpfsm_netlink_wants_events(void)
{
	return READ_ONCE(listened) || genl_has_listeners(&tcpfsm_family, &init_net, GROUP_EVENTS);
}

/**
 * tcpfsm_netlink_wants_nothing() - is a segment not worth looking at?
 *
 * Whether it is something to raise an alarm for takes a look.
 *
 * Context: any but hardirq and NMI.
 * Return: whether nobody listens, to whatever.
 */
bool tcpfsm_netlink_wants_nothing(void)
{
	return !READ_ONCE(listened) && !has_listeners();
}

/**
 * tcpfsm_netlink_sent() - what was sent so far
 * @net: the namespace that asks
 * @sent: set
 *
 * Context: process.
 */
void tcpfsm_netlink_sent(const struct net *net, struct tcpfsm_sent *sent)
{
	struct net_state *ns = net_generic(net, net_id);

	mutex_lock(&nets_lock);
	*sent = counts;
	sent->index = ns->index[GROUP_EVENTS];
	mutex_unlock(&nets_lock);
}

struct genl_family tcpfsm_family = {
	.name = TCPFSM_GENL_NAME,
	.version = TCPFSM_GENL_VERSION,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = tcpfsm_operations,
	.n_ops = ARRAY_SIZE(tcpfsm_operations),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

static int net_init(struct net *net)
{
	struct net_state *ns = net_generic(net, net_id);

	ns->net = net;
	mutex_lock(&nets_lock);
	list_add_tail(&ns->node, &nets);
	mutex_unlock(&nets_lock);
	return 0;
}

static void net_exit(struct net *net)
{
	struct net_state *ns = net_generic(net, net_id);

	mutex_lock(&nets_lock);
	list_del(&ns->node);
	mutex_unlock(&nets_lock);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct net_state),
};

/*
 * Where may_not_hear() is never called, expel whoever joined a group before there was one:
 * unregistering the family does that.
 */
static int register_family(void)
{
	int tries, err;

	for (tries = 0; tries < 16; tries++) {
		err = genl_register_family(&tcpfsm_family);
		if (err || TCPFSM_CAN_FILTER || !has_listeners())
			return err;
		genl_unregister_family(&tcpfsm_family);
	}
	pr_err("tcpfsm: somebody joins its multicast groups again and again before they are there: see ss -pf netlink\n");
	return -EBUSY;
}

/**
 * tcpfsm_netlink_init() - register the family
 *
 * Context: process, module load; tables and rings are ready.
 * Return: 0 or a negative error.
 */
int tcpfsm_netlink_init(void)
{
	int err;

	err = register_pernet_subsys(&net_ops);
	if (err)
		return err;
	err = register_family();
	if (err)
		unregister_pernet_subsys(&net_ops);
	return err;
}

/**
 * tcpfsm_netlink_exit() - unregister the family
 *
 * Context: process, after the drain worker has stopped.
 */
void tcpfsm_netlink_exit(void)
{
	genl_unregister_family(&tcpfsm_family);
	unregister_pernet_subsys(&net_ops);
}
