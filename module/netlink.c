// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the stream of events to those who listen, and answers to
 * requests. uapi/linux/tcpfsm.h has the grammar of the messages, spec/tcpfsm.yaml
 * the same for machines.
 *
 * Who sees what: a socket in the initial network namespace is told of all
 * namespaces, one in any other namespace only of its own. Every request and the
 * joining of a group need CAP_NET_ADMIN in the user namespace that owns the
 * network namespace; generic netlink checks it, for requests through
 * GENL_UNS_ADMIN_PERM, for groups through GENL_MCAST_CAP_NET_ADMIN.
 */
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include <linux/tcpfsm.h>

#include "compat/genetlink.h"
#include "flow.h"
#include "hooks.h"
#include "netlink.h"
#include "ring.h"

/*
 * What a namespace has been sent.
 * @node: in nets, protected by nets_lock
 * @net: no reference is held; the namespace takes itself off the list first
 * @index: records sent to it, protected by nets_lock
 */
struct net_state {
	struct list_head node;
	struct net *net;
	u64 index;
};

static unsigned int net_id;
static LIST_HEAD(nets);
static DEFINE_MUTEX(nets_lock);	/* worker, requests, namespaces coming and going */

/* Protected by nets_lock. */
static struct {
	u64 sent;
	u64 unheard;
	u64 lost;
} counts;

enum { GROUP_EVENTS };

static const struct genl_multicast_group groups[] = {
	[GROUP_EVENTS] = { .name = TCPFSM_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

static struct genl_family family;

static bool sees_all(const struct net *net)
{
	return net_eq(net, &init_net);
}

static bool may_see(const struct net *net, u32 netns)
{
	return sees_all(net) || net->ns.inum == netns;
}

/*
 * Records that this namespace may see. Of those that were lost nobody knows
 * whose they were, so everybody is told.
 */
static unsigned int copy_visible(const struct net *net, void *to, const void *from,
				 unsigned int size, unsigned int *count)
{
	const struct tcpfsm_state_rec *r;
	unsigned int at, used = 0;

	*count = 0;
	for (at = 0; at < size; at += r->rec.size) {
		r = from + at;
		if (r->rec.kind != TCPFSM_K_LOST && !may_see(net, r->id.netns))
			continue;
		if (to)
			memcpy(to + used, r, r->rec.size);
		used += r->rec.size;
		(*count)++;
	}
	return used;
}

/* Whether anybody in the namespace listens, as far as this could find out. */
static bool send_events(struct net_state *ns, const void *records, unsigned int size)
{
	unsigned int used, count;
	struct nlattr *attr;
	struct sk_buff *skb;
	void *hdr;

	used = copy_visible(ns->net, NULL, records, size, &count);
	if (!count)
		return false;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)) + nla_total_size(used) + NLA_HDRLEN,
			  GFP_KERNEL);
	if (!skb)
		goto lost;
	hdr = genlmsg_put(skb, 0, 0, &family, 0, TCPFSM_CMD_EVENTS);
	if (!hdr || nla_put_u64_64bit(skb, TCPFSM_A_INDEX, ns->index, TCPFSM_A_PAD))
		goto lost;
	attr = nla_reserve(skb, TCPFSM_A_RECORDS, used);
	if (!attr)
		goto lost;
	copy_visible(ns->net, nla_data(attr), records, size, &count);
	genlmsg_end(skb, hdr);

	/*
	 * Atomic, or netlink_broadcast() would make the worker yield() to a
	 * reader that lags, while the rings fill. Any other error is a reader
	 * whose buffer is full. It is told by its socket, and by the gap in
	 * the index.
	 */
	ns->index += count;
	if (genlmsg_multicast_netns(&family, ns->net, skb, 0, GROUP_EVENTS, GFP_ATOMIC) == -ESRCH)
		return false;
	counts.sent += count;
	return true;

lost:
	nlmsg_free(skb);
	/* the gap in the index of the next message says so */
	ns->index += count;
	counts.lost += count;
	return true;
}

/**
 * tcpfsm_netlink_publish() - send records to all who listen and may see them
 * @records: back to back
 * @size: their bytes
 * @count: how many
 *
 * Context: the drain worker; sleeps.
 */
