// SPDX-License-Identifier: GPL-2.0
/* The words for states, causes and places of loss, and the spellings of states. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <linux/tcpfsm.h>

#include "event.h"
#include "names.h"
#include "util.h"

/* RFC 9293, section 3.3.2 */
static const char * const state_names[] = {
	[TCPFSM_S_CLOSED]	= "CLOSED",
	[TCPFSM_S_LISTEN]	= "LISTEN",
	[TCPFSM_S_SYN_SENT]	= "SYN_SENT",
	[TCPFSM_S_SYN_RECEIVED]	= "SYN_RECEIVED",
	[TCPFSM_S_ESTABLISHED]	= "ESTABLISHED",
	[TCPFSM_S_FIN_WAIT_1]	= "FIN_WAIT_1",
	[TCPFSM_S_FIN_WAIT_2]	= "FIN_WAIT_2",
	[TCPFSM_S_CLOSE_WAIT]	= "CLOSE_WAIT",
	[TCPFSM_S_CLOSING]	= "CLOSING",
	[TCPFSM_S_LAST_ACK]	= "LAST_ACK",
	[TCPFSM_S_TIME_WAIT]	= "TIME_WAIT",
};

/* What else users write: ss, netstat, the kernel; without - and _ and TCP_ */
static const struct {
	const char	*text;
	int		state;
} state_spellings[] = {
	{ "CLOSE",	TCPFSM_S_CLOSED },
	{ "UNCONN",	TCPFSM_S_CLOSED },
	{ "LISTENING",	TCPFSM_S_LISTEN },
	{ "SYNRECV",	TCPFSM_S_SYN_RECEIVED },
	{ "SYNRCVD",	TCPFSM_S_SYN_RECEIVED },
	{ "NEWSYNRECV",	TCPFSM_S_SYN_RECEIVED },
	{ "ESTAB",	TCPFSM_S_ESTABLISHED },
};

static const char * const cause_names[] = {
	[TCPFSM_C_UNKNOWN]		= "unknown",
	[TCPFSM_C_CONNECT]		= "connect",
	[TCPFSM_C_LISTEN]		= "listen",
	[TCPFSM_C_CLOSE]		= "close",
	[TCPFSM_C_SHUTDOWN]		= "shutdown",
	[TCPFSM_C_EXIT]			= "process exit",
	[TCPFSM_C_LINGER]		= "linger 0",
	[TCPFSM_C_UNREAD]		= "unread data",
	[TCPFSM_C_DATA_AFTER_CLOSE]	= "data after close",
	[TCPFSM_C_DISCONNECT]		= "disconnect",
	[TCPFSM_C_DESTROY]		= "destroyed",
	[TCPFSM_C_CONNECT_FAILED]	= "connect failed",
	[TCPFSM_C_RCV_SYN]		= "SYN received",
	[TCPFSM_C_RCV_SYNACK]		= "SYN,ACK received",
	[TCPFSM_C_RCV_ACK]		= "ACK received",
	[TCPFSM_C_RCV_ACK_OF_FIN]	= "ACK of FIN received",
	[TCPFSM_C_RCV_FIN]		= "FIN received",
	[TCPFSM_C_RCV_RST]		= "RST received",
	[TCPFSM_C_SYN_COOKIE]		= "SYN cookie",
	[TCPFSM_C_FAST_OPEN]		= "Fast Open",
	[TCPFSM_C_REUSE_SYN]		= "reused by SYN",
	[TCPFSM_C_REUSE_CONNECT]	= "reused by connect",
	[TCPFSM_C_RTO]			= "retransmission timed out",
	[TCPFSM_C_SYNACK_TIMEOUT]	= "SYN,ACK timed out",
	[TCPFSM_C_FIN_TIMEOUT]		= "FIN_WAIT_2 timed out",
	[TCPFSM_C_2MSL]			= "2MSL expired",
	[TCPFSM_C_ICMP]			= "ICMP error",
	[TCPFSM_C_LISTENER_CLOSED]	= "listener closed",
	[TCPFSM_C_NETNS_GONE]		= "namespace gone",
	[TCPFSM_C_TW_SKIPPED]		= "TIME_WAIT skipped",
	[TCPFSM_C_ORPHAN_LIMIT]		= "orphan limit",
	[TCPFSM_C_ACCEPT_QUEUE]		= "accept queue full",
	[TCPFSM_C_DUPLICATE_SYN]	= "duplicate SYN",
	[TCPFSM_C_SYN_TIMEOUT]		= "SYN timed out",
	[TCPFSM_C_KEEPALIVE]		= "keepalive timed out",
	[TCPFSM_C_USER_TIMEOUT]		= "user timeout",
	[TCPFSM_C_PROBE_TIMEOUT]	= "window probe timed out",
};

/* EVENT_C_SYN_QUEUE */
static const char syn_queue_name[] = "SYN queue full";

static const char * const fate_names[] = {
	[TCPFSM_FATE_DROPPED]		= "dropped",
	[TCPFSM_FATE_RESET]		= "reset",
	[TCPFSM_FATE_CHALLENGED]	= "challenge ACK",
	[TCPFSM_FATE_SYN_QUEUE]		= "dropped: SYN queue full",
	[TCPFSM_FATE_ACCEPT_QUEUE]	= "dropped: accept queue full",
	[TCPFSM_FATE_BAD_COOKIE]	= "cookie rejected",
	[TCPFSM_FATE_COOKIE]		= "SYN cookie",
	[TCPFSM_FATE_QUEUED]		= "queued",
};

/* A cause added to the interface has to be given its words here. */
_Static_assert(ARRAY_SIZE(cause_names) == TCPFSM_C_MAX + 1, "cause without a name");
_Static_assert(ARRAY_SIZE(fate_names) == TCPFSM_FATE_MAX + 1, "fate without a name");
_Static_assert(ARRAY_SIZE(state_names) == TCPFSM_S_MAX + 1, "state without a name");

