/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_CMD_H
#define TCPFSM_CMD_H

#include "nl.h"
#include "opts.h"

#ifndef TCPFSM_VERSION
#define TCPFSM_VERSION "unknown"
#endif

/**
 * struct cmd - a job the tool does
 * @name: what the user writes
 * @brief: what it does, for the list of commands
 * @about: the same in a paragraph, for its own --help
 * @words: what it takes beside options, as --help has it, NULL for nothing
 * @groups: OPTS_* it takes
 * @run: does it and returns enum exit_status
 */
struct cmd {
	const char	*name;
	const char	*brief;
	const char	*about;
	const char	*words;
	unsigned int	groups;
	int		(*run)(const struct opts *o);
};

extern const struct cmd cmd_monitor;
extern const struct cmd cmd_check;
extern const struct cmd cmd_flows;
extern const struct cmd cmd_stats;
extern const struct cmd cmd_doctor;
extern const struct cmd cmd_ladder;
extern const struct cmd cmd_record;
extern const struct cmd cmd_stuck;
extern const struct cmd cmd_thresholds;
extern const struct cmd cmd_exporter;
extern const struct cmd cmd_top;

int cmd_write_status(int err);
int cmd_pipe_out(void);
bool cmd_whole_table(struct tcpnl *nl, bool torn);
int cmd_finish(struct buf *b, int status);

#endif