void tcpfsm_netlink_publish(const void *records, unsigned int size, unsigned int count)
{
	struct net_state *ns;
	bool heard = false;

	mutex_lock(&nets_lock);
	list_for_each_entry(ns, &nets, node) {
		/* this tells of listeners in all namespaces, if it tells of any */
		if (!genl_has_listeners(&family, ns->net, GROUP_EVENTS))
			continue;
		heard |= send_events(ns, records, size);
	}
	if (!heard)
		counts.unheard += count;
	mutex_unlock(&nets_lock);
}

/* ---- flows ---- */

struct flow_filter {
	const struct net *net;
	u32 states;		/* 0 for all */
	u32 netns;		/* 0 for all */
	u64 cookie;		/* 0 for all */
};

struct flow_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct flow_filter filter;
};

static bool wanted(const struct flow_filter *filter, const struct tcpfsm_tracked *f)
{
	if (!may_see(filter->net, f->id.netns))
		return false;
	/* one that no record has told of yet has not begun */
	if (f->unannounced)
		return false;
	if (filter->states && !(filter->states & 1U << f->state))
		return false;
	if (filter->netns && filter->netns != f->id.netns)
		return false;
	return !filter->cookie || filter->cookie == f->id.cookie;
}

/* Interrupts are off. */
static int put_flow(const struct tcpfsm_tracked *f, void *arg)
{
	struct flow_dump *dump = arg;
	struct tcpfsm_flow *r;
	struct nlattr *attr;
	void *hdr;

	if (!wanted(&dump->filter, f))
		return 0;

	hdr = genlmsg_put(dump->skb, NETLINK_CB(dump->cb->skb).portid, dump->cb->nlh->nlmsg_seq,
			  &family, NLM_F_MULTI, TCPFSM_CMD_GET_FLOW);
	if (!hdr)
		return -EMSGSIZE;
	attr = nla_reserve(dump->skb, TCPFSM_A_RECORD, sizeof(*r));
	if (!attr) {
		genlmsg_cancel(dump->skb, hdr);
		return -EMSGSIZE;
	}
	r = nla_data(attr);
	memset(r, 0, sizeof(*r));
	r->rec.size = sizeof(*r);
	r->rec.kind = TCPFSM_K_FLOW;
	r->rec.flags = f->flags;
	r->rec.ts = f->flags & TCPFSM_F_SINCE ? f->since : 0;
	r->id = f->id;
	r->owner = f->owner;
	r->now = ktime_get_ns();
	r->state = f->state;
	r->cause = f->cause;
	genlmsg_end(dump->skb, hdr);
	return 0;
}

/* cb->args: 0 the bucket to go on with, 1 the flows of it that were shown */
static int get_flow(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct flow_dump dump = {
		.skb = skb,
		.cb = cb,
		.filter.net = sock_net(skb->sk),
	};
	int shown;

	if (attrs[TCPFSM_A_FILTER_STATES])
		dump.filter.states = nla_get_u32(attrs[TCPFSM_A_FILTER_STATES]);
	if (attrs[TCPFSM_A_FILTER_NETNS])
		dump.filter.netns = nla_get_u32(attrs[TCPFSM_A_FILTER_NETNS]);
	if (attrs[TCPFSM_A_FILTER_COOKIE])
		dump.filter.cookie = nla_get_u64(attrs[TCPFSM_A_FILTER_COOKIE]);

	for (; cb->args[0] < tcpfsm_flow_buckets(); cb->args[0]++, cb->args[1] = 0) {
		shown = tcpfsm_flow_walk(cb->args[0], cb->args[1], put_flow, &dump);
		if (shown >= 0) {
			cb->args[1] = shown;
			break;
		}
		cond_resched();
	}
	return skb->len;
}

/* ---- statistics ---- */

