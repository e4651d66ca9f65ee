// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the module over generic netlink. Errors are negative errnos as the
 * kernel gave them: libnl's own codes merge some, so its error callback is ours.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "decode.h"
#include "exit.h"
#include "nl.h"
#include "util.h"

#define REPLY_MAX	(256 << 10)	/* bytes of one message of a dump */

/* One request on its way: what its callbacks share */
struct request {
	struct tcpnl	*nl;
	int		(*reply)(struct request *rq, struct nlattr **attrs);
	int		(*each)(const void *what, void *arg);
	void		*arg;
	int		err;
	bool		done;
	bool		torn;
	bool		stopped;	/* each() did not want more */
};

static struct nla_policy policy[TCPFSM_A_MAX + 1] = {
	[TCPFSM_A_VERSION]	= { .type = NLA_STRING },
	[TCPFSM_A_RECORD]	= { .minlen = sizeof(struct tcpfsm_rec) },
	[TCPFSM_A_INDEX]	= { .type = NLA_U64 },
	[TCPFSM_A_STATS]	= { .type = NLA_NESTED },
	[TCPFSM_A_HOOK]		= { .type = NLA_NESTED },
	[TCPFSM_A_CONFIG]	= { .type = NLA_NESTED },
	[TCPFSM_A_STATES]	= { .type = NLA_U32 },
};

static struct nla_policy hook_policy[TCPFSM_A_HOOK_MAX + 1] = {
	[TCPFSM_A_HOOK_NAME]		= { .type = NLA_STRING },
	[TCPFSM_A_HOOK_ATTACHED]	= { .type = NLA_U8 },
	[TCPFSM_A_HOOK_BLIND]		= { .type = NLA_STRING },
	[TCPFSM_A_HOOK_HITS]		= { .type = NLA_U64 },
	[TCPFSM_A_HOOK_LACKS]		= { .type = NLA_STRING },
	[TCPFSM_A_HOOK_UNKNOWN]		= { .type = NLA_STRING },
};

/* The kernel's words, from the attributes behind an error or the end of a dump */
static void keep_words(struct tcpnl *nl, const void *tlvs, int len)
{
	struct nlattr *msg;
	size_t room = sizeof(nl->said);

	if (len <= 0)
		return;
	msg = nla_find((const struct nlattr *)tlvs, len, NLMSGERR_ATTR_MSG);
	if (msg)
		nla_strlcpy(nl->said, msg, room);
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	const struct nlmsghdr *h = (void *)((char *)e - NLMSG_HDRLEN);
	struct request *rq = arg;
	int skip = sizeof(*e);

	(void)from;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		keep_words(rq->nl, (char *)e + skip,
			   (int)h->nlmsg_len - NLMSG_HDRLEN - skip);
	rq->err = e->error;
	rq->done = true;
	return NL_STOP;
}

/* A dump that failed half way ends with the error in its last message. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *h = nlmsg_hdr(msg);
	struct request *rq = arg;
	int err = 0;

	if (nlmsg_datalen(h) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(h), sizeof(err));
	if (err < 0) {
		rq->err = err;
		if (h->nlmsg_flags & NLM_F_ACK_TLVS)
			keep_words(rq->nl, (char *)nlmsg_data(h) + sizeof(err),
				   nlmsg_datalen(h) - (int)sizeof(err));
	}
	rq->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct request *rq = arg;

	(void)msg;
	rq->done = true;
	return NL_STOP;
}

static int on_torn(struct nl_msg *msg, void *arg)
{
	struct request *rq = arg;

	(void)msg;
	rq->torn = true;
	return NL_OK;
}

static int on_reply(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[TCPFSM_A_MAX + 1];
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct request *rq = arg;

	if (nlmsg_get_src(msg)->nl_pid || h->nlmsg_type != rq->nl->family)
		return NL_SKIP;
	if (rq->err || rq->stopped)
		return NL_SKIP;
	if (genlmsg_parse(h, 0, attrs, TCPFSM_A_MAX, policy))
		rq->err = -EBADMSG;
	else
		rq->err = rq->reply(rq, attrs);
	return NL_OK;
}

/* Send a request and take in everything that answers it. Takes over @msg. */
static int talk(struct request *rq, struct nl_msg *msg)
{
	struct tcpnl *nl = rq->nl;
	struct nl_cb *cb;
	int err;

	nl->said[0] = '\0';
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_reply, rq);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, rq);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, rq);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_torn, rq);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, rq);
	err = nl_send_auto(nl->sk, msg) < 0 ? -EIO : 0;
	nlmsg_free(msg);
	while (!err && !rq->done)
		err = nl_recvmsgs(nl->sk, cb) < 0 && !rq->done ? -EIO : 0;
	nl_cb_put(cb);
	return rq->err ? rq->err : err;
}

