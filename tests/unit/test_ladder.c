// SPDX-License-Identifier: GPL-2.0
/*
 * Pictures of connections, compared with tests/unit/golden/ladder-*. A picture that
 * differs is left in build/unit/: look at it, and if it is right, copy it there.
 */
#include <errno.h>
#include <stdlib.h>

#include "ladder.h"
#include "ladders.h"
#include "unit.h"

#define S	TCPFSM_TH_SYN
#define SA	(TCPFSM_TH_SYN | TCPFSM_TH_ACK)
#define A	TCPFSM_TH_ACK
#define FA	(TCPFSM_TH_FIN | TCPFSM_TH_ACK)
#define R	TCPFSM_TH_RST
#define RA	(TCPFSM_TH_RST | TCPFSM_TH_ACK)

#define X	2868423157U	/* the client's initial sequence number */
#define Y	4294967290U	/* the server's: what follows wraps */

enum { CLIENT, SERVER };

static struct ladders ls;
static uint64_t now;

static struct event base(unsigned int who)
{
	struct event ev = { .ts = 5000000000ULL + now * 1000 };

	if (who == CLIENT)
		set_id(&ev.id, AF_INET, "10.0.0.1", 1081, "10.0.0.2", 1080);
	else
		set_id(&ev.id, AF_INET6, "::ffff:10.0.0.2", 1080, "::ffff:10.0.0.1", 1081);
	ev.id.cookie = who == CLIENT ? 2 : 3;
	ev.id.netns += who;
	if (who == CLIENT)
		set_owner(&ev.owner, "hutu");
	else
		set_owner(&ev.owner, "hutud");
	return ev;
}

/* After @us: who goes from one state to another */
static void goes(uint64_t us, unsigned int who, unsigned int from, unsigned int to,
		 unsigned int cause, uint64_t ns)
{
	struct event ev;

	now += us;
	ev = base(who);
	ev.kind = TCPFSM_K_STATE;
	ev.flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE;
	ev.old_state = from;
	ev.state = to;
	ev.cause = cause;
	ev.ns = ns;
	ladders_event(&ls, &ev, true);
}

static struct event segment(unsigned int who, unsigned int dir, unsigned int flags, uint32_t seq,
			    uint32_t ack)
{
	struct event ev = base(who);

	memset(&ev.owner, 0, sizeof(ev.owner));
	ev.kind = TCPFSM_K_SEGMENT;
	ev.seg = (struct tcpfsm_segment){
		.dir = dir, .tcp_flags = flags, .seq = seq, .ack = ack,
		.known = TCPFSM_SEG_SEQ | TCPFSM_SEG_LEN | (flags & A ? TCPFSM_SEG_ACK : 0),
	};
	return ev;
}

static void sends(uint64_t us, unsigned int who, unsigned int flags, uint32_t seq, uint32_t ack)
{
	struct event ev;

	now += us;
	ev = segment(who, TCPFSM_DIR_OUT, flags, seq, ack);
	ladders_event(&ls, &ev, true);
}

static void gets(uint64_t us, unsigned int who, unsigned int flags, uint32_t seq, uint32_t ack)
{
	struct event ev;

	now += us;
	ev = segment(who, TCPFSM_DIR_IN, flags, seq, ack);
	ladders_event(&ls, &ev, true);
}

static void lost(uint64_t us, uint64_t count)
{
	struct event ev = { .kind = TCPFSM_K_LOST, .count = count, .where = TCPFSM_W_RING };

	now += us;
	ev.ts = 5000000000ULL + now * 1000;
	ladders_event(&ls, &ev, true);
}

static int fresh(void **state)
{
	(void)state;
	now = 0;
	return ladders_init(&ls);
}

static int done(void **state)
{
	(void)state;
	ladders_free(&ls);
	return 0;
}

static void assert_no_wider(const char *text, size_t width)
{
	size_t len, i, n;

	for (; *text; text += len + !!text[len]) {
		len = strcspn(text, "\n");
		for (i = 0, n = 0; i < len; i++)
			n += (text[i] & 0xc0) != 0x80;
		assert_in_range(n, 0, width);
	}
}

/* All that was taken in is one connection: draw it as text and as SVG. */
static void draw(struct buf *text, struct buf *svg)
{
	struct ladder l;

	assert_int_equal(ls.len, 1);
	assert_true(ladders_take(&ls, UINT64_MAX, &l));
	buf_init(text, -1);
	ladder_text(text, &l);
	buf_char(text, '\0');
	buf_init(svg, -1);
	ladder_svg(svg, &l);
	buf_char(svg, '\0');
	ladder_free(&l);
	assert_no_wider(text->data, 100);
}

