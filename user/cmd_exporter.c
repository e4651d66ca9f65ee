// SPDX-License-Identifier: GPL-2.0
/*
 * tcpfsm exporter: numbers for Prometheus. What the module counts is asked for when somebody
 * asks us; verdicts are counted as they are given, by the same judge as tcpfsm check's. The
 * module may be unloaded and loaded again: whoever watches a fleet wants to be told that it is
 * missing, which an exporter that has gone as well cannot do.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "drop.h"
#include "exit.h"
#include "families.h"
#include "gather.h"
#include "http.h"
#include "judge.h"
#include "listen.h"
#include "live.h"
#include "mhd.h"
#include "stop.h"

/* Those who ask within this time of another are told the same: asking costs the machine. */
#define FRESH_NS	NSEC_PER_SEC

/* How often it is looked for when it is not loaded */
#define LOOK_MS		1000

struct exporter {
	const struct opts	*opts;
	struct http		http;
	struct live		live;
	bool			up;		/* @live is open */
	struct judge		judge;
	uint64_t		lost_before;	/* between module and us, before it was reloaded */
	uint64_t		errors;
	int			last_error;	/* that was told of: the next one like it is not */
	struct family_verdicts	verdicts;
	struct family_stuck	stuck;
	struct family_listeners	listeners;
	struct buf		text;		/* what was told last */
	bool			text_open;
	uint64_t		text_at;
};

/*
 * Other namespaces are not told, nor does an older module know. Whoever scrapes is told how
 * often something else went wrong, the log what.
 */
static bool worked(struct exporter *e, const char *what, int err)
{
	if (err && err != -EPERM && err != -EACCES && err != -EOPNOTSUPP) {
		e->errors++;
		if (err != e->last_error)
			fprintf(stderr, "tcpfsm: %s: %s\n", what, strerror(-err));
		e->last_error = err;
	}
	return !err;
}

static void info(struct metrics *m, const char *name, const char *help, const char *version)
{
	metrics_family(m, METRIC_GAUGE, name, help);
	metrics_begin(m);
	metrics_word(m, "version", version);
	metrics_number(m, 1);
}

static int count_flow(const struct event *ev, void *arg)
{
	uint64_t *flows = arg;

	if (ev->state <= TCPFSM_S_MAX)
		flows[ev->state]++;
	return 0;
}

static int add_listener(const struct event *ev, const struct tcpfsm_listener *l, void *arg)
{
	return listeners_add(arg, ev, l);
}

static bool count_listeners(struct exporter *e)
{
	const struct tcpnl_flow_filter all = { 0 };
	struct listener_list list = { 0 };
	bool torn;
	bool good;

	good = worked(e, "listeners",
		      tcpnl_listeners(&e->live.nl, &all, add_listener, &list, &torn));
	if (good) {
		listeners_sort(&list);
		listeners_ask(&list);
		listeners_count(&e->listeners, &list);
	}
	listeners_free(&list);
	return good;
}

static bool count_stuck(struct exporter *e)
{
	const struct opts overdue = { 0 };
	struct stuck_list list = { 0 };
	bool torn;
	bool good;

	good = worked(e, "stuck connections", gather(&list, &e->live.nl, &overdue, &torn));
	if (good)
		stuck_count(&e->stuck, &list);
	stuck_free(&list);
	return good;
}

static void tell_of_module(struct exporter *e, struct metrics *m, const struct tcpnl_stats *st)
{
	const struct tcpnl_flow_filter all = { 0 };
	uint64_t flows[TCPFSM_S_MAX + 1] = { 0 };
	struct tcpnl *nl = &e->live.nl;
	struct tcpnl_totals totals;
	struct tcpnl_config config;
	bool torn;

	info(m, "tcpfsm_module_info", "The module that is loaded.", st->version);
	family_stats(m, st);
	family_lost(m, st, &e->verdicts);
	if (worked(e, "totals", tcpnl_totals(nl, &totals)))
		family_totals(m, &totals);
	if (worked(e, "flows", tcpnl_flows(nl, &all, count_flow, flows, &torn)))
		family_flows(m, flows);
	if (worked(e, "thresholds", tcpnl_config(nl, &config)))
		family_thresholds(m, &config);
	if (count_stuck(e))
		family_stuck(m, &e->stuck);
	if (count_listeners(e))
		family_listeners(m, &e->listeners);
	worked(e, "hooks", family_hooks(m, nl));
}

