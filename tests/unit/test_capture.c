// SPDX-License-Identifier: GPL-2.0
/* From packets to the states of both ends. */
#include <errno.h>
#include <pcap/dlt.h>

#include "packet.h"
#include "names.h"
#include "unit.h"
#include "wire.h"

#define SYN	TCPFSM_TH_SYN
#define ACK	TCPFSM_TH_ACK
#define FIN	TCPFSM_TH_FIN
#define RST	TCPFSM_TH_RST

/* Client and server, with their initial numbers */
#define C	true
#define V	false
#define ISS	100U
#define IRS	500U

static struct wire wire;
static char story[4096];
static uint64_t now;

static void begin(size_t max)
{
	assert_int_equal(wire_init(&wire, max), 0);
	story[0] = '\0';
	now = 1000;
}

/* What became of the states: "C:SYN_SENT", an end and a state each */
static void note(const struct event *ev)
{
	size_t len = strlen(story);

	if (ev->kind != TCPFSM_K_STATE)
		return;
	assert_true(ev->wire);
	assert_false(ev->flags & TCPFSM_F_OWNER);
	snprintf(story + len, sizeof(story) - len, "%s%c:%s", len ? " " : "",
		 ntohs(ev->id.lport) == 80 ? 'V' : 'C', state_name(ev->state));
}

static uint32_t fin_ack;	/* of the FIN that came last */

static void play(const struct packet *p)
{
	struct event ev;

	wire_packet(&wire, now += 1000, p);
	while (wire_pop(&wire, &ev)) {
		note(&ev);
		if (ev.kind == TCPFSM_K_SEGMENT && ev.seg.dir == TCPFSM_DIR_IN &&
		    ev.seg.tcp_flags & FIN)
			fin_ack = ev.seg.ack;
	}
}

static void send_from(unsigned int port, bool client, unsigned int flags, uint32_t seq,
		      uint32_t ack, uint32_t len)
{
	struct packet p = { .family = AF_INET, .seq = seq };

	set_addr(client ? p.src : p.dst, AF_INET, "10.0.0.1");
	set_addr(client ? p.dst : p.src, AF_INET, "10.0.0.2");
	p.sport = htons(client ? port : 80);
	p.dport = htons(client ? 80 : port);
	p.seg = (struct tcpfsm_segment){
		.known = TCPFSM_SEG_SEQ | TCPFSM_SEG_LEN | (flags & ACK ? TCPFSM_SEG_ACK : 0),
		.tcp_flags = flags, .seq = seq + (flags & FIN ? len : 0), .len = len,
		.ack = flags & ACK ? ack : 0,
	};
	play(&p);
}

static void sent(bool client, unsigned int flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	send_from(40000, client, flags, seq, ack, len);
}

static void three_way(void)
{
	sent(C, SYN, ISS, 0, 0);
	sent(V, SYN | ACK, IRS, ISS + 1, 0);
	sent(C, ACK, ISS + 1, IRS + 1, 0);
	assert_string_equal(story, "C:SYN_SENT V:SYN_RECEIVED C:ESTABLISHED V:ESTABLISHED");
	story[0] = '\0';
}

static void opened_and_closed(void **state)
{
	(void)state;
	begin(4);
	three_way();
	sent(C, ACK, ISS + 1, IRS + 1, 10);
	sent(C, FIN | ACK, ISS + 11, IRS + 1, 0);
	sent(V, ACK, IRS + 1, ISS + 12, 0);
	sent(V, FIN | ACK, IRS + 1, ISS + 12, 0);
	sent(C, ACK, ISS + 12, IRS + 2, 0);
	assert_string_equal(story, "C:FIN_WAIT_1 V:CLOSE_WAIT C:FIN_WAIT_2 V:LAST_ACK C:TIME_WAIT "
			    "V:CLOSED");
	wire_free(&wire);
}

static void closed_in_three(void **state)
{
	(void)state;
	begin(4);
	three_way();
	sent(C, FIN | ACK, ISS + 1, IRS + 1, 0);
	sent(V, FIN | ACK, IRS + 1, ISS + 2, 0);
	sent(C, ACK, ISS + 2, IRS + 2, 0);
	assert_string_equal(story, "C:FIN_WAIT_1 V:CLOSE_WAIT V:LAST_ACK C:FIN_WAIT_2 C:TIME_WAIT "
			    "V:CLOSED");
	wire_free(&wire);
}