static void assert_picture(const char *name)
{
	struct buf text, svg;
	char file[64];

	draw(&text, &svg);
	snprintf(file, sizeof(file), "ladder-%s.svg", name);
	assert_golden(file, svg.data);
	snprintf(file, sizeof(file), "ladder-%s.txt", name);
	assert_golden(file, text.data);
	buf_free(&text);
	buf_free(&svg);
}

/* Both ends, from nothing to ESTABLISHED */
static void opens(void)
{
	goes(0, CLIENT, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 0);
	sends(9, CLIENT, S, X, 0);
	gets(12, SERVER, S, X, 0);
	goes(1, SERVER, TCPFSM_S_LISTEN, TCPFSM_S_SYN_RECEIVED, TCPFSM_C_RCV_SYN, 0);
	sends(5, SERVER, SA, Y, X + 1);
	gets(7, CLIENT, SA, Y, X + 1);
	goes(1, CLIENT, TCPFSM_S_SYN_SENT, TCPFSM_S_ESTABLISHED, TCPFSM_C_RCV_SYNACK, 35000);
	sends(2, CLIENT, A, X + 1, Y + 1);
	gets(6, SERVER, A, X + 1, Y + 1);
	goes(1, SERVER, TCPFSM_S_SYN_RECEIVED, TCPFSM_S_ESTABLISHED, TCPFSM_C_RCV_ACK, 22000);
}

static void closes(void)
{
	goes(400, CLIENT, TCPFSM_S_ESTABLISHED, TCPFSM_S_FIN_WAIT_1, TCPFSM_C_CLOSE, 409000);
	sends(2, CLIENT, FA, X + 5, Y + 1);
	gets(8, SERVER, FA, X + 5, Y + 1);
	goes(1, SERVER, TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSE_WAIT, TCPFSM_C_RCV_FIN, 411000);
	sends(40000, SERVER, A, Y + 1, X + 6);
	gets(9, CLIENT, A, Y + 1, X + 6);
	goes(1, CLIENT, TCPFSM_S_FIN_WAIT_1, TCPFSM_S_FIN_WAIT_2, TCPFSM_C_RCV_ACK_OF_FIN,
	     40021000);
	goes(3000, SERVER, TCPFSM_S_CLOSE_WAIT, TCPFSM_S_LAST_ACK, TCPFSM_C_CLOSE, 43010000);
	sends(1, SERVER, FA, Y + 1, X + 6);
	gets(9, CLIENT, FA, Y + 1, X + 6);
	goes(1, CLIENT, TCPFSM_S_FIN_WAIT_2, TCPFSM_S_TIME_WAIT, TCPFSM_C_RCV_FIN, 3011000);
	sends(2, CLIENT, A, X + 6, Y + 2);
	gets(6, SERVER, A, X + 6, Y + 2);
	goes(1, SERVER, TCPFSM_S_LAST_ACK, TCPFSM_S_CLOSED, TCPFSM_C_RCV_ACK_OF_FIN, 20000);
	goes(60108000, CLIENT, TCPFSM_S_TIME_WAIT, TCPFSM_S_CLOSED, TCPFSM_C_2MSL, 60108009000);
}

static void classic(void **state)
{
	(void)state;
	opens();
	closes();
	assert_true(ls.open[0].ended);
	ladders_verdict(&ls, 2, "three-way, four-way, ok");
	ladders_verdict(&ls, 3, "three-way, four-way, ok");
	assert_picture("classic");
}

/* As the server's machine alone sees it: no invented states, times or segments of the other. */
static void one_end(void **state)
{
	(void)state;
	gets(0, SERVER, S, X, 0);
	goes(1, SERVER, TCPFSM_S_LISTEN, TCPFSM_S_SYN_RECEIVED, TCPFSM_C_RCV_SYN, 0);
	sends(5, SERVER, SA, Y, X + 1);
	gets(60, SERVER, A, X + 1, Y + 1);
	goes(1, SERVER, TCPFSM_S_SYN_RECEIVED, TCPFSM_S_ESTABLISHED, TCPFSM_C_RCV_ACK, 66000);
	gets(500, SERVER, FA, X + 5, Y + 1);
	goes(1, SERVER, TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSE_WAIT, TCPFSM_C_RCV_FIN, 501000);
	assert_int_equal(ls.open[0].ended, 0);
	assert_picture("one-end");
}