/**
 * state_name() - RFC 9293's name of a state
 * @state: enum tcpfsm_state
 *
 * Context: any.
 * Return: the name, or NULL for TCPFSM_S_UNKNOWN and for a state of a newer module.
 */
const char *state_name(unsigned int state)
{
	return state < ARRAY_SIZE(state_names) ? state_names[state] : NULL;
}

/* Upper case, without separators and without TCP_: 'tcp_fin-wait1' is FINWAIT1. */
static int normalise(char *to, size_t room, const char *text, size_t len)
{
	size_t n = 0;
	size_t i;

	if (len >= 4 && !strncasecmp(text, "tcp", 3) && (text[3] == '_' || text[3] == '-')) {
		text += 4;
		len -= 4;
	}
	for (i = 0; i < len; i++) {
		if (text[i] == '-' || text[i] == '_')
			continue;
		if (n + 1 == room)
			return -EINVAL;
		to[n++] = toupper((unsigned char)text[i]);
	}
	to[n] = '\0';
	return 0;
}

/**
 * state_parse() - the state a user means
 * @text: any usual spelling, in any case: close-wait, TCP_FIN_WAIT1, syn-recv
 * @len: bytes of @text that count
 *
 * Context: any.
 * Return: enum tcpfsm_state, or -EINVAL when it is none.
 */
int state_parse(const char *text, size_t len)
{
	char want[24];
	char have[24];
	size_t i;

	if (normalise(want, sizeof(want), text, len))
		return -EINVAL;
	for (i = TCPFSM_S_CLOSED; i <= TCPFSM_S_MAX; i++) {
		normalise(have, sizeof(have), state_names[i], strlen(state_names[i]));
		if (!strcmp(want, have))
			return i;
	}
	for (i = 0; i < ARRAY_SIZE(state_spellings); i++)
		if (!strcmp(want, state_spellings[i].text))
			return state_spellings[i].state;
	return -EINVAL;
}

static int unknown_state(const char *text, size_t len, struct why *w)
{
	char all[160] = "";
	size_t i;

	for (i = TCPFSM_S_CLOSED; i <= TCPFSM_S_MAX; i++) {
		if (i > TCPFSM_S_CLOSED)
			strcat(all, ", ");
		strcat(all, state_names[i]);
	}
	if (!len)
		return why(w, "empty item in the list of states; one of %s", all);
	return why(w, "unknown state '%.*s'; one of %s", (int)(len < 64 ? len : 64), text, all);
}

/**
 * states_parse() - a list of states
 * @text: states with commas between
 * @mask: set to bits 1 << enum tcpfsm_state
 * @w: set to the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set.
 */
int states_parse(const char *text, uint32_t *mask, struct why *w)
{
	uint32_t bits = 0;
	size_t len;
	int state;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		state = state_parse(text, len);
		if (state < 0)
			return unknown_state(text, len, w);
		bits |= BIT(state);
		if (!text[len])
			break;
	}
	*mask = bits;
	return 0;
}

/**
 * cause_name() - the words for what changed a state
 * @cause: enum tcpfsm_cause or EVENT_C_SYN_QUEUE
 *
 * Context: any.
 * Return: the words, or NULL for a cause of a newer module.
 */
const char *cause_name(unsigned int cause)
{
	if (cause == EVENT_C_SYN_QUEUE)
		return syn_queue_name;
	return cause < ARRAY_SIZE(cause_names) ? cause_names[cause] : NULL;
}

/**
 * fate_name() - the words for what became of a segment
 * @fate: enum tcpfsm_fate
 *
 * Context: any.
 * Return: the words, or NULL for TCPFSM_FATE_NONE and for a fate of a newer module.
 */
const char *fate_name(unsigned int fate)
{
	return fate < ARRAY_SIZE(fate_names) ? fate_names[fate] : NULL;
}

/* A name is made ready to be put when it is first asked for. */
static const struct word *ready(struct word *w, const char *name)
{
	if (!w->len) {
		w->len = strlen(name);
		memcpy(w->text, name, w->len + 1U);
	}
	return w;
}

/**
 * state_word() - RFC 9293's name of a state, to put into a line
 * @state: enum tcpfsm_state
 *
 * Context: any.
 * Return: the name, NULL where state_name() has none.
 */
const struct word *state_word(unsigned int state)
{
	static struct word words[ARRAY_SIZE(state_names)];

	if (state >= ARRAY_SIZE(state_names) || !state_names[state])
		return NULL;
	return ready(&words[state], state_names[state]);
}

/**
 * cause_word() - the words for what changed a state, to put into a line
 * @cause: enum tcpfsm_cause or EVENT_C_SYN_QUEUE
 *
 * Context: any.
 * Return: the words, NULL where cause_name() has none.
 */
const struct word *cause_word(unsigned int cause)
{
	static struct word words[ARRAY_SIZE(cause_names)], syn_queue;

	if (cause < ARRAY_SIZE(cause_names))
		return ready(&words[cause], cause_names[cause]);
	return cause == EVENT_C_SYN_QUEUE ? ready(&syn_queue, syn_queue_name) : NULL;
}

/**
 * where_name() - the word for where records were lost
 * @where: enum tcpfsm_where or EVENT_W_NETLINK
 *
 * Context: any.
 * Return: the word, "unknown" for a place of a newer module.
 */
const char *where_name(unsigned int where)
{
	switch (where) {
	case TCPFSM_W_RING:
		return "ring";
	case EVENT_W_NETLINK:
		return "netlink";
	default:
		return "unknown";
	}
}
