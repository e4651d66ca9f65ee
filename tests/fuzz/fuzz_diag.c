// SPDX-License-Identifier: GPL-2.0
/* A socket as sock_diag may tell of it: read, found to be stuck, and shown with what ends it. */
#include <arpa/inet.h>

#include "diag.h"
#include "fuzz.h"
#include "out_stuck.h"
#include "util.h"

/* What an input begins with: what the module, and who else was asked, say of the connection */
struct head {
	uint8_t		state;
	uint8_t		flags;
	uint8_t		kind;
	uint8_t		listener;
	uint32_t	queue;
	uint32_t	backlog;
};

static void show(struct stuck *s)
{
	const struct stuck_list list = { .items = s, .n = 1 };
	struct view v;
	struct buf b;

	buf_init(&b, -1);
	view_init_stuck(&v, 0);
	text_stuck(&b, &v, &list, s, STUCK_LISTED);
	json_stuck_one(&b, &v, &list, s, STUCK_FOUND);
	text_killed(&b, &v, s, KILL_GONE);
	json_killed(&b, &v, s, KILL_REUSED);
	check_shown(&b);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct stuck s = { .asked = true };
	struct head h;
	void *answer;

	if (len < sizeof(h))
		return -1;
	memcpy(&h, data, sizeof(h));
	len -= sizeof(h);
	answer = malloc(len ? len : 1);	/* aligned, and ending where it ends */
	if (!answer)
		abort();
	memcpy(answer, data + sizeof(h), len);
	s.found = !diag_parse(answer, len, &s.sock);
	free(answer);
	s.ev.kind = TCPFSM_K_FLOW;
	s.ev.state = h.state % (TCPFSM_S_MAX + 1);
	s.ev.flags = h.flags;
	s.ev.id.family = s.sock.family == AF_INET6 ? AF_INET6 : AF_INET;
	s.ev.id.cookie = s.sock.cookie;
	s.kind = h.kind % (OWNER_KERNEL + 1);
	s.listener = h.listener & 1;
	s.listeners = h.listener;
	s.queue = h.queue;
	s.backlog = h.backlog;
	show(&s);
	return 0;
}