static void record_lost(void **state)
{
	(void)state;
	opens();
	lost(100, 12);
	closes();
	assert_picture("lost");
}

/* The first SYN never arrives, the second does; nothing tells them apart but their time. */
static void syn_again(void **state)
{
	struct event ev;

	(void)state;
	goes(0, CLIENT, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 0);
	ev = segment(CLIENT, TCPFSM_DIR_OUT, S, X, 0);
	ev.seg.known |= TCPFSM_SEG_WIN | TCPFSM_SEG_OPTIONS | TCPFSM_SEG_MSS |
			TCPFSM_SEG_SACK_OK | TCPFSM_SEG_TS | TCPFSM_SEG_TSVAL |
			TCPFSM_SEG_WSCALE | TCPFSM_SEG_RETRANS | TCPFSM_SEG_COOKIE;
	ev.seg.win = 64240;
	ev.seg.mss = 1460;
	ev.seg.wscale = 10;
	ev.seg.cookie_len = 8;
	ladders_event(&ls, &ev, true);
	ev.seg.retrans = 1;
	ev.seg.known &= ~(TCPFSM_SEG_WIN | TCPFSM_SEG_OPTIONS | TCPFSM_SEG_COOKIE);
	ev.ts += 1000000000;
	now += 1000000;
	ladders_event(&ls, &ev, true);
	gets(10, SERVER, S, X, 0);
	goes(1, SERVER, TCPFSM_S_LISTEN, TCPFSM_S_SYN_RECEIVED, TCPFSM_C_RCV_SYN, 0);
	sends(1, SERVER, SA, Y, X + 1);
	gets(10, CLIENT, SA, Y, X + 1);
	assert_picture("syn-again");
}

static void simultaneous_open(void **state)
{
	(void)state;
	goes(0, CLIENT, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 0);
	sends(2, CLIENT, S, X, 0);
	goes(3, SERVER, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 0);
	sends(2, SERVER, S, Y, 0);
	gets(20, SERVER, S, X, 0);
	goes(1, SERVER, TCPFSM_S_SYN_SENT, TCPFSM_S_SYN_RECEIVED, TCPFSM_C_RCV_SYN, 23000);
	sends(1, SERVER, SA, Y, X + 1);
	gets(3, CLIENT, S, Y, 0);
	goes(1, CLIENT, TCPFSM_S_SYN_SENT, TCPFSM_S_SYN_RECEIVED, TCPFSM_C_RCV_SYN, 33000);
	sends(1, CLIENT, SA, X, Y + 1);
	gets(10, CLIENT, SA, Y, X + 1);
	goes(1, CLIENT, TCPFSM_S_SYN_RECEIVED, TCPFSM_S_ESTABLISHED, TCPFSM_C_RCV_SYNACK, 12000);
	gets(10, SERVER, SA, X, Y + 1);
	goes(1, SERVER, TCPFSM_S_SYN_RECEIVED, TCPFSM_S_ESTABLISHED, TCPFSM_C_RCV_SYNACK, 28000);
	assert_picture("simultaneous-open");
}

static void simultaneous_close(void **state)
{
	(void)state;
	opens();
	goes(50, CLIENT, TCPFSM_S_ESTABLISHED, TCPFSM_S_FIN_WAIT_1, TCPFSM_C_CLOSE, 59000);
	sends(1, CLIENT, FA, X + 1, Y + 1);
	goes(3, SERVER, TCPFSM_S_ESTABLISHED, TCPFSM_S_FIN_WAIT_1, TCPFSM_C_CLOSE, 53000);
	sends(1, SERVER, FA, Y + 1, X + 1);
	gets(30, SERVER, FA, X + 1, Y + 1);
	goes(1, SERVER, TCPFSM_S_FIN_WAIT_1, TCPFSM_S_CLOSING, TCPFSM_C_RCV_FIN, 32000);
	sends(1, SERVER, A, Y + 2, X + 2);
	gets(3, CLIENT, FA, Y + 1, X + 1);
	goes(1, CLIENT, TCPFSM_S_FIN_WAIT_1, TCPFSM_S_CLOSING, TCPFSM_C_RCV_FIN, 41000);
	sends(1, CLIENT, A, X + 2, Y + 2);
	gets(20, SERVER, A, X + 2, Y + 2);
	goes(1, SERVER, TCPFSM_S_CLOSING, TCPFSM_S_TIME_WAIT, TCPFSM_C_RCV_ACK_OF_FIN, 28000);
	gets(1, CLIENT, A, Y + 2, X + 2);
	goes(1, CLIENT, TCPFSM_S_CLOSING, TCPFSM_S_TIME_WAIT, TCPFSM_C_RCV_ACK_OF_FIN, 24000);
	assert_picture("simultaneous-close");
}

