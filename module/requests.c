// SPDX-License-Identifier: GPL-2.0
/* Answers to the requests of generic netlink; uapi/linux/tcpfsm.h has their grammar. */
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include <linux/tcpfsm.h>

#include "compat/genetlink.h"
#include "config.h"
#include "flow.h"
#include "hooks.h"
#include "listener.h"
#include "netlink.h"
#include "overdue.h"
#include "requests.h"
#include "ring.h"
#include "skip.h"
#include "takeover.h"
#include "tick.h"
#include "totals.h"

/* Of answers in one message; the totals take most */
#define ANSWER_SIZE (sizeof(struct tcpfsm_totals) + 1024)

/* ---- not before the module is loaded ---- */

static bool answers;

/**
 * tcpfsm_requests_begin() - answer requests
 *
 * A dump that is not read to its end outlives its request, and a module whose init fails is freed
 * whoever holds it. So no dump begins before init can no longer fail; other requests are refused as
 * well, so that whoever asks takes the module as not loaded, and tries again.
 *
 * Context: process, the last of module load.
 */
void tcpfsm_requests_begin(void)
{
	WRITE_ONCE(answers, true);
}

/* Return: 0, or -ENOENT, as before the family was there. */
static int is_loaded(void)
{
	return READ_ONCE(answers) ? 0 : -ENOENT;
}

/* genl_ops.start */
static int begin_dump(struct netlink_callback *cb)
{
	return is_loaded();
}

/* ---- flows ---- */

struct flow_filter {
	const struct net *net;
	u32 states;		/* 0 for all */
	u32 netns;		/* 0 for all */
	u64 cookie;		/* 0 for all */
	bool overdue;		/* only those */
};

struct flow_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct flow_filter filter;
};

static bool wanted(const struct flow_filter *filter, const struct tcpfsm_tracked *f)
{
	if (!tcpfsm_may_see(filter->net, f->id.netns))
		return false;
	/* one that no record has told of yet has not begun */
	if (f->unannounced)
		return false;
	if (filter->states && !(filter->states & 1U << f->state))
		return false;
	if (filter->netns && filter->netns != f->id.netns)
		return false;
	if (filter->overdue && !(f->flags & TCPFSM_F_OVERDUE))
		return false;
	return !filter->cookie || filter->cookie == f->id.cookie;
}

/* One message of a dump: room for its record, NULL when the buffer is full */
static void *put_record(struct flow_dump *dump, u8 cmd, unsigned int size, void **hdr)
{
	struct nlattr *attr;

	*hdr = genlmsg_put(dump->skb, NETLINK_CB(dump->cb->skb).portid, dump->cb->nlh->nlmsg_seq,
			   &tcpfsm_family, NLM_F_MULTI, cmd);
	if (!*hdr)
		return NULL;
	attr = nla_reserve(dump->skb, TCPFSM_A_RECORD, size);
	if (attr)
		return nla_data(attr);
	genlmsg_cancel(dump->skb, *hdr);
	return NULL;
}

/* Interrupts are off. */
static int put_flow(struct tcpfsm_tracked *f, void *arg)
{
	struct flow_dump *dump = arg;
	struct tcpfsm_flow *r;
	void *hdr;

	if (!wanted(&dump->filter, f))
		return 0;

	r = put_record(dump, TCPFSM_CMD_GET_FLOW, sizeof(*r), &hdr);
	if (!r)
		return -EMSGSIZE;
	memset(r, 0, sizeof(*r));
	r->rec.size = sizeof(*r);
	r->rec.kind = TCPFSM_K_FLOW;
	r->rec.flags = f->flags;
	r->rec.ts = f->since;
	r->id = f->id;
	r->owner = f->owner;
	r->now = ktime_get_ns();
	r->state = f->state;
	r->cause = f->cause;
	genlmsg_end(dump->skb, hdr);
	return 0;
}

