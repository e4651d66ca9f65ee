// SPDX-License-Identifier: GPL-2.0
/*
 * What looks wrong about the kernel's settings, given what was seen: each remark
 * names the number that made it, so none is made of a setting alone.
 */
#include <stdarg.h>
#include <stdio.h>

#include "remarks.h"
#include "util.h"

/* Few for a machine that listens to the world; the kernel's default since 5.4 is 4096. */
#define BACKLOG_SMALL	1024

struct judging {
	struct remarks			*r;
	const struct sysctls		*s;
	const struct remarks_seen	*seen;
};

__printf(2, 3)
static void remark(const struct judging *j, const char *fmt, ...)
{
	va_list ap;

	if (j->r->n == REMARKS)
		return;
	va_start(ap, fmt);
	vsnprintf(j->r->line[j->r->n++], sizeof(j->r->line[0]), fmt, ap);
	va_end(ap);
}

static bool is(const struct judging *j, enum sysctl which, int64_t value)
{
	return j->s->known[which] && j->s->value[which] == value;
}

static bool below(const struct judging *j, enum sysctl which, int64_t value)
{
	return j->s->known[which] && j->s->value[which] < value;
}

/* The value in words, for settings that could not be read too */
static const char *shown(const struct judging *j, enum sysctl which, char *to)
{
	if (j->s->known[which])
		snprintf(to, 24, "%lld", (long long)j->s->value[which]);
	else
		snprintf(to, 24, "unknown");
	return to;
}

static unsigned long long cause(const struct judging *j, unsigned int which)
{
	return j->seen->causes[which];
}

/*
 * The SYN queue is full at the listener's backlog; without cookies also at three
 * quarters of tcp_max_syn_backlog (tcp_conn_request()).
 */
static void judge_syn_queue(const struct judging *j)
{
	const struct tcpfsm_listener *l = &j->seen->listeners;
	const unsigned long long drops = l->syn_drops;
	const unsigned long long sent = l->cookies_sent;
	char backlog[24], max[24];

	shown(j, SYSCTL_MAX_SYN_BACKLOG, backlog);
	shown(j, SYSCTL_SOMAXCONN, max);
	if (drops && is(j, SYSCTL_SYNCOOKIES, 0))
		remark(j, "SYNs thrown away, as a SYN queue was full or there was no route back: "
		       "%llu, and tcp_syncookies is "
		       "0: with 1 they are answered; room is the listener's backlog "
		       "(net.core.somaxconn, %s, bounds it) and three quarters of "
		       "tcp_max_syn_backlog, %s", drops, max, backlog);
	else if (drops)
		remark(j, "SYNs thrown away, as a SYN queue was full or there was no route back: "
		       "%llu; room is the listener's "
		       "backlog, which net.core.somaxconn, %s, bounds; tcp_max_syn_backlog is %s",
		       drops, max, backlog);
	if (sent && is(j, SYSCTL_SYNCOOKIES, 2))
		remark(j, "SYN cookies sent: %llu, as tcp_syncookies is 2: that is for tests, 1 "
		       "sends them when a SYN queue is full", sent);
	else if (sent && !l->floods)
		remark(j, "SYN cookies sent without a flood: %llu: a SYN queue is too small for "
		       "honest peers; raise the listener's backlog, which net.core.somaxconn, %s, "
		       "bounds", sent, max);
}

static void judge_accept_queue(const struct judging *j)
{
	unsigned long long drops = j->seen->listeners.accept_drops;
	char max[24];

	/* a listener that is gone takes its numbers along, causes stay */
	if (drops < cause(j, TCPFSM_C_ACCEPT_QUEUE))
		drops = cause(j, TCPFSM_C_ACCEPT_QUEUE);
	if (!drops)
		return;
	if (below(j, SYSCTL_SOMAXCONN, BACKLOG_SMALL))
		remark(j, "handshakes that met a full accept queue: %llu, and net.core.somaxconn "
		       "is %s: no backlog can be larger; raise it, and the application's", drops,
		       shown(j, SYSCTL_SOMAXCONN, max));
	else
		remark(j, "handshakes that met a full accept queue: %llu: the application accepts "
		       "too slowly, or gives listen() too small a backlog (tcpfsm stats "
		       "--listeners)", drops);
	if (is(j, SYSCTL_ABORT_ON_OVERFLOW, 1))
		remark(j, "handshakes that met a full accept queue: %llu, and "
		       "tcp_abort_on_overflow is 1: peers see a reset where a retry would have "
		       "come through", drops);
}

static void judge_floods(const struct judging *j)
{
	const struct tcpfsm_listener *l = &j->seen->listeners;
	const unsigned int retries = j->s->value[SYSCTL_SYNACK_RETRIES];
	const unsigned long long expired = l->expired;

	if (j->seen->flooded)
		remark(j, "listeners flooded now: %llu; tcpfsm stats --listeners and tcpfsm "
		       "monitor --alerts tell more", (unsigned long long)j->seen->flooded);
	if (l->floods && expired && j->s->known[SYSCTL_SYNACK_RETRIES] && retries >= 5 &&
	    retries < 32)
		remark(j, "half-open connections that expired: %llu, floods: %u, and "
		       "tcp_synack_retries is %u, so each holds its place for %llu s; 2 or 3 let "
		       "it go sooner", expired, l->floods, retries, (2ULL << retries) - 1);
	if (expired && below(j, SYSCTL_SYNACK_RETRIES, 2))
		remark(j, "half-open connections that expired: %llu, and tcp_synack_retries is "
		       "%u: a lost SYN,ACK or two cost an honest peer its connection", expired,
		       retries);
}

