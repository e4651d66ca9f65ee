// SPDX-License-Identifier: GPL-2.0
/* tcpfsm stuck: what is asked for, which connections that takes, and how they are shown */
#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "cmd.h"
#include "gather.h"
#include "out_stuck.h"
#include "unit.h"

static int parse(const char *line, struct opts *o, struct why *w)
{
	static char copy[256];
	char *argv[32] = { "stuck" };
	char *word;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return opts_parse(o, cmd_stuck.groups, argc, argv, w);
}

static void what_is_asked_for(void **state)
{
	struct opts o;
	struct why w;

	(void)state;
	assert_int_equal(parse("--min-age 90s -S close-wait --kill --yes -c 5", &o, &w), OPTS_RUN);
	assert_true(o.has_min_age && o.kill && o.yes && !o.watch);
	assert_int_equal(o.min_age, 90 * NSEC_PER_SEC);
	opts_free(&o);
	assert_int_equal(parse("--watch -T --buffer 1M", &o, &w), OPTS_RUN);
	assert_true(o.watch && o.time_of_day);
	opts_free(&o);
	assert_int_equal(parse("--min-age 0ms -S time-wait,listen", &o, &w), OPTS_RUN);
	assert_true(o.has_min_age && !o.min_age);
	opts_free(&o);
}

static void what_is_refused(void **state)
{
	static const struct {
		const char	*line;
		const char	*words;
	} rows[] = {
		{ "--min-age -5s", "--min-age: bad age '-5s'" },
		{ "--min-age 5", "it is a number with a unit" },
		{ "--min-age 1s --min-age 2s", "given twice" },
		{ "--min-age", "--min-age needs AGE" },
		{ "--kill --watch", "--watch with --kill" },
		{ "--watch --min-age 5s", "--watch with --min-age" },
		{ "--yes", "--yes without --kill" },
		{ "-T", "-T needs --watch" },
		{ "-t", "-t needs --watch" },
		{ "--buffer 1M", "--buffer needs --watch" },
		{ "-S listen", "a listener is no connection" },
		{ "-S listen --min-age 5s", "a listener is no connection" },
		{ "-S time-wait", "it has no threshold" },
		{ "-S time-wait --watch", "it has no threshold" },
		{ "-S CLOSED --min-age 5s", "nothing can match" },
		{ "-S half-shut", "half-shut" },
		{ "now", "unexpected 'now'" },
	};
	struct opts o;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse(rows[i].line, &o, &w), -EINVAL);
		if (!strstr(w.text, rows[i].words))
			fail_msg("%s: %s", rows[i].line, w.text);
		opts_free(&o);
	}
}

static struct event flow_in(unsigned int state, uint64_t ns)
{
	struct event ev = an_event();

	ev.kind = TCPFSM_K_FLOW;
	ev.state = state;
	ev.old_state = TCPFSM_S_UNKNOWN;
	ev.ns = ns;
	return ev;
}

static bool takes(const char *line, const struct event *ev)
{
	struct opts o;
	struct why w;
	bool yes;

	assert_int_equal(parse(line, &o, &w), OPTS_RUN);
	yes = gather_takes(&o, ev);
	opts_free(&o);
	return yes;
}

static void by_age(void **state)
{
	struct event ev = flow_in(TCPFSM_S_CLOSE_WAIT, 5 * NSEC_PER_SEC);

	(void)state;
	assert_true(takes("", &ev));
	assert_true(takes("--min-age 5s", &ev));
	assert_false(takes("--min-age 5001ms", &ev));
	/* at least so old */
	ev.flags &= ~TCPFSM_F_SINCE;
	ev.bound = true;
	assert_true(takes("--min-age 5s", &ev));
	assert_false(takes("--min-age 6s", &ev));
	ev.bound = false;
	assert_false(takes("--min-age 1ms", &ev));
	assert_true(takes("--min-age 0s", &ev));
	assert_false(takes("-S last-ack", &ev));
	assert_false(takes("-L 80", &ev));
	/* somebody else may hold it */
	assert_true(takes("-p 999 -C nginx", &ev));
}

