// SPDX-License-Identifier: GPL-2.0
/* What decides what can be seen here: asked of module and kernel, then judged. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>

#include "health.h"
#include "netns.h"
#include "util.h"

#define PARAMETERS	"/sys/module/tcpfsm/parameters"

/* A file of one line, without its end; false when it cannot be read */
static bool read_line(const char *path, char *to, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	to[0] = '\0';
	if (fd < 0)
		return false;
	n = read(fd, to, room - 1);
	close(fd);
	if (n < 0)
		return false;
	to[n] = '\0';
	to[strcspn(to, "\n")] = '\0';
	return true;
}

/* A number, or Y and N; -1 when it is not known */
static int read_flag(const char *path)
{
	char text[16];

	if (!read_line(path, text, sizeof(text)) || !text[0])
		return -1;
	if (text[0] == 'Y' || text[0] == 'N')
		return text[0] == 'Y';
	return atoi(text) != 0;
}

/* "[none] integrity confidentiality" */
static void read_lockdown(char *to, size_t room)
{
	char line[80];
	char *from;

	to[0] = '\0';
	if (!read_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		return;
	from = strchr(line, '[');
	if (!from)
		return;
	from++;
	snprintf(to, room, "%.*s", (int)strcspn(from, "]"), from);
}

static int read_capability(void)
{
	unsigned long long caps;
	char line[128];
	int has = -1;
	FILE *f;

	f = fopen("/proc/self/status", "re");
	if (!f)
		return -1;
	while (has < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			has = caps >> CAP_NET_ADMIN & 1;
	fclose(f);
	return has;
}

static void read_parameters(struct health *h)
{
	struct health_parameter *p;
	char path[sizeof(PARAMETERS) + 64];
	struct dirent *entry;
	DIR *dir;

	dir = opendir(PARAMETERS);
	if (!dir)
		return;
	while ((entry = readdir(dir)) && h->nparameters < HEALTH_PARAMETERS) {
		p = &h->parameters[h->nparameters];
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(p->name))
			continue;
		snprintf(path, sizeof(path), PARAMETERS "/%.40s", entry->d_name);
		if (!read_line(path, p->value, sizeof(p->value)))
			snprintf(p->value, sizeof(p->value), "unreadable");
		snprintf(p->name, sizeof(p->name), "%.39s", entry->d_name);
		h->nparameters++;
	}
	closedir(dir);
}

static int add_hook(const struct tcpnl_hook *hook, void *arg)
{
	struct health *h = arg;
	struct health_hook *more;

	more = realloc(h->hooks, (h->nhooks + 1) * sizeof(*more));
	if (!more)
		return 1;
	h->hooks = more;
	more = &h->hooks[h->nhooks++];
	snprintf(more->name, sizeof(more->name), "%s", hook->name);
	snprintf(more->blind, sizeof(more->blind), "%s", hook->blind);
	more->attached = hook->attached;
	snprintf(more->lacks, sizeof(more->lacks), "%s", hook->lacks ? hook->lacks : "");
	snprintf(more->unknown, sizeof(more->unknown), "%s", hook->unknown ? hook->unknown : "");
	more->tells_hits = hook->tells_hits;
	more->hits = hook->hits;
	return 0;
}

static int add_listener(const struct event *ev, const struct tcpfsm_listener *l, void *arg)
{
	struct health *h = arg;

	(void)ev;
	remarks_listener(&h->seen, l);
	return 0;
}

/* What it does not tell here, as in another namespace, was not seen. */
static void ask_seen(struct health *h, struct tcpnl *nl)
{
	const struct tcpnl_flow_filter all = { 0 };
	struct tcpnl_totals totals;
	bool torn;

	if (!tcpnl_totals(nl, &totals))
		memcpy(h->seen.causes, totals.causes, sizeof(h->seen.causes));
	tcpnl_listeners(nl, &all, add_listener, h, &torn);
	h->seen.overdue = h->stats.value[TCPFSM_A_STATS_OVERDUE];
}

static void ask_module(struct health *h)
{
	struct tcpnl nl;

	h->access = tcpnl_open(&nl);
	if (!h->access)
		h->access = tcpnl_stats(&nl, &h->stats);
	if (!h->access)
		h->access = tcpnl_hooks(&nl, add_hook, h);
	snprintf(h->said, sizeof(h->said), "%s", nl.said);
	if (!h->access)
		ask_seen(h, &nl);
	tcpnl_close(&nl);
}

/**
 * health_ask() - find out what there is
 * @h: set; health_free() it
 *
 * Context: process; talks to the module and reads /proc and /sys.
 */
void health_ask(struct health *h)
{
	memset(h, 0, sizeof(*h));
	uname(&h->kernel);
	ask_module(h);
	h->cap_net_admin = read_capability();
	h->netns = netns_self();
	h->initial = netns_is_initial();
	read_lockdown(h->lockdown, sizeof(h->lockdown));
	h->ftrace = read_flag("/proc/sys/kernel/ftrace_enabled");
	h->modules_disabled = read_flag("/proc/sys/kernel/modules_disabled");
	h->sig_enforce = read_flag("/sys/module/module/parameters/sig_enforce");
	read_parameters(h);
	sysctls_read(&h->sysctls, "/proc/sys");
}

/**
 * health_free() - release what was asked
 * @h: the answers
 *
 * Context: any.
 */
void health_free(struct health *h)
{
	free(h->hooks);
	h->hooks = NULL;
	h->nhooks = 0;
}

__printf(2, 3)
static void problem(struct health *h, const char *fmt, ...)
{
	va_list ap;

	if (h->nproblems == HEALTH_PROBLEMS)
		return;
	va_start(ap, fmt);
	vsnprintf(h->problems[h->nproblems++], sizeof(h->problems[0]), fmt, ap);
	va_end(ap);
}

__printf(2, 3)
static void warning(struct health *h, const char *fmt, ...)
{
	va_list ap;

	if (h->nwarnings == ARRAY_SIZE(h->warnings))
		return;
	va_start(ap, fmt);
	vsnprintf(h->warnings[h->nwarnings++], sizeof(h->warnings[0]), fmt, ap);
	va_end(ap);
}

static void judge_loading(struct health *h)
{
	problem(h, "the module is not loaded: load it as root with 'modprobe tcpfsm', or with "
		"'insmod tcpfsm.ko' where it was built");
	if (h->modules_disabled == 1)
		problem(h, "kernel.modules_disabled is 1: no module can be loaded until the "
			"next boot");
	if (h->sig_enforce == 1)
		problem(h, "the kernel takes signed modules only: sign tcpfsm.ko with a key it "
			"trusts (mokutil --import), or turn Secure Boot off");
	else if (h->lockdown[0] && strcmp(h->lockdown, "none"))
		problem(h, "lockdown is %s: the kernel takes signed modules only", h->lockdown);
}

static void judge_access(struct health *h)
{
	if (h->access == -EPERM || h->access == -EACCES)
		problem(h, "access denied%s%s: needs CAP_NET_ADMIN in the user namespace that "
			"owns this network namespace: run as root, or with sudo",
			h->said[0] ? ": " : "", h->said);
	else
		problem(h, "the module does not answer%s%s (%s)", h->said[0] ? ": " : "", h->said,
			strerror(-h->access));
}

static void judge_losses(struct health *h)
{
	const uint64_t *value = h->stats.value;

	if (value[TCPFSM_A_STATS_LOST_RING])
		problem(h, "%llu events were lost to full rings: load with a larger ring_records",
			(unsigned long long)value[TCPFSM_A_STATS_LOST_RING]);
	if (value[TCPFSM_A_STATS_LOST_SEND])
		problem(h, "%llu events were lost for want of memory",
			(unsigned long long)value[TCPFSM_A_STATS_LOST_SEND]);
	if (value[TCPFSM_A_STATS_OVERFLOW])
		problem(h, "%llu flows found the flow table full: load with a larger max_flows",
			(unsigned long long)value[TCPFSM_A_STATS_OVERFLOW]);
	if (value[TCPFSM_A_STATS_LISTENER_OVERFLOW])
		problem(h, "%llu listeners are not counted: load with a larger max_listeners",
			(unsigned long long)value[TCPFSM_A_STATS_LISTENER_OVERFLOW]);
}

static void judge_hooks(struct health *h)
{
	const struct health_hook *hook;
	size_t i;

	for (i = 0; i < h->nhooks; i++) {
		hook = &h->hooks[i];
		if (!hook->attached) {
			problem(h, "%s is missing: %s", hook->name,
				hook->blind[0] ? hook->blind : "blind there");
		} else if (hook->lacks[0]) {
			/* nothing that anybody could do here would change that */
			warning(h, "this kernel does not give %s its %s: cannot see %s", hook->name,
				hook->lacks, hook->unknown);
		}
	}
	if (h->ftrace == 0)
		problem(h, "kernel.ftrace_enabled is 0: hooks on functions do not run; "
			"sysctl kernel.ftrace_enabled=1");
}

/**
 * health_judge() - say what cannot be seen, and was not
 * @h: what health_ask() set
 * @tool: version of the tool
 *
 * Context: any.
 */
void health_judge(struct health *h, const char *tool)
{
	if (h->access == -ENOENT) {
		judge_loading(h);
		return;
	}
	if (h->access) {
		judge_access(h);
		return;
	}
	judge_hooks(h);
	judge_losses(h);
	remarks_judge(&h->remarks, &h->sysctls, &h->seen);
	if (strcmp(h->stats.version, tool))
		warning(h, "module %s and tool %s are not the same version", h->stats.version,
			tool);
	if (h->initial == 0)
		warning(h, "this is not the initial network namespace: only connections of this "
			"one are seen");
}