static void reset(void **state)
{
	(void)state;
	opens();
	goes(300, CLIENT, TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSED, TCPFSM_C_LINGER, 309000);
	sends(1, CLIENT, RA, X + 1, Y + 1);
	gets(8, SERVER, RA, X + 1, Y + 1);
	goes(1, SERVER, TCPFSM_S_ESTABLISHED, TCPFSM_S_CLOSED, TCPFSM_C_RCV_RST, 310000);
	assert_true(ls.open[0].ended);
	assert_picture("reset");
}

/* Nobody listens: segments of no socket at the other end */
static void refused(void **state)
{
	struct event ev;

	(void)state;
	goes(0, CLIENT, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 0);
	sends(2, CLIENT, S, X, 0);
	now += 5;
	ev = segment(SERVER, TCPFSM_DIR_IN, S, X, 0);
	ev.id.cookie = 0;
	ev.seg.state = TCPFSM_S_CLOSED;
	ev.seg.fate = TCPFSM_FATE_RESET;
	ladders_event(&ls, &ev, false);
	now += 1;
	ev = segment(SERVER, TCPFSM_DIR_OUT, RA, 0, X + 1);
	ev.id.cookie = 0;
	ev.seg.state = TCPFSM_S_CLOSED;
	ladders_event(&ls, &ev, false);
	gets(5, CLIENT, RA, 0, X + 1);
	goes(1, CLIENT, TCPFSM_S_SYN_SENT, TCPFSM_S_CLOSED, TCPFSM_C_RCV_RST, 14000);
	ladders_verdict(&ls, 2, "refused, ok");
	assert_picture("refused");
}

/* Long ones lose their middle, and say so; IPv6 and hostile names find room. */
static void long_one(void **state)
{
	static const char * const said[] = {
		"A [2001:db8:1111:2222:3333:4444:5555:6666]:65535\n",
		" ????????????????[0], flow 4f ", "-- 744 more events left out here --",
		"| len 65535 (dropped: accept queue full) ",
		"5000.000000    state_251    | retransmission timed out, after 18446744073.709 s in   :",
		"| state_250, 18446744073709551615 retransmissions ",
	};
	struct buf b, svg;
	struct event ev;
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		now += 1000000000;
		ev = segment(CLIENT, TCPFSM_DIR_OUT, 0xff, 4294967295U, 4294967295U);
		set_id(&ev.id, AF_INET6, "2001:db8:1111:2222:3333:4444:5555:6666", 65535,
		       "2001:db8:ffff:2222:3333:4444:5555:6666", 65534);
		ev.seg.fate = TCPFSM_FATE_ACCEPT_QUEUE;
		ev.seg.len = 65535;
		if (i == 5) {
			ev.kind = TCPFSM_K_STATE;
			ev.flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE | TCPFSM_F_RETRANS;
			ev.ns = UINT64_MAX;
			ev.count = UINT64_MAX;
			ev.old_state = 250;
			ev.state = 251;
			ev.cause = TCPFSM_C_RTO;
			memset(ev.owner.comm, '\033', sizeof(ev.owner.comm));
		}
		ladders_event(&ls, &ev, true);
	}
	assert_int_equal(ls.open[0].left_out, 1000 - LADDER_EVENTS);
	draw(&b, &svg);
	for (i = 0; i < ARRAY_SIZE(said); i++)
		assert_non_null(strstr(b.data, said[i]));
	assert_non_null(strstr(svg.data, ">-- 744 more events left out here --<"));
	assert_non_null(strstr(svg.data, ">????????????????[0], flow 4f<"));
	assert_non_null(strstr(svg.data, ">state_251<"));
	/* a SYN that is a FIN too does not tell how much was sent */
	assert_null(strstr(b.data, "data in all"));
	buf_free(&b);
	buf_free(&svg);
}