static void set_filter(struct flow_filter *filter, struct nlattr **attrs)
{
	if (attrs[TCPFSM_A_FILTER_STATES])
		filter->states = nla_get_u32(attrs[TCPFSM_A_FILTER_STATES]);
	if (attrs[TCPFSM_A_FILTER_NETNS])
		filter->netns = nla_get_u32(attrs[TCPFSM_A_FILTER_NETNS]);
	if (attrs[TCPFSM_A_FILTER_COOKIE])
		filter->cookie = nla_get_u64(attrs[TCPFSM_A_FILTER_COOKIE]);
	filter->overdue = attrs[TCPFSM_A_FILTER_OVERDUE];
}

/* cb->args: 0 the bucket to go on with, 1 the flows of it that were shown */
static int get_flow(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct flow_dump dump = {
		.skb = skb,
		.cb = cb,
		.filter.net = sock_net(skb->sk),
	};
	int shown;

	set_filter(&dump.filter, genl_info_dump(cb)->attrs);
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
	u64 segments = tcpfsm_flow_segments();
	struct tcpfsm_sent sent;
	struct nlattr *nest;
	u64 overflow;
	u32 now, peak;

	tcpfsm_netlink_sent(net, &sent);
	tcpfsm_flow_counts(&now, &peak, &overflow);

	if (nla_put_string(skb, TCPFSM_A_VERSION, TCPFSM_VERSION) ||
	    nla_put_u64_64bit(skb, TCPFSM_A_INDEX, sent.index, TCPFSM_A_PAD))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, TCPFSM_A_STATS);
	if (!nest ||
	    nla_put_u64_64bit(skb, TCPFSM_A_STATS_LOST_RING, tcpfsm_ring_lost(),
			      TCPFSM_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, TCPFSM_A_STATS_LOST_SEND, sent.lost, TCPFSM_A_STATS_PAD))
		return -EMSGSIZE;
	/* what was lost may have been anybody's; how busy others are is theirs to know */
	if (tcpfsm_sees_all(net) &&
	    (nla_put_u64_64bit(skb, TCPFSM_A_STATS_TRANSITIONS,
			       tcpfsm_totals_transitions(), TCPFSM_A_STATS_PAD) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_SEGMENTS, segments, TCPFSM_A_STATS_PAD) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_SENT, sent.sent, TCPFSM_A_STATS_PAD) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_UNHEARD, sent.unheard, TCPFSM_A_STATS_PAD) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_FLOWS, now) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_FLOWS_PEAK, peak) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_FLOWS_MAX, tcpfsm_max_flows) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_OVERFLOW, overflow, TCPFSM_A_STATS_PAD) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_RING_RECORDS, tcpfsm_ring_records) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_SKIPPED, tcpfsm_skip_total(),
			       TCPFSM_A_STATS_PAD) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_OVERDUE, tcpfsm_overdue_count()) ||
	     nla_put_u32(skb, TCPFSM_A_STATS_TAKEN_OVER, tcpfsm_takeover_count()) ||
	     nla_put_u64_64bit(skb, TCPFSM_A_STATS_LISTENER_OVERFLOW,
			       tcpfsm_listener_overflow(), TCPFSM_A_STATS_PAD)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* One answer: @put fills it in */
