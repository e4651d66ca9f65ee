// SPDX-License-Identifier: GPL-2.0
/* tcpfsm doctor: what can be seen here, what cannot, and why. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "health.h"
#include "stats.h"
#include "view.h"

static const char *yes_no(int flag)
{
	return flag < 0 ? "unknown" : flag ? "yes" : "no";
}

static void line(struct buf *b, const char *name, const char *value)
{
	size_t start = b->len;

	buf_str(b, name);
	buf_pad(b, start, 15);
	text_safe(b, value, strlen(value));
	buf_char(b, '\n');
}

static const char *module_word(const struct health *h)
{
	if (h->access == -ENOENT)
		return "not loaded";
	if (h->access == -EPERM || h->access == -EACCES)
		return "loaded, access denied";
	return h->access ? "loaded, does not answer" : h->stats.version;
}

static const char *netns_word(const struct health *h)
{
	if (h->initial < 0)
		return "unknown whether initial";
	return h->initial ? "initial, sees all namespaces" : "not initial, sees only itself";
}

static void text_machine(struct buf *b, const struct health *h)
{
	line(b, "kernel", h->kernel.release);
	line(b, "tool", TCPFSM_VERSION);
	line(b, "module", module_word(h));
	line(b, "CAP_NET_ADMIN", yes_no(h->cap_net_admin));
	buf_printf(b, "%-15s %u, %s\n", "namespace", h->netns, netns_word(h));
	line(b, "lockdown", h->lockdown[0] ? h->lockdown : "unknown");
	line(b, "ftrace_enabled", yes_no(h->ftrace));
}

static void text_module(struct buf *b, const struct health *h)
{
	const uint64_t *value = h->stats.value;
	const struct health_hook *hook;
	size_t i;

	for (i = 0; i < h->nparameters; i++)
		buf_printf(b, "%-15s %s=%s\n", "parameter", h->parameters[i].name,
			   h->parameters[i].value);
	if (!h->nparameters)
		line(b, "parameters", "not readable in /sys/module/tcpfsm/parameters");
	if (h->access)
		return;
	/* told in the initial network namespace, as are the hits */
	if (h->stats.known & BIT(TCPFSM_A_STATS_FLOWS))
		buf_printf(b, "%-15s %llu now, %llu at most, room for %llu, %llu did not fit\n",
			   "flows", (unsigned long long)value[TCPFSM_A_STATS_FLOWS],
			   (unsigned long long)value[TCPFSM_A_STATS_FLOWS_PEAK],
			   (unsigned long long)value[TCPFSM_A_STATS_FLOWS_MAX],
			   (unsigned long long)value[TCPFSM_A_STATS_OVERFLOW]);
	if (h->stats.known & BIT(TCPFSM_A_STATS_RING_RECORDS))
		buf_printf(b, "%-15s %llu records a processor\n", "ring",
			   (unsigned long long)value[TCPFSM_A_STATS_RING_RECORDS]);
	buf_printf(b, "%-15s %llu in rings, %llu in sending\n", "lost",
		   (unsigned long long)value[TCPFSM_A_STATS_LOST_RING],
		   (unsigned long long)value[TCPFSM_A_STATS_LOST_SEND]);
	for (i = 0; i < h->nhooks; i++) {
		hook = &h->hooks[i];
		buf_printf(b, "%-15s %-34s %s", "hook", hook->name,
			   hook->attached ? "attached" : "MISSING ");
		if (hook->tells_hits)
			buf_printf(b, " %llu hits", (unsigned long long)hook->hits);
		buf_char(b, '\n');
	}
}

static void text_sysctls(struct buf *b, const struct health *h)
{
	size_t start;
	size_t i;

	for (i = 0; i < SYSCTLS; i++) {
		start = b->len;
		buf_printf(b, "%-15s %s=", "sysctl", sysctl_name(i));
		if (h->sysctls.known[i])
			buf_printf(b, "%lld", (long long)h->sysctls.value[i]);
		else
			buf_str(b, "unknown");
		buf_pad(b, start, 54);
		buf_printf(b, " %s\n", sysctl_meaning(i));
	}
}

static void text_report(struct buf *b, const struct health *h)
{
	size_t i;

	text_machine(b, h);
	if (h->access != -ENOENT)
		text_module(b, h);
	text_sysctls(b, h);
	for (i = 0; i < h->nwarnings; i++)
		line(b, "note", h->warnings[i]);
	for (i = 0; i < h->remarks.n; i++)
		line(b, "remark", h->remarks.line[i]);
	for (i = 0; i < h->nproblems; i++)
		line(b, "problem", h->problems[i]);
	if (!h->nproblems)
		line(b, "verdict", "all hooks are attached, nothing was lost");
}

