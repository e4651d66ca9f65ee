/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stim: applies one row of the scenario catalogue to real sockets.
 *
 * Two network namespaces, A and B, are joined twice:
 *
 *        A                                   B
 *   va  10.0.0.1  fd00::1 ---- veth ---- vb  10.0.0.2  fd00::2
 *   tun0 10.1.0.1 fd01::1 -- this process -- tun0 10.1.0.2 fd01::2
 *
 * The veth carries the rows in which both ends behave. What leaves tun0 comes
 * to this process, which is either the wire between the two kernels, so that
 * segments can be held, dropped and made to cross (wire.c), or the other
 * endpoint itself, so that every segment of it is chosen (peer.c).
 *
 * On stdout, for whoever compares the tracer with it:
 *
 *   END NAME COOKIE LADDR LPORT RADDR RPORT
 *       an endpoint that lives in a kernel; NAME as in tests/scenarios/ROW,
 *       COOKIE in hex, or - where no file descriptor is there to ask
 *   PAUSE NAME
 *       everything is at rest until a line is read from stdin
 */
#ifndef STIM_H
#define STIM_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define __noreturn		__attribute__((noreturn))

enum netns { NS_A, NS_B, NS_INIT, NS_MAX };
enum net { VETH, TUN, ANY };

/* What the command line said */
struct run {
	char family;		/* '4', '6', or 'm' for IPv4-mapped IPv6 sockets */
	bool warp;		/* idle time costs nothing: wait for slow ends */
	uint16_t port;		/* the row may use this one and the 31 above it */
};

extern struct run run;

struct addr {
	int version;		/* on the wire: 4 or 6 */
	uint8_t b[16];
};

/* An endpoint in a kernel, with a socket or without */
struct end {
	const char *name;
	enum netns ns;
	int fd;			/* -1: closed, or never was ours */
	struct addr laddr, raddr;
	uint16_t lport, rport;
	uint64_t cookie;	/* 0 until remember() */
};

/* TCP flags, as in the header */
enum {
	FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10, URG = 0x20,
};

struct seg {
	struct addr src, dst;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint16_t win;
	uint8_t flags;
	uint8_t optlen;
	uint8_t opt[40];
	uint16_t len;		/* payload */
};

/* A row of the catalogue */
struct row {
	const char *id;
	void (*apply)(void);
};

extern const struct row open_rows[], refuse_rows[], close_rows[], stuck_rows[], illegal_rows[],
			 edge_rows[], corner_rows[];

/* stim.c */
void __noreturn __printf(1, 2) die(const char *fmt, ...);
void pause_at(const char *name);
void remember(struct end *e);
void report(struct end *e);

/* ns.c */
void ns_open(enum netns ns, const char *name);
void ns_enter(enum netns ns);
void set_sysctl(enum netns ns, const char *name, const char *value);
int tun_of(enum netns ns);

/* addr.c */
struct addr host(enum netns ns, enum net net);
const char *ip_text(const struct addr *ip, bool mapped);
int proc_state(const struct end *e);

/* seg.c */
#define SEG_MAX 2048
size_t seg_build(const struct seg *s, uint8_t *buf);
bool seg_parse(const uint8_t *buf, size_t len, struct seg *s);
size_t unreachable_build(const uint8_t *pkt, size_t len, const struct addr *from, uint8_t *buf);
uint8_t flags_parse(const char *text);
const char *flags_text(uint8_t flags);

/* wait.c */
struct wait {
	int64_t start, end;	/* ms */
	int step;		/* ms; 0: a twentieth of the time since the start */
};

#define SOON 30			/* s; everything that needs no timer */
void wait_start(struct wait *w, int seconds);
bool wait_more(struct wait *w);
int64_t now_ms(void);

/* sock.c */
socklen_t sa_fill(struct sockaddr_storage *ss, const struct addr *ip, uint16_t port);
int sock_new(enum netns ns);
void listen_at(struct end *e, const char *name, enum netns ns, enum net net, int backlog);
int try_dial(struct end *e, const char *name, enum netns ns, enum net net, int lport);
void dial(struct end *e, const char *name, enum netns ns, enum net net, int lport);
void take(struct end *e, const char *name, const struct end *listener);
void half_of(struct end *e, const char *name, const struct end *listener,
	     const struct addr *raddr, uint16_t rport);
void half(struct end *e, const char *name, const struct end *listener,
	  const struct addr *raddr, uint16_t rport);
void other_half(struct end *e, const char *name, const struct end *dialled);
int state_of(const struct end *e);
void await(const struct end *e, int state);
void await_within(const struct end *e, int state, int seconds);
void await_gone(const struct end *e);
void await_gone_within(const struct end *e, int seconds);
void outlive(const struct end *e, int seconds);
void say(const struct end *e, const char *text);
void hear(const struct end *e, size_t bytes);
void hear_fin(const struct end *e);
void await_acked(const struct end *e);
int error_of(const struct end *e);
void shut(struct end *e);
void drop(struct end *e);
void abandon(struct end *e);

struct pair {
	struct end l, a, b;
};

void meet(struct pair *p, enum net net);

/* hold.c */
int hold_sockets(int on, const char *kinds);
int hold_again(int from, int to);

/* pty.c */
int pty_run(char **argv);

/* churn.c */
int churn(unsigned int count, unsigned int procs);

/* flood.c */
int flood_with_syns(unsigned int count);

/* syns.c */
int syns(unsigned int writers, unsigned int count);

/* hoard.c */
int hoard(unsigned int count);
int dawdle(unsigned int count, int ms);

/* defer.c */
int defer(void);

/* stall.c */
int stall(void);

/* mptcp.c */
int mptcp(const char *to, uint16_t port);

/* mix.c */
int mix(unsigned int count, uint32_t seed);

/* diag.c */
int diag_destroy(const struct end *e);

/* wire.c */
enum verdict { PASS, HOLD, LOSE };
void wire_up(enum verdict (*rule)(enum netns from, const struct seg *s));
void wire_rule(enum verdict (*rule)(enum netns from, const struct seg *s));
void wire_step(int ms);
bool wire_is_up(void);
unsigned int wire_held(enum netns from);
void await_held(enum netns from, unsigned int count);
void wire_release(void);

/* peer.c */
struct peer {
	enum netns ns;		/* whose kernel it talks to */
	struct addr addr, to;
	uint16_t port, dport;
	uint32_t snd, rcv;	/* next sequence number to send, to expect */
	uint8_t opt[40];
	uint8_t optlen;		/* options of its SYN */
	struct seg last;	/* the segment expected last */
	uint8_t raw[SEG_MAX];	/* and its bytes */
	size_t rawlen;
};

void peer_init(struct peer *p, enum netns ns, int port, int dport);
void peer_send(struct peer *p, const char *flags, unsigned int len);
void peer_expect(struct peer *p, const char *flags);
void peer_open(struct peer *p);
void peer_answer(struct peer *p);
void peer_unreachable(struct peer *p);
void reach(struct end *a, const char *name, struct peer *p, int lport);

#endif
