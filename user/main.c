// SPDX-License-Identifier: GPL-2.0
/* tcpfsm: the table of commands. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "exit.h"
#include "netns.h"
#include "util.h"

/* The first one is the default. */
static const struct cmd * const commands[] = {
	&cmd_monitor,
	&cmd_check,
	&cmd_stuck,
	&cmd_flows,
	&cmd_stats,
	&cmd_doctor,
	&cmd_ladder,
	&cmd_record,
	&cmd_thresholds,
	&cmd_exporter,
	&cmd_top,
};

static const struct cmd *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static void list_commands(struct buf *b)
{
	size_t start;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		start = b->len;
		buf_printf(b, "  %s", commands[i]->name);
		buf_pad(b, start, 13);
		buf_printf(b, "%s\n", commands[i]->brief);
	}
}

static int print_help(void)
{
	struct buf b;

	buf_init(&b, STDOUT_FILENO);
	buf_str(&b, "tcpfsm: the states of every TCP connection\n\n"
		    "Usage: tcpfsm [COMMAND] [OPTIONS]\n\n"
		    "Commands:\n");
	list_commands(&b);
	buf_str(&b, "\nWithout a command, options are those of monitor. 'tcpfsm help COMMAND' or\n"
		    "'tcpfsm COMMAND --help' lists a command's options, 'tcpfsm --version' tells\n"
		    "the version.\n");
	return cmd_finish(&b, STATUS_OK);
}

static int print_command_help(const struct cmd *cmd)
{
	struct buf b;

	buf_init(&b, STDOUT_FILENO);
	buf_printf(&b, "Usage: tcpfsm %s %s%s[OPTIONS]\n\n%s\nOptions:\n", cmd->name,
		   cmd->words ? cmd->words : "", cmd->words ? " " : "", cmd->about);
	opts_help(&b, cmd->groups);
	return cmd_finish(&b, STATUS_OK);
}

static int print_version(void)
{
	struct buf b;

	buf_init(&b, STDOUT_FILENO);
	buf_str(&b, "tcpfsm " TCPFSM_VERSION "\n");
	return cmd_finish(&b, STATUS_OK);
}

static int usage_error(const struct why *w)
{
	fprintf(stderr, "tcpfsm: %s\n", w->text);
	return STATUS_USAGE;
}

static int unknown_command(const char *name)
{
	char names[192] = "";
	struct why w;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (i)
			strcat(names, ", ");
		strcat(names, commands[i]->name);
	}
	why(&w, "unknown command '%.64s'; one of %s, help", name, names);
	return usage_error(&w);
}

static int explain(int argc, char **argv)
{
	const struct cmd *cmd;
	struct why w;

	if (argc < 2)
		return print_help();
	cmd = find(argv[1]);
	if (!cmd)
		return unknown_command(argv[1]);
	if (argc == 2)
		return print_command_help(cmd);
	why(&w, "unexpected '%.64s'; help takes one command", argv[2]);
	return usage_error(&w);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct opts opts;
	struct why w;
	int status;

	switch (opts_parse(&opts, cmd->groups, argc, argv, &w)) {
	case OPTS_RUN:
		/* a file may tell of any */
		if (!opts.read && netns_check(opts.filter.netns, &w))
			status = usage_error(&w);
		else
			status = cmd->run(&opts);
		break;
	case OPTS_HELP:
		status = print_command_help(cmd);
		break;
	default:
		status = usage_error(&w);
		break;
	}
	opts_free(&opts);
	return status;
}

int main(int argc, char **argv)
{
	const struct cmd *cmd;

	/* a reader that goes away shows as EPIPE, which ends quietly */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return run(commands[0], argc, argv);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_help();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	if (!strcmp(argv[1], "help"))
		return explain(argc - 1, argv + 1);
	if (argv[1][0] == '-')
		return run(commands[0], argc, argv);
	cmd = find(argv[1]);
	return cmd ? run(cmd, argc - 1, argv + 1) : unknown_command(argv[1]);
}
