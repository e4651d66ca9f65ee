// SPDX-License-Identifier: GPL-2.0
/*
 * tcpfsm record: keep the stream. Records go to the file as they came; they are
 * decoded only when a filter has to look into them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "decode.h"
#include "exit.h"
#include "judge.h"
#include "live.h"
#include "netns.h"
#include "outfile.h"
#include "pick.h"
#include "record.h"
#include "record_pcapng.h"
#include "stop.h"

/* Why the stream is ended by us, beside LIVE_* */
#define END_COUNT	1	/* -c is reached */
#define END_WRITE	2	/* the file cannot be written, see out.err */

#define FLUSH_NS	NSEC_PER_SEC	/* how long records wait for others at most */
/* After so long without a record whoever reads a pipe has put all in order, and judged it */
#define CALM_NS		(2 * (ORDER_WINDOW_NS + JUDGE_GRACE_NS))

struct recorder {
	const struct opts	*opts;
	struct live		live;
	struct record_out	out;
	struct pick		pick;
	bool			filters;
	bool			pipe;		/* somebody may be waiting for it */
	uint64_t		events;		/* records kept, losses not counted */
	uint64_t		known;		/* of a pipe: records when somebody looked last */
	uint64_t		since;		/* ... and when there were new ones, 0: long ago */
};

static bool has_filter(const struct filter *f)
{
	return f->family || f->has_local || f->has_remote || f->has_either || f->naddrs ||
	       f->pid || f->netns || f->states || f->comm;
}

/*
 * Whoever reads a pipe waits for more before he shows the latest, or judges it: that there is none
 * he is told, once.
 */
static void settled_pipe(struct recorder *r)
{
	const uint64_t mark = live_mark(&r->live);
	const bool unsure = r->live.doubt;	/* until that is over: then this is called again */
	bool calm;

	if (r->known != r->out.records)
		r->since = clock_mono();
	calm = r->since && !unsure && mark >= r->since + CALM_NS;
	record_clock(&r->out, mark, clock_wall_offset(), calm);
	if (calm)
		r->since = 0;
	r->known = r->out.records;
	r->live.wake = r->since && !unsure ? r->since + CALM_NS : 0;
	record_flush(&r->out);
}

static void settled_file(struct recorder *r)
{
	const uint64_t now = clock_mono();

	record_clock(&r->out, live_mark(&r->live), clock_wall_offset(), false);
	if (!r->out.len)
		r->live.wake = 0;
	else if (!r->live.wake)
		r->live.wake = now + FLUSH_NS;
	if (r->out.len && now >= r->live.wake) {
		record_flush(&r->out);
		r->live.wake = 0;
	}
}

static int settled(void *arg)
{
	struct recorder *r = arg;

	if (r->pipe)
		settled_pipe(r);
	else
		settled_file(r);
	return r->out.err ? END_WRITE : 0;
}

static bool enough(const struct recorder *r)
{
	return r->opts->count && r->events == r->opts->count;
}

static int keep_one(struct recorder *r, const void *record, size_t size)
{
	struct decode d;
	struct event ev;
	int got;

	decode_init(&d, record, size);
	got = decode_next(&d, &ev);
	if (got < 0)
		return 0;
	/* of a kind that is unknown nobody knows whether it matches */
	if (got && r->filters && !pick_match(&r->pick, &ev))
		return 0;
	r->events += !got || !event_is_gap(&ev);
	return record_put(&r->out, record, size) ? END_WRITE : 0;
}

static int keep_each(struct recorder *r, const uint8_t *at, size_t len)
{
	size_t size;
	int end = 0;

	while (!end && len) {
		size = record_size(at, len);
		end = keep_one(r, at, size);
		at += size;
		len -= size;
		if (!end && enough(r))
			end = END_COUNT;
	}
	return end;
}

static int raw(void *arg, const void *records, const struct record_span *span)
{
	struct recorder *r = arg;

	if (r->filters || r->opts->count)
		return keep_each(r, records, span->len);
	r->events += span->records - span->gaps;
	return record_put_span(&r->out, records, span) ? END_WRITE : 0;
}

static void fill_head(const struct recorder *r, struct record_head *h)
{
	struct utsname u;

	*h = (struct record_head){
		.flags = (r->filters ? RECORD_F_FILTERED : 0) |
			 (filter_splits(&r->opts->filter) ? RECORD_F_PARTIAL : 0) |
			 (netns_is_initial() == 1 ? RECORD_F_INITIAL_NS : 0),
		.netns = netns_self(),
		.began = r->live.began,
		.wall = clock_wall_offset(),
	};
	snprintf(h->tool, sizeof(h->tool), "%s", TCPFSM_VERSION);
	snprintf(h->module, sizeof(h->module), "%s", r->live.stats.version);
	if (!uname(&u))
		snprintf(h->kernel, sizeof(h->kernel), "%.*s", (int)sizeof(h->kernel) - 1,
			 u.release);
}

