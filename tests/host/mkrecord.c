// SPDX-License-Identifier: GPL-2.0
/*
 * Make a recording of many connections out of one: mkrecord COUNT [FILE] >RECORDING
 *
 * The connection is that of FILE, a recording, or else one made up here, both ends of
 * it. Each repetition has cookies and a client's port of its own and begins STEP_NS
 * after the one before, so that many are open at once; all are in the order of time.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "util.h"

#define STEP_NS		2000000ULL
#define RECORDS		256
#define ROOM		256
#define MS		1000000ULL

#define CLIENT		0x100
#define SERVER		0x101
#define ISS		1000U
#define IRS		5000000U
#define BEGAN		(1000 * MS)

/**
 * struct template - a record that is repeated
 * @data: as it stands in a recording
 * @next: which repetition of it comes next
 */
struct template {
	uint8_t		data[ROOM];
	uint64_t	next;
};

static struct template templates[RECORDS];
static size_t count;
static uint64_t stride = 0x1000;

static struct tcpfsm_rec *header(size_t i)
{
	return (void *)templates[i].data;
}

/* All records but losses have it in one place. */
static struct tcpfsm_id *id(uint8_t *data)
{
	return (void *)(data + offsetof(struct tcpfsm_state_rec, id));
}

static void add(const void *rec, size_t size)
{
	if (count == RECORDS || size > ROOM) {
		fputs("mkrecord: too much to repeat\n", stderr);
		exit(2);
	}
	memcpy(templates[count++].data, rec, size);
}

static struct tcpfsm_id end_of(uint64_t cookie)
{
	struct tcpfsm_id id = { .cookie = cookie, .netns = 4026531840U, .family = AF_INET };
	const uint8_t client[] = { 10, 0, 0, 1 };
	const uint8_t server[] = { 10, 0, 0, 2 };
	bool is_client = cookie == CLIENT;

	id.lport = htons(is_client ? 40000 : 80);
	id.rport = htons(is_client ? 80 : 40000);
	memcpy(id.laddr, is_client ? client : server, 4);
	memcpy(id.raddr, is_client ? server : client, 4);
	return id;
}

static void state(uint64_t us, uint64_t cookie, int from, int to, int cause, uint64_t us_in_old)
{
	struct tcpfsm_state_rec r = {
		.rec = { .size = sizeof(r), .kind = TCPFSM_K_STATE, .ts = BEGAN + us * 1000,
			 .flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE },
		.id = end_of(cookie),
		.owner = { .pid = 100 + (cookie & 1), .comm = "made-up" },
		.ns_in_old = us_in_old * 1000, .old_state = from, .new_state = to, .cause = cause,
	};

	add(&r, sizeof(r));
}

/* A segment of the client or the server, sent and received */
static void segment(uint64_t us, uint64_t from, int flags, uint32_t seq, uint32_t ack,
		    int sender, int receiver)
{
	struct tcpfsm_segment_rec r = {
		.rec = { .size = sizeof(r), .kind = TCPFSM_K_SEGMENT, .ts = BEGAN + us * 1000 },
		.id = end_of(from),
		.seg = {
			.seq = seq, .ack = flags & TCPFSM_TH_ACK ? ack : 0, .win = 64240,
			.tcp_flags = flags, .dir = TCPFSM_DIR_OUT, .state = sender,
			.known = TCPFSM_SEG_SEQ | TCPFSM_SEG_WIN | TCPFSM_SEG_LEN |
				 TCPFSM_SEG_OPTIONS | TCPFSM_SEG_RETRANS |
				 (flags & TCPFSM_TH_ACK ? TCPFSM_SEG_ACK : 0),
		},
	};

	add(&r, sizeof(r));
	r.rec.ts += 5000;
	r.id = end_of(from ^ 1);
	r.seg.dir = TCPFSM_DIR_IN;
	r.seg.state = receiver;
	add(&r, sizeof(r));
}

#define S(s)	TCPFSM_S_##s
#define C(c)	TCPFSM_C_##c

