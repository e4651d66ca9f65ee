// SPDX-License-Identifier: GPL-2.0
/* pcapng as written, read back by libpcap, and its comments found by hand. */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "packet.h"
#include "pcapng.h"
#include "unit.h"

static uint8_t data[1 << 20];
static size_t len;

static struct event seg_at(unsigned int dir, unsigned int flags, uint64_t ts)
{
	struct event ev = an_event();

	ev.kind = TCPFSM_K_SEGMENT;
	ev.flags = 0;
	ev.ts = ts;
	ev.seg = (struct tcpfsm_segment){
		.known = TCPFSM_SEG_SEQ | TCPFSM_SEG_ACK | TCPFSM_SEG_WIN | TCPFSM_SEG_LEN |
			 TCPFSM_SEG_PSH | TCPFSM_SEG_OPTIONS,
		.dir = dir, .tcp_flags = flags, .seq = 1000, .ack = 2000, .win = 512,
	};
	return ev;
}

static struct event a_move(unsigned int from, unsigned int to, unsigned int cause, uint64_t ts)
{
	struct event ev = an_event();

	ev.old_state = from;
	ev.state = to;
	ev.cause = cause;
	ev.ts = ts;
	return ev;
}

static void write_file(const struct event *ev, size_t n)
{
	int fd = memfd_create("pcapng", 0);
	struct pcapng p;
	size_t i;

	assert_int_equal(pcapng_init(&p, fd, "6.1", "tcpfsm"), 0);
	p.wall = 1700000000000000000LL;
	for (i = 0; i < n; i++)
		pcapng_event(&p, &ev[i]);
	pcapng_end(&p);
	assert_int_equal(buf_flush(&p.out), 0);
	pcapng_free(&p);
	len = pread(fd, data, sizeof(data), 0);
	close(fd);
}

/* Every block says its length twice, and the last one ends where the file does. */
static unsigned int blocks(void)
{
	uint32_t size[2];
	unsigned int n = 0;
	size_t at = 0;

	while (at < len) {
		memcpy(&size[0], data + at + 4, 4);
		assert_true(size[0] >= 12 && !(size[0] % 4) && size[0] <= len - at);
		memcpy(&size[1], data + at + size[0] - 4, 4);
		assert_int_equal(size[0], size[1]);
		at += size[0];
		n++;
	}
	return n;
}

/* The comment of packet @n, an empty string when it has none */
static const char *comment_of(unsigned int n)
{
	static char text[1024];
	uint32_t type, size, caplen;
	uint16_t code, room;
	size_t at = 0;
	size_t opt;

	text[0] = '\0';
	for (at = 0; at < len; at += size) {
		memcpy(&type, data + at, 4);
		memcpy(&size, data + at + 4, 4);
		if (type != 6 || n--)
			continue;
		memcpy(&caplen, data + at + 20, 4);
		opt = at + 28 + ((caplen + 3) & ~3U);
		memcpy(&code, data + opt, 2);
		memcpy(&room, data + opt + 2, 2);
		assert_int_equal(code, 1);
		memcpy(text, data + opt + 4, room);
		text[room] = '\0';
		return text;
	}
	fail_msg("no such packet");
	return text;
}

static pcap_t *reopen(void)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_fopen_offline_with_tstamp_precision(fmemopen(data, len, "r"),
							     PCAP_TSTAMP_PRECISION_NANO, text);

	if (!p)
		fail_msg("%s", text);
	assert_int_equal(pcap_datalink(p), DLT_RAW);
	return p;
}