/* Captured at one end, FINs that cross look as if one came after the other. */
static void closed_at_once(void **state)
{
	(void)state;
	begin(4);
	three_way();
	sent(C, FIN | ACK, ISS + 1, IRS + 1, 0);
	sent(V, FIN | ACK, IRS + 1, ISS + 1, 0);
	sent(V, ACK, IRS + 2, ISS + 2, 0);
	sent(C, ACK, ISS + 2, IRS + 2, 0);
	assert_string_equal(story, "C:FIN_WAIT_1 V:FIN_WAIT_1 V:CLOSING C:CLOSING C:TIME_WAIT "
			    "V:TIME_WAIT");
	wire_free(&wire);
}

/* ... and one is sent again, with the acknowledgment of the other: it is the one that came */
static void closed_at_once_again(void **state)
{
	(void)state;
	begin(4);
	three_way();
	sent(C, FIN | ACK, ISS + 1, IRS + 1, 0);
	sent(V, FIN | ACK, IRS + 1, ISS + 1, 0);
	sent(C, FIN | ACK, ISS + 1, IRS + 2, 0);
	sent(V, ACK, IRS + 2, ISS + 2, 0);
	assert_int_equal(fin_ack, IRS + 2);
	wire_free(&wire);
}

static void opened_at_once(void **state)
{
	(void)state;
	begin(4);
	sent(C, SYN, ISS, 0, 0);
	sent(V, SYN, IRS, 0, 0);
	sent(C, SYN | ACK, ISS, IRS + 1, 0);
	sent(V, SYN | ACK, IRS, ISS + 1, 0);
	assert_string_equal(story, "C:SYN_SENT V:SYN_SENT C:SYN_RECEIVED V:SYN_RECEIVED "
			    "V:ESTABLISHED C:ESTABLISHED");
	wire_free(&wire);
}

static void refused(void **state)
{
	(void)state;
	begin(4);
	sent(C, SYN, ISS, 0, 0);
	sent(V, RST | ACK, 0, ISS + 1, 0);
	assert_string_equal(story, "C:SYN_SENT C:CLOSED");
	wire_free(&wire);
	/* one that acknowledges something else refuses nothing */
	begin(4);
	sent(C, SYN, ISS, 0, 0);
	sent(V, RST | ACK, 0, ISS + 7, 0);
	assert_string_equal(story, "C:SYN_SENT");
	wire_free(&wire);
}

static void reset(void **state)
{
	(void)state;
	begin(4);
	three_way();
	/* off by one: RFC 5961 has it answered with a challenge ACK */
	sent(V, RST, IRS + 2, 0, 0);
	assert_string_equal(story, "");
	sent(V, RST, IRS + 1, 0, 0);
	assert_string_equal(story, "V:CLOSED C:CLOSED");
	/* and anew, with the same ports */
	story[0] = '\0';
	three_way();
	wire_free(&wire);
}

/* tcp_reset_check(): who closed and was gone sends it with the number of its FIN */
static void reset_at_the_fin(void **state)
{
	(void)state;
	begin(4);
	three_way();
	sent(C, FIN | ACK, ISS + 1, IRS + 1, 0);
	sent(C, RST, ISS, 0, 0);
	assert_string_equal(story, "C:FIN_WAIT_1 V:CLOSE_WAIT");
	sent(C, RST, ISS + 1, 0, 0);
	assert_string_equal(story, "C:FIN_WAIT_1 V:CLOSE_WAIT C:CLOSED V:CLOSED");
	wire_free(&wire);
}

static void sent_again(void **state)
{
	(void)state;
	begin(4);
	sent(C, SYN, ISS, 0, 0);
	sent(C, SYN, ISS, 0, 0);
	sent(V, SYN | ACK, IRS, ISS + 1, 0);
	sent(V, SYN | ACK, IRS, ISS + 1, 0);
	sent(C, ACK, ISS + 1, IRS + 1, 0);
	sent(C, FIN | ACK, ISS + 1, IRS + 1, 0);
	sent(C, FIN | ACK, ISS + 1, IRS + 1, 0);
	assert_string_equal(story, "C:SYN_SENT V:SYN_RECEIVED C:ESTABLISHED V:ESTABLISHED "
			    "C:FIN_WAIT_1");
	wire_free(&wire);
}

/* The data before the FIN was not captured, or did not come through. */
static void a_gap(void **state)
{
	(void)state;
	begin(4);
	three_way();
	sent(C, FIN | ACK, ISS + 1001, IRS + 1, 0);
	sent(C, ACK, ISS + 1002, IRS + 1, 0);
	assert_string_equal(story, "C:FIN_WAIT_1");
	sent(V, ACK, IRS + 1, ISS + 1, 0);
	assert_string_equal(story, "C:FIN_WAIT_1");
	sent(V, ACK, IRS + 1, ISS + 1002, 0);
	assert_string_equal(story, "C:FIN_WAIT_1 V:CLOSE_WAIT C:FIN_WAIT_2");
	wire_free(&wire);
}

