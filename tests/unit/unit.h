/* SPDX-License-Identifier: GPL-2.0 */
/* What every unit test includes, and the records several of them feed in. */
#ifndef TCPFSM_UNIT_H
#define TCPFSM_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/tcpfsm.h>

#include "event.h"
#include "util.h"

static inline void set_addr(uint8_t *to, uint16_t family, const char *text)
{
	memset(to, 0, 16);
	assert_int_equal(inet_pton(family, text, to), 1);
}

static inline void set_id(struct tcpfsm_id *id, uint16_t family, const char *laddr,
			  unsigned int lport, const char *raddr, unsigned int rport)
{
	id->family = family;
	id->cookie = 0x4f;
	id->netns = 4026531840U;
	id->lport = htons(lport);
	id->rport = htons(rport);
	set_addr(id->laddr, family, laddr);
	set_addr(id->raddr, family, raddr);
}

static inline void set_owner(struct tcpfsm_owner *o, const char *comm)
{
	o->pid = 812;
	o->uid = 1000;
	memset(o->comm, 0, sizeof(o->comm));
	memcpy(o->comm, comm, strnlen(comm, sizeof(o->comm) - 1));
}

/* curl's connect() */
static inline struct event an_event(void)
{
	struct event ev = {
		.kind = TCPFSM_K_STATE,
		.flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE,
		.old_state = TCPFSM_S_CLOSED,
		.state = TCPFSM_S_SYN_SENT,
		.cause = TCPFSM_C_CONNECT,
		.cpu = 1,
		.ts = 1000000000,
		.seq = 7,
		.ns = 69874,
	};

	set_id(&ev.id, AF_INET, "10.0.0.1", 40512, "10.0.0.2", 80);
	set_owner(&ev.owner, "curl");
	return ev;
}

/* the SYN,ACK that came for it */
static inline struct event a_segment(void)
{
	struct event ev = an_event();

	ev.kind = TCPFSM_K_SEGMENT;
	ev.flags = 0;
	ev.old_state = TCPFSM_S_UNKNOWN;
	memset(&ev.owner, 0, sizeof(ev.owner));
	ev.seg = (struct tcpfsm_segment){
		.seq = 3735928559, .ack = 1001, .win = 65160, .dir = TCPFSM_DIR_IN,
		.tcp_flags = TCPFSM_TH_SYN | TCPFSM_TH_ACK, .state = TCPFSM_S_SYN_SENT,
		.known = TCPFSM_SEG_SEQ | TCPFSM_SEG_ACK | TCPFSM_SEG_WIN | TCPFSM_SEG_LEN,
	};
	return ev;
}

/*
 * What was made is what tests/unit/golden/@name has. If not, it is left in build/unit/: look
 * at it, and if it is right, copy it there.
 */
static inline void assert_golden(const char *name, const char *got)
{
	static char want[65536];
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "tests/unit/golden/%s", name);
	f = fopen(path, "r");
	want[f ? fread(want, 1, sizeof(want) - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
	if (f && !strcmp(got, want))
		return;
	snprintf(path, sizeof(path), "build/unit/%s", name);
	f = fopen(path, "w");
	if (f) {
		fputs(got, f);
		fclose(f);
	}
	assert_string_equal(got, want);
}

#endif
