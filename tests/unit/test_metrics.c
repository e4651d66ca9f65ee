// SPDX-License-Identifier: GPL-2.0
/* Metrics: text that parses whatever a process is called, and sums that hold. */
#include <errno.h>
#include <stdlib.h>

#include <netinet/in.h>

#include "clock.h"
#include "families.h"
#include "listen.h"
#include "outbuf.h"

static struct metrics begin(bool open)
{
	struct metrics m;

	out.len = 0;
	metrics_init(&m, &out, open);
	return m;
}

static void names_of_families(void **state)
{
	struct metrics m = begin(false);

	(void)state;
	metrics_one(&m, METRIC_COUNTER, "a", "What.", 3);
	metrics_one(&m, METRIC_GAUGE, "b", "That.", UINT64_MAX);
	metrics_end(&m);
	assert_out("# HELP a_total What.\n# TYPE a_total counter\na_total 3\n"
		   "# HELP b That.\n# TYPE b gauge\nb 18446744073709551615\n");
	m = begin(true);
	metrics_one(&m, METRIC_COUNTER, "a", "What.", 3);
	metrics_end(&m);
	assert_out("# HELP a What.\n# TYPE a counter\na_total 3\n# EOF\n");
}

static void any_label(void **state)
{
	static const struct {
		const char	*text;
		const char	*want;
	} labels[] = {
		{ "nginx", "x{c=\"nginx\"} 1\n" },
		{ "", "x{c=\"\"} 1\n" },
		{ "a\"b\\c\nd", "x{c=\"a\\\"b\\\\c\\nd\"} 1\n" },
		{ "} 1\nup 1", "x{c=\"} 1\\nup 1\"} 1\n" },
		{ "caf\xc3\xa9", "x{c=\"caf\xc3\xa9\"} 1\n" },
		{ "caf\xc3", "x{c=\"caf\xef\xbf\xbd\"} 1\n" },
		{ "\xff\xfe", "x{c=\"\xef\xbf\xbd\xef\xbf\xbd\"} 1\n" },
		{ "\t\x01", "x{c=\"\t\x01\"} 1\n" },
	};
	struct metrics m = begin(false);
	size_t i;

	(void)state;
	m.name = "x";
	m.type = METRIC_GAUGE;
	for (i = 0; i < ARRAY_SIZE(labels); i++) {
		metrics_begin(&m);
		metrics_word(&m, "c", labels[i].text);
		metrics_number(&m, 1);
		assert_out(labels[i].want);
	}
	metrics_begin(&m);
	metrics_word(&m, "c", NULL);
	metrics_label(&m, "d", "12345", 2);
	metrics_seconds(&m, 1500000000);
	assert_out("x{c=\"unknown\",d=\"12\"} 1.5\n");
}

static void seconds(void **state)
{
	static const struct {
		uint64_t	ns;
		const char	*want;
	} times[] = {
		{ 0, "x 0.0\n" }, { 1, "x 0.000000001\n" }, { NSEC_PER_SEC, "x 1.0\n" },
		{ 1000, "x 0.000001\n" }, { UINT64_MAX, "x 18446744073.709551615\n" },
	};
	struct metrics m = begin(false);
	size_t i;

	(void)state;
	m.name = "x";
	m.type = METRIC_GAUGE;
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		metrics_begin(&m);
		metrics_seconds(&m, times[i].ns);
		assert_out(times[i].want);
	}
}

