// SPDX-License-Identifier: GPL-2.0
/* What sock_diag answers, byte by byte */
#include <errno.h>
#include <sys/socket.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include "diag.h"
#include "unit.h"

struct answer {
	struct inet_diag_msg	msg;
	uint8_t			attrs[512];
	size_t			len;
};

/* The kernel's numbers of states, tcp_states.h */
#define KERNEL_CLOSE_WAIT	8
#define KERNEL_SYN_SENT		2

static struct answer an_answer(unsigned int state)
{
	struct answer a = {
		.msg = {
			.idiag_family = AF_INET, .idiag_state = state, .idiag_timer = 1,
			.idiag_retrans = 3, .idiag_expires = 200, .idiag_rqueue = 26,
			.idiag_wqueue = 7, .idiag_inode = 700,
			.id = { .idiag_sport = htons(80), .idiag_dport = htons(40512),
				.idiag_if = 2, .idiag_cookie = { 0x4f, 0x1 } },
		},
		.len = sizeof(a.msg),
	};

	return a;
}

static void add_attr(struct answer *a, unsigned int type, const void *data, size_t len)
{
	struct rtattr *r = (void *)((uint8_t *)a + a->len);

	r->rta_type = type;
	r->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(r), data, len);
	a->len += RTA_SPACE(len);
}

static void all_it_says(void **state)
{
	const struct tcp_info info = { .tcpi_last_ack_recv = 1500, .tcpi_last_data_recv = 900 };
	const uint32_t memory[SK_MEMINFO_VARS] = {
		[SK_MEMINFO_RMEM_ALLOC] = 1280, [SK_MEMINFO_WMEM_QUEUED] = 4096,
		[SK_MEMINFO_RCVBUF] = 1 << 20,
	};
	struct answer a = an_answer(KERNEL_CLOSE_WAIT);
	struct diag_sock s;

	(void)state;
	add_attr(&a, INET_DIAG_TOS, "", 1);
	add_attr(&a, INET_DIAG_INFO, &info, sizeof(info));
	add_attr(&a, INET_DIAG_SKMEMINFO, memory, sizeof(memory));
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_int_equal(s.cookie, 0x10000004f);
	assert_int_equal(s.family, AF_INET);
	assert_int_equal(s.state, TCPFSM_S_CLOSE_WAIT);
	assert_int_equal(s.timer, DIAG_TIMER_RETRANSMIT);
	assert_int_equal(s.retrans, 3);
	assert_int_equal(s.expires, 200);
	assert_int_equal(s.rqueue, 26);
	assert_int_equal(s.wqueue, 7);
	assert_int_equal(s.inode, 700);
	assert_int_equal(s.id.idiag_if, 2);
	assert_true(s.has_heard);
	assert_int_equal(s.heard, 900);
	assert_true(s.has_memory);
	assert_int_equal(s.memory, 5376);
}

/* Timewait sockets and requests have nothing but the message. */
static void what_it_does_not_say(void **state)
{
	struct answer a = an_answer(KERNEL_CLOSE_WAIT);
	struct diag_sock s;

	(void)state;
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_false(s.has_heard);
	assert_false(s.has_memory);
	a.msg.idiag_state = 0;
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_int_equal(s.state, TCPFSM_S_UNKNOWN);
	a.msg.idiag_state = 200;
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_int_equal(s.state, TCPFSM_S_UNKNOWN);
}

static void nothing_was_heard_of_a_peer_that_never_answered(void **state)
{
	const struct tcp_info info = { .tcpi_last_ack_recv = 4294000 };
	struct answer a = an_answer(KERNEL_SYN_SENT);
	struct diag_sock s;

	(void)state;
	add_attr(&a, INET_DIAG_INFO, &info, sizeof(info));
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_int_equal(s.state, TCPFSM_S_SYN_SENT);
	assert_false(s.has_heard);
}

static void other_kernels(void **state)
{
	struct answer a = an_answer(KERNEL_CLOSE_WAIT);
	uint8_t longer[sizeof(struct tcp_info) + 16] = { 0 };
	struct tcp_info info = { .tcpi_last_ack_recv = 5, .tcpi_last_data_recv = 6 };
	struct diag_sock s;

	(void)state;
	memcpy(longer, &info, sizeof(info));
	add_attr(&a, INET_DIAG_INFO, longer, sizeof(longer));
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_int_equal(s.heard, 5);
	a = an_answer(KERNEL_CLOSE_WAIT);
	add_attr(&a, INET_DIAG_INFO, longer, offsetof(struct tcp_info, tcpi_pmtu));
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_true(s.has_heard);
	assert_int_equal(s.heard, 5);
	a = an_answer(KERNEL_CLOSE_WAIT);
	add_attr(&a, INET_DIAG_INFO, longer, 8);
	add_attr(&a, INET_DIAG_SKMEMINFO, longer, 4);
	assert_int_equal(diag_parse(&a, a.len, &s), 0);
	assert_false(s.has_heard);
	assert_false(s.has_memory);
}

static void what_is_cut_off(void **state)
{
	const struct tcp_info info = { .tcpi_last_ack_recv = 5 };
	struct answer a = an_answer(KERNEL_CLOSE_WAIT);
	struct diag_sock s;
	size_t len;

	(void)state;
	add_attr(&a, INET_DIAG_INFO, &info, sizeof(info));
	for (len = 0; len < sizeof(a.msg); len++)
		assert_int_equal(diag_parse(&a, len, &s), -EBADMSG);
	for (; len < a.len; len++) {
		assert_int_equal(diag_parse(&a, len, &s), 0);
		assert_false(s.has_heard);
	}
}

static void a_flows_addresses(void **state)
{
	const struct event ev = an_event();
	struct inet_diag_sockid id = diag_id(&ev.id);

	(void)state;
	assert_int_equal(ntohs(id.idiag_sport), 40512);
	assert_int_equal(ntohs(id.idiag_dport), 80);
	assert_memory_equal(id.idiag_src, ev.id.laddr, 16);
	assert_memory_equal(id.idiag_dst, ev.id.raddr, 16);
	assert_int_equal(id.idiag_cookie[0], 0x4f);
	assert_int_equal(id.idiag_cookie[1], 0);
	diag_set_cookie(&id, DIAG_ANY_COOKIE);
	assert_int_equal(id.idiag_cookie[0], INET_DIAG_NOCOOKIE);
	assert_int_equal(id.idiag_cookie[1], INET_DIAG_NOCOOKIE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_it_says),
		cmocka_unit_test(what_it_does_not_say),
		cmocka_unit_test(nothing_was_heard_of_a_peer_that_never_answered),
		cmocka_unit_test(other_kernels),
		cmocka_unit_test(what_is_cut_off),
		cmocka_unit_test(a_flows_addresses),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