static void make_up(void)
{
	const int syn = TCPFSM_TH_SYN, ack = TCPFSM_TH_ACK, fin = TCPFSM_TH_FIN;

	state(0, CLIENT, S(CLOSED), S(SYN_SENT), C(CONNECT), 0);
	segment(1, CLIENT, syn, ISS, 0, S(SYN_SENT), S(LISTEN));
	state(7, SERVER, S(LISTEN), S(SYN_RECEIVED), C(RCV_SYN), 0);
	segment(8, SERVER, syn | ack, IRS, ISS + 1, S(SYN_RECEIVED), S(SYN_SENT));
	state(14, CLIENT, S(SYN_SENT), S(ESTABLISHED), C(RCV_SYNACK), 14);
	segment(15, CLIENT, ack, ISS + 1, IRS + 1, S(ESTABLISHED), S(SYN_RECEIVED));
	state(21, SERVER, S(SYN_RECEIVED), S(ESTABLISHED), C(RCV_ACK), 14);
	state(1000, CLIENT, S(ESTABLISHED), S(FIN_WAIT_1), C(CLOSE), 986);
	segment(1001, CLIENT, fin | ack, ISS + 101, IRS + 201, S(FIN_WAIT_1), S(ESTABLISHED));
	state(1007, SERVER, S(ESTABLISHED), S(CLOSE_WAIT), C(RCV_FIN), 986);
	segment(1008, SERVER, ack, IRS + 201, ISS + 102, S(CLOSE_WAIT), S(FIN_WAIT_1));
	state(1014, CLIENT, S(FIN_WAIT_1), S(FIN_WAIT_2), C(RCV_ACK_OF_FIN), 14);
	state(2000, SERVER, S(CLOSE_WAIT), S(LAST_ACK), C(CLOSE), 993);
	segment(2001, SERVER, fin | ack, IRS + 201, ISS + 102, S(LAST_ACK), S(FIN_WAIT_2));
	state(2007, CLIENT, S(FIN_WAIT_2), S(TIME_WAIT), C(RCV_FIN), 993);
	segment(2008, CLIENT, ack, ISS + 102, IRS + 202, S(TIME_WAIT), S(LAST_ACK));
	state(2014, SERVER, S(LAST_ACK), S(CLOSED), C(RCV_ACK_OF_FIN), 14);
	state(60002010, CLIENT, S(TIME_WAIT), S(CLOSED), C(2MSL), 60000003);
}

static void read_in(const char *name)
{
	static struct record_in in;
	FILE *f = fopen(name, "r");
	struct event ev;
	struct why w;
	int got;

	if (!f || record_open(&in, f, &w)) {
		fprintf(stderr, "mkrecord: %s: cannot be read\n", name);
		exit(2);
	}
	while ((got = record_next(&in, &ev, &w)) == 1) {
		if (ev.kind == TCPFSM_K_LOST)
			continue;
		add(in.bytes, in.rec.size);
		while (stride <= ev.id.cookie)
			stride *= 2;
	}
	if (got < 0 || !count) {
		fprintf(stderr, "mkrecord: %s: %s\n", name, got < 0 ? w.text : "holds nothing");
		exit(2);
	}
	fclose(f);
}

/* The record that comes next, and its time */
static size_t next(uint64_t *ts)
{
	size_t best = 0;
	size_t i;

	*ts = UINT64_MAX;
	for (i = 0; i < count; i++) {
		uint64_t t = header(i)->ts + templates[i].next * STEP_NS;

		if (t < *ts) {
			*ts = t;
			best = i;
		}
	}
	return best;
}

static __be16 other_port(__be16 port, uint64_t n)
{
	unsigned int p = ntohs(port);

	/* a server's stays */
	return p < 10000 ? port : htons(10000 + (p - 10000 + n) % 55536);
}

static int put(struct record_out *o, size_t i, uint64_t ts, uint64_t seq)
{
	const uint64_t n = templates[i].next++;
	uint8_t data[ROOM];
	struct tcpfsm_rec *rec = (void *)data;

	memcpy(data, templates[i].data, header(i)->size);
	rec->ts = ts;
	rec->seq = seq;
	rec->cpu = 0;
	if (id(data)->cookie)
		id(data)->cookie += n * stride;
	id(data)->lport = other_port(id(data)->lport, n);
	id(data)->rport = other_port(id(data)->rport, n);
	/* numbers that nobody can foresee, as RFC 6528 wants them */
	if (rec->kind == TCPFSM_K_SEGMENT) {
		struct tcpfsm_segment *seg = &((struct tcpfsm_segment_rec *)data)->seg;
		bool client = ntohs(id(data)->lport) > 10000;
		uint32_t a = n * 2654435761U ^ n >> 3;
		uint32_t b = n * 2246822519U ^ n >> 5;

		client ^= seg->dir == TCPFSM_DIR_IN;
		seg->seq += client ? a : b;
		if (seg->known & TCPFSM_SEG_ACK)
			seg->ack += client ? b : a;
	}
	return record_put(o, data, rec->size);
}

int main(int argc, char **argv)
{
	struct record_head head = { .began = BEGAN, .wall = 1700000000000000000LL,
				    .tool = "mkrecord", .module = "none", .kernel = "none" };
	struct record_end end = { .reason = RECORD_R_COUNT };
	uint64_t left;
	uint64_t seq = 0;
	uint64_t times;
	uint64_t ts = 0;
	struct record_out o;
	size_t i;

	times = argc == 2 || argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
	if (!times) {
		fputs("usage: mkrecord COUNT [FILE] >RECORDING\n", stderr);
		return 2;
	}
	if (argc == 3)
		read_in(argv[2]);
	else
		make_up();
	head.began = header(0)->ts;
	if (record_out_init(&o, STDOUT_FILENO, &head))
		return 5;
	for (left = times * count; left; left--) {
		i = next(&ts);
		/* who has had all its repetitions is behind all others */
		if (put(&o, i, ts, seq++))
			return 5;
		if (templates[i].next == times)
			header(i)->ts = UINT64_MAX / 2;
	}
	end.rec.ts = ts;
	return record_finish(&o, &end) ? 5 : 0;
}
