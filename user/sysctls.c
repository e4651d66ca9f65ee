// SPDX-License-Identifier: GPL-2.0
/* The kernel's settings that decide how connections are opened and closed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysctls.h"
#include "util.h"

static const struct {
	const char	*path;		/* below /proc/sys */
	const char	*meaning;
} rows[SYSCTLS] = {
	[SYSCTL_FIN_TIMEOUT] = { "net/ipv4/tcp_fin_timeout",
		"seconds an orphan waits in FIN_WAIT_2 for the peer's FIN" },
	[SYSCTL_MAX_SYN_BACKLOG] = { "net/ipv4/tcp_max_syn_backlog",
		"half-open connections of a listener when SYN cookies are off" },
	[SYSCTL_SOMAXCONN] = { "net/core/somaxconn",
		"the most that listen() gets as a backlog: it bounds both queues" },
	[SYSCTL_SYNCOOKIES] = { "net/ipv4/tcp_syncookies",
		"0: never, 1: when a SYN queue is full, 2: always" },
	[SYSCTL_SYN_RETRIES] = { "net/ipv4/tcp_syn_retries",
		"how often connect() sends its SYN again" },
	[SYSCTL_SYNACK_RETRIES] = { "net/ipv4/tcp_synack_retries",
		"how often a SYN,ACK is sent again" },
	[SYSCTL_RETRIES2] = { "net/ipv4/tcp_retries2",
		"how often data or a FIN is sent again" },
	[SYSCTL_ORPHAN_RETRIES] = { "net/ipv4/tcp_orphan_retries",
		"the same of an orphan, 0 for 8" },
	[SYSCTL_MAX_ORPHANS] = { "net/ipv4/tcp_max_orphans",
		"connections no process holds any more; those above it are reset" },
	[SYSCTL_MAX_TW_BUCKETS] = { "net/ipv4/tcp_max_tw_buckets",
		"connections in TIME_WAIT; those above it skip it" },
	[SYSCTL_TW_REUSE] = { "net/ipv4/tcp_tw_reuse",
		"connect() may take over a TIME_WAIT: 0: no, 1: yes, 2: on loopback" },
	[SYSCTL_RFC1337] = { "net/ipv4/tcp_rfc1337",
		"1: a RST does not end TIME_WAIT" },
	[SYSCTL_ABORT_ON_OVERFLOW] = { "net/ipv4/tcp_abort_on_overflow",
		"1: who finds the accept queue full gets a RST" },
	[SYSCTL_FASTOPEN] = { "net/ipv4/tcp_fastopen",
		"bits: 1 as a client, 2 as a server" },
	[SYSCTL_CHALLENGE_ACK_LIMIT] = { "net/ipv4/tcp_challenge_ack_limit",
		"challenge ACKs a second" },
	[SYSCTL_INVALID_RATELIMIT] = { "net/ipv4/tcp_invalid_ratelimit",
		"milliseconds between ACKs that answer invalid segments of a connection" },
};

/**
 * sysctl_key() - the last component of a setting's name
 * @which: the setting
 *
 * Context: any.
 * Return: the name, as in tcp_fin_timeout.
 */
const char *sysctl_key(enum sysctl which)
{
	return strrchr(rows[which].path, '/') + 1;
}

/**
 * sysctl_name() - a setting's name, as sysctl(8) takes it
 * @which: the setting
 *
 * Context: any.
 * Return: the name, until the next call.
 */
const char *sysctl_name(enum sysctl which)
{
	static char name[48];
	char *c;

	snprintf(name, sizeof(name), "%s", rows[which].path);
	for (c = name; *c; c++)
		if (*c == '/')
			*c = '.';
	return name;
}

/**
 * sysctl_meaning() - what a setting decides
 * @which: the setting
 *
 * Context: any.
 * Return: words.
 */
const char *sysctl_meaning(enum sysctl which)
{
	return rows[which].meaning;
}

/**
 * sysctls_read() - read all of them, of this network namespace
 * @s: set; one that cannot be read, or is no number, is not known
 * @root: where they are: /proc/sys
 *
 * Context: process.
 */
void sysctls_read(struct sysctls *s, const char *root)
{
	char path[256];
	char line[32];
	char *end;
	FILE *f;
	size_t i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < SYSCTLS; i++) {
		snprintf(path, sizeof(path), "%s/%s", root, rows[i].path);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(line, sizeof(line), f)) {
			s->value[i] = strtoll(line, &end, 10);
			s->known[i] = end != line && (!*end || *end == '\n');
		}
		fclose(f);
	}
}
