// SPDX-License-Identifier: GPL-2.0
/* The options commands share: one table for parsing and for --help. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "listen.h"
#include "names.h"
#include "netns.h"
#include "number.h"
#include "opts.h"
#include "util.h"

/* val of long options that have no letter */
enum {
	OPT_STRICT = 0x100,
	OPT_BUFFER,
	OPT_ALERTS,
	OPT_MATRIX,
	OPT_TIMES,
	OPT_CAUSES,
	OPT_LISTENERS,
	OPT_MIN_AGE,
	OPT_WATCH,
	OPT_KILL,
	OPT_YES,
	OPT_LISTEN,
	OPT_HOLDERS,
	OPT_SVG,
	OPT_DOT,
};

/* The least and the most that --buffer takes, in bytes */
#define BUFFER_MIN	(64ULL << 10)
#define BUFFER_MAX	BIT_ULL(30)

static const struct option_row {
	int		val;
	const char	*name;
	const char	*arg;		/* NULL: takes none */
	unsigned int	groups;		/* a command with one of these takes it */
	const char	*help;
} rows[] = {
	{ 'j', "json", NULL, OPTS_JSON, "one JSON object a line, see tcpfsm-json(5)" },
	{ '4', "ipv4", NULL, OPTS_FILTER, "IPv4 sockets only" },
	{ '6', "ipv6", NULL, OPTS_FILTER, "IPv6 sockets only, those with IPv4-mapped peers too" },
	{ 'L', "localport", "PORTS", OPTS_FILTER, "local ports, as in 80,443,8000-8100" },
	{ 'D', "remoteport", "PORTS", OPTS_FILTER, "remote ports" },
	{ 'P', "port", "PORTS", OPTS_FILTER, "ports of either end" },
	{ 'a', "address", "ADDR[/LEN]", OPTS_FILTER,
	  "address or network of either end; again for more" },
	{ 'p', "pid", "PID", OPTS_FILTER, "process that owns the socket" },
	{ 'C', "comm", "COMM", OPTS_FILTER, "its name, or a pattern as in 'php-*'" },
	{ 'n', "netns", "NETNS", OPTS_FILTER, "network namespace: name, path or inode number" },
	{ 'S', "state", "STATE[,STATE]", OPTS_FILTER, "states, in any spelling" },
	{ OPT_MIN_AGE, "min-age", "AGE", OPTS_STUCK,
	  "in a state for at least so long, as in 90s, whatever its threshold" },
	{ OPT_WATCH, "watch", NULL, OPTS_STUCK,
	  "go on: a line when one gets stuck, and when it ends" },
	{ OPT_KILL, "kill", NULL, OPTS_STUCK, "list, ask, then destroy each of them" },
	{ OPT_YES, "yes", NULL, OPTS_STUCK, "with --kill: do not ask" },
	{ 's', "segments", NULL, OPTS_SEGMENTS,
	  "the segments too: SYN, FIN, RST and what answers them" },
	{ OPT_SVG, "svg", NULL, OPTS_SVG,
	  "one picture, as a file of its own for a browser: SVG" },
	{ 'r', "read", "FILE", OPTS_READ,
	  "read a recording or a capture instead; - for standard input" },
	{ 'w', "write", "FILE", OPTS_WRITE, "file to write, - for standard output" },
	{ 'F', "format", "FORMAT", OPTS_WRITE,
	  "tcpfsm or pcapng; else pcapng if FILE ends in .pcapng" },
	{ 'd', "delay", "TIME", OPTS_EVERY,
	  "time between refreshes, as in 500ms, 5s; 2s by default" },
	{ 'c', "count", "N", OPTS_COUNT, "stop after N" },
	{ 'T', "time", NULL, OPTS_TIME, "time of day in the first column" },
	{ 't', "timestamp", NULL, OPTS_TIME,
	  "seconds since the first event in the first column (the default)" },
	{ 'w', "wide", NULL, OPTS_LINES, "wide: address family, network namespace and user too" },
	{ 'H', "no-header", NULL, OPTS_LINES, "no header" },
	{ OPT_BUFFER, "buffer", "SIZE", OPTS_BUFFER,
	  "receive buffer, as in 8M; 64K to 1G, 32M by default" },
	{ OPT_STRICT, "strict", NULL, OPTS_STRICT, "exit status 4 if anything was lost" },
	{ 'v', "verdicts", NULL, OPTS_VERDICTS, "verdicts too, as connections end" },
	{ OPT_ALERTS, "alerts", NULL, OPTS_ALERTS,
	  "only alerts: stuck connections, floods, illegal segments" },
	{ OPT_MATRIX, "matrix", NULL, OPTS_SECTIONS,
	  "only transitions, by the state left and entered" },
	{ OPT_TIMES, "times", NULL, OPTS_SECTIONS, "only how long states lasted" },
	{ OPT_CAUSES, "causes", NULL, OPTS_SECTIONS, "only the causes of transitions" },
	{ OPT_LISTENERS, "listeners", NULL, OPTS_SECTIONS,
	  "only listeners: queues, drops, cookies, floods" },
	{ OPT_DOT, "dot", NULL, OPTS_SECTIONS,
	  "only the state graph, with counts and times, for graphviz" },
	{ OPT_LISTEN, "listen", "ADDR:PORT", OPTS_EXPORTER,
	  "where to answer; " OPTS_LISTEN_DEFAULT " by default" },
	{ OPT_HOLDERS, "holders", NULL, OPTS_EXPORTER,
	  "keep the rights to look for who holds stuck sockets" },
	{ 'q', "quiet", NULL, OPTS_QUIET, "only those that broke a rule" },
	{ 'h', "help", NULL, ~0U, "this text" },
};