static void older_than_the_capture(void **state)
{
	struct packet p = { .family = AF_INET, .sport = 1, .dport = 2 };
	struct event ev;
	unsigned int moves = 0;

	(void)state;
	begin(4);
	p.seg.tcp_flags = ACK;
	play(&p);
	assert_string_equal(story, "");
	p.seg.tcp_flags = FIN | ACK;
	wire_packet(&wire, now, &p);
	while (wire_pop(&wire, &ev)) {
		if (ev.kind != TCPFSM_K_STATE)
			continue;
		assert_true(ev.flags & TCPFSM_F_PREEXISTING);
		assert_int_equal(ev.old_state, TCPFSM_S_ESTABLISHED);
		moves++;
	}
	assert_int_equal(moves, 1);
	wire_free(&wire);
	begin(4);
	sent(V, SYN | ACK, IRS, ISS + 1, 0);
	sent(C, ACK, ISS + 1, IRS + 1, 0);
	assert_string_equal(story, "C:ESTABLISHED V:ESTABLISHED");
	wire_free(&wire);
}

static void bounded(void **state)
{
	unsigned int i;

	(void)state;
	begin(4);
	for (i = 0; i < 100; i++)
		send_from(40000 + i, C, SYN, ISS, 0, 0);
	assert_int_equal(wire.conns.len, 4);
	assert_int_equal(wire.evicted, 96);
	/* the latest are remembered */
	story[0] = '\0';
	send_from(40099, V, SYN | ACK, IRS, ISS + 1, 0);
	assert_string_equal(story, "V:SYN_RECEIVED C:ESTABLISHED");
	wire_free(&wire);
}

/* time runs backwards in captures of several interfaces */
static void a_clock_that_jumps(void **state)
{
	struct packet p = { .family = AF_INET, .sport = 1, .dport = 2, .seg.tcp_flags = SYN };
	struct event ev;

	(void)state;
	begin(4);
	wire_packet(&wire, 5000, &p);
	while (wire_pop(&wire, &ev))
		assert_int_equal(ev.ts, 5000);
	p.seg.tcp_flags = FIN;
	wire_packet(&wire, 10, &p);
	while (wire_pop(&wire, &ev))
		assert_int_equal(ev.ts, 5000);
	wire_free(&wire);
}

/* SYN to port 80, with all the options we read, and 3 bytes of payload */
static const uint8_t ipv4[] = {
	0x46, 0, 0, 67, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 0,
	0x9c, 0x40, 0, 80, 0, 0, 0, 100, 0, 0, 0, 0, 0xa0, 2, 1, 0, 0, 0, 0, 0,
	2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7, 'a', 'b', 'c',
};

static enum packet_found parse(int link, const char *before, size_t skip, const uint8_t *ip,
			       size_t len, struct packet *p)
{
	uint8_t data[256] = { 0 };

	memcpy(data, before, skip);
	memcpy(data + skip, ip, len);
	return packet_parse(link, data, skip + len, skip + len, p);
}

