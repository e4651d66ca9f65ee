// SPDX-License-Identifier: GPL-2.0
/*
 * How fast the judge is: a million connections, both ends of each, with their
 * segments, a thousand of them open at a time. `make bench-judge` runs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "judge.h"
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
	judge_event(j, &ev);
}

/* AT_ONCE connections take their steps in turn. */
static uint64_t batch(struct judge *j, uint64_t cookie, uint64_t *now)
{
	static uint8_t state[2][AT_ONCE];
	uint64_t events = 0;
	size_t step;
	size_t i;

	memset(state, TCPFSM_S_LISTEN, sizeof(state));
	for (step = 0; step < ARRAY_SIZE(client); step++) {
		*now += client[step].after;
		for (i = 0; i < AT_ONCE; i++) {
			feed(j, &client[step], cookie + 2 * i, *now, &state[0][i]);
			events++;
			if (step >= ARRAY_SIZE(server))
				continue;
			feed(j, &server[step], cookie + 2 * i + 1, *now, &state[1][i]);
			events++;
		}
	}
	return events;
}

int main(void)
{
	struct timespec a, b;
	uint64_t events = 0;
	struct rusage use;
	uint64_t now = 1;
	struct judge j;
	double s;
	size_t i;

	if (judge_init(&j, JUDGE_FLOWS, verdict, NULL))
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < CONNECTIONS / AT_ONCE; i++)
		events += batch(&j, 1 + 2 * i * AT_ONCE, &now);
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