/* A letter may stand for two options, which no command takes both. */
static const struct option_row *row_of(int val, unsigned int groups)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].val == val && rows[i].groups & groups)
			return &rows[i];
	return NULL;
}

/* How the option is written, for messages */
static const char *spelling(int val, char *to, size_t room)
{
	if (val < 0x100)
		snprintf(to, room, "-%c", val);
	else
		snprintf(to, room, "--%s", row_of(val, ~0U)->name);
	return to;
}

/* Put what is wrong with an option's argument behind the option's name. */
static int of_option(struct why *w, int val, const struct why *inner)
{
	char name[24];

	return why(w, "%s: %s", spelling(val, name, sizeof(name)), inner->text);
}

static int again(struct why *w, const char *hint)
{
	return why(w, "given twice with different values; %s", hint);
}

static int take_ports(struct ports *to, bool *has, const char *arg, struct why *w)
{
	struct ports p;

	if (ports_parse(arg, &p, w))
		return -EINVAL;
	if (*has && memcmp(to, &p, sizeof(p)))
		return again(w, "write one list with commas");
	*to = p;
	*has = true;
	return 0;
}

static int take_addr(struct filter *f, const char *arg, struct why *w)
{
	struct prefix p;

	return prefix_parse(arg, &p, w) ? -EINVAL : filter_add_addr(f, &p, w);
}

static int take_pid(struct filter *f, const char *arg, struct why *w)
{
	uint32_t pid;

	if (pid_parse(arg, &pid, w))
		return -EINVAL;
	if (f->pid && f->pid != pid)
		return again(w, "one process at a time");
	f->pid = pid;
	return 0;
}

static int take_comm(struct filter *f, const char *arg, struct why *w)
{
	if (comm_parse(arg, w))
		return -EINVAL;
	if (f->comm && strcmp(f->comm, arg))
		return again(w, "one pattern at a time");
	f->comm = arg;
	return 0;
}

static int take_netns(struct filter *f, const char *arg, struct why *w)
{
	uint32_t inode;

	if (netns_parse(arg, &inode, w))
		return -EINVAL;
	if (f->netns && f->netns != inode)
		return again(w, "one namespace at a time");
	f->netns = inode;
	return 0;
}

static int take_states(struct filter *f, const char *arg, struct why *w)
{
	uint32_t states;

	if (states_parse(arg, &states, w))
		return -EINVAL;
	if (f->states && f->states != states)
		return again(w, "write one list with commas");
	f->states = states;
	return 0;
}

static int take_family(struct filter *f, unsigned int family, struct why *w)
{
	if (f->family && f->family != family)
		return why(w, "-4 with -6: nothing can match; without both, both are shown");
	f->family = family;
	return 0;
}