static struct nl_msg *request(struct tcpnl *nl, int command, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, flags, command,
				TCPFSM_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/**
 * tcpnl_open() - connect, and find the module's family
 * @nl: set; tcpnl_close() it in any case
 *
 * Context: process.
 * Return: 0, -ENOENT when the module is not loaded, or another negative errno.
 */
int tcpnl_open(struct tcpnl *nl)
{
	int on = 1;
	int fd;

	*nl = (struct tcpnl){ 0 };
	nl->sk = nl_socket_alloc();
	if (!nl->sk)
		return -ENOMEM;
	if (genl_connect(nl->sk))
		return errno ? -errno : -EIO;
	nl_socket_set_msg_buf_size(nl->sk, REPLY_MAX);
	fd = nl_socket_get_fd(nl->sk);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl->family = genl_ctrl_resolve(nl->sk, TCPFSM_GENL_NAME);
	return nl->family < 0 ? -ENOENT : 0;
}

/**
 * tcpnl_loaded() - whether the module is there
 *
 * Asking for a family by its name has the kernel look for a module that has it; a look at the
 * list of all has not, which is for who asks again and again.
 *
 * Context: process.
 * Return: true when it is.
 */
bool tcpnl_loaded(void)
{
	struct nl_sock *sk = nl_socket_alloc();
	struct genl_family *family = NULL;
	struct nl_cache *all = NULL;

	if (sk && !genl_connect(sk) && !genl_ctrl_alloc_cache(sk, &all))
		family = genl_ctrl_search_by_name(all, TCPFSM_GENL_NAME);
	if (family)
		nl_object_put((struct nl_object *)family);
	nl_cache_free(all);
	nl_socket_free(sk);
	return family;
}

/**
 * tcpnl_close() - disconnect
 * @nl: the connection
 *
 * Context: process.
 */
void tcpnl_close(struct tcpnl *nl)
{
	nl_socket_free(nl->sk);
	nl->sk = NULL;
}

/**
 * tcpnl_group() - the number of a multicast group
 * @nl: the connection
 * @family: name of a generic netlink family
 * @group: name of a group of it
 *
 * Context: process.
 * Return: the number, or -ENOENT.
 */
int tcpnl_group(struct tcpnl *nl, const char *family, const char *group)
{
	int number = genl_ctrl_resolve_grp(nl->sk, family, group);

	return number < 0 ? -ENOENT : number;
}

static uint64_t number_of(const struct nlattr *a)
{
	switch (nla_len(a)) {
	case 1:
		return nla_get_u8(a);
	case 4:
		return nla_get_u32(a);
	case 8:
		return nla_get_u64(a);
	default:
		return 0;
	}
}

static int stats_reply(struct request *rq, struct nlattr **attrs)
{
	struct nlattr *nest[TCPFSM_A_STATS_MAX + 1];
	struct tcpnl_stats *st = rq->arg;
	unsigned int i;

	if (!attrs[TCPFSM_A_STATS] ||
	    nla_parse_nested(nest, TCPFSM_A_STATS_MAX, attrs[TCPFSM_A_STATS], NULL))
		return -EBADMSG;
	if (attrs[TCPFSM_A_VERSION])
		nla_strlcpy(st->version, attrs[TCPFSM_A_VERSION], sizeof(st->version));
	if (attrs[TCPFSM_A_INDEX]) {
		st->index = nla_get_u64(attrs[TCPFSM_A_INDEX]);
		st->has_index = true;
	}
	for (i = TCPFSM_A_STATS_PAD + 1; i <= TCPFSM_A_STATS_MAX; i++) {
		if (!nest[i])
			continue;
		st->value[i] = number_of(nest[i]);
		st->known |= BIT(i);
	}
	return 0;
}

/**
 * tcpnl_stats() - ask for the module's numbers
 * @nl: the connection
 * @st: set to them
 *
 * Context: process.
 * Return: 0, -EPERM when access is denied, or another negative errno.
 */
int tcpnl_stats(struct tcpnl *nl, struct tcpnl_stats *st)
{
	struct request rq = { .nl = nl, .reply = stats_reply, .arg = st };
	struct nl_msg *msg = request(nl, TCPFSM_CMD_GET_STATS, 0);

	memset(st, 0, sizeof(*st));
	return msg ? talk(&rq, msg) : -ENOMEM;
}

static int hook_reply(struct request *rq, struct nlattr **attrs)
{
	struct nlattr *nest[TCPFSM_A_HOOK_MAX + 1];
	struct tcpnl_hook h = { .name = "?", .blind = "" };

	if (!attrs[TCPFSM_A_HOOK] ||
	    nla_parse_nested(nest, TCPFSM_A_HOOK_MAX, attrs[TCPFSM_A_HOOK], hook_policy))
		return -EBADMSG;
	if (nest[TCPFSM_A_HOOK_NAME])
		h.name = nla_get_string(nest[TCPFSM_A_HOOK_NAME]);
	if (nest[TCPFSM_A_HOOK_BLIND])
		h.blind = nla_get_string(nest[TCPFSM_A_HOOK_BLIND]);
	if (nest[TCPFSM_A_HOOK_ATTACHED])
		h.attached = nla_get_u8(nest[TCPFSM_A_HOOK_ATTACHED]);
	if (nest[TCPFSM_A_HOOK_LACKS])
		h.lacks = nla_get_string(nest[TCPFSM_A_HOOK_LACKS]);
	if (nest[TCPFSM_A_HOOK_UNKNOWN])
		h.unknown = nla_get_string(nest[TCPFSM_A_HOOK_UNKNOWN]);
	h.tells_hits = nest[TCPFSM_A_HOOK_HITS];
	if (h.tells_hits)
		h.hits = nla_get_u64(nest[TCPFSM_A_HOOK_HITS]);
	rq->stopped = rq->each(&h, rq->arg);
	return 0;
}

/* The callbacks of dumps differ in what they are given only. */
struct hook_call {
	int	(*each)(const struct tcpnl_hook *h, void *arg);
	void	*arg;
};

static int call_hook(const void *what, void *arg)
{
	struct hook_call *call = arg;

	return call->each(what, call->arg);
}

/**
 * tcpnl_hooks() - ask for the module's hooks
 * @nl: the connection
 * @each: called once a hook, which is valid during the call; non-zero ends it
 * @arg: passed to @each
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int tcpnl_hooks(struct tcpnl *nl, int (*each)(const struct tcpnl_hook *h, void *arg), void *arg)
{
	struct hook_call call = { .each = each, .arg = arg };
	struct request rq = { .nl = nl, .reply = hook_reply, .each = call_hook, .arg = &call };
	struct nl_msg *msg = request(nl, TCPFSM_CMD_GET_HOOK, NLM_F_DUMP);

	return msg ? talk(&rq, msg) : -ENOMEM;
}

struct flow_call {
	int	(*each)(const struct event *ev, void *arg);
	void	*arg;
};

static int call_flow(const void *what, void *arg)
{
	struct flow_call *call = arg;

	return call->each(what, call->arg);
}

static int flow_reply(struct request *rq, struct nlattr **attrs)
{
	struct decode d;
	struct event ev;
	int got;

	if (!attrs[TCPFSM_A_RECORD])
		return -EBADMSG;
	decode_init(&d, nla_data(attrs[TCPFSM_A_RECORD]), nla_len(attrs[TCPFSM_A_RECORD]));
	got = decode_next(&d, &ev);
	if (got == 1 && ev.kind == TCPFSM_K_FLOW)
		rq->stopped = rq->each(&ev, rq->arg);
	return got < 0 ? got : 0;
}

static int put_filter(struct nl_msg *msg, const struct tcpnl_flow_filter *f)
{
	if (f->states && nla_put_u32(msg, TCPFSM_A_FILTER_STATES, f->states))
		return -ENOMEM;
	if (f->netns && nla_put_u32(msg, TCPFSM_A_FILTER_NETNS, f->netns))
		return -ENOMEM;
	if (f->cookie && nla_put_u64(msg, TCPFSM_A_FILTER_COOKIE, f->cookie))
		return -ENOMEM;
	if (f->overdue && nla_put_flag(msg, TCPFSM_A_FILTER_OVERDUE))
		return -ENOMEM;
	return 0;
}

/**
 * tcpnl_flows() - ask for the flow table
 * @nl: the connection
 * @f: which flows
 * @each: called once a flow; non-zero ends the calls
 * @arg: passed to @each
 * @torn: set when the table changed so much meanwhile that a flow may be missing
 *        or come twice
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int tcpnl_flows(struct tcpnl *nl, const struct tcpnl_flow_filter *f,
		int (*each)(const struct event *ev, void *arg), void *arg, bool *torn)
{
	struct flow_call call = { .each = each, .arg = arg };
	struct request rq = { .nl = nl, .reply = flow_reply, .each = call_flow, .arg = &call };
	struct nl_msg *msg = request(nl, TCPFSM_CMD_GET_FLOW, NLM_F_DUMP);
	int err;

	if (!msg || put_filter(msg, f)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = talk(&rq, msg);
	*torn = rq.torn;
	return err;
}

struct listener_call {
	int	(*each)(const struct event *ev, const struct tcpfsm_listener *l, void *arg);
	void	*arg;
};

static int listener_reply(struct request *rq, struct nlattr **attrs)
{
	const struct nlattr *record = attrs[TCPFSM_A_RECORD];
	struct listener_call *call = rq->arg;
	struct tcpfsm_listener l;
	struct decode d;
	struct event ev;
	int got;

	if (!record)
		return -EBADMSG;
	decode_init(&d, nla_data(record), nla_len(record));
	got = decode_next(&d, &ev);
	if (got == 1 && ev.kind == TCPFSM_K_LISTENER) {
		decode_listener(nla_data(record), nla_len(record), &l);
		rq->stopped = call->each(&ev, &l, call->arg);
	}
	return got < 0 ? got : 0;
}

/**
 * tcpnl_listeners() - ask for the listeners
 * @nl: the connection
 * @f: which ones; states do not matter, nor what is overdue
 * @each: called once a listener; non-zero ends the calls
 * @arg: passed to @each
 * @torn: set when the table changed so much meanwhile that one may be missing or come
 *        twice
 *
 * Context: process.
 * Return: 0 or a negative errno, -EOPNOTSUPP when the module is too old to tell.
 */
int tcpnl_listeners(struct tcpnl *nl, const struct tcpnl_flow_filter *f,
		    int (*each)(const struct event *ev, const struct tcpfsm_listener *l, void *arg),
		    void *arg, bool *torn)
{
	const struct tcpnl_flow_filter which = { .netns = f->netns, .cookie = f->cookie };
	struct listener_call call = { .each = each, .arg = arg };
	struct request rq = { .nl = nl, .reply = listener_reply, .arg = &call };
	struct nl_msg *msg = request(nl, TCPFSM_CMD_GET_LISTENER, NLM_F_DUMP);
	int err;

	if (!msg || put_filter(msg, &which)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = talk(&rq, msg);
	*torn = rq.torn;
	return err;
}

/* Number @i of an attribute that is an array of u64, which may not be aligned */
static uint64_t item(const struct nlattr *a, size_t i)
{
	uint64_t n = 0;

	if (a && (i + 1) * sizeof(n) <= (size_t)nla_len(a))
		memcpy(&n, (uint8_t *)nla_data(a) + i * sizeof(n), sizeof(n));
	return n;
}

static int totals_reply(struct request *rq, struct nlattr **attrs)
{
	struct tcpnl_totals *t = rq->arg;
	uint32_t states;
	size_t i, j;

	if (!attrs[TCPFSM_A_STATES] || !attrs[TCPFSM_A_MATRIX])
		return -EBADMSG;
	states = nla_get_u32(attrs[TCPFSM_A_STATES]);
	for (i = 0; i < states && i < TCPNL_STATES; i++) {
		for (j = 0; j < states && j < TCPNL_STATES; j++)
			t->matrix[i][j] = item(attrs[TCPFSM_A_MATRIX], i * states + j);
		for (j = 0; j < TCPNL_TIMES; j++)
			t->times[i][j] = item(attrs[TCPFSM_A_TIMES], i * TCPNL_TIMES + j);
	}
	for (i = 0; i < TCPNL_CAUSES; i++)
		t->causes[i] = item(attrs[TCPFSM_A_CAUSES], i);
	return 0;
}

/**
 * tcpnl_totals() - ask for what was counted
 * @nl: the connection
 * @t: set
 *
 * Context: process.
 * Return: 0, -EPERM outside the initial network namespace too, or another negative
 * errno, -EOPNOTSUPP when the module is too old to tell.
 */
int tcpnl_totals(struct tcpnl *nl, struct tcpnl_totals *t)
{
	struct request rq = { .nl = nl, .reply = totals_reply, .arg = t };
	struct nl_msg *msg = request(nl, TCPFSM_CMD_GET_TOTALS, 0);

	*t = (struct tcpnl_totals){ 0 };
	return msg ? talk(&rq, msg) : -ENOMEM;
}

static int config_reply(struct request *rq, struct nlattr **attrs)
{
	struct nlattr *nest[TCPFSM_A_CONFIG_MAX + 1];
	struct tcpnl_config *c = rq->arg;
	unsigned int i;

	if (!attrs[TCPFSM_A_CONFIG] ||
	    nla_parse_nested(nest, TCPFSM_A_CONFIG_MAX, attrs[TCPFSM_A_CONFIG], NULL))
		return -EBADMSG;
	for (i = 1; i <= TCPFSM_A_CONFIG_MAX; i++) {
		if (!nest[i])
			continue;
		c->value[i] = number_of(nest[i]);
		c->known |= BIT(i);
	}
	return 0;
}

/**
 * tcpnl_config() - ask for the thresholds
 * @nl: the connection
 * @c: set
 *
 * Context: process.
 * Return: 0 or a negative errno, -EOPNOTSUPP when the module is too old to have any.
 */
int tcpnl_config(struct tcpnl *nl, struct tcpnl_config *c)
{
	struct request rq = { .nl = nl, .reply = config_reply, .arg = c };
	struct nl_msg *msg = request(nl, TCPFSM_CMD_GET_CONFIG, 0);

	*c = (struct tcpnl_config){ 0 };
	return msg ? talk(&rq, msg) : -ENOMEM;
}

static int no_reply(struct request *rq, struct nlattr **attrs)
{
	(void)rq;
	(void)attrs;
	return 0;
}

static int put_config(struct nl_msg *msg, const struct tcpnl_config *c)
{
	struct nlattr *nest = nla_nest_start(msg, TCPFSM_A_CONFIG | NLA_F_NESTED);
	unsigned int i;

	if (!nest)
		return -ENOMEM;
	for (i = 1; i <= TCPFSM_A_CONFIG_MAX; i++)
		if (c->known & BIT(i) && nla_put_u32(msg, i, c->value[i]))
			return -ENOMEM;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * tcpnl_set_config() - change thresholds, all that are given or none
 * @nl: the connection
 * @c: which ones, and to what
 *
 * Context: process.
 * Return: 0, -EPERM outside the initial network namespace too, or another negative
 * errno, with the module's words in @nl->said.
 */
int tcpnl_set_config(struct tcpnl *nl, const struct tcpnl_config *c)
{
	struct request rq = { .nl = nl, .reply = no_reply };
	struct nl_msg *msg = request(nl, TCPFSM_CMD_SET_CONFIG, 0);

	if (!msg || put_config(msg, c)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return talk(&rq, msg);
}

/**
 * tcpnl_report() - tell the user why the module cannot be asked, and what helps
 * @nl: the connection
 * @err: negative errno that one of these functions returned
 *
 * Context: process; writes to stderr.
 * Return: the exit status that says so.
 */
int tcpnl_report(const struct tcpnl *nl, int err)
{
	const char *colon = nl->said[0] ? ": " : "";

	switch (err) {
	case -ENOENT:
	case -EPROTONOSUPPORT:
		fputs("tcpfsm: the module is not loaded: load it as root with 'modprobe tcpfsm', "
		      "or with 'insmod tcpfsm.ko' where it was built\n", stderr);
		return STATUS_ACCESS;
	case -EPERM:
	case -EACCES:
		fprintf(stderr, "tcpfsm: access denied%s%s: needs CAP_NET_ADMIN in the user "
			"namespace that owns this network namespace: run as root, or with sudo\n",
			colon, nl->said);
		return STATUS_ACCESS;
	default:
		fprintf(stderr, "tcpfsm: the module refused%s%s (%s)\n",
			colon, nl->said, strerror(-err));
		return STATUS_FAILED;
	}
}
