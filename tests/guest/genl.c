// SPDX-License-Identifier: GPL-2.0
/* The module's netlink family without a library */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/tcpfsm.h>

#include "genl.h"
#include "stim.h"

#define PATIENCE 5000	/* ms for an answer */

/**
 * genl_attr() - find an attribute
 * @attrs: attributes
 * @len: their bytes
 * @type: which one
 *
 * Return: the attribute, or NULL.
 */
const struct nlattr *genl_attr(const void *attrs, size_t len, uint16_t type)
{
	const struct nlattr *a = attrs;
	size_t step;

	while (len >= sizeof(*a) && a->nla_len >= sizeof(*a) && a->nla_len <= len) {
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		step = NLA_ALIGN(a->nla_len);
		len -= step < len ? step : len;
		a = (const void *)((const char *)a + step);
	}
	return NULL;
}

/**
 * genl_attrs() - the attributes of a message
 * @h: the message
 * @len: set to their bytes
 *
 * Return: the first of them.
 */
const void *genl_attrs(const struct nlmsghdr *h, size_t *len)
{
	*len = h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	return (const char *)h + NLMSG_HDRLEN + GENL_HDRLEN;
}

/**
 * genl_send() - send a request
 * @g: where to
 * @type: which family
 * @cmd: which command
 * @flags: NLM_F_*
 * @attrs: attributes, NULL for none
 * @len: their bytes
 *
 * Return: 0 or a negative errno.
 */
int genl_send(const struct genl *g, uint16_t type, uint8_t cmd, uint16_t flags,
	      const void *attrs, size_t len)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr h;
		struct genlmsghdr g;
		char attrs[256];
	} msg = {
		.h.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + len,
		.h.nlmsg_type = type,
		.h.nlmsg_flags = NLM_F_REQUEST | flags,
		.g.cmd = cmd,
		.g.version = 1,
	};

	if (len)
		memcpy(msg.attrs, attrs, len);
	if (sendto(g->fd, &msg, msg.h.nlmsg_len, 0, (void *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

/* Return: whether the message ends the answer; @err is set to what it says. */
static bool is_end(const struct nlmsghdr *h, int *err)
{
	*err = 0;
	if (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_type != NLMSG_DONE)
		return false;
	if (h->nlmsg_len >= NLMSG_HDRLEN + sizeof(*err))
		memcpy(err, NLMSG_DATA(h), sizeof(*err));
	return true;
}

/**
 * genl_ask() - ask, and take in everything that answers
 * @g: whom, with no group joined
 * @cmd: which command
 * @flags: NLM_F_*
 * @attrs: attributes, NULL for none
 * @len: their bytes
 * @index: if not NULL, set to what TCPFSM_A_INDEX of the answer says
 *
 * Return: 0, a negative errno as the kernel gave it, or -ETIME when there was no answer.
 */
int genl_ask(const struct genl *g, uint8_t cmd, uint16_t flags, const void *attrs, size_t len,
	     uint64_t *index)
{
	static uint64_t buf[GENL_BUF / 8];
	struct pollfd pfd = { .fd = g->fd, .events = POLLIN };
	const struct nlattr *a;
	struct nlmsghdr *h;
	const void *at;
	size_t rest;
	ssize_t n;
	int err;

	err = genl_send(g, g->family, cmd, flags | NLM_F_ACK, attrs, len);
	while (!err) {
		if (poll(&pfd, 1, PATIENCE) != 1)
			return -ETIME;
		n = recv(g->fd, buf, sizeof(buf), 0);
		if (n < 0)
			return -errno;
		for (h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (is_end(h, &err))
				return err;
			at = genl_attrs(h, &rest);
			a = index ? genl_attr(at, rest, TCPFSM_A_INDEX) : NULL;
			if (a)
				memcpy(index, a + 1, sizeof(*index));
		}
	}
	return err;
}

/**
 * genl_set_config() - set one number of the configuration
 * @g: where
 * @attr: TCPFSM_A_CONFIG_*
 * @value: the number
 *
 * Return: 0 or a negative errno.
 */
int genl_set_config(const struct genl *g, uint16_t attr, uint32_t value)
{
	struct {
		struct nlattr nest, a;
		uint32_t value;
	} config = {
		.nest = { sizeof(config), TCPFSM_A_CONFIG | NLA_F_NESTED },
		.a = { sizeof(config.a) + sizeof(value), attr },
		.value = value,
	};

	return genl_ask(g, TCPFSM_CMD_SET_CONFIG, 0, &config, sizeof(config), NULL);
}

/* The first group of the family is the one of events. */
static void take_in(struct genl *g, const struct nlmsghdr *h)
{
	const struct nlattr *a, *group;
	const void *at;
	size_t len;

	at = genl_attrs(h, &len);
	a = genl_attr(at, len, CTRL_ATTR_FAMILY_ID);
	if (a)
		memcpy(&g->family, a + 1, sizeof(g->family));
	a = genl_attr(at, len, CTRL_ATTR_MCAST_GROUPS);
	if (!a)
		return;
	group = a + 1;
	a = genl_attr(group + 1, group->nla_len - sizeof(*group), CTRL_ATTR_MCAST_GRP_ID);
	if (a)
		memcpy(&g->events, a + 1, sizeof(g->events));
}

/**
 * genl_open() - connect, and find the module's family
 * @g: set; @g->fd is to be closed in any case
 *
 * Return: whether the module is there.
 */
bool genl_open(struct genl *g)
{
	static uint64_t buf[GENL_BUF / 8];
	const struct nlmsghdr *answer;
	struct {
		struct nlattr a;
		char name[8];
	} name = { { sizeof(name.a) + 7, CTRL_ATTR_FAMILY_NAME }, TCPFSM_GENL_NAME };

	*g = (struct genl){ .fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC) };
	if (g->fd < 0)
		die("netlink: %m");
	if (genl_send(g, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, &name, sizeof(name)) ||
	    recv(g->fd, buf, sizeof(buf), 0) < 0)
		return false;
	answer = (void *)buf;
	if (answer->nlmsg_type != GENL_ID_CTRL)
		return false;
	take_in(g, answer);
	return g->family && g->events;
}