static int take_count(struct opts *o, const char *arg, struct why *w)
{
	uint64_t n;

	if (number_parse(arg, strlen(arg), UINT64_MAX, &n) || !n)
		return why(w, "bad number '%.64s'; it is 1 or more", arg);
	if (o->count && o->count != n)
		return again(w, "one number is enough");
	o->count = n;
	return 0;
}

static int take_buffer(struct opts *o, const char *arg, struct why *w)
{
	uint64_t size;

	if (size_parse(arg, BUFFER_MAX, &size) || size < BUFFER_MIN)
		return why(w, "bad size '%.64s'; it is 64K to 1G, as in 8M", arg);
	if (o->buffer && o->buffer != size)
		return again(w, "one size is enough");
	o->buffer = size;
	return 0;
}

static int take_min_age(struct opts *o, const char *arg, struct why *w)
{
	uint64_t ms;

	if (duration_parse(arg, UINT64_MAX / NSEC_PER_MSEC, &ms))
		return why(w, "bad age '%.64s'; it is a number with a unit, as in 500ms, 90s, 5m, "
			   "2h", arg);
	if (o->has_min_age && o->min_age != ms * NSEC_PER_MSEC)
		return again(w, "one age is enough");
	o->has_min_age = true;
	o->min_age = ms * NSEC_PER_MSEC;
	return 0;
}

/* The least and the most that -d takes, in ms */
#define EVERY_MIN	100
#define EVERY_MAX	3600000

static int take_every(struct opts *o, const char *arg, struct why *w)
{
	uint64_t ms;

	if (duration_parse(arg, EVERY_MAX, &ms) || ms < EVERY_MIN)
		return why(w, "bad time '%.64s'; it is 100ms to 1h, as in 500ms, 5s", arg);
	if (o->every && o->every != ms * NSEC_PER_MSEC)
		return again(w, "one time is enough");
	o->every = ms * NSEC_PER_MSEC;
	return 0;
}

static int take_name(const char **to, const char *arg, struct why *w)
{
	if (!*arg)
		return why(w, "empty name of a file");
	if (*to && strcmp(*to, arg))
		return again(w, "one file at a time");
	*to = arg;
	return 0;
}

static int take_listen(struct opts *o, const char *arg, struct why *w)
{
	struct sockaddr_storage at;

	if (listen_parse(arg, &at, w))
		return -EINVAL;
	if (o->listen.ss_family && memcmp(&o->listen, &at, sizeof(at)))
		return again(w, "one address is enough");
	o->listen = at;
	return 0;
}

static int take_format(struct opts *o, const char *arg, struct why *w)
{
	enum opts_format format;

	if (!strcmp(arg, "tcpfsm"))
		format = FORMAT_TCPFSM;
	else if (!strcmp(arg, "pcapng"))
		format = FORMAT_PCAPNG;
	else
		return why(w, "unknown format '%.64s'; one of tcpfsm, pcapng", arg);
	if (o->format && o->format != format)
		return again(w, "one format at a time");
	o->format = format;
	return 0;
}

/* A cookie as FLOW shows it, or as ss -e does */
static int take_flow(struct opts *o, const char *arg, struct why *w)
{
	const char *digits = strncmp(arg, "sk:", 3) ? arg : arg + 3;
	size_t len = strlen(digits);

	if (!len || len > 16 || strspn(digits, "0123456789abcdefABCDEF") != len)
		return why(w, "bad flow '%.64s'; it is a cookie as FLOW shows it, as in 4f", arg);
	o->flow = strtoull(digits, NULL, 16);
	return o->flow ? 0 : why(w, "no flow has the cookie 0");
}

