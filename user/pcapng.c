// SPDX-License-Identifier: GPL-2.0
/*
 * Writing pcapng, for Wireshark: each segment is a packet made of what is known of
 * it, and a transition is a comment on the segment that made it, or that it made.
 *
 * Debian's libraries do not fit: libpcap writes no comments, and Wireshark's own
 * libwiretap has no stable interface and brings all of Wireshark. The format's few
 * blocks are written here instead (draft-ietf-opsawg-pcapng).
 *
 * A transition that no segment goes with (a timer, a close in SYN_SENT), an alert or a
 * loss becomes an IP packet of protocol 253, which RFC 3692 leaves for such things: it
 * has the addresses, the words, the comment, and no TCP analysis stumbles over it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>

#include "clock.h"
#include "names.h"
#include "pcapng.h"
#include "view.h"

#define BLOCK_SECTION		0x0a0d0d0a
#define BLOCK_INTERFACE		1
#define BLOCK_PACKET		6
#define BYTE_ORDER_MAGIC	0x1a2b3c4d
#define LINKTYPE_RAW		101
#define OPT_COMMENT		1
#define OPT_OS			3	/* of a section */
#define OPT_APPLICATION		4
#define OPT_NAME		2	/* of an interface */
#define OPT_DESCRIPTION		3
#define OPT_TSRESOL		9
#define OPT_FLAGS		2	/* of a packet */
#define INBOUND			1
#define OUTBOUND		2

#define IP_EXPERIMENT		253
#define PACKET_ROOM		(128 + PCAPNG_COMMENT)

static void put16(struct buf *b, uint16_t n)
{
	buf_mem(b, (const char *)&n, sizeof(n));
}

static void put32(struct buf *b, uint32_t n)
{
	buf_mem(b, (const char *)&n, sizeof(n));
}

static void pad(struct buf *b, size_t len)
{
	buf_mem(b, "\0\0\0", -len & 3);
}

/* The length is filled in by block_end(). */
static size_t block(struct buf *b, uint32_t type)
{
	size_t start = b->len;

	put32(b, type);
	put32(b, 0);
	return start;
}

static void block_end(struct buf *b, size_t start)
{
	uint32_t len = b->len - start + 4;

	put32(b, len);
	if (!b->err)
		memcpy(b->data + start + 4, &len, sizeof(len));
}

static void option(struct buf *b, uint16_t code, const void *data, size_t len)
{
	put16(b, code);
	put16(b, len);
	buf_mem(b, data, len);
	pad(b, len);
}

static void options_end(struct buf *b)
{
	put32(b, 0);
}

static void section(struct buf *b, const char *kernel, const char *tool)
{
	size_t start = block(b, BLOCK_SECTION);

	put32(b, BYTE_ORDER_MAGIC);
	put16(b, 1);
	put16(b, 0);
	put32(b, UINT32_MAX);	/* the section's length is not known */
	put32(b, UINT32_MAX);
	option(b, OPT_OS, kernel, strlen(kernel));
	option(b, OPT_APPLICATION, tool, strlen(tool));
	options_end(b);
	block_end(b, start);
}

static void interface(struct buf *b)
{
	static const char text[] = "packets made of what tcpfsm knows of them, without payload";
	const uint8_t nanoseconds = 9;
	size_t start = block(b, BLOCK_INTERFACE);

	put16(b, LINKTYPE_RAW);
	put16(b, 0);
	put32(b, 0);		/* no limit */
	option(b, OPT_NAME, "tcpfsm", 6);
	option(b, OPT_DESCRIPTION, text, sizeof(text) - 1);
	option(b, OPT_TSRESOL, &nanoseconds, 1);
	options_end(b);
	block_end(b, start);
}