static void link_types(void **state)
{
	static const struct {
		int		link;
		const char	*before;
		size_t		len;
	} links[] = {
		{ DLT_RAW, "", 0 },
		{ DLT_IPV4, "", 0 },
		{ DLT_NULL, "\2\0\0\0", 4 },
		{ DLT_LOOP, "\0\0\0\2", 4 },
		{ DLT_EN10MB, "\0\0\0\0\0\0\0\0\0\0\0\0\x8\0", 14 },
		{ DLT_EN10MB, "\0\0\0\0\0\0\0\0\0\0\0\0\x88\xa8\0\1\x81\0\0\2\x8\0", 22 },
		{ DLT_LINUX_SLL, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x8\0", 16 },
		{ DLT_LINUX_SLL2, "\x8\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20 },
	};
	struct packet p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(links); i++) {
		assert_true(packet_link_known(links[i].link));
		assert_int_equal(parse(links[i].link, links[i].before, links[i].len, ipv4,
				       sizeof(ipv4), &p), PACKET_TCP);
		assert_int_equal(ntohs(p.sport), 40000);
		assert_int_equal(p.seq, 100);
		assert_int_equal(p.seg.tcp_flags, SYN);
		assert_int_equal(p.seg.len, 3);
		assert_int_equal(p.seg.mss, 1460);
		assert_int_equal(p.seg.wscale, 7);
		assert_int_equal(p.seg.tsval, 9);
		assert_true(p.seg.known & TCPFSM_SEG_SACK_OK);
		assert_true(p.seg.known & TCPFSM_SEG_OPTIONS);
		assert_false(p.seg.known & TCPFSM_SEG_ACK);
	}
	assert_false(packet_link_known(DLT_IEEE802_11));
	/* an ARP packet, and padding behind ours */
	assert_int_equal(parse(DLT_EN10MB, "\0\0\0\0\0\0\0\0\0\0\0\0\x8\x6", 14, ipv4,
			       sizeof(ipv4), &p), PACKET_OTHER);
	assert_int_equal(packet_parse(DLT_RAW, ipv4, sizeof(ipv4), 100, &p), PACKET_TCP);
	assert_int_equal(p.seg.len, 3);
}

static void cut_anywhere(void **state)
{
	struct packet p;
	size_t i;
	int found;

	(void)state;
	for (i = 0; i < sizeof(ipv4); i++) {
		found = packet_parse(DLT_RAW, ipv4, i, sizeof(ipv4), &p);
		if (i < 44) {
			assert_int_equal(found, PACKET_CUT);
			continue;
		}
		assert_int_equal(found, PACKET_TCP);
		assert_int_equal(p.seg.len, 3);
		assert_int_equal(!!(p.seg.known & TCPFSM_SEG_OPTIONS), i >= 64);
	}
}

static void bad_lengths(void **state)
{
	static const struct {
		size_t		at;
		uint8_t		value;
		int		found;
	} bad[] = {
		{ 0, 0x44, PACKET_BAD },	/* header of 16 bytes */
		{ 0, 0x56, PACKET_OTHER },	/* version 5 */
		{ 3, 20, PACKET_BAD },		/* shorter than its header */
		{ 2, 1, PACKET_BAD },		/* longer than the frame */
		{ 7, 1, PACKET_FRAGMENT },
		{ 9, 17, PACKET_OTHER },	/* UDP */
		{ 36, 0x40, PACKET_BAD },	/* TCP header of 16 bytes */
		{ 36, 0xf0, PACKET_BAD },	/* beyond the end */
	};
	uint8_t data[sizeof(ipv4)];
	struct packet p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memcpy(data, ipv4, sizeof(data));
		data[bad[i].at] = bad[i].value;
		assert_int_equal(packet_parse(DLT_RAW, data, sizeof(data), sizeof(data), &p),
				 bad[i].found);
	}
	/* an option that reaches beyond the header: those before it stand */
	memcpy(data, ipv4, sizeof(data));
	data[51] = 40;
	assert_int_equal(packet_parse(DLT_RAW, data, sizeof(data), sizeof(data), &p), PACKET_TCP);
	assert_int_equal(p.seg.mss, 1460);
	assert_false(p.seg.known & TCPFSM_SEG_TS);
}

static void ipv6_extensions(void **state)
{
	uint8_t data[40 + 8 + 8 + 20] = { 0x60, [5] = 36, [6] = 0, [7] = 64, [23] = 1, [39] = 2,
					  [40] = 44, [48] = 6, [56] = 0x9c, [59] = 80, [68] = 0x50,
					  [69] = FIN | ACK };
	struct packet p;

	(void)state;
	assert_int_equal(packet_parse(DLT_IPV6, data, sizeof(data), sizeof(data), &p), PACKET_TCP);
	assert_int_equal(p.family, AF_INET6);
	assert_int_equal(ntohs(p.dport), 80);
	assert_int_equal(p.src[15], 1);
	assert_int_equal(p.seg.len, 0);
	data[51] = 8;	/* a later fragment */
	assert_int_equal(packet_parse(DLT_IPV6, data, sizeof(data), sizeof(data), &p),
			 PACKET_FRAGMENT);
	data[51] = 0;
	assert_int_equal(packet_parse(DLT_IPV6, data, 50, sizeof(data), &p), PACKET_CUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opened_and_closed),
		cmocka_unit_test(closed_in_three),
		cmocka_unit_test(closed_at_once),
		cmocka_unit_test(opened_at_once),
		cmocka_unit_test(closed_at_once_again),
		cmocka_unit_test(refused),
		cmocka_unit_test(reset),
		cmocka_unit_test(reset_at_the_fin),
		cmocka_unit_test(sent_again),
		cmocka_unit_test(a_gap),
		cmocka_unit_test(older_than_the_capture),
		cmocka_unit_test(bounded),
		cmocka_unit_test(a_clock_that_jumps),
		cmocka_unit_test(link_types),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(bad_lengths),
		cmocka_unit_test(ipv6_extensions),
	};

	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