static int take(struct opts *o, int val, const char *arg, struct why *w)
{
	struct filter *f = &o->filter;

	switch (val) {
	case 'L':
		return take_ports(&f->local, &f->has_local, arg, w);
	case 'D':
		return take_ports(&f->remote, &f->has_remote, arg, w);
	case 'P':
		return take_ports(&f->either, &f->has_either, arg, w);
	case 'a':
		return take_addr(f, arg, w);
	case 'p':
		return take_pid(f, arg, w);
	case 'C':
		return take_comm(f, arg, w);
	case 'n':
		return take_netns(f, arg, w);
	case 'S':
		return take_states(f, arg, w);
	case 'c':
		return take_count(o, arg, w);
	case 'd':
		return take_every(o, arg, w);
	case OPT_BUFFER:
		return take_buffer(o, arg, w);
	case 'j':
		o->json = true;
		return 0;
	case 'T':
		o->time_of_day = true;
		return 0;
	case 't':
		o->since_start = true;
		return 0;
	case 'r':
		return take_name(&o->read, arg, w);
	case 'F':
		return take_format(o, arg, w);
	case 'w':
		if (arg)
			return take_name(&o->write, arg, w);
		o->wide = true;
		return 0;
	case 's':
		o->segments = true;
		return 0;
	case 'v':
		o->verdicts = true;
		return 0;
	case OPT_ALERTS:
		o->alerts = true;
		return 0;
	case OPT_MATRIX:
	case OPT_TIMES:
	case OPT_CAUSES:
	case OPT_LISTENERS:
		o->sections |= BIT(val - OPT_MATRIX);
		return 0;
	case OPT_MIN_AGE:
		return take_min_age(o, arg, w);
	case OPT_WATCH:
		o->watch = true;
		return 0;
	case OPT_KILL:
		o->kill = true;
		return 0;
	case OPT_YES:
		o->yes = true;
		return 0;
	case OPT_DOT:
		o->dot = true;
		return 0;
	case OPT_SVG:
		o->svg = true;
		return 0;
	case OPT_LISTEN:
		return take_listen(o, arg, w);
	case OPT_HOLDERS:
		o->holders = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case 'H':
		o->no_header = true;
		return 0;
	default:
		o->strict = true;
		return 0;
	}
}

/* The table in the form getopt_long() wants it, without what @groups lacks */
static void for_getopt(unsigned int groups, char *letters, struct option *longs)
{
	size_t i;

	*letters++ = ':';
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!(rows[i].groups & groups))
			continue;
		*longs++ = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].arg ? required_argument : no_argument,
			.val = rows[i].val,
		};
		if (rows[i].val >= 0x100)
			continue;
		*letters++ = rows[i].val;
		if (rows[i].arg)
			*letters++ = ':';
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

static int missing_arg(struct why *w, int val, unsigned int groups)
{
	const struct option_row *row = row_of(val, groups);
	char name[24];

	return why(w, "%s needs %s", spelling(val, name, sizeof(name)), row->arg);
}

/* Whether a word is --NAME=VALUE, with the option's name or the beginning of it */
static bool has_value(const char *word, int val, unsigned int groups)
{
	const struct option_row *row = row_of(val, groups);
	const char *equals = strchr(word, '=');

	return row && equals && !strncmp(word, "--", 2) &&
	       !strncmp(word + 2, row->name, equals - word - 2);
}

/* getopt_long() leaves the letter in optopt, or 0 and the word in argv. */
static int bad_option(struct why *w, char **argv, unsigned int groups)
{
	const char *word = argv[optind - 1];

	if (optopt && has_value(word, optopt, groups))
		return why(w, "'%.64s': this option takes no value", word);
	if (optopt)
		return why(w, "unknown option '-%c'; --help lists them",
			   optopt < 0x7f ? optopt : '?');
	return why(w, "unknown option '%.64s'; --help lists them", word);
}

#define NO_THRESHOLD	(BIT(TCPFSM_S_CLOSED) | BIT(TCPFSM_S_LISTEN) | BIT(TCPFSM_S_TIME_WAIT))

static int check_stuck(const struct opts *o, struct why *w)
{
	const uint32_t states = o->filter.states;

	if (o->watch && o->kill)
		return why(w, "--watch with --kill: nobody would be asked; choose one");
	if (o->watch && o->has_min_age)
		return why(w, "--watch with --min-age: connections are watched for the thresholds "
			   "of their states, which tcpfsm thresholds sets; choose one");
	if (o->yes && !o->kill)
		return why(w, "--yes without --kill: there is no question to say yes to");
	if ((o->time_of_day || o->since_start) && !o->watch)
		return why(w, "-%c needs --watch: without it lines have no time",
			   o->time_of_day ? 'T' : 't');
	if (o->buffer && !o->watch)
		return why(w, "--buffer needs --watch: without it nothing is waited for");
	if (states && !(states & ~BIT(TCPFSM_S_LISTEN)))
		return why(w, "-S LISTEN: a listener is no connection, nothing can match");
	if (states && !(states & ~NO_THRESHOLD) && !o->has_min_age)
		return why(w, "-S TIME_WAIT: it has no threshold, as it always ends by itself, "
			   "nothing can match; --min-age lists by age");
	return 0;
}