static void packet(struct pcapng *p, const struct pcapng_held *h, const uint8_t *data,
		   size_t len, size_t wire_len)
{
	uint64_t ts = h->ev.ts + p->wall;
	struct buf *b = &p->out;
	size_t start = block(b, BLOCK_PACKET);
	uint32_t flags = h->ev.seg.dir == TCPFSM_DIR_IN ? INBOUND : OUTBOUND;

	put32(b, 0);
	put32(b, ts >> 32);
	put32(b, ts);
	put32(b, len);
	put32(b, wire_len);
	buf_mem(b, (const char *)data, len);
	pad(b, len);
	option(b, OPT_COMMENT, h->comment, h->len);
	if (h->ev.kind == TCPFSM_K_SEGMENT)
		option(b, OPT_FLAGS, &flags, sizeof(flags));
	options_end(b);
	block_end(b, start);
}

static uint8_t *be16(uint8_t *at, unsigned int n)
{
	at[0] = n >> 8;
	at[1] = n;
	return at + 2;
}

static uint8_t *be32(uint8_t *at, uint32_t n)
{
	return be16(be16(at, n >> 16), n);
}

static uint32_t sum(uint32_t so_far, const uint8_t *at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		so_far += i % 2 ? at[i] : at[i] << 8;
	return so_far;
}

static unsigned int folded(uint32_t n)
{
	while (n >> 16)
		n = (n & 0xffff) + (n >> 16);
	return ~n & 0xffff;
}

static bool is_mapped(const uint8_t *addr)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, prefix, sizeof(prefix));
}

/* The IP header of a packet of a flow: where it ends; @pseudo: sum of the pseudo header */
static uint8_t *ip_header(uint8_t *at, const struct event *ev, unsigned int protocol, size_t len,
			  uint32_t *pseudo)
{
	const struct tcpfsm_id *id = &ev->id;
	bool in = ev->kind == TCPFSM_K_SEGMENT && ev->seg.dir == TCPFSM_DIR_IN;
	const uint8_t *src = in ? id->raddr : id->laddr;
	const uint8_t *dst = in ? id->laddr : id->raddr;
	/* a listener's remote address is :: even if its local one is mapped */
	bool mapped = id->family == AF_INET6 && is_mapped(src) && is_mapped(dst);

	*pseudo = protocol + len;
	if (id->family == AF_INET6 && !mapped) {
		be32(at, 6U << 28);
		be16(at + 4, len);
		at[6] = protocol;
		at[7] = 64;
		memcpy(at + 8, src, 16);
		memcpy(at + 24, dst, 16);
		*pseudo = sum(*pseudo, at + 8, 32);
		return at + 40;
	}
	at[0] = 0x45;
	at[1] = 0;
	be16(at + 2, 20 + len);
	be32(at + 4, 0x4000);
	at[8] = 64;
	at[9] = protocol;
	be16(at + 10, 0);
	memcpy(at + 12, mapped ? src + 12 : src, 4);
	memcpy(at + 16, mapped ? dst + 12 : dst, 4);
	be16(at + 10, folded(sum(0, at, 20)));
	*pseudo = sum(*pseudo, at + 12, 8);
	return at + 20;
}

static uint8_t *tcp_options(uint8_t *at, const struct tcpfsm_segment *s)
{
	uint8_t *start = at;

	if (s->known & TCPFSM_SEG_MSS) {
		*at++ = 2;
		*at++ = 4;
		at = be16(at, s->mss);
	}
	if (s->known & TCPFSM_SEG_WSCALE) {
		*at++ = 3;
		*at++ = 3;
		*at++ = s->wscale;
	}
	if (s->known & TCPFSM_SEG_SACK_OK) {
		*at++ = 4;
		*at++ = 2;
	}
	if (s->known & TCPFSM_SEG_TS) {
		*at++ = 8;
		*at++ = 10;
		at = be32(at, s->tsval);
		at = be32(at, s->tsecr);
	}
	/* of a cookie only the length is known; 16 bytes of it fit */
	if (s->known & TCPFSM_SEG_COOKIE && s->cookie_len <= 16) {
		*at++ = 34;
		*at++ = 2 + s->cookie_len;
		memset(at, 0, s->cookie_len);
		at += s->cookie_len;
	}
	while ((at - start) % 4)
		*at++ = 1;
	return at;
}