static void who_wants_what(void **state)
{
	(void)state;
	assert_false(metrics_asked_open(NULL));
	assert_false(metrics_asked_open(""));
	assert_false(metrics_asked_open("*/*"));
	assert_false(metrics_asked_open("text/plain"));
	assert_true(metrics_asked_open("application/openmetrics-text"));
	/* Prometheus 2.42 */
	assert_true(metrics_asked_open("application/openmetrics-text;version=1.0.0,"
				       "application/openmetrics-text;version=0.0.1;q=0.75,"
				       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
	assert_true(metrics_asked_open("text/plain; q=0.5, Application/OpenMetrics-Text ; q=0.7"));
	assert_false(metrics_asked_open("application/openmetrics-text;q=0.4,text/plain;q=0.5"));
	assert_false(metrics_asked_open("application/openmetrics-text;q=0"));
	assert_false(metrics_asked_open("application/openmetrics-text;version=2.0.0"));
	assert_false(metrics_asked_open("application/openmetrics-textual"));
	assert_false(metrics_asked_open("application/openmetrics"));
	assert_true(metrics_asked_open("application/openmetrics-text;q=1e99"));
	assert_false(metrics_asked_open("application/openmetrics-text;q=-1"));
	assert_false(metrics_asked_open(",;,;;=,q=,"));
}

static void a_histogram_that_we_count(void **state)
{
	struct metrics_histogram h = { 0 };
	struct metrics m = begin(true);
	unsigned int i;

	(void)state;
	metrics_add(&h, 0);
	metrics_add(&h, 1000);
	metrics_add(&h, 1001);
	metrics_add(&h, UINT64_MAX / 2);
	metrics_family(&m, METRIC_HISTOGRAM, "h_seconds", "H.");
	metrics_histogram(&m, "k", "v", &h);
	assert_has("# TYPE h_seconds histogram\nh_seconds_bucket{k=\"v\",le=\"0.000001\"} 2\n"
		   "h_seconds_bucket{k=\"v\",le=\"0.000004\"} 3\n");
	assert_has("h_seconds_bucket{k=\"v\",le=\"274877.906944\"} 3\n"
		   "h_seconds_bucket{k=\"v\",le=\"+Inf\"} 4\n"
		   "h_seconds_sum{k=\"v\"} 9223372036.854777808\nh_seconds_count{k=\"v\"} 4\n");
	/* no bound is a whole number, which the two formats would write differently */
	for (i = 1; i < METRICS_BOUNDS; i++)
		assert_true(metrics_bound(i) == 4 * metrics_bound(i - 1) &&
			    metrics_bound(i) % NSEC_PER_SEC);
}

/* Each of the module's numbers is in the bucket whose bounds contain it. */
static void a_histogram_of_the_module(void **state)
{
	struct tcpnl_totals t = { 0 };
	struct metrics m = begin(false);
	unsigned int n;

	(void)state;
	for (n = 0; n < TCPNL_TIMES; n++)
		t.times[TCPFSM_S_CLOSE_WAIT][n] = 1;
	family_totals(&m, &t);
	assert_has("_bucket{state=\"CLOSE_WAIT\",le=\"0.000001\"} 1\n");
	assert_has("_bucket{state=\"CLOSE_WAIT\",le=\"0.000004\"} 3\n");
	assert_has("_bucket{state=\"CLOSE_WAIT\",le=\"0.000016\"} 5\n");
	assert_has("_bucket{state=\"CLOSE_WAIT\",le=\"274877.906944\"} 39\n");
	assert_has("_bucket{state=\"CLOSE_WAIT\",le=\"+Inf\"} 40\n");
	assert_has("_count{state=\"CLOSE_WAIT\"} 40\n");
	assert_has("_count{state=\"TIME_WAIT\"} 0\n");
	assert_lacks("_sum");
	/* OpenMetrics has no count where there is no sum */
	m = begin(true);
	family_totals(&m, &t);
	assert_lacks("_count");
}

static void totals(void **state)
{
	struct tcpnl_totals t = { 0 };
	struct metrics m = begin(false);

	(void)state;
	t.matrix[TCPFSM_S_ESTABLISHED][TCPFSM_S_CLOSE_WAIT] = 7;
	t.causes[TCPFSM_C_RCV_FIN] = 7;
	t.causes[TCPFSM_C_UNKNOWN] = 1;
	t.causes[TCPNL_CAUSES - 1] = 2;
	family_totals(&m, &t);
	assert_has("tcpfsm_transitions_total{from=\"ESTABLISHED\",to=\"CLOSE_WAIT\"} 7\n");
	assert_has("tcpfsm_transition_causes_total{cause=\"FIN received\"} 7\n");
	assert_has("tcpfsm_transition_causes_total{cause=\"unknown\"} 3\n");
	assert_has("tcpfsm_transition_causes_total{cause=\"close\"} 0\n");
}

static void verdicts(void **state)
{
	struct verdict t = {
		.handshake = VERDICT_H_THREE_WAY, .teardown = VERDICT_T_FOUR_WAY,
		.conformance = VERDICT_OK, .has_handshake_ns = true, .handshake_ns = 5000000,
	};
	struct family_verdicts f = { 0 };
	struct metrics m = begin(false);

	(void)state;
	verdicts_count(&f, &t);
	t = (struct verdict){
		.conformance = VERDICT_VIOLATION, .violations = VERDICT_VIOLATIONS + 3,
		.missing = BIT(VERDICT_M_LOST) | BIT(VERDICT_M_OPEN),
	};
	verdicts_count(&f, &t);
	/* a newer judge's, which there cannot be: nothing is written beyond the end */
	t = (struct verdict){ .handshake = 255, .teardown = 255, .conformance = 255 };
	verdicts_count(&f, &t);
	family_verdicts(&m, &f);
	assert_has("tcpfsm_handshakes_total{verdict=\"unknown\"} 1\n");
	assert_has("tcpfsm_handshakes_total{verdict=\"three-way\"} 1\n");
	assert_has("tcpfsm_handshakes_total{verdict=\"refused\"} 0\n");
	assert_has("tcpfsm_teardowns_total{verdict=\"four-way\"} 1\n");
	assert_has("tcpfsm_verdicts_total{conformance=\"ok\"} 1\n");
	assert_has("tcpfsm_verdicts_total{conformance=\"violation\"} 1\n");
	assert_has("tcpfsm_verdicts_total{conformance=\"incomplete\"} 0\n");
	assert_has("tcpfsm_verdicts_missing_total{missing=\"records lost\"} 1\n");
	assert_has("tcpfsm_handshake_duration_seconds_sum 0.005\n");
	assert_int_equal(f.violation[0], VERDICT_VIOLATIONS);
}

static struct stuck a_stuck(unsigned int state, const char *comm, uint64_t ns)
{
	struct stuck s = { .ev = an_event() };

	s.ev.kind = TCPFSM_K_FLOW;
	s.ev.state = state;
	s.ev.ns = ns;
	set_owner(&s.ev.owner, comm);
	return s;
}

static struct stuck_list many(size_t n)
{
	struct stuck_list l = { .items = calloc(n, sizeof(*l.items)), .n = n };
	char comm[TCPFSM_COMM_LEN];
	size_t i;

	assert_non_null(l.items);
	for (i = 0; i < n; i++) {
		snprintf(comm, sizeof(comm), "p%zu", i);
		l.items[i] = a_stuck(TCPFSM_S_CLOSE_WAIT, comm, i);
	}
	return l;
}

static uint64_t sum_stuck(const struct family_stuck *f)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < FAMILIES_STUCK; i++)
		sum += f->series[i].n;
	for (i = 0; i <= TCPFSM_S_MAX; i++)
		sum += f->other[i];
	return sum;
}