static void finish(struct recorder *r, int end)
{
	const struct record_end e = {
		.rec.ts = clock_mono(),
		.lost_ring = r->live.lost_ring,
		.lost_netlink = r->live.lost_netlink,
		.malformed = r->live.malformed,
		.reason = end == LIVE_SIGNAL ? RECORD_R_SIGNAL :
			  end == END_COUNT ? RECORD_R_COUNT :
			  end == LIVE_UNLOADED ? RECORD_R_UNLOADED : RECORD_R_UNKNOWN,
	};
	uint64_t ns = e.rec.ts - r->live.began;

	record_finish(&r->out, &e);
	if (r->out.err)
		return;
	fprintf(stderr, "%llu records, %llu bytes, %llu lost in %llu.%03llu s",
		(unsigned long long)r->events, (unsigned long long)r->out.bytes,
		(unsigned long long)(e.lost_ring + e.lost_netlink),
		ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_MSEC);
	if (e.malformed)
		fprintf(stderr, ", %llu malformed messages", (unsigned long long)e.malformed);
	fputc('\n', stderr);
}

static int status_of(const struct recorder *r, int end)
{
	const struct live *l = &r->live;

	if (r->out.err)
		return cmd_write_status(-r->out.err);
	if (end == LIVE_UNLOADED) {
		fputs("tcpfsm: the module was unloaded\n", stderr);
		return STATUS_ACCESS;
	}
	if (end < 0) {
		fprintf(stderr, "tcpfsm: reading events: %s\n", strerror(-end));
		return STATUS_FAILED;
	}
	if (r->opts->strict && (l->lost_ring || l->lost_netlink || l->malformed))
		return STATUS_LOST;
	return STATUS_OK;
}

static int keep_stream(struct recorder *r, int fd)
{
	static const struct live_ops ops = { .raw = raw, .settled = settled };
	struct record_head head;
	int status = STATUS_FAILED;
	int end;

	fill_head(r, &head);
	if (record_out_init(&r->out, fd, &head)) {
		fputs("tcpfsm: no memory\n", stderr);
		return status;
	}
	if (r->pipe)
		r->live.watch = fd;
	/* the header is there once nothing can be missed any more */
	end = record_flush(&r->out) ? END_WRITE : live_run(&r->live, &ops, r);
	if (end != LIVE_NO_READER && end != END_WRITE)
		finish(r, end);
	status = status_of(r, end);
	record_out_free(&r->out);
	return status;
}

static bool as_pcapng(const struct opts *o)
{
	const size_t len = strlen(o->write);

	if (o->format != FORMAT_BY_NAME)
		return o->format == FORMAT_PCAPNG;
	return len >= 7 && !strcmp(o->write + len - 7, ".pcapng");
}

static int run(const struct opts *o)
{
	struct recorder r = { .opts = o, .filters = has_filter(&o->filter) };
	int status;
	int err;
	int fd;

	if (as_pcapng(o))
		return record_pcapng(o);
	if (o->read) {
		fputs("tcpfsm: a file is read only to write pcapng: add -F pcapng\n", stderr);
		return STATUS_USAGE;
	}
	pick_init(&r.pick, &o->filter, true);
	err = stop_init();
	if (!err)
		err = live_open(&r.live, false, o->buffer);
	if (err) {
		status = tcpnl_report(&r.live.nl, err);
	} else {
		/* only now, so that an old file stays when nothing can be recorded */
		fd = outfile_open(o->write, &r.pipe);
		status = fd < 0 ? STATUS_USAGE : keep_stream(&r, fd);
		status = outfile_close(fd, status);
	}
	live_close(&r.live);
	pick_free(&r.pick);
	return status;
}

const struct cmd cmd_record = {
	.name = "record",
	.brief = "keep the stream in a file, for -r of other commands",
	.about = "Writes every transition and every segment to FILE until ^C, for 'monitor -r',\n"
		 "'check -r' and others, or for Wireshark. An existing FILE is overwritten. With -r a\n"
		 "recording or a capture is turned into pcapng (-F pcapng, or FILE.pcapng).\n",
	.words = "-w FILE",
	.groups = OPTS_FILTER | OPTS_COUNT | OPTS_BUFFER | OPTS_STRICT | OPTS_WRITE |
		  OPTS_READ,
	.run = run,
};
