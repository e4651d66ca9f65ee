// SPDX-License-Identifier: GPL-2.0
/*
 * How fast the judge is: a million connections, both ends of each, with their
 * segments, a thousand of them open at a time. With --record it writes a recording of
 * a million connections instead, one end of each, for `tcpfsm check -r -` to read.
 * `make bench-judge` runs both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "judge.h"
#include "record.h"
#include "util.h"

#define CONNECTIONS	1000000U
#define AT_ONCE		1000U

static uint64_t wrong;

static void verdict(void *arg, const struct verdict *v)
{
	(void)arg;
	wrong += v->conformance != VERDICT_OK || v->handshake != VERDICT_H_THREE_WAY ||
		 v->teardown != VERDICT_T_FOUR_WAY;
}

struct step {
	bool		segment;
	uint8_t		dir;
	uint8_t		flags;
	uint32_t	seq;
	uint32_t	ack;
	uint8_t		from;
	uint8_t		to;
	uint8_t		cause;
	uint64_t	after;		/* ns since the step before */
};

#define S(s)		TCPFSM_S_##s
#define C(c)		TCPFSM_C_##c
#define MOVE(f, t, c)	{ .from = S(f), .to = S(t), .cause = C(c), .after = 1000 }
#define SEG(d, fl, s, a) { .segment = true, .dir = TCPFSM_DIR_##d, .flags = fl, .seq = s, \
			   .ack = a, .after = 1000 }

static const struct step client[] = {
	MOVE(CLOSED, SYN_SENT, CONNECT),
	SEG(OUT, 0x02, 1000, 0),
	SEG(IN, 0x12, 5000, 1001),
	MOVE(SYN_SENT, ESTABLISHED, RCV_SYNACK),
	MOVE(ESTABLISHED, FIN_WAIT_1, CLOSE),
	SEG(OUT, 0x11, 1005, 5001),
	SEG(IN, 0x10, 5001, 1006),
	MOVE(FIN_WAIT_1, FIN_WAIT_2, RCV_ACK_OF_FIN),
	SEG(IN, 0x11, 5001, 1006),
	SEG(OUT, 0x10, 1006, 5002),
	MOVE(FIN_WAIT_2, TIME_WAIT, RCV_FIN),
	{ .from = S(TIME_WAIT), .to = S(CLOSED), .cause = C(2MSL), .after = 60000000000ULL },
};

static const struct step server[] = {
	SEG(IN, 0x02, 1000, 0),
	MOVE(LISTEN, SYN_RECEIVED, RCV_SYN),
	SEG(OUT, 0x12, 5000, 1001),
	SEG(IN, 0x10, 1001, 5001),
	MOVE(SYN_RECEIVED, ESTABLISHED, RCV_ACK),
	SEG(IN, 0x11, 1005, 5001),
	MOVE(ESTABLISHED, CLOSE_WAIT, RCV_FIN),
	MOVE(CLOSE_WAIT, LAST_ACK, CLOSE),
	SEG(OUT, 0x11, 5001, 1006),
	SEG(IN, 0x10, 1006, 5002),
	MOVE(LAST_ACK, CLOSED, RCV_ACK_OF_FIN),
};

static struct record_out out;

/* The event as the module would have sent it */
static void record(const struct event *ev)
{
	struct tcpfsm_segment_rec segment = { .id = ev->id, .seg = ev->seg };
	struct tcpfsm_state_rec state = {
		.id = ev->id, .ns_in_old = ev->ns, .old_state = ev->old_state,
		.new_state = ev->state, .cause = ev->cause,
	};
	static uint64_t seq;
	struct tcpfsm_rec rec = {
		.kind = ev->kind, .flags = ev->flags, .ts = ev->ts, .seq = seq++,
	};

	rec.size = ev->kind == TCPFSM_K_STATE ? sizeof(state) : sizeof(segment);
	state.rec = rec;
	segment.rec = rec;
	if (ev->kind == TCPFSM_K_STATE)
		record_put(&out, &state, sizeof(state));
	else
		record_put(&out, &segment, sizeof(segment));
}