static size_t options_len(const struct tcpfsm_segment *s)
{
	uint8_t room[64];

	return tcp_options(room, s) - room;
}

static void segment(struct pcapng *p, const struct pcapng_held *h)
{
	const struct event *ev = &h->ev;
	const struct tcpfsm_segment *s = &ev->seg;
	bool in = s->dir == TCPFSM_DIR_IN;
	size_t tcp_len = 20 + options_len(s);
	/* what an IP packet cannot have is left out */
	size_t payload = s->len <= 65535 - 40 - tcp_len ? s->len : 0;
	bool fin = s->tcp_flags & TCPFSM_TH_FIN && !(s->tcp_flags & TCPFSM_TH_SYN);
	uint8_t data[PACKET_ROOM] = { 0 };
	uint32_t pseudo;
	uint8_t *tcp = ip_header(data, ev, IPPROTO_TCP, tcp_len + payload, &pseudo);

	memcpy(tcp, in ? &ev->id.rport : &ev->id.lport, 2);
	memcpy(tcp + 2, in ? &ev->id.lport : &ev->id.rport, 2);
	be32(tcp + 4, fin ? s->seq - s->len : s->seq);
	be32(tcp + 8, s->ack);
	tcp[12] = tcp_len / 4 << 4;
	tcp[13] = s->tcp_flags;
	be16(tcp + 14, s->win);
	tcp_options(tcp + 20, s);
	/* right if the payload is zeros, which nobody can see */
	be16(tcp + 16, folded(sum(pseudo, tcp, tcp_len)));
	packet(p, h, data, tcp + tcp_len - data, tcp + tcp_len - data + payload);
}

/* Words alone */
static void words(struct pcapng *p, const struct pcapng_held *h)
{
	uint8_t data[PACKET_ROOM] = { 0 };
	uint32_t pseudo;
	uint8_t *at = ip_header(data, &h->ev, IP_EXPERIMENT, h->len, &pseudo);

	memcpy(at, h->comment, h->len);
	packet(p, h, data, at + h->len - data, at + h->len - data);
}

static struct pcapng_held *at(struct pcapng *p, unsigned int i)
{
	return &p->held[i % PCAPNG_HELD];
}

static void release(struct pcapng *p)
{
	struct pcapng_held *h = at(p, p->head++);

	if (h->gone)
		return;
	if (h->ev.kind == TCPFSM_K_SEGMENT)
		segment(p, h);
	else
		words(p, h);
}

/* Another line of the comment */
static void say(struct pcapng_held *h, const struct buf *line)
{
	size_t room = sizeof(h->comment) - h->len;

	if (line->err || line->len + 1 > room)
		return;
	if (h->len)
		h->comment[h->len++] = '\n';
	memcpy(h->comment + h->len, line->data, line->len);
	h->len += line->len;
}

static void add_name(struct buf *b, const char *name, unsigned int n)
{
	if (name)
		buf_str(b, name);
	else
		buf_printf(b, "%u", n);
}

static void add_flow(struct buf *b, const struct event *ev)
{
	buf_str(b, "flow ");
	buf_hex(b, ev->id.cookie);
	if (ev->flags & TCPFSM_F_OWNER) {
		buf_printf(b, ", %u/", ev->owner.pid);
		text_safe(b, ev->owner.comm, strnlen(ev->owner.comm, sizeof(ev->owner.comm)));
	}
	buf_str(b, ": ");
}

static void add_ms(struct buf *b, const char *before, const struct event *ev)
{
	buf_printf(b, "%s %llu.%06llu ms", before, (unsigned long long)(ev->ns / NSEC_PER_MSEC),
		   (unsigned long long)(ev->ns % NSEC_PER_MSEC));
}

