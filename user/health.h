/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_HEALTH_H
#define TCPFSM_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "nl.h"
#include "remarks.h"
#include "sysctls.h"

#define HEALTH_PROBLEMS		96
#define HEALTH_PARAMETERS	32

/**
 * struct health_hook - a hook of the module
 * @name: the kernel's symbol
 * @blind: what nobody sees without it
 * @attached: whether it is in place
 * @lacks: the argument that this kernel does not give it, "" for none
 * @unknown: what nobody knows without that
 * @tells_hits: @hits is known
 * @hits: how often it ran
 */
struct health_hook {
	char		name[64];
	char		blind[160];
	bool		attached;
	char		lacks[32];
	char		unknown[160];
	bool		tells_hits;
	uint64_t	hits;
};

/**
 * struct health_parameter - a bound of the module
 * @name: of the parameter
 * @value: of it
 */
struct health_parameter {
	char	name[40];
	char	value[40];
};

/**
 * struct health - what decides what can be seen on this machine
 * @kernel: its release
 * @access: 0, or the negative errno the module answered with
 * @said: the module's own words for that
 * @cap_net_admin: this process has it: 1, 0, -1 for unknown
 * @netns: inode of the network namespace
 * @initial: it is the initial one: 1, 0, -1 for unknown
 * @lockdown: "none", "integrity", "confidentiality", "" for unknown
 * @ftrace: sysctl kernel.ftrace_enabled, -1 for unknown
 * @modules_disabled: sysctl kernel.modules_disabled, -1 for unknown
 * @sig_enforce: unsigned modules are refused: 1, 0, -1 for unknown
 * @stats: the module's numbers, when @access is 0
 * @hooks: its hooks
 * @nhooks: how many
 * @parameters: what it was loaded with, as sysfs tells
 * @nparameters: how many
 * @sysctls: the kernel's settings that matter
 * @seen: what happened since the module was loaded
 * @problems: a line for each hook that is missing, for what was lost, and for what keeps
 *	the module from being loaded or asked
 * @nproblems: how many
 * @warnings: a line for each thing that is odd
 * @nwarnings: how many
 * @remarks: a line for each setting that looks wrong, given what was seen
 */
struct health {
	struct utsname		kernel;
	int			access;
	char			said[160];
	int			cap_net_admin;
	uint32_t		netns;
	int			initial;
	char			lockdown[24];
	int			ftrace;
	int			modules_disabled;
	int			sig_enforce;
	struct tcpnl_stats	stats;
	struct health_hook	*hooks;
	size_t			nhooks;
	struct health_parameter	parameters[HEALTH_PARAMETERS];
	size_t			nparameters;
	struct sysctls		sysctls;
	struct remarks_seen	seen;
	char			problems[HEALTH_PROBLEMS][256];
	size_t			nproblems;
	char			warnings[8][256];
	size_t			nwarnings;
	struct remarks		remarks;
};

void health_ask(struct health *h);
void health_judge(struct health *h, const char *tool);
void health_free(struct health *h);

#endif
