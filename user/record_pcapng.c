// SPDX-License-Identifier: GPL-2.0
/* tcpfsm record, as pcapng: live, or out of a recording or a capture. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "outfile.h"
#include "pcapng.h"
#include "pick.h"
#include "record_pcapng.h"
#include "source.h"

/* Why the stream is ended by us, beside what source_run() returns */
#define END_COUNT	1	/* -c is reached */
#define END_WRITE	2	/* the file cannot be written, see file.out.err */

struct recorder {
	const struct opts	*opts;
	struct source		source;
	struct pick		pick;
	struct pcapng		file;
	uint64_t		events;
};

static int settled(void *arg)
{
	struct recorder *r = arg;
	const uint64_t mark = source_mark(&r->source);

	r->file.wall = source_wall(&r->source);
	if (mark > ORDER_WINDOW_NS)
		pcapng_clock(&r->file, mark - ORDER_WINDOW_NS);
	r->source.live.wake = r->file.head == r->file.tail ? 0 :
			      clock_mono() + ORDER_WINDOW_NS + PCAPNG_WAIT_NS;
	return buf_flush(&r->file.out) ? END_WRITE : 0;
}

static int event(void *arg, const struct event *ev)
{
	struct recorder *r = arg;

	if (!pick_match(&r->pick, ev))
		return 0;
	pcapng_event(&r->file, ev);
	r->events += !event_is_gap(ev);
	if (r->opts->count && r->events == r->opts->count)
		return END_COUNT;
	if (r->file.out.len >= BUF_ENOUGH && buf_flush(&r->file.out))
		return END_WRITE;
	return 0;
}

static int keep(struct recorder *r, int fd)
{
	static const struct live_ops ops = { .event = event, .settled = settled };
	struct utsname u = { .release = "unknown" };
	int end;

	if (r->source.rec)
		snprintf(u.release, sizeof(u.release), "%.64s", r->source.rec->head.kernel);
	else if (!r->source.cap)
		uname(&u);
	if (pcapng_init(&r->file, fd, u.release, "tcpfsm " TCPFSM_VERSION)) {
		fputs("tcpfsm: no memory\n", stderr);
		return STATUS_FAILED;
	}
	end = settled(r);
	if (!end)
		end = source_run(&r->source, &ops, r);
	if (end != END_WRITE && end != LIVE_NO_READER) {
		pcapng_end(&r->file);
		buf_flush(&r->file.out);
	}
	if (r->file.out.err)
		return cmd_write_status(-r->file.out.err);
	if (end != LIVE_NO_READER)
		fprintf(stderr, "%llu records, %llu lost\n", (unsigned long long)r->events,
			(unsigned long long)(r->source.lost_ring + r->source.lost_netlink));
	return source_status(&r->source, end, r->opts->strict);
}

/* Writing over the file that is read would destroy it, appending to it never end. */
static bool same_file(const struct recorder *r, const char *name)
{
	struct stat in, out;

	if (!r->source.name || fstat(r->source.input.fd, &in) || !S_ISREG(in.st_mode))
		return false;
	if (strcmp(name, "-") ? stat(name, &out) : fstat(STDOUT_FILENO, &out))
		return false;
	return in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

static int open_and_keep(struct recorder *r)
{
	const char *name = r->opts->write;
	bool pipe;
	int fd;

	if (same_file(r, name)) {
		fprintf(stderr, "tcpfsm: %s: is the file that is read\n",
			strcmp(name, "-") ? name : "standard output");
		return STATUS_USAGE;
	}
	fd = outfile_open(name, &pipe);
	if (fd < 0)
		return STATUS_USAGE;
	if (pipe)
		r->source.watch = fd;
	return outfile_close(fd, keep(r, fd));
}

/**
 * record_pcapng() - write a pcapng file
 * @o: where from, where to, what
 *
 * Context: process, once.
 * Return: enum exit_status.
 */
int record_pcapng(const struct opts *o)
{
	struct recorder r = { .opts = o };
	int status;

	pick_init(&r.pick, &o->filter, true);
	status = source_open(&r.source, o);
	if (status == STATUS_OK)
		status = open_and_keep(&r);
	source_close(&r.source);
	pick_free(&r.pick);
	pcapng_free(&r.file);
	return status;
}