static int put_stats(struct sk_buff *skb, const struct net *net)
{
	struct net_state *ns = net_generic(net, net_id);
	u64 segments = tcpfsm_flow_segments();
	u64 written = tcpfsm_ring_written();
	u64 sent, unheard, lost, overflow, index;
	struct nlattr *nest;
	u32 now, peak;

	mutex_lock(&nets_lock);
	sent = counts.sent;
	unheard = counts.unheard;
	lost = counts.lost;
	index = ns->index;
	mutex_unlock(&nets_lock);
	tcpfsm_flow_counts(&now, &peak, &overflow);

	if (nla_put_string(skb, TCPFSM_A_VERSION, TCPFSM_VERSION) ||
	    nla_put_u64_64bit(skb, TCPFSM_A_INDEX, index, TCPFSM_A_PAD))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, TCPFSM_A_STATS);
	if (!nest ||
	    nla_put_u64_64bit(skb, TCPFSM_A_STATS_LOST_RING, tcpfsm_ring_lost(),
			      TCPFSM_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, TCPFSM_A_STATS_LOST_SEND, lost, TCPFSM_A_STATS_PAD))
		return -EMSGSIZE;
	/* what was lost may have been anybody's; how busy others are is theirs to know */
	if (sees_all(net) &&
	    (nla_put_u64_64bit(skb, TCPFSM_A_STATS_TRANSITIONS,
			       written - min(written, segments), TCPFSM_A_STATS_PAD) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_SEGMENTS, segments, TCPFSM_A_STATS_PAD) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_SENT, sent, TCPFSM_A_STATS_PAD) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_UNHEARD, unheard, TCPFSM_A_STATS_PAD) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_FLOWS, now) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_FLOWS_PEAK, peak) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_FLOWS_MAX, tcpfsm_max_flows) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_OVERFLOW, overflow, TCPFSM_A_STATS_PAD) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_RING_RECORDS, tcpfsm_ring_records)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int get_stats(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb) {
		NL_SET_ERR_MSG(info->extack, "no memory for the answer");
		return -ENOMEM;
	}
	hdr = genlmsg_put_reply(skb, info, &family, 0, TCPFSM_CMD_GET_STATS);
	if (!hdr || put_stats(skb, genl_info_net(info))) {
		NL_SET_ERR_MSG(info->extack, "the answer does not fit its message");
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

/* ---- hooks ---- */

static int put_hook(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct tcpfsm_hook *hook)
{
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &family,
			  NLM_F_MULTI, TCPFSM_CMD_GET_HOOK);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, TCPFSM_A_HOOK);
	if (!nest || nla_put_string(skb, TCPFSM_A_HOOK_NAME, hook->name) ||
	    nla_put_u8(skb, TCPFSM_A_HOOK_ATTACHED, hook->attached) ||
	    nla_put_string(skb, TCPFSM_A_HOOK_BLIND, hook->blind) ||
	    (sees_all(sock_net(skb->sk)) &&
	     nla_put_u64_64bit(skb, TCPFSM_A_HOOK_HITS, hook->hits, TCPFSM_A_HOOK_PAD))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, hdr);
	return 0;
}

/* cb->args[0]: the hook to go on with */
static int get_hook(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tcpfsm_hook hook;

	while (tcpfsm_hook_get(cb->args[0], &hook) && !put_hook(skb, cb, &hook))
		cb->args[0]++;
	return skb->len;
}

/* ---- family ---- */

static const struct nla_policy flow_policy[TCPFSM_A_MAX + 1] = {
	[TCPFSM_A_FILTER_STATES] = NLA_POLICY_MASK(NLA_U32, (1U << (TCPFSM_S_MAX + 1)) - 2),
	[TCPFSM_A_FILTER_NETNS] = NLA_POLICY_MIN(NLA_U32, 1),
	[TCPFSM_A_FILTER_COOKIE] = NLA_POLICY_MIN(NLA_U64, 1),
};

static const struct genl_ops operations[] = {
	{
		.cmd = TCPFSM_CMD_GET_FLOW,
		.flags = GENL_UNS_ADMIN_PERM,
		.dumpit = get_flow,
		.policy = flow_policy,
		.maxattr = TCPFSM_A_MAX,
	},
	{
		.cmd = TCPFSM_CMD_GET_STATS,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = get_stats,
	},
	{
		.cmd = TCPFSM_CMD_GET_HOOK,
		.flags = GENL_UNS_ADMIN_PERM,
		.dumpit = get_hook,
	},
};

static struct genl_family family = {
	.name = TCPFSM_GENL_NAME,
	.version = TCPFSM_GENL_VERSION,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = operations,
	.n_ops = ARRAY_SIZE(operations),
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
	err = genl_register_family(&family);
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
	genl_unregister_family(&family);
	unregister_pernet_subsys(&net_ops);
}
