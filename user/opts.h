/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_OPTS_H
#define TCPFSM_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "buf.h"
#include "filter.h"
#include "util.h"
#include "why.h"

/* Options come in groups; a command says which ones it takes. */
#define OPTS_JSON	BIT(0)	/* -j */
#define OPTS_FILTER	BIT(1)	/* -4 -6 -L -D -P -a -p -C -n -S */
#define OPTS_COUNT	BIT(2)	/* -c */
#define OPTS_TIME	BIT(3)	/* -T -t */
#define OPTS_LINES	BIT(4)	/* -w -H */
#define OPTS_STRICT	BIT(5)	/* --strict */
#define OPTS_BUFFER	BIT(6)	/* --buffer */
#define OPTS_TABLE	BIT(7)	/* filters are for the flow table */
#define OPTS_SEGMENTS	BIT(8)	/* -s */
#define OPTS_READ	BIT(9)	/* -r */
#define OPTS_WRITE	BIT(10)	/* -w FILE, -F; not with OPTS_LINES */
#define OPTS_QUIET	BIT(11)	/* -q */
#define OPTS_VERDICTS	BIT(12)	/* -v */
#define OPTS_FLOW	BIT(14)	/* FLOW, a cookie, and no option */
#define OPTS_WORDS	BIT(15)	/* words that are no options, the command's own */
#define OPTS_SECTIONS	BIT(16)	/* --matrix --times --causes --listeners --dot */
#define OPTS_ALERTS	BIT(13)	/* --alerts */
#define OPTS_STUCK	BIT(17)	/* --min-age --watch --kill --yes */
#define OPTS_SVG	BIT(18)	/* --svg */
#define OPTS_EXPORTER	BIT(24)	/* --listen --holders */
#define OPTS_EVERY	BIT(19)	/* -d */

#define OPTS_BUFFER_DEFAULT	(32ULL << 20)
#define OPTS_LISTEN_DEFAULT	"127.0.0.1:10293"

/* Parts of what stats prints */
#define SECTION_MATRIX		BIT(0)
#define SECTION_TIMES		BIT(1)
#define SECTION_CAUSES		BIT(2)
#define SECTION_LISTENERS	BIT(3)

/* What a recording is written as */
enum opts_format {
	FORMAT_BY_NAME,
	FORMAT_TCPFSM,
	FORMAT_PCAPNG,
};

/**
 * struct opts - what a user asked for
 * @filter: which events
 * @json: one object a line
 * @time_of_day: -T
 * @since_start: -t
 * @wide: -w
 * @no_header: -H
 * @strict: exit 4 when anything was lost
 * @segments: segments too
 * @quiet: only what is wrong
 * @verdicts: verdicts too
 * @alerts: alerts alone
 * @svg: a picture as SVG
 * @every: time between two looks, in ns; 0 for the usual one
 * @dot: the state graph alone, for graphviz
 * @sections: SECTION_* that were asked for, 0 for all
 * @watch: go on listening
 * @kill: destroy what is found
 * @yes: without asking
 * @has_min_age: @min_age is asked for
 * @min_age: time in a state from which on a connection is listed, in ns
 * @count: stop after so many, 0 for never
 * @buffer: receive buffer for events, in bytes
 * @flow: cookie of the flow, 0 for none
 * @read: file to read instead of asking the module, NULL for none
 * @write: file to write, NULL for none
 * @format: of @write
 * @listen: where to listen
 * @holders: look for who holds sockets among all processes
 * @words: what is no option
 * @nwords: how many
 */
struct opts {
	struct filter	filter;
	bool		json;
	bool		time_of_day;
	bool		since_start;
	bool		wide;
	bool		no_header;
	bool		strict;
	bool		segments;
	bool		quiet;
	bool		verdicts;
	bool		alerts;
	bool		svg;
	uint64_t	every;
	bool		dot;
	unsigned int	sections;
	bool		watch;
	bool		kill;
	bool		yes;
	bool		has_min_age;
	uint64_t	min_age;
	uint64_t	count;
	uint64_t	buffer;
	uint64_t	flow;
	const char	*read;
	const char	*write;
	enum opts_format format;
	struct sockaddr_storage listen;
	bool		holders;
	char		**words;
	int		nwords;
};

/* What opts_parse() returns beside -EINVAL */
#define OPTS_RUN	0
#define OPTS_HELP	1

int opts_parse(struct opts *o, unsigned int groups, int argc, char **argv, struct why *w);
void opts_free(struct opts *o);
void opts_help(struct buf *b, unsigned int groups);

#endif