static void stuck_are_bounded(void **state)
{
	struct stuck_list l = many(FAMILIES_STUCK + 10);
	struct family_stuck f = { 0 };
	struct metrics m;

	(void)state;
	stuck_count(&f, &l);
	assert_int_equal(sum_stuck(&f), FAMILIES_STUCK + 10);
	assert_int_equal(f.other[TCPFSM_S_CLOSE_WAIT], 10);
	m = begin(false);
	family_stuck(&m, &f);
	assert_has("tcpfsm_stuck_flows{state=\"CLOSE_WAIT\",owner=\"unknown\",comm=\"p0\"} 1\n");
	assert_has("tcpfsm_stuck_flows{state=\"CLOSE_WAIT\",owner=\"other\",comm=\"\"} 10\n");
	assert_has("tcpfsm_stuck_oldest_seconds{state=\"CLOSE_WAIT\"} 0.000000073\n");
	assert_has("tcpfsm_stuck_oldest_seconds{state=\"LAST_ACK\"} 0.0\n");

	/* a label stays as long as it is needed, though others come before it */
	l.items[0] = a_stuck(TCPFSM_S_CLOSE_WAIT, "new", 1);
	stuck_count(&f, &l);
	assert_int_equal(sum_stuck(&f), FAMILIES_STUCK + 10);
	assert_string_equal(f.series[1].comm, "p1");
	assert_string_equal(f.series[0].comm, "new");
	l.n = 1;
	l.items[0] = a_stuck(TCPFSM_S_CLOSE_WAIT, "p5", 1);
	stuck_count(&f, &l);
	assert_string_equal(f.series[5].comm, "p5");
	assert_int_equal(sum_stuck(&f), 1);
	l.n = 0;
	stuck_count(&f, &l);
	assert_int_equal(sum_stuck(&f), 0);
	free(l.items);
}