static int check(const struct opts *o, unsigned int groups, struct why *w)
{
	if (o->time_of_day && o->since_start)
		return why(w, "-T with -t: choose one");
	if (o->alerts && (o->segments || o->verdicts))
		return why(w, "--alerts with -%c: alerts come alone; leave one of them out",
			   o->segments ? 's' : 'v');
	if (groups & OPTS_STUCK && check_stuck(o, w))
		return -EINVAL;
	if (o->dot && (o->json || o->sections))
		return why(w, "--dot with %s: the graph comes alone; choose one",
			   o->json ? "-j" : "another part");
	if (o->buffer && o->read)
		return why(w, "--buffer with -r: a file needs no receive buffer; leave --buffer "
			   "out");
	if (o->flow && o->count)
		return why(w, "FLOW with -c: one flow is one picture; leave -c out");
	if (o->svg && o->count)
		return why(w, "--svg with -c: an SVG file is one picture; leave -c out");
	if (groups & OPTS_WRITE && !o->write)
		return why(w, "-w FILE is missing: where to write to");
	return filter_check(&o->filter, groups & OPTS_TABLE, w);
}

/**
 * opts_parse() - read a command's options
 * @o: set to what was asked for; strings belong to @argv
 * @groups: OPTS_* the command takes
 * @argc: number of @argv
 * @argv: the command's name, then its arguments; gets reordered
 * @w: set to the reason of a refusal
 *
 * Context: process, one at a time, as getopt_long() keeps global state.
 * Return: OPTS_RUN, OPTS_HELP when help was asked for, or -EINVAL with @w set.
 * In each case opts_free() has to follow.
 */
int opts_parse(struct opts *o, unsigned int groups, int argc, char **argv, struct why *w)
{
	char letters[2 * ARRAY_SIZE(rows) + 2];
	struct option longs[ARRAY_SIZE(rows) + 1];
	struct why inner;
	int err = 0;
	int val;

	*o = (struct opts){ 0 };
	for_getopt(groups, letters, longs);
	optind = 0;
	opterr = 0;
	while ((val = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (val == '?')
			return bad_option(w, argv, groups);
		if (val == ':')
			return missing_arg(w, optopt, groups);
		if (val == 'h')
			return OPTS_HELP;
		if (val == '4' || val == '6')
			err = take_family(&o->filter, val - '0', w);
		else if (take(o, val, optarg, &inner))
			err = of_option(w, val, &inner);
		if (err)
			return err;
	}
	if (groups & OPTS_FLOW && optind < argc && take_flow(o, argv[optind++], w))
		return -EINVAL;
	if (groups & OPTS_WORDS) {
		o->words = argv + optind;
		o->nwords = argc - optind;
		optind = argc;
	}
	if (optind < argc)
		return why(w, "unexpected '%.64s'; what to show is said by options, see --help",
			   argv[optind]);
	if (check(o, groups, w))
		return -EINVAL;
	if (!o->buffer)
		o->buffer = OPTS_BUFFER_DEFAULT;
	return o->listen.ss_family ? OPTS_RUN : listen_parse(OPTS_LISTEN_DEFAULT, &o->listen, w);
}

/**
 * opts_free() - release what opts_parse() allocated
 * @o: the options
 *
 * Context: any.
 */
void opts_free(struct opts *o)
{
	filter_free(&o->filter);
}

/**
 * opts_help() - append a line for each option
 * @b: the buffer
 * @groups: OPTS_* the command takes
 *
 * Context: any.
 */
void opts_help(struct buf *b, unsigned int groups)
{
	const struct option_row *row;
	size_t start;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		row = &rows[i];
		if (!(row->groups & groups))
			continue;
		start = b->len;
		if (row->val < 0x100)
			buf_printf(b, "  -%c, --%s", row->val, row->name);
		else
			buf_printf(b, "      --%s", row->name);
		if (row->arg)
			buf_printf(b, " %s", row->arg);
		buf_pad(b, start, 29);
		buf_str(b, row->help);
		buf_char(b, '\n');
	}
}
