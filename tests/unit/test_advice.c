// SPDX-License-Identifier: GPL-2.0
/* Why it is stuck and what ends it, for what the state, queues and timers show */
#include "advice.h"
#include "unit.h"

static struct stuck in(unsigned int state, enum owner_kind kind)
{
	struct stuck s = {
		.ev = an_event(), .asked = true, .found = true, .kind = kind,
		.sock = { .state = state, .inode = kind == OWNER_PROCESS ? 700 : 0 },
	};

	s.ev.kind = TCPFSM_K_FLOW;
	s.ev.state = state;
	return s;
}

static void says(const struct stuck *s, const char *words)
{
	struct buf b;

	buf_init(&b, -1);
	advice(&b, s);
	buf_char(&b, '\0');
	assert_string_equal(b.data, words);
	buf_free(&b);
}

static void the_application_does_not_close(void **state)
{
	struct stuck s = in(TCPFSM_S_CLOSE_WAIT, OWNER_PROCESS);

	(void)state;
	says(&s, "the peer has closed, and the application has read that but never closed: ends "
	     "when it closes or exits");
	s.sock.rqueue = 1;
	says(&s, "the peer has closed, and the application has neither read that nor closed: ends "
	     "when it closes or exits");
	s.sock.rqueue = 2;
	says(&s, "the peer has closed, and the application has left 1 byte unread and not closed: "
	     "ends when it closes or exits");
	s.sock.rqueue = 513;
	says(&s, "the peer has closed, and the application has left 512 bytes unread and not "
	     "closed: ends when it closes or exits");
	s.found = false;
	says(&s, "the peer has closed, and the application has not: ends when it closes or exits");
}

static void nobody_accepts(void **state)
{
	struct stuck s = in(TCPFSM_S_CLOSE_WAIT, OWNER_UNACCEPTED);

	(void)state;
	says(&s, "the peer has closed, but no process has accepted it from the listener's accept "
	     "queue: ends when one accepts and closes it, or the listener is closed");
	s = in(TCPFSM_S_ESTABLISHED, OWNER_UNACCEPTED);
	s.listener = true;
	s.queue = 5;
	s.backlog = 128;
	says(&s, "no process has accepted it from the listener's accept queue (5 waiting, its "
	     "limit is 128): ends when one does, or the listener is closed");
}

static void the_peer_does_not_close(void **state)
{
	struct stuck s = in(TCPFSM_S_FIN_WAIT_2, OWNER_PROCESS);

	(void)state;
	says(&s, "shut down here, but the peer never sent its FIN: ends when the peer closes, or "
	     "some time after the application does (tcp_fin_timeout)");
	s = in(TCPFSM_S_FIN_WAIT_2, OWNER_ORPHAN);
	s.sock.timer = DIAG_TIMER_TIMEWAIT;
	s.sock.expires = 41001;
	says(&s, "closed here, but the peer never sent its FIN: the kernel ends it in 42 s "
	     "(tcp_fin_timeout)");
	s.sock.timer = DIAG_TIMER_KEEPALIVE;
	says(&s, "closed here, but the peer never sent its FIN: the kernel ends it soon "
	     "(tcp_fin_timeout)");
}

static void the_peer_does_not_acknowledge(void **state)
{
	static const unsigned int states[] = {
		TCPFSM_S_FIN_WAIT_1, TCPFSM_S_CLOSING, TCPFSM_S_LAST_ACK,
	};
	struct stuck s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		s = in(states[i], OWNER_ORPHAN);
		s.sock.wqueue = 1;
		s.sock.timer = DIAG_TIMER_RETRANSMIT;
		says(&s, "the peer does not acknowledge our FIN: ends when the peer does, or the "
		     "kernel gives up (tcp_orphan_retries)");
		s.sock.retrans = 1;
		says(&s, "the peer does not acknowledge our FIN, sent again once: ends when the "
		     "peer does, or the kernel gives up (tcp_orphan_retries)");
		s.sock.retrans = 6;
		s.sock.wqueue = 2;
		s.kind = OWNER_PROCESS;
		says(&s, "the peer does not acknowledge data and our FIN, sent again 6 times: ends "
		     "when the peer does, or the kernel gives up (tcp_retries2)");
	}
}

static void the_peer_does_not_read(void **state)
{
	struct stuck s = in(TCPFSM_S_FIN_WAIT_1, OWNER_ORPHAN);

	(void)state;
	s.sock.timer = DIAG_TIMER_PROBE;
	s.sock.wqueue = 1001;
	s.sock.retrans = 3;
	says(&s, "the peer's window is closed: it does not read the last 1000 bytes, probed 3 "
	     "times: ends when the peer reads, or the kernel gives up (tcp_orphan_retries)");
	s = in(TCPFSM_S_ESTABLISHED, OWNER_PROCESS);
	s.sock.timer = DIAG_TIMER_PROBE;
	s.sock.wqueue = 1000;
	says(&s, "the peer's window is closed: it does not read the last 1000 bytes: ends when the "
	     "peer reads, or the kernel gives up (tcp_retries2)");
}

static void no_answer(void **state)
{
	struct stuck s = in(TCPFSM_S_SYN_SENT, OWNER_PROCESS);

	(void)state;
	s.sock.timer = DIAG_TIMER_RETRANSMIT;
	s.sock.retrans = 4;
	says(&s, "the peer does not answer our SYN, sent again 4 times: it is down, or filtered on "
	     "the way; ends when the kernel gives up (tcp_syn_retries), or the application "
	     "closes");
	s = in(TCPFSM_S_SYN_RECEIVED, OWNER_UNACCEPTED);
	says(&s, "the peer does not answer our SYN,ACK: it is gone, filtered, or never sent the "
	     "SYN; ends when the kernel gives up (tcp_synack_retries)");
	/* sk_acceptq_is_full() of the kernel: more than the backlog */
	s.listener = true;
	s.queue = 1;
	s.backlog = 1;
	s.sock.timer = DIAG_TIMER_RETRANSMIT;
	s.sock.retrans = 2;
	says(&s, "the peer does not answer our SYN,ACK, sent again 2 times: it is gone, filtered, "
	     "or never sent the SYN; ends when the kernel gives up (tcp_synack_retries)");
	s.queue = 2;
	says(&s, "the listener's accept queue is full (2 waiting, its limit is 1), the handshake "
	     "cannot complete: ends when a process accepts, or the kernel gives up "
	     "(tcp_synack_retries)");
}

static void nothing_is_wrong(void **state)
{
	struct stuck s = in(TCPFSM_S_ESTABLISHED, OWNER_PROCESS);

	(void)state;
	says(&s, "open: ends when one of the two closes");
	s = in(TCPFSM_S_TIME_WAIT, OWNER_ORPHAN);
	s.sock.timer = DIAG_TIMER_TIMEWAIT;
	s.sock.expires = 30000;
	says(&s, "closed on both sides; old segments are waited for: the kernel ends it in 30 s");
	s.found = false;
	says(&s, "closed on both sides; old segments are waited for: the kernel ends it soon");
	s.ev.state = TCPFSM_S_MAX + 1;
	says(&s, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_application_does_not_close),
		cmocka_unit_test(nobody_accepts),
		cmocka_unit_test(the_peer_does_not_close),
		cmocka_unit_test(the_peer_does_not_acknowledge),
		cmocka_unit_test(the_peer_does_not_read),
		cmocka_unit_test(no_answer),
		cmocka_unit_test(nothing_is_wrong),
	};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