static void stuck_together(void **state)
{
	struct stuck items[] = {
		a_stuck(TCPFSM_S_CLOSE_WAIT, "a", 1), a_stuck(TCPFSM_S_CLOSE_WAIT, "a", 2),
		a_stuck(TCPFSM_S_LAST_ACK, "a", 3), a_stuck(TCPFSM_S_CLOSE_WAIT, "b", 4),
		a_stuck(200, "b", 4),
	};
	struct stuck_list l = { .items = items, .n = ARRAY_SIZE(items) };
	struct family_stuck f = { 0 };
	struct metrics m = begin(false);
	int i;

	(void)state;
	for (i = 0; i < 2; i++)
		stuck_count(&f, &l);
	family_stuck(&m, &f);
	assert_has("{state=\"CLOSE_WAIT\",owner=\"unknown\",comm=\"a\"} 2\n");
	assert_has("{state=\"LAST_ACK\",owner=\"unknown\",comm=\"a\"} 1\n");
	assert_has("{state=\"CLOSE_WAIT\",owner=\"unknown\",comm=\"b\"} 1\n");
}

static struct listener_row a_listener(uint64_t cookie, unsigned int port, uint64_t syns)
{
	struct listener_row r = {
		.ev = an_event(),
		.l = { .syns = syns, .half_open = 2, .waiting = 3, .accept_ns = syns * 1000,
		       .floods = 1 },
	};

	set_id(&r.ev.id, AF_INET, "0.0.0.0", port, "0.0.0.0", 0);
	r.ev.id.cookie = cookie;
	return r;
}

#define OTHER "{netns=\"\",address=\"other\",port=\"\",comm=\"\"}"
#define LABELS "{netns=\"4026531840\",address=\"0.0.0.0\",port=\"80\",comm=\"curl\"}"

static void listeners_never_fall(void **state)
{
	struct listener_row rows[] = { a_listener(1, 80, 100), a_listener(2, 80, 50) };
	struct listener_list l = { .rows = rows, .n = 2 };
	struct family_listeners f = { 0 };
	struct metrics m;

	(void)state;
	/* what was there before the exporter is the base */
	listeners_count(&f, &l);
	rows[0].l.syns += 7;
	rows[1].l.syns += 1;
	rows[0].l.floods += 1;
	listeners_count(&f, &l);
	m = begin(false);
	family_listeners(&m, &f);
	assert_has("tcpfsm_listener_syns_total" LABELS " 8\n");
	assert_has("tcpfsm_listener_floods_total" LABELS " 1\n");
	assert_has("tcpfsm_listener_sockets" LABELS " 2\n");
	assert_has("tcpfsm_listener_half_open" LABELS " 4\n");
	assert_has("tcpfsm_listener_accept_queue" LABELS " 6\n");
	assert_has("tcpfsm_listener_accept_queue_limit" LABELS " 0\n");
	/* one of two closes; a third opens */
	rows[1] = a_listener(3, 80, 4);
	rows[1].q = (struct listener_queue){ .known = true, .waiting = 1, .limit = 128 };
	listeners_count(&f, &l);
	m = begin(false);
	family_listeners(&m, &f);
	assert_has("tcpfsm_listener_syns_total" LABELS " 12\n");
	assert_has("tcpfsm_listener_accept_queue" LABELS " 4\n");
	assert_has("tcpfsm_listener_accept_queue_limit" LABELS " 128\n");
	/* the module was loaded again */
	rows[0].l.syns = 5;
	listeners_count(&f, &l);
	m = begin(true);
	family_listeners(&m, &f);
	assert_has("tcpfsm_listener_syns_total" LABELS " 17\n");
	assert_has("tcpfsm_listener_accept_wait_seconds_total" LABELS);
	l.n = 0;
	listeners_count(&f, &l);
	m = begin(false);
	family_listeners(&m, &f);
	assert_lacks(LABELS);
	listeners_forget(&f);
}