/* A process calls itself what it likes: it stays text, in a terminal and in XML. */
static void hostile_names(void **state)
{
	static const struct {
		const char	*name;
		const char	*text;
		const char	*svg;
	} names[] = {
		{ "<script>a</scri", "<script>a</scri[", "&lt;script&gt;a&lt;/scri[" },
		{ "a&amp;\"'>", "a&amp;\"'>[", "a&amp;amp;\"'&gt;[" },
		{ "\033[2J\a\n\r\t", "?[2J????[", "?[2J????[" },
		{ "\xff\xc0\xaf\xed\xa0\x80", "??????[", "??????[" },
		{ "x\u202ey\u00e9\u2713", "x?y\u00e9\u2713[", "x?y\u00e9\u2713[" },
		/* no characters, which a terminal bears, and XML must not have */
		{ "\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbe\xef\xbf\xbf[", ">??[" },
		{ "]]>", "]]>[", "]]&gt;[" },
	};
	struct buf text, svg;
	struct event ev;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ev = base(CLIENT);
		ev.kind = TCPFSM_K_STATE;
		ev.flags = TCPFSM_F_OWNER;
		ev.state = TCPFSM_S_SYN_SENT;
		ev.old_state = TCPFSM_S_CLOSED;
		set_owner(&ev.owner, names[i].name);
		ladders_event(&ls, &ev, true);
		draw(&text, &svg);
		assert_non_null(strstr(text.data, names[i].text));
		assert_non_null(strstr(svg.data, names[i].svg));
		assert_null(strstr(svg.data, "<script"));
		assert_null(strchr(svg.data, '\033'));
		buf_free(&text);
		buf_free(&svg);
	}
}

/* Only the events of the wanted connection are kept, those from before it was known too. */
static void late_wish(void **state)
{
	struct event other = an_event();
	struct event ev;
	unsigned int i;

	(void)state;
	goes(0, CLIENT, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 0);
	ladders_free(&ls);
	ladders_init(&ls);
	now = 0;
	/* an older connection of the same ports: other sockets */
	for (i = 0; i < 2; i++) {
		ev = base(i);
		ev.kind = TCPFSM_K_STATE;
		ev.id.cookie += 100;
		ev.old_state = TCPFSM_S_TIME_WAIT;
		ev.state = TCPFSM_S_CLOSED;
		ladders_event(&ls, &ev, false);
	}
	ev = segment(SERVER, TCPFSM_DIR_OUT, R, 7, 0);
	ev.id.cookie = 0;
	ladders_event(&ls, &ev, false);
	now = 1000;
	ev = base(CLIENT);
	ev.kind = TCPFSM_K_STATE;
	ev.old_state = TCPFSM_S_CLOSED;
	ev.state = TCPFSM_S_SYN_SENT;
	ladders_event(&ls, &ev, false);
	ladders_event(&ls, &other, false);
	assert_int_equal(ls.len, 0);
	goes(3, SERVER, TCPFSM_S_LISTEN, TCPFSM_S_SYN_RECEIVED, TCPFSM_C_RCV_SYN, 0);
	assert_int_equal(ls.len, 1);
	assert_int_equal(ls.open[0].len, 2);
	assert_int_equal(ls.open[0].end[0].cookie, 3);
	assert_int_equal(ls.open[0].end[1].cookie, 2);
	assert_string_equal(ladder_role(&ls.open[0], 0), "server");
	assert_string_equal(ladder_role(&ls.open[0], 1), "client");
	/* what never belongs: a listener, another port, another socket of the same ports */
	ev.id.rport = 0;
	assert_false(ladder_event(&ls.open[0], &ev));
	assert_false(ladder_event(&ls.open[0], &other));
	ev = base(CLIENT);
	ev.id.cookie = 77;
	assert_false(ladder_event(&ls.open[0], &ev));
	assert_int_equal(ls.open[0].len, 2);
}

/* A connection that is there already begins as the table has it, once for each end. */
static void found_in_table(void **state)
{
	struct event ev;
	unsigned int i;

	(void)state;
	now = 1000;
	for (i = 0; i < 4; i++) {
		ev = base(i % 2);
		ev.kind = TCPFSM_K_FLOW;
		ev.flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE;
		ev.ns = 1590000000;
		ev.state = i % 2 ? TCPFSM_S_CLOSE_WAIT : TCPFSM_S_FIN_WAIT_2;
		ev.cause = i % 2 ? TCPFSM_C_RCV_FIN : TCPFSM_C_RCV_ACK_OF_FIN;
		ladders_event(&ls, &ev, i == 0);
	}
	goes(10, SERVER, TCPFSM_S_CLOSE_WAIT, TCPFSM_S_LAST_ACK, TCPFSM_C_CLOSE, 1600000000);
	sends(1, SERVER, FA, Y, X);
	gets(5, CLIENT, FA, Y, X);
	assert_picture("found");
}