static int reply_with(struct genl_info *info, u8 cmd,
		      int (*put)(struct sk_buff *skb, const struct net *net))
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	err = is_loaded();
	if (err)
		return err;
	skb = genlmsg_new(ANSWER_SIZE, GFP_KERNEL);
	if (!skb) {
		NL_SET_ERR_MSG(info->extack, "no memory for the answer");
		return -ENOMEM;
	}
	hdr = genlmsg_put_reply(skb, info, &tcpfsm_family, 0, cmd);
	err = hdr ? put(skb, genl_info_net(info)) : -EMSGSIZE;
	if (err) {
		if (err == -ENOMEM)
			NL_SET_ERR_MSG(info->extack, "no memory for the answer");
		else
			NL_SET_ERR_MSG(info->extack, "the answer does not fit its message");
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int get_stats(struct sk_buff *request, struct genl_info *info)
{
	return reply_with(info, TCPFSM_CMD_GET_STATS, put_stats);
}

/* What all namespaces are up to, and what holds for all of them, is not each one's business. */
static int refuse_others(struct genl_info *info)
{
	if (tcpfsm_sees_all(genl_info_net(info)))
		return 0;
	NL_SET_ERR_MSG(info->extack, "to be asked in the initial network namespace only");
	return -EPERM;
}

static int put_totals(struct sk_buff *skb, const struct net *net)
{
	struct tcpfsm_totals *sum = kmalloc(sizeof(*sum), GFP_KERNEL);
	int err = -EMSGSIZE;

	if (!sum)
		return -ENOMEM;
	tcpfsm_totals_sum(sum);
	if (!nla_put(skb, TCPFSM_A_MATRIX, sizeof(sum->matrix), sum->matrix) &&
	    !nla_put(skb, TCPFSM_A_TIMES, sizeof(sum->times), sum->times) &&
	    !nla_put(skb, TCPFSM_A_CAUSES, sizeof(sum->causes), sum->causes) &&
	    !nla_put_u32(skb, TCPFSM_A_STATES, TCPFSM_STATES))
		err = 0;
	kfree(sum);
	return err;
}

static int get_totals(struct sk_buff *request, struct genl_info *info)
{
	return refuse_others(info) ?: reply_with(info, TCPFSM_CMD_GET_TOTALS, put_totals);
}

/* ---- configuration ---- */

static int put_config(struct sk_buff *skb, const struct net *net)
{
	struct nlattr *nest = nla_nest_start(skb, TCPFSM_A_CONFIG);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i <= TCPFSM_A_CONFIG_MAX; i++)
		if (nla_put_u32(skb, i, tcpfsm_config_get(i)))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int get_config(struct sk_buff *request, struct genl_info *info)
{
	return reply_with(info, TCPFSM_CMD_GET_CONFIG, put_config);
}

static const struct nla_policy config_policy[TCPFSM_A_CONFIG_MAX + 1] = {
	[TCPFSM_A_CONFIG_SYN_SENT] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_SYN_RECEIVED] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_UNACCEPTED] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_FIN_WAIT_1] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_FIN_WAIT_2] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_CLOSE_WAIT] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_CLOSING] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_LAST_ACK] = { .type = NLA_U32 },
	[TCPFSM_A_CONFIG_FLOOD_RATE] = NLA_POLICY_MIN(NLA_U32, 1),
	[TCPFSM_A_CONFIG_FLOOD_PERCENT] = NLA_POLICY_RANGE(NLA_U32, 1, 100),
	[TCPFSM_A_CONFIG_STRAY_RATE] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy set_policy[TCPFSM_A_MAX + 1] = {
	[TCPFSM_A_CONFIG] = NLA_POLICY_NESTED(config_policy),
};

/* All was checked before: nothing is set of a request that is refused. */
static int set_config(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *config = info->attrs[TCPFSM_A_CONFIG];
	struct nlattr *attr;
	int rem, err;

	err = is_loaded() ?: refuse_others(info);
	if (err)
		return err;
	if (!config) {
		NL_SET_ERR_MSG(info->extack, "TCPFSM_A_CONFIG is missing: what is to be set");
		return -EINVAL;
	}
	nla_for_each_nested(attr, config, rem)
		WRITE_ONCE(tcpfsm_config[nla_type(attr)], nla_get_u32(attr));
	tcpfsm_tick_again();
	return 0;
}

/* ---- listeners ---- */