static void listeners_are_bounded(void **state)
{
	enum { N = FAMILIES_KNOWN + 5 };
	struct listener_list l = { .rows = calloc(N, sizeof(*l.rows)), .n = N };
	struct family_listeners f = { 0 };
	struct metrics m;
	size_t i;

	(void)state;
	assert_non_null(l.rows);
	listeners_count(&f, &(struct listener_list){ 0 });
	for (i = 0; i < N; i++)
		l.rows[i] = a_listener(i + 1, 1024 + i, 1);
	listeners_count(&f, &l);
	m = begin(false);
	family_listeners(&m, &f);
	assert_has("tcpfsm_listener_sockets" OTHER " 4032\n");
	assert_has("tcpfsm_listener_syns_total" OTHER " 4032\n");
	/* it still tells when they have gone */
	l.n = 0;
	listeners_count(&f, &l);
	m = begin(false);
	family_listeners(&m, &f);
	assert_has("tcpfsm_listener_syns_total" OTHER " 4032\n");
	free(l.rows);
	listeners_forget(&f);
}

static void places_to_listen(void **state)
{
	static const char * const bad[] = {
		"", ":", "x", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3:80",
		"::1:80", "[::1]", "[::1:80", "::1]:80", "[1.2.3.4]:80", "localhost:80", "[]:80",
		"1.2.3.4:80x", "[::1%lo]:80",
		"[aaaa:bbbb:cccc:dddd:eeee:ffff:aaaa:bbbb:cccc:dddd:eeee]:80",
	};
	struct sockaddr_storage at;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&at;
	struct sockaddr_in *four = (struct sockaddr_in *)&at;
	struct why w;
	size_t i;

	(void)state;
	assert_int_equal(listen_parse("127.0.0.1:10293", &at, &w), 0);
	assert_int_equal(four->sin_family, AF_INET);
	assert_int_equal(ntohl(four->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(ntohs(four->sin_port), 10293);
	assert_int_equal(listen_parse("[::1]:80", &at, &w), 0);
	assert_int_equal(six->sin6_family, AF_INET6);
	assert_true(IN6_IS_ADDR_LOOPBACK(&six->sin6_addr));
	assert_int_equal(listen_parse(":80", &at, &w), 0);
	assert_int_equal(six->sin6_family, AF_INET6);
	assert_true(IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (listen_parse(bad[i], &at, &w) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_of_families, out_init, out_free),
		cmocka_unit_test_setup_teardown(any_label, out_init, out_free),
		cmocka_unit_test_setup_teardown(seconds, out_init, out_free),
		cmocka_unit_test(who_wants_what),
		cmocka_unit_test_setup_teardown(a_histogram_that_we_count, out_init, out_free),
		cmocka_unit_test_setup_teardown(a_histogram_of_the_module, out_init, out_free),
		cmocka_unit_test_setup_teardown(totals, out_init, out_free),
		cmocka_unit_test_setup_teardown(verdicts, out_init, out_free),
		cmocka_unit_test_setup_teardown(stuck_are_bounded, out_init, out_free),
		cmocka_unit_test_setup_teardown(stuck_together, out_init, out_free),
		cmocka_unit_test_setup_teardown(listeners_never_fall, out_init, out_free),
		cmocka_unit_test_setup_teardown(listeners_are_bounded, out_init, out_free),
		cmocka_unit_test(places_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