/* How many rows two records make: one when they are one segment */
static size_t rows_of(uint32_t seq, uint32_t ack, uint64_t came, uint64_t sent)
{
	struct ladder_row rows[LADDER_ROWS];
	struct ladder l;
	size_t n;

	now = came;
	gets(0, SERVER, A, X, Y);
	now = sent;
	sends(0, CLIENT, A, seq, ack);
	assert_true(ladders_take(&ls, UINT64_MAX, &l));
	n = ladder_rows(&l, rows);
	ladder_free(&l);
	ladders_free(&ls);
	ladders_init(&ls);
	return n;
}

static void what_is_one_segment(void **state)
{
	(void)state;
	assert_int_equal(rows_of(X, Y, 10, 0), 1);
	assert_int_equal(rows_of(X + 1, Y, 10, 0), 2);
	assert_int_equal(rows_of(X, Y + 1, 10, 0), 2);
	/* the sender's hook may come a little late, but not by a second */
	assert_int_equal(rows_of(X, Y, 0, 10), 1);
	assert_int_equal(rows_of(X, Y, 0, 1000000), 2);
}

/* An event goes to the picture of its socket, and its namespace. */
static void whose_it_is(void **state)
{
	struct event ev;

	(void)state;
	goes(0, CLIENT, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT, 0);
	ev = segment(CLIENT, TCPFSM_DIR_OUT, S, X, 0);
	ev.id.netns += 7;
	assert_false(ladder_event(&ls.open[0], &ev));
	goes(1, SERVER, TCPFSM_S_LISTEN, TCPFSM_S_SYN_RECEIVED, TCPFSM_C_RCV_SYN, 0);
	/* the same ports again, by another socket of the client; the old server still has them */
	now++;
	ev = base(CLIENT);
	ev.kind = TCPFSM_K_STATE;
	ev.id.cookie = 20;
	ev.old_state = TCPFSM_S_CLOSED;
	ev.state = TCPFSM_S_SYN_SENT;
	ladders_event(&ls, &ev, true);
	assert_int_equal(ls.len, 2);
	goes(1, SERVER, TCPFSM_S_SYN_RECEIVED, TCPFSM_S_CLOSED, TCPFSM_C_SYNACK_TIMEOUT, 5);
	assert_int_equal(ls.open[0].len, 3);
	assert_int_equal(ls.open[0].end[1].state, TCPFSM_S_CLOSED);
}

static void room_for_so_many(void **state)
{
	struct event ev = an_event();
	struct ladder l;
	unsigned int i;

	(void)state;
	for (i = 0; i < LADDERS_MAX + 3; i++) {
		ev.id.cookie = i + 1;
		ev.id.lport = htons(i + 1);
		ladders_event(&ls, &ev, true);
	}
	assert_int_equal(ls.len, LADDERS_MAX);
	assert_int_equal(ls.left_out, 3);
	assert_int_equal(ladders_due(&ls), 0);
	/* one ends, and is taken once it has been over for long enough */
	ev.id.cookie = 5;
	ev.id.lport = htons(5);
	ev.ts += 1000;
	ev.old_state = TCPFSM_S_SYN_SENT;
	ev.state = TCPFSM_S_CLOSED;
	ladders_event(&ls, &ev, true);
	assert_int_equal(ladders_due(&ls), ev.ts);
	assert_false(ladders_take(&ls, ev.ts, &l));
	assert_true(ladders_take(&ls, ev.ts + 1, &l));
	assert_int_equal(l.end[0].cookie, 5);
	ladder_free(&l);
	assert_int_equal(ls.len, LADDERS_MAX - 1);
	/* a connection that only ends is no picture */
	ev.id.cookie = 1000;
	ev.id.lport = htons(1000);
	ev.old_state = TCPFSM_S_ESTABLISHED;
	ladders_event(&ls, &ev, true);
	assert_int_equal(ls.len, LADDERS_MAX - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(classic),
		TEST(one_end),
		TEST(record_lost),
		TEST(syn_again),
		TEST(simultaneous_open),
		TEST(simultaneous_close),
		TEST(reset),
		TEST(refused),
		TEST(long_one),
		TEST(hostile_names),
		TEST(late_wish),
		TEST(found_in_table),
		TEST(what_is_one_segment),
		TEST(whose_it_is),
		TEST(room_for_so_many),
	};

	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