static void feed(struct judge *j, const struct step *s, uint64_t cookie, uint64_t ts,
		 uint8_t *state)
{
	struct event ev = { .cpu = 1, .ts = ts };

	ev.id.cookie = cookie;
	ev.id.family = 2;
	ev.id.lport = cookie;
	ev.id.rport = 80;
	memcpy(ev.id.raddr, &cookie, sizeof(cookie));
	if (s->segment) {
		ev.kind = TCPFSM_K_SEGMENT;
		ev.seg = (struct tcpfsm_segment){
			.dir = s->dir, .tcp_flags = s->flags, .seq = s->seq, .ack = s->ack,
			.known = TCPFSM_SEG_SEQ | TCPFSM_SEG_LEN |
				 (s->flags & 0x10 ? TCPFSM_SEG_ACK : 0),
			.state = *state,
		};
	} else {
		ev.kind = TCPFSM_K_STATE;
		ev.flags = TCPFSM_F_SINCE;
		ev.ns = s->after;
		ev.old_state = s->from;
		ev.state = s->to;
		ev.cause = s->cause;
		*state = s->to;
	}
	if (j)
		judge_event(j, &ev);
	else
		record(&ev);
}

/* AT_ONCE connections take their steps in turn: both ends, or the client's, or the server's. */
static uint64_t batch(struct judge *j, uint64_t cookie, uint64_t *now, unsigned int ends)
{
	static uint8_t state[2][AT_ONCE];
	uint64_t events = 0;
	size_t step;
	size_t i;

	memset(state, TCPFSM_S_LISTEN, sizeof(state));
	for (step = 0; step < ARRAY_SIZE(client); step++) {
		*now += client[step].after;
		for (i = 0; i < AT_ONCE; i++) {
			if (ends & 1) {
				feed(j, &client[step], cookie + 2 * i, *now, &state[0][i]);
				events++;
			}
			if (ends & 2 && step < ARRAY_SIZE(server)) {
				feed(j, &server[step], cookie + 2 * i + 1, *now, &state[1][i]);
				events++;
			}
		}
	}
	return events;
}

static int write_recording(void)
{
	struct record_head head = { .began = 1, .wall = 1, .module = "bench", .tool = "bench" };
	struct record_end end = { .reason = RECORD_R_COUNT };
	uint64_t now = 1;
	size_t i;

	if (record_out_init(&out, 1, &head))
		return 1;
	for (i = 0; i < CONNECTIONS / AT_ONCE; i++)
		batch(NULL, 1 + 2 * i * AT_ONCE, &now, 1 + i % 2);
	end.rec.ts = now;
	if (record_finish(&out, &end))
		return 1;
	record_out_free(&out);
	return 0;
}

int main(int argc, char **argv)
{
	struct timespec a, b;
	uint64_t events = 0;
	struct rusage use;
	uint64_t now = 1;
	struct judge j;
	double s;
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "--record"))
		return write_recording();
	if (judge_init(&j, JUDGE_FLOWS, verdict, NULL))
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < CONNECTIONS / AT_ONCE; i++)
		events += batch(&j, 1 + 2 * i * AT_ONCE, &now, 3);
	judge_finish(&j);
	clock_gettime(CLOCK_MONOTONIC, &b);
	getrusage(RUSAGE_SELF, &use);
	s = b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9;
	printf("%u connections, %llu verdicts, %llu events in %.2f s: %.0f connections a minute, "
	       "%.0f ns an event, %ld MB\n", CONNECTIONS, (unsigned long long)j.numbers.verdicts,
	       (unsigned long long)events, s, CONNECTIONS / s * 60, s * 1e9 / events,
	       use.ru_maxrss >> 10);
	judge_free(&j);
	return wrong || j.numbers.verdicts != 2 * CONNECTIONS;
}