/* What there was no room for, so that the kernel cut the end of a connection short */
static void judge_limits(const struct judging *j)
{
	char value[24];

	if (cause(j, TCPFSM_C_TW_SKIPPED))
		remark(j, "connections that skipped TIME_WAIT: %llu, as tcp_max_tw_buckets, %s, "
		       "was reached: old segments may reach new connections; raise it",
		       cause(j, TCPFSM_C_TW_SKIPPED), shown(j, SYSCTL_MAX_TW_BUCKETS, value));
	if (cause(j, TCPFSM_C_ORPHAN_LIMIT))
		remark(j, "connections reset while they closed: %llu, as tcp_max_orphans, %s, was "
		       "reached, or the memory of tcp_mem", cause(j, TCPFSM_C_ORPHAN_LIMIT),
		       shown(j, SYSCTL_MAX_ORPHANS, value));
}

/* Timers that give up before a peer that is slow, not gone, has answered */
static void judge_patience(const struct judging *j)
{
	const struct sysctls *s = j->s;

	if (cause(j, TCPFSM_C_SYN_TIMEOUT) && below(j, SYSCTL_SYN_RETRIES, 3))
		remark(j, "attempts to connect given up: %llu, and tcp_syn_retries is %lld: RFC "
		       "1122 asks for three minutes at least, which is about 7",
		       cause(j, TCPFSM_C_SYN_TIMEOUT), (long long)s->value[SYSCTL_SYN_RETRIES]);
	if (cause(j, TCPFSM_C_RTO) && below(j, SYSCTL_RETRIES2, 8))
		remark(j, "connections given up for want of an ACK: %llu, and tcp_retries2 is "
		       "%lld: RFC 1122 asks for 100 s at least, which is 8", cause(j, TCPFSM_C_RTO),
		       (long long)s->value[SYSCTL_RETRIES2]);
	if (cause(j, TCPFSM_C_RTO) && below(j, SYSCTL_ORPHAN_RETRIES, 4) &&
	    !is(j, SYSCTL_ORPHAN_RETRIES, 0))
		remark(j, "connections given up for want of an ACK: %llu, and tcp_orphan_retries "
		       "is %lld: orphans have hardly any time to close; 0 is 8",
		       cause(j, TCPFSM_C_RTO), (long long)s->value[SYSCTL_ORPHAN_RETRIES]);
	if (cause(j, TCPFSM_C_FIN_TIMEOUT) && below(j, SYSCTL_FIN_TIMEOUT, 30))
		remark(j, "connections ended in FIN_WAIT_2 before the peer's FIN came: %llu, and "
		       "tcp_fin_timeout is %lld s: peers that close later get a reset",
		       cause(j, TCPFSM_C_FIN_TIMEOUT), (long long)s->value[SYSCTL_FIN_TIMEOUT]);
}

static void judge_reuse(const struct judging *j)
{
	if (cause(j, TCPFSM_C_REUSE_CONNECT) && is(j, SYSCTL_TW_REUSE, 1))
		remark(j, "TIME_WAIT taken over by connect(): %llu, as tcp_tw_reuse is 1: safe "
		       "only as long as the peer's timestamps never go back",
		       cause(j, TCPFSM_C_REUSE_CONNECT));
	if (cause(j, TCPFSM_C_CONNECT_FAILED) && is(j, SYSCTL_TW_REUSE, 0))
		remark(j, "connect() without a port or a route: %llu, and tcp_tw_reuse is 0: if "
		       "ports ran out to one peer, 1 lets those in TIME_WAIT be taken over",
		       cause(j, TCPFSM_C_CONNECT_FAILED));
}

/**
 * remarks_listener() - add a listener to what was seen
 * @seen: zeroed at first
 * @l: the listener
 *
 * Context: any.
 */
void remarks_listener(struct remarks_seen *seen, const struct tcpfsm_listener *l)
{
	struct tcpfsm_listener *sum = &seen->listeners;

	sum->syn_drops += l->syn_drops;
	sum->accept_drops += l->accept_drops;
	sum->expired += l->expired;
	sum->cookies_sent += l->cookies_sent;
	sum->floods += l->floods;
	seen->flooded += !!l->flooded;
}

/**
 * remarks_judge() - say what looks wrong
 * @r: set
 * @s: the settings
 * @seen: what happened
 *
 * Context: any.
 */
void remarks_judge(struct remarks *r, const struct sysctls *s, const struct remarks_seen *seen)
{
	const struct judging j = { .r = r, .s = s, .seen = seen };

	r->n = 0;
	if (seen->overdue)
		remark(&j, "connections stuck now: %llu; tcpfsm stuck lists them",
		       (unsigned long long)seen->overdue);
	judge_floods(&j);
	judge_syn_queue(&j);
	judge_accept_queue(&j);
	judge_limits(&j);
	judge_patience(&j);
	judge_reuse(&j);
}
