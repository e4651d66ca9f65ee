// SPDX-License-Identifier: GPL-2.0
/* What a filter lets through, and which ones are refused. */
#include <errno.h>

#include "filter.h"
#include "number.h"
#include "pick.h"
#include "unit.h"

static void assert_ports(const char *text, const char *yes, const char *no)
{
	struct ports p;
	struct why w;
	unsigned int n;
	int used;

	assert_int_equal(ports_parse(text, &p, &w), 0);
	for (; sscanf(yes, "%u%n", &n, &used) == 1; yes += used)
		assert_true(p.bits[n / 64] >> n % 64 & 1);
	for (; sscanf(no, "%u%n", &n, &used) == 1; no += used)
		assert_false(p.bits[n / 64] >> n % 64 & 1);
}

static void ports(void **state)
{
	(void)state;
	assert_ports("80", "80", "0 79 81 65535");
	assert_ports("1,65535", "1 65535", "0 2 65534");
	assert_ports("80,443,8000-8100", "80 443 8000 8050 8100", "81 442 7999 8101");
	assert_ports("1-65535", "1 32768 65535", "0");
	assert_ports("80-80,80", "80", "79 81");
}

static void bad_ports(void **state)
{
	static const char * const texts[] = {
		"", "0", "70000", "65536", "80-", "-80", "90-80", "80,", ",80", "80,,90", "0-5",
		"1-65536", "http", "+80", " 80", "80 ", "0x50", "1-2-3", "-", "80;90",
		"18446744073709551696", "99999999999999999999999999",
	};
	struct ports p;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(ports_parse(texts[i], &p, &w), -EINVAL);
		assert_non_null(strstr(w.text, "80,443,8000-8100"));
	}
	ports_parse("443,90-80", &p, &w);
	assert_non_null(strstr(w.text, "'90-80'"));
}

static bool matches_addr(const char *filter, uint16_t family, const char *laddr, const char *raddr)
{
	struct event ev = an_event();
	struct filter f = { 0 };
	struct prefix p;
	struct why w;
	bool yes;

	assert_int_equal(prefix_parse(filter, &p, &w), 0);
	assert_int_equal(filter_add_addr(&f, &p, &w), 0);
	set_id(&ev.id, family, laddr, 1, raddr, 2);
	yes = filter_match(&f, &ev);
	filter_free(&f);
	return yes;
}

static void addresses(void **state)
{
	(void)state;
	assert_true(matches_addr("10.0.0.1", AF_INET, "10.0.0.1", "9.9.9.9"));
	assert_true(matches_addr("10.0.0.1", AF_INET, "9.9.9.9", "10.0.0.1"));
	assert_false(matches_addr("10.0.0.1", AF_INET, "10.0.0.2", "10.0.0.3"));
	assert_true(matches_addr("10.0.0.1", AF_INET6, "::1", "::ffff:10.0.0.1"));
	assert_true(matches_addr("10.1.2.3/8", AF_INET, "10.9.9.9", "1.1.1.1"));
	assert_true(matches_addr("192.168.12.0/23", AF_INET, "192.168.13.255", "1.1.1.1"));
	assert_false(matches_addr("192.168.12.0/23", AF_INET, "192.168.14.0", "1.1.1.1"));
	assert_true(matches_addr("0.0.0.0/0", AF_INET, "1.2.3.4", "4.3.2.1"));
	assert_true(matches_addr("0.0.0.0/0", AF_INET6, "::ffff:1.2.3.4", "::1"));
	assert_false(matches_addr("0.0.0.0/0", AF_INET6, "2001:db8::1", "::1"));
	assert_true(matches_addr("2001:db8::/32", AF_INET6, "2001:db8:1::5", "::1"));
	assert_false(matches_addr("2001:db8::/32", AF_INET6, "2001:db9::5", "::1"));
	assert_true(matches_addr("fe80::1/128", AF_INET6, "::", "fe80::1"));
	assert_true(matches_addr("2001:db8::/33", AF_INET6, "2001:db8:7fff::", "::1"));
	assert_false(matches_addr("2001:db8::/33", AF_INET6, "2001:db8:8000::", "::1"));
	/* all of IPv6 is no IPv4 */
	assert_false(matches_addr("::/0", AF_INET, "1.2.3.4", "4.3.2.1"));
}