static void add_ports(struct buf *b, const struct event *ev)
{
	buf_printf(b, ", ports %u and %u", ntohs(ev->id.lport), ntohs(ev->id.rport));
}

static void say_state(struct pcapng_held *h, const struct event *ev)
{
	struct buf b;

	buf_init(&b, -1);
	add_flow(&b, ev);
	add_name(&b, state_name(ev->old_state), ev->old_state);
	buf_str(&b, " -> ");
	add_name(&b, state_name(ev->state), ev->state);
	buf_str(&b, " (");
	add_name(&b, cause_name(ev->cause), ev->cause);
	buf_char(&b, ')');
	if (ev->flags & TCPFSM_F_SINCE)
		add_ms(&b, " after", ev);
	if (h->ev.kind != TCPFSM_K_SEGMENT)
		add_ports(&b, ev);
	say(h, &b);
	buf_free(&b);
}

/* What had to be made up */
static void say_segment(struct pcapng_held *h)
{
	static const struct {
		uint32_t	bit;
		const char	*name;
	} fields[] = {
		{ TCPFSM_SEG_SEQ, "seq" }, { TCPFSM_SEG_ACK, "ack" }, { TCPFSM_SEG_WIN, "window" },
		{ TCPFSM_SEG_LEN, "length" }, { TCPFSM_SEG_PSH, "PSH" },
		{ TCPFSM_SEG_OPTIONS, "options" }, { TCPFSM_SEG_TSVAL, "TSval" },
		{ TCPFSM_SEG_TSECR, "TSecr" },
	};
	const struct tcpfsm_segment *s = &h->ev.seg;
	uint32_t unknown = ~s->known;
	struct buf b;
	size_t i;

	if (!(s->tcp_flags & TCPFSM_TH_ACK))
		unknown &= ~TCPFSM_SEG_ACK;
	if (!(s->known & TCPFSM_SEG_TS))
		unknown &= ~(TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR);
	buf_init(&b, -1);
	buf_str(&b, h->ev.id.cookie ? "" : "no connection");
	if (s->fate)
		buf_printf(&b, "%s%s", b.len ? ", " : "",
			   fate_name(s->fate) ? fate_name(s->fate) : "unknown fate");
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (unknown & fields[i].bit)
			buf_printf(&b, "%s%s not known", b.len ? ", " : "", fields[i].name);
	if (b.len)
		say(h, &b);
	buf_free(&b);
}

static void say_lost(struct pcapng_held *h)
{
	struct buf b;

	buf_init(&b, -1);
	buf_printf(&b, "%llu records lost here: %s", (unsigned long long)h->ev.count,
		   where_name(h->ev.where));
	say(h, &b);
	buf_free(&b);
}

static void say_alert(struct pcapng_held *h)
{
	const struct event *ev = &h->ev;
	struct buf b;

	buf_init(&b, -1);
	if (ev->kind != TCPFSM_K_SKIPPED) {
		add_flow(&b, ev);
		buf_str(&b, alert_word(ev));
		buf_str(&b, " in ");
		add_name(&b, state_name(ev->state), ev->state);
		add_ms(&b, " for", ev);
		buf_str(&b, ": ");
	}
	alert_words(&b, ev);
	if (ev->kind != TCPFSM_K_SKIPPED)
		add_ports(&b, ev);
	say(h, &b);
	buf_free(&b);
}

static bool by_segment(unsigned int cause)
{
	return cause >= TCPFSM_C_RCV_SYN && cause <= TCPFSM_C_FAST_OPEN;
}

/* A segment that makes the transition, or that it makes */
static bool goes_with(const struct event *seg, const struct event *st)
{
	unsigned int flags = seg->seg.tcp_flags;

	if (seg->id.cookie != st->id.cookie)
		return false;
	if (by_segment(st->cause))
		return seg->seg.dir == TCPFSM_DIR_IN;
	if (seg->seg.dir == TCPFSM_DIR_IN)
		return false;
	switch (st->state) {
	case TCPFSM_S_SYN_SENT:
		return flags & TCPFSM_TH_SYN;
	case TCPFSM_S_FIN_WAIT_1:
	case TCPFSM_S_LAST_ACK:
		return flags & TCPFSM_TH_FIN;
	case TCPFSM_S_CLOSED:
		return flags & TCPFSM_TH_RST;
	}
	return false;
}