/* Of those that are open only the ones nobody has accepted are stuck. */
static void established(void **state)
{
	struct event ev = flow_in(TCPFSM_S_ESTABLISHED, NSEC_PER_SEC);

	(void)state;
	assert_false(takes("--min-age 1s", &ev));
	assert_true(takes("--min-age 1s -S established", &ev));
	ev.flags |= TCPFSM_F_INHERITED;
	assert_true(takes("--min-age 1s", &ev));
	/* of one that is older than the module nobody knows yet */
	ev.flags &= ~(TCPFSM_F_INHERITED | TCPFSM_F_OWNER);
	assert_true(takes("--min-age 1s", &ev));
	/* the module says so */
	ev.flags |= TCPFSM_F_OWNER | TCPFSM_F_OVERDUE;
	assert_true(takes("", &ev));
}

/* nginx's worker holds what its master opened */
static struct stuck_list a_list(void)
{
	struct event ev = flow_in(TCPFSM_S_CLOSE_WAIT, 723 * NSEC_PER_SEC);
	struct stuck_list l = { 0 };
	struct stuck *s;

	ev.flags = TCPFSM_F_OWNER;
	ev.bound = true;
	ev.cause = TCPFSM_C_RCV_FIN;
	assert_int_equal(stuck_add(&l, &ev), 0);
	l.owners.processes = calloc(2, sizeof(struct process));
	l.owners.holders = calloc(2, sizeof(struct holder));
	l.owners.processes[0] = (struct process){ .pid = 820, .inner_pid = 7, .uid = 33,
						  .comm = "nginx" };
	l.owners.processes[1] = (struct process){ .pid = 821, .inner_pid = 821, .comm = "x" };
	l.owners.holders[0] = (struct holder){ .inode = 700, .pid = 820, .fd = 7 };
	l.owners.holders[1] = (struct holder){ .inode = 700, .pid = 821, .fd = 9, .process = 1 };
	l.owners.nholders = 2;
	l.owners.nprocesses = 2;
	s = l.items;
	s->asked = true;
	s->found = true;
	s->sock = (struct diag_sock){ .inode = 700, .rqueue = 1, .has_heard = true,
				      .heard = 61000 };
	s->kind = OWNER_PROCESS;
	s->holders = owners_of(&l.owners, 700, &s->nholders);
	s->first = s->holders;
	return l;
}

static void shows(struct buf *b, const char *words)
{
	buf_char(b, '\0');
	if (!strstr(b->data, words))
		fail_msg("'%s' is not in: %s", words, b->data);
	b->len--;
}

static void in_text(void **state)
{
	struct stuck_list l = a_list();
	struct view v;
	struct buf b;

	(void)state;
	buf_init(&b, -1);
	view_init_stuck(&v, 4);
	text_stuck(&b, &v, &l, l.items, STUCK_LISTED);
	shows(&b, "CLOSE_WAIT   >=12m03s 4f    10.0.0.1:40512        10.0.0.2:80           "
		  "nginx/820(7) fd 7 +1 (opened by curl/812) 1      0      1m01s   "
		  "FIN received          the peer has closed, and the application has neither");
	b.len = 0;
	v.wide = true;
	text_stuck(&b, &v, &l, l.items, STUCK_FOUND);
	shows(&b, "found CLOSE_WAIT ");
	shows(&b, "held by: nginx/820 fd 7, uid 33, pid 7 in its namespace\n");
	shows(&b, "held by: x/821 fd 9, uid 0\n");
	b.len = 0;
	l.items[0].first = NULL;
	l.items[0].nholders = 0;
	l.items[0].kind = OWNER_UNKNOWN;
	l.items[0].found = false;
	text_stuck(&b, &v, &l, l.items, STUCK_LISTED);
	shows(&b, "unknown (opened by curl/812)");
	shows(&b, " -      -      -       FIN received");
	buf_free(&b);
	stuck_free(&l);
}