static void bad_addresses(void **state)
{
	static const char * const texts[] = {
		"", "/", "/8", "10.0.0", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/-1",
		"10.0.0.1/8/8", "::1/129", "fe80::1%eth0", "localhost", "10.0.0.1 ", "10.0.0.1/ 8",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct prefix p;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(prefix_parse(texts[i], &p, &w), -EINVAL);
	prefix_parse("10.0.0.1/33", &p, &w);
	assert_string_equal(w.text, "bad prefix length in '10.0.0.1/33'; for IPv4 it is 0 to 32");
}

static void pids_and_names(void **state)
{
	uint32_t pid;
	struct why w;

	(void)state;
	assert_int_equal(pid_parse("1", &pid, &w), 0);
	assert_int_equal(pid, 1);
	assert_int_equal(pid_parse("4194303", &pid, &w), 0);
	assert_int_equal(pid_parse("0", &pid, &w), -EINVAL);
	assert_int_equal(pid_parse("-1", &pid, &w), -EINVAL);
	assert_int_equal(pid_parse("4194304", &pid, &w), -EINVAL);
	assert_int_equal(pid_parse("12a", &pid, &w), -EINVAL);
	assert_int_equal(pid_parse("", &pid, &w), -EINVAL);
	assert_int_equal(comm_parse("nginx", &w), 0);
	assert_int_equal(comm_parse("123456789012345", &w), 0);
	assert_int_equal(comm_parse("1234567890123456", &w), -EINVAL);
	assert_int_equal(comm_parse("*a*very*long*p*ttern*s*", &w), -EINVAL);
	assert_int_equal(comm_parse("*long*pattern*", &w), 0);
	assert_int_equal(comm_parse("[0123456789abcdef]x", &w), 0);
	assert_int_equal(comm_parse("\\a\\b\\c\\d\\e\\f\\g\\h", &w), 0);
	assert_int_equal(comm_parse("", &w), -EINVAL);
}

static void owners(void **state)
{
	struct event ev = an_event();
	struct filter f = { .pid = 812 };

	(void)state;
	assert_true(filter_match(&f, &ev));
	f.comm = "curl";
	assert_true(filter_match(&f, &ev));
	f.comm = "cur";
	assert_false(filter_match(&f, &ev));
	f.comm = "c*";
	assert_true(filter_match(&f, &ev));
	f.pid = 811;
	assert_false(filter_match(&f, &ev));
	/* who is not known is nobody */
	f = (struct filter){ .comm = "*" };
	ev.flags = 0;
	assert_false(filter_match(&f, &ev));
}

static void states(void **state)
{
	struct event ev = an_event();
	struct filter f = { .states = 1U << TCPFSM_S_SYN_SENT };

	(void)state;
	assert_true(filter_match(&f, &ev));
	f.states = 1U << TCPFSM_S_CLOSED;
	assert_true(filter_match(&f, &ev));
	f.states = 1U << TCPFSM_S_ESTABLISHED;
	assert_false(filter_match(&f, &ev));
	/* a flow has left no state */
	ev.kind = TCPFSM_K_FLOW;
	ev.old_state = TCPFSM_S_ESTABLISHED;
	assert_false(filter_match(&f, &ev));
	ev.state = 200;
	assert_false(filter_match(&f, &ev));
}

static void ends(void **state)
{
	struct event ev = an_event();
	struct filter f = { .has_local = true };
	struct why w;

	(void)state;
	ports_parse("40512", &f.local, &w);
	assert_true(filter_match(&f, &ev));
	f.has_remote = true;
	ports_parse("80", &f.remote, &w);
	assert_true(filter_match(&f, &ev));
	ports_parse("40512", &f.remote, &w);
	assert_false(filter_match(&f, &ev));
	f = (struct filter){ .has_either = true };
	ports_parse("80", &f.either, &w);
	assert_true(filter_match(&f, &ev));
	ports_parse("40512", &f.either, &w);
	assert_true(filter_match(&f, &ev));
	ports_parse("81", &f.either, &w);
	assert_false(filter_match(&f, &ev));
	f = (struct filter){ .family = 4 };
	assert_true(filter_match(&f, &ev));
	f.family = 6;
	assert_false(filter_match(&f, &ev));
	f = (struct filter){ .netns = 1 };
	assert_false(filter_match(&f, &ev));
	f.netns = ev.id.netns;
	assert_true(filter_match(&f, &ev));
}

static void losses_always_show(void **state)
{
	struct event ev = { .kind = TCPFSM_K_LOST };
	struct event skipped = { .kind = TCPFSM_K_SKIPPED };
	struct filter f = { .pid = 1, .family = 6, .has_local = true, .states = 2, .comm = "x" };

	(void)state;
	assert_true(filter_match(&f, &ev));
	assert_true(filter_match(&f, &skipped));
}

/* A flood is its listener's, and has no owner of its own. */
static void a_flood(void **state)
{
	struct event ev = { .kind = TCPFSM_K_FLOOD, .state = TCPFSM_S_LISTEN };
	struct filter f = { .has_local = true, .states = 1U << TCPFSM_S_LISTEN };
	struct why w;

	(void)state;
	set_id(&ev.id, AF_INET, "10.0.0.1", 80, "0.0.0.0", 0);
	ports_parse("80", &f.local, &w);
	assert_true(filter_match(&f, &ev));
	f.comm = "nginx";
	assert_false(filter_match(&f, &ev));
	ev.flags = TCPFSM_F_OWNER;
	set_owner(&ev.owner, "nginx");
	assert_true(filter_match(&f, &ev));
	ports_parse("443", &f.local, &w);
	assert_false(filter_match(&f, &ev));
}

static void nothing_can_match(void **state)
{
	struct filter f = { .has_local = true, .has_remote = true, .has_either = true };
	struct prefix p;
	struct why w;

	(void)state;
	ports_parse("80", &f.local, &w);
	ports_parse("443", &f.remote, &w);
	ports_parse("8080", &f.either, &w);
	assert_int_equal(filter_check(&f, false, &w), -EINVAL);
	ports_parse("443", &f.either, &w);
	assert_int_equal(filter_check(&f, false, &w), 0);
	f = (struct filter){ .family = 4 };
	prefix_parse("::1", &p, &w);
	filter_add_addr(&f, &p, &w);
	assert_int_equal(filter_check(&f, false, &w), -EINVAL);
	f.family = 6;
	assert_int_equal(filter_check(&f, false, &w), 0);
	filter_free(&f);
	f = (struct filter){ .states = 1U << TCPFSM_S_CLOSED };
	assert_int_equal(filter_check(&f, false, &w), 0);
	assert_int_equal(filter_check(&f, true, &w), -EINVAL);
	f.states |= 1U << TCPFSM_S_LISTEN;
	assert_int_equal(filter_check(&f, true, &w), 0);
}

/* Segments are picked by what the latest transition told of the owner. */
static void segments(void **state)
{
	const struct filter nobody = { 0 };
	const struct filter curl = { .comm = "curl" };
	const struct filter states = { .states = 1U << TCPFSM_S_SYN_SENT };
	struct event seg = a_segment();
	struct event ev = an_event();
	struct pick p;
	unsigned int i;

	(void)state;
	pick_init(&p, &nobody, false);
	assert_true(pick_match(&p, &ev));
	assert_false(pick_match(&p, &seg));
	pick_free(&p);
	pick_init(&p, &nobody, true);
	assert_true(pick_match(&p, &seg));
	pick_free(&p);

	pick_init(&p, &states, true);
	assert_true(pick_match(&p, &seg));
	seg.state = TCPFSM_S_ESTABLISHED;
	assert_false(pick_match(&p, &seg));
	pick_free(&p);

	pick_init(&p, &curl, true);
	assert_false(pick_match(&p, &seg));
	assert_true(pick_match(&p, &ev));
	assert_true(pick_match(&p, &seg));
	seg.id.cookie = 0;
	assert_false(pick_match(&p, &seg));
	seg.id.cookie = ev.id.cookie;
	/* the owner changes: accepted by somebody else */
	set_owner(&ev.owner, "wget");
	assert_false(pick_match(&p, &ev));
	assert_false(pick_match(&p, &seg));
	/* what comes after the end is still picked, until many more have ended */
	set_owner(&ev.owner, "curl");
	ev.old_state = TCPFSM_S_LAST_ACK;
	ev.state = TCPFSM_S_CLOSED;
	pick_match(&p, &ev);
	assert_true(pick_match(&p, &seg));
	for (i = 0; i < PICK_CLOSED; i++) {
		ev.id.cookie++;
		pick_match(&p, &ev);
	}
	assert_false(pick_match(&p, &seg));
	/* a socket that connects anew is not forgotten with those that closed */
	ev.old_state = TCPFSM_S_CLOSED;
	ev.state = TCPFSM_S_SYN_SENT;
	pick_match(&p, &ev);
	seg.id.cookie = ev.id.cookie;
	ev.old_state = TCPFSM_S_LAST_ACK;
	ev.state = TCPFSM_S_CLOSED;
	for (i = 0; i < PICK_CLOSED; i++) {
		ev.id.cookie++;
		pick_match(&p, &ev);
	}
	assert_true(pick_match(&p, &seg));
	assert_int_equal(p.owned.len, PICK_CLOSED + 1);
	pick_free(&p);
}

static void sizes(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(size_parse("64K", 1 << 30, &n), 0);
	assert_int_equal(n, 65536);
	assert_int_equal(size_parse("8m", 1 << 30, &n), 0);
	assert_int_equal(n, 8 << 20);
	assert_int_equal(size_parse("1G", 1 << 30, &n), 0);
	assert_int_equal(size_parse("123", 1 << 30, &n), 0);
	assert_int_equal(n, 123);
	assert_int_equal(size_parse("2G", 1 << 30, &n), -EINVAL);
	assert_int_equal(size_parse("", 1 << 30, &n), -EINVAL);
	assert_int_equal(size_parse("K", 1 << 30, &n), -EINVAL);
	assert_int_equal(size_parse("8MB", 1 << 30, &n), -EINVAL);
	assert_int_equal(size_parse("-8M", 1 << 30, &n), -EINVAL);
	assert_int_equal(number_parse("18446744073709551615", 20, UINT64_MAX, &n), 0);
	assert_int_equal(number_parse("18446744073709551616", 20, UINT64_MAX, &n), -EINVAL);
}

static void durations(void **state)
{
	static const struct {
		const char	*text;
		uint64_t	ms;
		const char	*shown;		/* NULL: as it was written */
	} good[] = {
		{ "500ms", 500, NULL }, { "90s", 90000, NULL }, { "5m", 300000, NULL },
		{ "2h", 7200000, NULL }, { "60s", 60000, "1m" }, { "0s", 0, NULL },
		{ "0ms", 0, "0s" }, { "1001ms", 1001, NULL }, { "86400s", 86400000, "24h" },
	};
	static const char * const bad[] = {
		"", "90", "s", "-1s", "+1s", " 1s", "1 s", "1s ", "1.5s", "1d", "1S", "1ss", "0x1s",
		"86400001ms", "24h1s", "18446744073709551616ms", "25h",
	};
	char text[DURATION_TEXT];
	uint64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(duration_parse(good[i].text, 86400000, &ms), 0);
		assert_int_equal(ms, good[i].ms);
		assert_string_equal(duration_text(text, ms),
				    good[i].shown ? good[i].shown : good[i].text);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (duration_parse(bad[i], 86400000, &ms) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	duration_text(text, UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),
		cmocka_unit_test(bad_ports),
		cmocka_unit_test(addresses),
		cmocka_unit_test(bad_addresses),
		cmocka_unit_test(pids_and_names),
		cmocka_unit_test(owners),
		cmocka_unit_test(states),
		cmocka_unit_test(ends),
		cmocka_unit_test(losses_always_show),
		cmocka_unit_test(a_flood),
		cmocka_unit_test(nothing_can_match),
		cmocka_unit_test(segments),
		cmocka_unit_test(sizes),
		cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