/* The latest of those held that goes with an event, of the other kind */
static struct pcapng_held *match(struct pcapng *p, const struct event *ev)
{
	const unsigned int other = ev->kind == TCPFSM_K_STATE ? TCPFSM_K_SEGMENT : TCPFSM_K_STATE;
	struct pcapng_held *h;
	unsigned int i;

	for (i = p->tail; i != p->head; i--) {
		h = at(p, i - 1);
		if (h->gone || h->ev.kind != other)
			continue;
		if (ev->kind == TCPFSM_K_STATE ? goes_with(&h->ev, ev) : goes_with(ev, &h->ev))
			return h;
	}
	return NULL;
}

static struct pcapng_held *hold(struct pcapng *p, const struct event *ev)
{
	struct pcapng_held *h;

	if (p->tail - p->head == PCAPNG_HELD)
		release(p);
	h = at(p, p->tail++);
	h->ev = *ev;
	h->gone = false;
	h->len = 0;
	return h;
}

static void on_segment(struct pcapng *p, const struct event *ev)
{
	struct pcapng_held *h = hold(p, ev);
	struct pcapng_held *state;

	while ((state = match(p, ev)) != NULL) {
		say_state(h, &state->ev);
		state->gone = true;
	}
	say_segment(h);
}

/**
 * pcapng_event() - add an event
 * @p: the file
 * @ev: the event, in order
 *
 * Context: any.
 */
void pcapng_event(struct pcapng *p, const struct event *ev)
{
	struct pcapng_held *h;

	pcapng_clock(p, ev->ts);
	switch (ev->kind) {
	case TCPFSM_K_SEGMENT:
		on_segment(p, ev);
		break;
	case TCPFSM_K_STATE:
		h = match(p, ev);
		say_state(h ? h : hold(p, ev), ev);
		break;
	case TCPFSM_K_LOST:
		say_lost(hold(p, ev));
		break;
	case TCPFSM_K_STUCK:
	case TCPFSM_K_FLOOD:
	case TCPFSM_K_SKIPPED:
		say_alert(hold(p, ev));
		break;
	}
}

/**
 * pcapng_clock() - say how late it is: what has waited long enough is written
 * @p: the file
 * @now: clock of the events in ns
 *
 * Context: any.
 */
void pcapng_clock(struct pcapng *p, uint64_t now)
{
	while (p->head != p->tail && at(p, p->head)->ev.ts + PCAPNG_WAIT_NS < now)
		release(p);
}

/**
 * pcapng_end() - write all
 * @p: the file
 *
 * Context: any; @p->out is to be flushed.
 */
void pcapng_end(struct pcapng *p)
{
	while (p->head != p->tail)
		release(p);
}

/**
 * pcapng_init() - begin a file
 * @p: set; pcapng_free() it in any case
 * @fd: where to, stays the caller's
 * @kernel: its release
 * @tool: name and version of the tool
 *
 * Context: any; allocates.
 * Return: 0 or -ENOMEM.
 */
int pcapng_init(struct pcapng *p, int fd, const char *kernel, const char *tool)
{
	*p = (struct pcapng){ 0 };
	buf_init(&p->out, fd);
	p->held = calloc(PCAPNG_HELD, sizeof(*p->held));
	if (!p->held)
		return -ENOMEM;
	section(&p->out, kernel, tool);
	interface(&p->out);
	return 0;
}

/**
 * pcapng_free() - release it
 * @p: what pcapng_init() set
 *
 * Context: any.
 */
void pcapng_free(struct pcapng *p)
{
	buf_free(&p->out);
	free(p->held);
	p->held = NULL;
}