/* Interrupts are off. */
static int put_listener(const struct tcpfsm_listener *l, void *arg)
{
	struct flow_dump *dump = arg;
	const struct flow_filter *filter = &dump->filter;
	struct tcpfsm_listener *to;
	void *hdr;

	if (!tcpfsm_may_see(filter->net, l->id.netns) ||
	    (filter->netns && filter->netns != l->id.netns) ||
	    (filter->cookie && filter->cookie != l->id.cookie))
		return 0;
	to = put_record(dump, TCPFSM_CMD_GET_LISTENER, sizeof(*to), &hdr);
	if (!to)
		return -EMSGSIZE;
	*to = *l;
	to->now = ktime_get_ns();
	genlmsg_end(dump->skb, hdr);
	return 0;
}

/* cb->args: as in get_flow() */
static int get_listener(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct flow_dump dump = {
		.skb = skb,
		.cb = cb,
		.filter.net = sock_net(skb->sk),
	};
	int shown;

	set_filter(&dump.filter, genl_info_dump(cb)->attrs);
	for (; cb->args[0] < tcpfsm_listener_buckets(); cb->args[0]++, cb->args[1] = 0) {
		shown = tcpfsm_listener_walk(cb->args[0], cb->args[1], put_listener, &dump);
		if (shown >= 0) {
			cb->args[1] = shown;
			break;
		}
	}
	return skb->len;
}

/* ---- hooks ---- */

static int put_hook(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct tcpfsm_hook *hook)
{
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &tcpfsm_family,
			  NLM_F_MULTI, TCPFSM_CMD_GET_HOOK);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, TCPFSM_A_HOOK);
	if (!nest || nla_put_string(skb, TCPFSM_A_HOOK_NAME, hook->name) ||
	    nla_put_u8(skb, TCPFSM_A_HOOK_ATTACHED, hook->attached) ||
	    nla_put_string(skb, TCPFSM_A_HOOK_BLIND, hook->blind) ||
	    (hook->lacks && nla_put_string(skb, TCPFSM_A_HOOK_LACKS, hook->lacks)) ||
	    (hook->unknown && nla_put_string(skb, TCPFSM_A_HOOK_UNKNOWN, hook->unknown)) ||
	    (tcpfsm_sees_all(sock_net(skb->sk)) &&
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

/* ---- operations ---- */

static const struct nla_policy flow_policy[TCPFSM_A_MAX + 1] = {
	[TCPFSM_A_FILTER_STATES] = NLA_POLICY_MASK(NLA_U32, (1U << (TCPFSM_S_MAX + 1)) - 2),
	[TCPFSM_A_FILTER_NETNS] = NLA_POLICY_MIN(NLA_U32, 1),
	[TCPFSM_A_FILTER_COOKIE] = NLA_POLICY_MIN(NLA_U64, 1),
	[TCPFSM_A_FILTER_OVERDUE] = { .type = NLA_FLAG },
};

static const struct nla_policy listener_policy[TCPFSM_A_MAX + 1] = {
	[TCPFSM_A_FILTER_NETNS] = NLA_POLICY_MIN(NLA_U32, 1),
	[TCPFSM_A_FILTER_COOKIE] = NLA_POLICY_MIN(NLA_U64, 1),
};

const struct genl_ops tcpfsm_operations[7] = {
	{
		.cmd = TCPFSM_CMD_GET_FLOW,
		.flags = GENL_UNS_ADMIN_PERM,
		.start = begin_dump,
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
		.start = begin_dump,
		.dumpit = get_hook,
	},
	{
		.cmd = TCPFSM_CMD_GET_LISTENER,
		.flags = GENL_UNS_ADMIN_PERM,
		.start = begin_dump,
		.dumpit = get_listener,
		.policy = listener_policy,
		.maxattr = TCPFSM_A_MAX,
	},
	{
		.cmd = TCPFSM_CMD_GET_TOTALS,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = get_totals,
	},
	{
		.cmd = TCPFSM_CMD_GET_CONFIG,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = get_config,
	},
	{
		.cmd = TCPFSM_CMD_SET_CONFIG,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = set_config,
		.policy = set_policy,
		.maxattr = TCPFSM_A_MAX,
	},
};