static void tell(struct exporter *e, struct buf *b, bool open)
{
	const uint64_t began = clock_mono();
	struct tcpnl_stats st;
	struct metrics m;
	bool up;

	metrics_init(&m, b, open);
	info(&m, "tcpfsm_exporter_info", "This exporter.", TCPFSM_VERSION);
	up = e->up && worked(e, "stats", tcpnl_stats(&e->live.nl, &st));
	metrics_one(&m, METRIC_GAUGE, "tcpfsm_up", "Whether the module is loaded and answers.", up);
	e->verdicts.early = e->judge.numbers.evicted;
	e->verdicts.lost_netlink = e->lost_before + (e->up ? e->live.lost_netlink : 0);
	if (up)
		tell_of_module(e, &m, &st);
	family_verdicts(&m, &e->verdicts);
	metrics_one(&m, METRIC_COUNTER, "tcpfsm_scrape_errors",
		    "Requests to the module that failed.", e->errors);
	metrics_family(&m, METRIC_GAUGE, "tcpfsm_scrape_duration_seconds",
		       "How long it took to gather this.");
	metrics_begin(&m);
	metrics_seconds(&m, clock_mono() - began);
	metrics_end(&m);
}

static void asked(void *arg, struct buf *b, bool open)
{
	struct exporter *e = arg;

	if (!e->text.len || e->text_open != open || clock_mono() - e->text_at >= FRESH_NS) {
		buf_free(&e->text);
		buf_init(&e->text, -1);
		tell(e, &e->text, open);
		e->text_open = open;
		e->text_at = clock_mono();
	}
	buf_mem(b, e->text.data, e->text.len);
	if (e->text.err)
		b->err = e->text.err;
}

static void verdict(void *arg, const struct verdict *t)
{
	struct exporter *e = arg;

	verdicts_count(&e->verdicts, t);
}

static int event(void *arg, const struct event *ev)
{
	struct exporter *e = arg;

	judge_event(&e->judge, ev);
	if (ev->kind == TCPFSM_K_SEGMENT && ev->seg.known & TCPFSM_SEG_ILLEGAL)
		e->verdicts.illegal++;
	return 0;
}

static int settled(void *arg)
{
	struct exporter *e = arg;
	uint64_t when;
	int ms;

	e->live.wake = judge_settled(&e->judge, live_mark(&e->live), e->live.doubt);
	http_run(&e->http);
	ms = http_patience(&e->http);
	when = clock_mono() + ms * NSEC_PER_MSEC;
	if (ms >= 0 && (!e->live.wake || when < e->live.wake))
		e->live.wake = when;
	return 0;
}

static int connect_module(struct exporter *e)
{
	int err = live_open(&e->live, false, e->opts->buffer);

	if (err) {
		live_close(&e->live);
		return err;
	}
	e->up = true;
	e->live.also = e->http.fd;
	/* what they came to before us is not ours to tell */
	if (!e->listeners.begun)
		count_listeners(e);
	return 0;
}

/* Connections that are open now go on unseen: what is known of them is said. */
static void disconnect(struct exporter *e)
{
	if (!e->up)
		return;
	judge_finish(&e->judge);
	e->lost_before += e->live.lost_netlink;
	live_close(&e->live);
	e->up = false;
}

/* Answer that it is not there, until it is. */
static int await_module(struct exporter *e)
{
	struct pollfd p[] = {
		{ .fd = e->http.fd, .events = POLLIN },
		{ .fd = stop_fd(), .events = POLLIN },
	};
	uint64_t look = clock_mono() + LOOK_MS * NSEC_PER_MSEC;
	int ms;

	for (;;) {
		ms = http_patience(&e->http);
		if (ms < 0 || ms > LOOK_MS)
			ms = LOOK_MS;
		if (poll(p, ARRAY_SIZE(p), ms) < 0 && errno != EINTR)
			return -errno;
		if (stop_asked())
			return LIVE_SIGNAL;
		http_run(&e->http);
		if (clock_mono() < look)
			continue;
		if (tcpnl_loaded())
			return 0;
		look = clock_mono() + LOOK_MS * NSEC_PER_MSEC;
	}
}

static int follow(struct exporter *e)
{
	static const struct live_ops ops = { .event = event, .settled = settled };
	int end = 0;
	int err;

	for (;;) {
		if (!e->up) {
			end = await_module(e);
			if (end)
				break;
			err = connect_module(e);
			if (err == -ENOENT)
				continue;
			if (err)
				return tcpnl_report(&e->live.nl, err);
			fputs("tcpfsm: the module is loaded\n", stderr);
		}
		end = live_run(&e->live, &ops, e);
		disconnect(e);
		if (end == LIVE_UNLOADED)
			fputs("tcpfsm: the module was unloaded; waiting for it\n", stderr);
		else if (end < 0)
			fprintf(stderr, "tcpfsm: reading events: %s; beginning anew\n",
				strerror(-end));
		else
			break;
	}
	if (end != LIVE_SIGNAL)
		fprintf(stderr, "tcpfsm: waiting: %s\n", strerror(-end));
	return end == LIVE_SIGNAL ? STATUS_OK : STATUS_FAILED;
}