static uint16_t sum_of(const uint8_t *at, size_t n, uint32_t sum)
{
	size_t i;

	for (i = 0; i < n; i++)
		sum += i % 2 ? at[i] : at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void a_packet(void **state)
{
	struct event ev = seg_at(TCPFSM_DIR_OUT, TCPFSM_TH_FIN | TCPFSM_TH_ACK, 5);
	struct pcap_pkthdr *h;
	const uint8_t *at;
	struct packet p;
	uint32_t pseudo;
	pcap_t *f;

	(void)state;
	ev.seg.len = 100;
	ev.seg.seq = 1100;	/* the FIN's own */
	ev.seg.known |= TCPFSM_SEG_TS | TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR;
	ev.seg.tsval = 7;
	write_file(&ev, 1);
	assert_int_equal(blocks(), 3);
	f = reopen();
	assert_int_equal(pcap_next_ex(f, &h, &at), 1);
	assert_int_equal(h->ts.tv_sec, 1700000000);
	assert_int_equal(h->ts.tv_usec, 5);
	assert_int_equal(h->caplen, 52);
	assert_int_equal(h->len, 152);
	assert_int_equal(packet_parse(DLT_RAW, at, h->caplen, h->len, &p), PACKET_TCP);
	assert_int_equal(p.seq, 1000);
	assert_int_equal(p.seg.seq, 1100);
	assert_int_equal(p.seg.len, 100);
	assert_int_equal(p.seg.ack, 2000);
	assert_int_equal(p.seg.win, 512);
	assert_int_equal(p.seg.tsval, 7);
	assert_int_equal(ntohs(p.sport), 40512);
	assert_int_equal(sum_of(at, 20, 0), 0xffff);
	pseudo = 6 + 132 + sum_of(at + 12, 8, 0);
	assert_int_equal(sum_of(at + 20, 32, pseudo), 0xffff);
	pcap_close(f);
	/* received: the other way round */
	ev.seg.dir = TCPFSM_DIR_IN;
	write_file(&ev, 1);
	f = reopen();
	assert_int_equal(pcap_next_ex(f, &h, &at), 1);
	assert_int_equal(packet_parse(DLT_RAW, at, h->caplen, h->len, &p), PACKET_TCP);
	assert_int_equal(ntohs(p.dport), 40512);
	pcap_close(f);
}

static void comments(void **state)
{
	const struct event evs[] = {
		a_move(TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 10),
		seg_at(TCPFSM_DIR_OUT, TCPFSM_TH_SYN, 11),
		seg_at(TCPFSM_DIR_IN, TCPFSM_TH_SYN | TCPFSM_TH_ACK, 20),
		a_move(TCPFSM_S_SYN_SENT, TCPFSM_S_ESTABLISHED, TCPFSM_C_RCV_SYNACK, 21),
		seg_at(TCPFSM_DIR_OUT, TCPFSM_TH_ACK, 22),
		seg_at(TCPFSM_DIR_IN, TCPFSM_TH_FIN | TCPFSM_TH_ACK, 30),
		a_move(TCPFSM_S_FIN_WAIT_1, TCPFSM_S_FIN_WAIT_2, TCPFSM_C_RCV_ACK_OF_FIN, 31),
		a_move(TCPFSM_S_FIN_WAIT_2, TCPFSM_S_TIME_WAIT, TCPFSM_C_RCV_FIN, 31),
		a_move(TCPFSM_S_TIME_WAIT, TCPFSM_S_CLOSED, TCPFSM_C_2MSL, 60000000031ULL),
	};
	struct pcap_pkthdr *h;
	const uint8_t *at;
	pcap_t *f;
	int n = 0;

	(void)state;
	write_file(evs, ARRAY_SIZE(evs));
	assert_non_null(strstr(comment_of(0), "CLOSED -> SYN_SENT (connect)"));
	assert_non_null(strstr(comment_of(1), "SYN_SENT -> ESTABLISHED (SYN,ACK received)"));
	assert_string_equal(comment_of(2), "");
	assert_non_null(strstr(comment_of(3), "FIN_WAIT_1 -> FIN_WAIT_2"));
	assert_non_null(strstr(comment_of(3), "\nflow 4f, 812/curl: FIN_WAIT_2 -> TIME_WAIT"));
	/* no segment goes with it: an IP packet that is no TCP */
	assert_non_null(strstr(comment_of(4), "TIME_WAIT -> CLOSED (2MSL expired)"));
	f = reopen();
	while (pcap_next_ex(f, &h, &at) == 1)
		assert_int_equal(at[9], n++ < 4 ? 6 : 253);
	assert_int_equal(n, 5);
	pcap_close(f);
}

static void what_is_not_known(void **state)
{
	struct event evs[2] = {
		seg_at(TCPFSM_DIR_IN, TCPFSM_TH_FIN | TCPFSM_TH_ACK, 10),
		{ .kind = TCPFSM_K_LOST, .count = 7, .where = TCPFSM_W_RING, .ts = 20 },
	};

	(void)state;
	evs[0].seg.known &= ~(TCPFSM_SEG_WIN | TCPFSM_SEG_OPTIONS);
	evs[0].id.cookie = 0;
	evs[0].seg.fate = TCPFSM_FATE_DROPPED;
	write_file(evs, 2);
	assert_non_null(strstr(comment_of(0), "no connection"));
	assert_non_null(strstr(comment_of(0), "window not known"));
	assert_non_null(strstr(comment_of(0), "options not known"));
	assert_null(strstr(comment_of(0), "seq not known"));
	assert_non_null(strstr(comment_of(1), "7 records lost here"));
}

static void alerts(void **state)
{
	struct event evs[4] = {
		a_move(TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSE_WAIT, TCPFSM_C_RCV_FIN, 10), an_event(),
		an_event(),
		{ .kind = TCPFSM_K_SKIPPED, .skipped[TCPFSM_SKIP_COOKIE] = 9, .ts = 40 },
	};

	(void)state;
	evs[1].kind = TCPFSM_K_STUCK;
	evs[1].state = TCPFSM_S_CLOSE_WAIT;
	evs[1].cause = TCPFSM_C_RCV_FIN;
	evs[1].alert = TCPFSM_ALERT_GOES_ON;
	evs[1].count = 30000;
	evs[2].kind = TCPFSM_K_FLOOD;
	evs[2].state = TCPFSM_S_LISTEN;
	evs[2].flood = (struct event_flood){ .syns = 500, .sources = 3 };
	evs[1].ts = 20;
	evs[2].ts = 20;
	write_file(evs, ARRAY_SIZE(evs));
	assert_string_equal(comment_of(1),
			    "flow 4f, 812/curl: STUCK in CLOSE_WAIT for 0.069874 ms: FIN received; "
			    "longer than 30s, ports 40512 and 80");
	assert_non_null(strstr(comment_of(2), "flood? in LISTEN"));
	assert_non_null(strstr(comment_of(2), "500 SYNs from about 3 addresses"));
	assert_string_equal(comment_of(3), "left out 9 segments: 9 of SYN cookies");
}

/* A listener's remote end is :: though its local one is mapped; and far too much at once. */
static void odd_ones(void **state)
{
	struct event *evs = calloc(3 * PCAPNG_HELD, sizeof(*evs));
	size_t i;

	(void)state;
	for (i = 0; i < 3 * PCAPNG_HELD; i++) {
		evs[i] = i % 2 ? a_move(TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSED, TCPFSM_C_RTO, 1)
			       : seg_at(TCPFSM_DIR_IN, 0xff, 1);
		evs[i].id.family = AF_INET6;
		set_addr(evs[i].id.laddr, AF_INET6, "::ffff:10.0.0.1");
		set_addr(evs[i].id.raddr, AF_INET6, i % 4 ? "::" : "::ffff:10.0.0.2");
		evs[i].seg.len = UINT32_MAX;
		evs[i].seg.cookie_len = 255;
		evs[i].seg.known = ~0U;
	}
	write_file(evs, 3 * PCAPNG_HELD);
	assert_int_equal(blocks(), 2 + 3 * PCAPNG_HELD);
	free(evs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet),
		cmocka_unit_test(comments),
		cmocka_unit_test(what_is_not_known),
		cmocka_unit_test(alerts),
		cmocka_unit_test(odd_ones),
	};

	return cmocka_run_group_tests_name("pcapng", tests, NULL, NULL);
}
