// SPDX-License-Identifier: GPL-2.0
/* Settings that look wrong given what was seen, and only then. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remarks.h"
#include "unit.h"

static char root[32] = "/tmp/tcpfsm-unit-XXXXXX";

static int make_root(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(root))
		return -1;
	snprintf(path, sizeof(path), "%s/net", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/net/ipv4", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/net/core", root);
	return mkdir(path, 0700);
}

static void path_of(char *to, size_t room, const char *name)
{
	snprintf(to, room, "%s/net/%s/%s", root, strcmp(name, "somaxconn") ? "ipv4" : "core", name);
}

static int drop_root(void **state)
{
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < SYSCTLS; i++) {
		path_of(path, sizeof(path), sysctl_key(i));
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/net/ipv4", root);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/net/core", root);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/net", root);
	rmdir(path);
	return rmdir(root);
}

static void put(const char *name, const char *value)
{
	char path[128];
	FILE *f;

	path_of(path, sizeof(path), name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(value, f);
	fclose(f);
}

/* What a kernel has that nobody changed */
static void usual(void)
{
	static const char * const values[SYSCTLS] = {
		[SYSCTL_FIN_TIMEOUT] = "60\n", [SYSCTL_MAX_SYN_BACKLOG] = "256\n",
		[SYSCTL_SOMAXCONN] = "4096\n", [SYSCTL_SYNCOOKIES] = "1\n",
		[SYSCTL_SYN_RETRIES] = "6\n", [SYSCTL_SYNACK_RETRIES] = "5\n",
		[SYSCTL_RETRIES2] = "15\n", [SYSCTL_ORPHAN_RETRIES] = "0\n",
		[SYSCTL_MAX_ORPHANS] = "4096\n", [SYSCTL_MAX_TW_BUCKETS] = "4096\n",
		[SYSCTL_TW_REUSE] = "2\n", [SYSCTL_RFC1337] = "0\n",
		[SYSCTL_ABORT_ON_OVERFLOW] = "0\n", [SYSCTL_FASTOPEN] = "1\n",
		[SYSCTL_CHALLENGE_ACK_LIMIT] = "2147483647\n",
		[SYSCTL_INVALID_RATELIMIT] = "500\n",
	};
	size_t i;

	for (i = 0; i < SYSCTLS; i++)
		put(sysctl_key(i), values[i]);
}

static void are_read(void **state)
{
	struct sysctls s;
	size_t i;

	(void)state;
	usual();
	sysctls_read(&s, root);
	for (i = 0; i < SYSCTLS; i++)
		assert_true(s.known[i]);
	assert_int_equal(s.value[SYSCTL_SOMAXCONN], 4096);
	assert_int_equal(s.value[SYSCTL_CHALLENGE_ACK_LIMIT], 2147483647);
	put("tcp_rfc1337", "");
	put("tcp_fastopen", "many\n");
	put("tcp_tw_reuse", "1 2\n");
	put("tcp_retries2", "-7");
	sysctls_read(&s, root);
	assert_false(s.known[SYSCTL_RFC1337]);
	assert_false(s.known[SYSCTL_FASTOPEN]);
	assert_false(s.known[SYSCTL_TW_REUSE]);
	assert_true(s.known[SYSCTL_RETRIES2]);
	assert_int_equal(s.value[SYSCTL_RETRIES2], -7);
	sysctls_read(&s, "/nowhere");
	for (i = 0; i < SYSCTLS; i++)
		assert_false(s.known[i]);
	assert_string_equal(sysctl_name(SYSCTL_SOMAXCONN), "net.core.somaxconn");
	assert_string_equal(sysctl_name(SYSCTL_FIN_TIMEOUT), "net.ipv4.tcp_fin_timeout");
}

/* A number that was seen, a setting, and a part of what is said of them; NULL: nothing */
struct row {
	size_t		seen;		/* offset of a u64 in struct remarks_seen */
	uint64_t	n;
	const char	*name;		/* setting, NULL for those of usual() */
	const char	*value;
	const char	*words;
};

#define SEEN(field)	offsetof(struct remarks_seen, field)
#define CAUSE(name)	SEEN(causes[TCPFSM_C_##name])