static const char *shown(const struct sockaddr_storage *at, char *to, size_t room)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)at;
	const struct sockaddr_in *four = (const struct sockaddr_in *)at;
	char addr[INET6_ADDRSTRLEN];

	if (at->ss_family == AF_INET6)
		snprintf(to, room, "[%s]:%u",
			 inet_ntop(AF_INET6, &six->sin6_addr, addr, sizeof(addr)),
			 ntohs(six->sin6_port));
	else
		snprintf(to, room, "%s:%u",
			 inet_ntop(AF_INET, &four->sin_addr, addr, sizeof(addr)),
			 ntohs(four->sin_port));
	return to;
}

static int refuse_listen(const char *where, int err)
{
	switch (err) {
	case -EADDRINUSE:
		fprintf(stderr, "tcpfsm: --listen: %s is taken by another program, ss -tlnp "
			"tells which; choose another port\n", where);
		return STATUS_FAILED;
	case -EADDRNOTAVAIL:
		fprintf(stderr, "tcpfsm: --listen: %s is no address of this machine; ip address "
			"lists them\n", where);
		return STATUS_USAGE;
	case -EACCES:
	case -EPERM:
		fprintf(stderr, "tcpfsm: --listen: %s: access denied: ports below 1024 need "
			"CAP_NET_BIND_SERVICE\n", where);
		return STATUS_ACCESS;
	default:
		fprintf(stderr, "tcpfsm: --listen: %s: %s\n", where, strerror(-err));
		return STATUS_FAILED;
	}
}

static int give_up_privileges(const struct opts *o)
{
	uint64_t keep = BIT_ULL(CAP_NET_ADMIN);
	int err;

	/* descriptors of others, and sockets of other namespaces */
	if (o->holders)
		keep |= BIT_ULL(CAP_SYS_PTRACE) | BIT_ULL(CAP_DAC_READ_SEARCH) |
			BIT_ULL(CAP_SYS_ADMIN);
	err = drop_privileges(keep);
	if (err)
		fprintf(stderr, "tcpfsm: cannot give up privileges: %s\n", strerror(-err));
	return err ? STATUS_FAILED : STATUS_OK;
}

/* Whoever may not ask learns it now; whoever has no module yet, waits for it. */
static int begin(struct exporter *e, int listener)
{
	char where[INET6_ADDRSTRLEN + 10];
	int err;

	if (http_open(&e->http, listener, asked, e) ||
	    judge_init(&e->judge, JUDGE_FLOWS, verdict, e)) {
		fputs("tcpfsm: out of memory\n", stderr);
		return STATUS_FAILED;
	}
	err = connect_module(e);
	if (err && err != -ENOENT)
		return tcpnl_report(&e->live.nl, err);
	fprintf(stderr, "tcpfsm: metrics at http://%s/metrics%s\n",
		shown(&e->opts->listen, where, sizeof(where)),
		err ? "; the module is not loaded, waiting for it" : "");
	return STATUS_OK;
}

static int serve(struct exporter *e)
{
	char where[INET6_ADDRSTRLEN + 10];
	int status;
	int fd;

	fd = listen_open(&e->opts->listen);
	if (fd < 0)
		return refuse_listen(shown(&e->opts->listen, where, sizeof(where)), fd);
	status = give_up_privileges(e->opts);
	if (status != STATUS_OK) {
		close(fd);
		return status;
	}
	status = begin(e, fd);
	if (status == STATUS_OK)
		status = follow(e);
	disconnect(e);
	http_close(&e->http);
	judge_free(&e->judge);
	return status;
}

static int run(const struct opts *o)
{
	static struct exporter e;
	int status;

	e.opts = o;
	buf_init(&e.text, -1);
	if (stop_init()) {
		fprintf(stderr, "tcpfsm: %s\n", strerror(errno));
		return STATUS_FAILED;
	}
	status = mhd_load() ? STATUS_FAILED : serve(&e);
	listeners_forget(&e.listeners);
	buf_free(&e.text);
	return status;
}

const struct cmd cmd_exporter = {
	.name = "exporter",
	.brief = "metrics for Prometheus, over HTTP",
	.about = "Answers GET /metrics with numbers for Prometheus, as text or OpenMetrics: flows\n"
		 "by state, transitions, times in states, verdicts, stuck connections and whose\n"
		 "they are, listeners with their queues, losses. Stays when the module is\n"
		 "unloaded, and says so (tcpfsm_up 0). Keeps no privilege but CAP_NET_ADMIN.\n",
	.groups = OPTS_BUFFER | OPTS_EXPORTER,
	.run = run,
};
