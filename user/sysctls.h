/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_SYSCTLS_H
#define TCPFSM_SYSCTLS_H

#include <stdbool.h>
#include <stdint.h>

/* The kernel's settings that decide how connections are opened and closed */
enum sysctl {
	SYSCTL_FIN_TIMEOUT,
	SYSCTL_MAX_SYN_BACKLOG,
	SYSCTL_SOMAXCONN,
	SYSCTL_SYNCOOKIES,
	SYSCTL_SYN_RETRIES,
	SYSCTL_SYNACK_RETRIES,
	SYSCTL_RETRIES2,
	SYSCTL_ORPHAN_RETRIES,
	SYSCTL_MAX_ORPHANS,
	SYSCTL_MAX_TW_BUCKETS,
	SYSCTL_TW_REUSE,
	SYSCTL_RFC1337,
	SYSCTL_ABORT_ON_OVERFLOW,
	SYSCTL_FASTOPEN,
	SYSCTL_CHALLENGE_ACK_LIMIT,
	SYSCTL_INVALID_RATELIMIT,
	SYSCTLS,
};

/**
 * struct sysctls - their values in this network namespace
 * @known: it could be read
 * @value: of it
 */
struct sysctls {
	bool	known[SYSCTLS];
	int64_t	value[SYSCTLS];
};

void sysctls_read(struct sysctls *s, const char *root);
const char *sysctl_name(enum sysctl which);
const char *sysctl_key(enum sysctl which);
const char *sysctl_meaning(enum sysctl which);

#endif