static void in_json(void **state)
{
	struct stuck_list l = a_list();
	struct stuck_owner o = stuck_owner(&l, l.items);
	struct view v;
	struct buf b;

	(void)state;
	buf_init(&b, -1);
	view_init_stuck(&v, 4);
	json_stuck_one(&b, &v, &l, l.items, STUCK_LISTED);
	shows(&b, "{\"event\":\"stuck\",\"ts\":1000000000,");
	shows(&b, "\"flow\":\"4f\",");
	shows(&b, "\"pid\":820,\"comm\":\"nginx\",\"uid\":33,\"fd\":7,\"owner\":\"process\","
		  "\"state\":\"CLOSE_WAIT\",\"age_ns\":723000000000,\"age_is_lower_bound\":true,"
		  "\"rx_queue\":1,\"tx_queue\":0,\"heard_ns\":61000000000,\"retrans\":null,"
		  "\"probes\":null,\"memory\":null,\"accept_queue\":null,\"backlog\":null,"
		  "\"cause\":\"FIN received\",\"holders\":[{\"pid\":820,\"inner_pid\":7,\"fd\":7,"
		  "\"comm\":\"nginx\",\"uid\":33,\"container\":null,\"cgroup\":null},{\"pid\":821,"
		  "\"inner_pid\":821,\"fd\":9,\"comm\":\"x\",\"uid\":0,\"container\":null,"
		  "\"cgroup\":null}],\"opened_by\":{\"pid\":812,\"comm\":\"curl\",\"uid\":1000},"
		  "\"advice\":\"the peer has closed, and the application has neither read that nor "
		  "closed: ends when it closes or exits\"}\n");
	b.len = 0;
	l.items[0].ev.cause = TCPFSM_C_EXIT;
	json_stuck_end(&b, &v, &l.items[0].ev, &o);
	shows(&b, "{\"event\":\"stuck\",\"phase\":\"end\",");
	shows(&b, "\"pid\":820,\"comm\":\"nginx\",\"uid\":33,\"fd\":7,");
	shows(&b, "\"cause\":\"process exit\",\"opened_by\":{\"pid\":812,");
	b.len = 0;
	json_killed(&b, &v, l.items, KILL_REUSED);
	shows(&b, "{\"event\":\"killed\",");
	shows(&b, "\"state\":\"CLOSE_WAIT\",\"result\":\"reused\"}\n");
	b.len = 0;
	l.items[0].kind = OWNER_UNACCEPTED;
	json_stuck_one(&b, &v, &l, l.items, STUCK_BEGIN);
	shows(&b, "\"phase\":\"begin\",");
	shows(&b, "\"pid\":null,\"comm\":null,\"uid\":null,\"fd\":null,\"owner\":\"unaccepted\"");
	shows(&b, "\"holders\":[],\"listeners\":[{\"pid\":820,");
	buf_free(&b);
	stuck_free(&l);
}

static bool owned(const struct stuck_list *l, const char *line)
{
	struct opts o;
	struct why w;
	bool yes;

	assert_int_equal(parse(line, &o, &w), OPTS_RUN);
	yes = stuck_match_owner(l, l->items, &o.filter);
	opts_free(&o);
	return yes;
}

static void by_owner(void **state)
{
	struct stuck_list l = a_list();

	(void)state;
	assert_true(owned(&l, ""));
	assert_true(owned(&l, "-p 820"));
	assert_true(owned(&l, "-p 821 -C x"));
	assert_true(owned(&l, "-C ngin*"));
	assert_true(owned(&l, "-p 812"));	/* who opened it */
	assert_false(owned(&l, "-p 821 -C nginx"));
	assert_false(owned(&l, "-p 7"));
	stuck_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(by_age),
		cmocka_unit_test(established),
		cmocka_unit_test(in_text),
		cmocka_unit_test(in_json),
		cmocka_unit_test(by_owner),
	};

	return cmocka_run_group_tests_name("stuck", tests, NULL, NULL);
}