/* true, false, or null for unknown */
static void add_flag(struct buf *b, const char *key, int flag)
{
	if (flag < 0)
		json_add_str(b, key, NULL);
	else
		json_add_bool(b, key, flag);
}

static void add_hooks(struct buf *b, const struct health *h)
{
	const struct health_hook *hook;
	size_t i;

	json_key(b, "hooks");
	buf_char(b, '[');
	for (i = 0; i < h->nhooks; i++) {
		hook = &h->hooks[i];
		buf_str(b, i ? ",{\"name\":" : "{\"name\":");
		json_string(b, hook->name, strlen(hook->name));
		json_add_bool(b, "attached", hook->attached);
		json_add_str(b, "blind", hook->blind);
		json_add_str(b, "lacks", hook->lacks[0] ? hook->lacks : NULL);
		json_add_str(b, "unknown", hook->lacks[0] ? hook->unknown : NULL);
		if (hook->tells_hits)
			json_add_num(b, "hits", hook->hits);
		else
			json_add_str(b, "hits", NULL);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void add_parameters(struct buf *b, const struct health *h)
{
	size_t i;

	json_key(b, "parameters");
	buf_char(b, '{');
	for (i = 0; i < h->nparameters; i++) {
		buf_str(b, i ? "," : "");
		json_string(b, h->parameters[i].name, strlen(h->parameters[i].name));
		buf_char(b, ':');
		json_string(b, h->parameters[i].value, strlen(h->parameters[i].value));
	}
	buf_char(b, '}');
}

static void add_sysctls(struct buf *b, const struct health *h)
{
	size_t i;

	json_key(b, "sysctls");
	buf_char(b, '{');
	for (i = 0; i < SYSCTLS; i++) {
		buf_printf(b, "%s\"%s\":", i ? "," : "", sysctl_key(i));
		if (h->sysctls.known[i])
			buf_printf(b, "%lld", (long long)h->sysctls.value[i]);
		else
			buf_str(b, "null");
	}
	buf_char(b, '}');
}

/* Lines of @room bytes each */
static void add_lines(struct buf *b, const char *key, const char *lines, size_t room, size_t n)
{
	size_t i;

	json_key(b, key);
	buf_char(b, '[');
	for (i = 0; i < n; i++, lines += room) {
		buf_str(b, i ? "," : "");
		json_string(b, lines, strlen(lines));
	}
	buf_char(b, ']');
}

static void json_report(struct buf *b, const struct health *h)
{
	struct view view;

	view_init(&view, 0);
	view.wall = clock_wall_offset();
	json_begin(b, "doctor");
	json_time(b, &view, clock_mono());
	json_add_str(b, "kernel", h->kernel.release);
	json_add_str(b, "tool", TCPFSM_VERSION);
	json_add_bool(b, "loaded", h->access != -ENOENT);
	json_add_str(b, "module", h->access ? NULL : h->stats.version);
	json_add_bool(b, "access", !h->access);
	add_flag(b, "cap_net_admin", h->cap_net_admin);
	json_add_num(b, "netns", h->netns);
	add_flag(b, "initial_netns", h->initial);
	json_add_str(b, "lockdown", h->lockdown[0] ? h->lockdown : NULL);
	add_flag(b, "ftrace_enabled", h->ftrace);
	add_parameters(b, h);
	stats_json(b, &h->stats);
	add_hooks(b, h);
	add_sysctls(b, h);
	add_lines(b, "notes", h->warnings[0], sizeof(h->warnings[0]), h->nwarnings);
	add_lines(b, "remarks", h->remarks.line[0], sizeof(h->remarks.line[0]), h->remarks.n);
	add_lines(b, "problems", h->problems[0], sizeof(h->problems[0]), h->nproblems);
	json_end(b);
}

static int run(const struct opts *o)
{
	struct health h;
	struct buf out;
	int status;

	health_ask(&h);
	health_judge(&h, TCPFSM_VERSION);
	buf_init(&out, STDOUT_FILENO);
	if (o->json)
		json_report(&out, &h);
	else
		text_report(&out, &h);
	if (h.access)
		status = STATUS_ACCESS;
	else
		status = h.nproblems ? STATUS_FOUND : STATUS_OK;
	health_free(&h);
	return cmd_finish(&out, status);
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.brief = "what can be seen here, what cannot, and why",
	.about = "Prints what decides what tcpfsm can see on this machine: kernel, module,\n"
		 "rights, hooks, bounds and losses. The exit status is 0 when all hooks are\n"
		 "attached and nothing was lost, 1 when not, 3 when the module cannot be asked.\n",
	.groups = OPTS_JSON,
	.run = run,
};