static const struct row rows[] = {
	{ SEEN(overdue), 7, NULL, NULL, "connections stuck now: 7; " },
	{ SEEN(flooded), 1, NULL, NULL, "listeners flooded now: 1; " },
	{ SEEN(listeners.syn_drops), 12, "tcp_syncookies", "0",
	  "SYNs thrown away, as a SYN queue was full or there was no route back: 12, and "
	  "tcp_syncookies is 0" },
	{ SEEN(listeners.syn_drops), 12, "tcp_syncookies", "0", "tcp_max_syn_backlog, 256" },
	{ SEEN(listeners.syn_drops), 12, NULL, NULL, "net.core.somaxconn, 4096, bounds" },
	{ SEEN(listeners.cookies_sent), 9, NULL, NULL,
	  "SYN cookies sent without a flood: 9: " },
	{ SEEN(listeners.cookies_sent), 9, "tcp_syncookies", "2",
	  "SYN cookies sent: 9, as tcp_syncookies is 2" },
	{ SEEN(listeners.accept_drops), 5, NULL, NULL,
	  "handshakes that met a full accept queue: 5: " },
	{ SEEN(listeners.accept_drops), 5, "somaxconn", "128", "net.core.somaxconn is 128" },
	{ SEEN(listeners.accept_drops), 5, "tcp_abort_on_overflow", "1",
	  "handshakes that met a full accept queue: 5, and tcp_abort_on_overflow is 1" },
	{ CAUSE(ACCEPT_QUEUE), 6, NULL, NULL, "handshakes that met a full accept queue: 6" },
	{ CAUSE(TW_SKIPPED), 3, NULL, NULL,
	  "connections that skipped TIME_WAIT: 3, as tcp_max_tw_buckets, 4096, was reached" },
	{ CAUSE(ORPHAN_LIMIT), 4, NULL, NULL, "connections reset while they closed: 4" },
	{ CAUSE(SYN_TIMEOUT), 4, "tcp_syn_retries", "2",
	  "attempts to connect given up: 4, and tcp_syn_retries is 2" },
	{ CAUSE(SYN_TIMEOUT), 4, NULL, NULL, NULL },
	{ CAUSE(RTO), 4, "tcp_retries2", "5",
	  "connections given up for want of an ACK: 4, and tcp_retries2 is 5" },
	{ CAUSE(RTO), 4, "tcp_orphan_retries", "1", "ACK: 4, and tcp_orphan_retries is 1" },
	{ CAUSE(RTO), 4, NULL, NULL, NULL },
	{ CAUSE(FIN_TIMEOUT), 4, "tcp_fin_timeout", "5",
	  "FIN came: 4, and tcp_fin_timeout is 5 s" },
	{ CAUSE(FIN_TIMEOUT), 4, NULL, NULL, NULL },
	{ SEEN(listeners.expired), 8, "tcp_synack_retries", "1",
	  "half-open connections that expired: 8, and " },
	{ SEEN(listeners.expired), 8, NULL, NULL, NULL },
	{ CAUSE(REUSE_CONNECT), 2, "tcp_tw_reuse", "1", "TIME_WAIT taken over by connect(): 2, " },
	{ CAUSE(REUSE_CONNECT), 2, NULL, NULL, NULL },
	{ CAUSE(CONNECT_FAILED), 2, "tcp_tw_reuse", "0",
	  "connect() without a port or a route: 2, " },
	{ CAUSE(CONNECT_FAILED), 2, NULL, NULL, NULL },
	{ CAUSE(CLOSE), 1000, NULL, NULL, NULL },
};

static bool says(const struct remarks *r, const char *words)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strstr(r->line[i], words))
			return true;
	return false;
}

static void what_is_said(void **state)
{
	struct remarks_seen seen;
	struct remarks r;
	struct sysctls s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		usual();
		if (rows[i].name)
			put(rows[i].name, rows[i].value);
		sysctls_read(&s, root);
		seen = (struct remarks_seen){ 0 };
		memcpy((char *)&seen + rows[i].seen, &rows[i].n, sizeof(rows[i].n));
		remarks_judge(&r, &s, &seen);
		if (rows[i].words ? !says(&r, rows[i].words) : r.n)
			fail_msg("row %zu: %zu remarks, '%s'", i, r.n, r.n ? r.line[0] : "");
		/* of a setting alone nothing is said */
		seen = (struct remarks_seen){ 0 };
		remarks_judge(&r, &s, &seen);
		assert_int_equal(r.n, 0);
	}
}

/* What is not so is not said: cookies are on. */
static void with_cookies(void **state)
{
	struct remarks_seen seen = { .listeners.syn_drops = 12 };
	struct remarks r;
	struct sysctls s;

	(void)state;
	usual();
	sysctls_read(&s, root);
	remarks_judge(&r, &s, &seen);
	assert_int_equal(r.n, 1);
	assert_false(says(&r, "tcp_syncookies"));
}

static void a_flood(void **state)
{
	const struct tcpfsm_listener l = {
		.expired = 1000, .cookies_sent = 50, .floods = 2, .flooded = 1,
	};
	struct remarks_seen seen = { 0 };
	struct remarks r;
	struct sysctls s;

	(void)state;
	usual();
	sysctls_read(&s, root);
	remarks_listener(&seen, &l);
	remarks_listener(&seen, &l);
	assert_int_equal(seen.flooded, 2);
	remarks_judge(&r, &s, &seen);
	assert_true(says(&r, "half-open connections that expired: 2000, floods: 4, and "
			     "tcp_synack_retries is 5, so each holds its place for 63 s"));
	assert_false(says(&r, "SYN cookies"));
}

/* Whatever is seen, a line is never cut off, and there is room for all. */
static void all_at_once(void **state)
{
	struct remarks_seen seen;
	struct sysctls s = { 0 };
	struct remarks r;
	size_t i;

	(void)state;
	memset(&seen, 0xff, sizeof(seen));
	remarks_judge(&r, &s, &seen);
	assert_true(says(&r, "tcp_max_tw_buckets, unknown, was reached"));
	for (i = 0; i < SYSCTLS; i++)
		s.known[i] = true;
	s.value[SYSCTL_ABORT_ON_OVERFLOW] = 1;
	s.value[SYSCTL_ORPHAN_RETRIES] = INT64_MIN;
	remarks_judge(&r, &s, &seen);
	assert_in_range(r.n, 12, REMARKS - 1);
	for (i = 0; i < r.n; i++)
		assert_in_range(strlen(r.line[i]), 20, sizeof(r.line[0]) - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_read),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(with_cookies),
		cmocka_unit_test(a_flood),
		cmocka_unit_test(all_at_once),
	};

	return cmocka_run_group_tests_name("remarks", tests, make_root, drop_root);
}
