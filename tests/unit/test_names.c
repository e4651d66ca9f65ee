// SPDX-License-Identifier: GPL-2.0
/* The spellings users know, and what is none. */
#include <errno.h>

#include "names.h"
#include "unit.h"

static const struct {
	const char	*text;
	int		state;
} spellings[] = {
	{ "CLOSED", TCPFSM_S_CLOSED }, { "close", TCPFSM_S_CLOSED }, { "UNCONN", TCPFSM_S_CLOSED },
	{ "TCP_CLOSE", TCPFSM_S_CLOSED },
	{ "LISTEN", TCPFSM_S_LISTEN }, { "listening", TCPFSM_S_LISTEN },
	{ "SYN_SENT", TCPFSM_S_SYN_SENT }, { "syn-sent", TCPFSM_S_SYN_SENT },
	{ "SYNSENT", TCPFSM_S_SYN_SENT },
	{ "SYN_RECEIVED", TCPFSM_S_SYN_RECEIVED }, { "SYN-RECEIVED", TCPFSM_S_SYN_RECEIVED },
	{ "syn-recv", TCPFSM_S_SYN_RECEIVED }, { "SYN_RCVD", TCPFSM_S_SYN_RECEIVED },
	{ "TCP_NEW_SYN_RECV", TCPFSM_S_SYN_RECEIVED }, { "synrecv", TCPFSM_S_SYN_RECEIVED },
	{ "ESTABLISHED", TCPFSM_S_ESTABLISHED }, { "estab", TCPFSM_S_ESTABLISHED },
	{ "FIN_WAIT_1", TCPFSM_S_FIN_WAIT_1 }, { "FIN-WAIT-1", TCPFSM_S_FIN_WAIT_1 },
	{ "fin_wait1", TCPFSM_S_FIN_WAIT_1 }, { "finwait1", TCPFSM_S_FIN_WAIT_1 },
	{ "TCP_FIN_WAIT2", TCPFSM_S_FIN_WAIT_2 }, { "fin-wait-2", TCPFSM_S_FIN_WAIT_2 },
	{ "CLOSE_WAIT", TCPFSM_S_CLOSE_WAIT }, { "close-wait", TCPFSM_S_CLOSE_WAIT },
	{ "closewait", TCPFSM_S_CLOSE_WAIT }, { "tcp_close_wait", TCPFSM_S_CLOSE_WAIT },
	{ "closing", TCPFSM_S_CLOSING },
	{ "LAST_ACK", TCPFSM_S_LAST_ACK }, { "last-ack", TCPFSM_S_LAST_ACK },
	{ "TIMEWAIT", TCPFSM_S_TIME_WAIT }, { "Time-Wait", TCPFSM_S_TIME_WAIT },
};

static void every_spelling(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(spellings); i++)
		assert_int_equal(state_parse(spellings[i].text, strlen(spellings[i].text)),
				 spellings[i].state);
}

static void every_state_is_its_own_spelling(void **state)
{
	int i;

	(void)state;
	for (i = TCPFSM_S_CLOSED; i <= TCPFSM_S_MAX; i++)
		assert_int_equal(state_parse(state_name(i), strlen(state_name(i))), i);
	assert_null(state_name(TCPFSM_S_UNKNOWN));
	assert_null(state_name(TCPFSM_S_MAX + 1));
}

static void no_state(void **state)
{
	static const char * const texts[] = {
		"", "FOO", "-", "_", "TCP_", "tcp", "FIN_WAIT", "FIN_WAIT_3", "CLOSED ", " LISTEN",
		"ESTABLISHEDX", "TCP_TCP_LISTEN", "unknown",
		"A_VERY_LONG_NAME_THAT_NO_STATE_HAS_AND_NONE_EVER_WILL",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(state_parse(texts[i], strlen(texts[i])), -EINVAL);
}

static void lists(void **state)
{
	uint32_t mask = 0;
	struct why w;

	(void)state;
	assert_int_equal(states_parse("close-wait,TIME_WAIT,close-wait", &mask, &w), 0);
	assert_int_equal(mask, 1U << TCPFSM_S_CLOSE_WAIT | 1U << TCPFSM_S_TIME_WAIT);
	assert_int_equal(states_parse("LISTEN,FOO", &mask, &w), -EINVAL);
	assert_string_equal(w.text, "unknown state 'FOO'; one of CLOSED, LISTEN, SYN_SENT, "
			    "SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, "
			    "CLOSING, LAST_ACK, TIME_WAIT");
	assert_int_equal(states_parse("", &mask, &w), -EINVAL);
	assert_int_equal(states_parse("LISTEN,", &mask, &w), -EINVAL);
	assert_non_null(strstr(w.text, "empty item"));
	assert_int_equal(states_parse(",LISTEN", &mask, &w), -EINVAL);
	assert_int_equal(states_parse("\033[31m", &mask, &w), -EINVAL);
	assert_null(strchr(w.text, '\033'));
}

static void causes(void **state)
{
	unsigned int i;
	unsigned int j;

	(void)state;
	for (i = 0; i <= TCPFSM_C_MAX; i++) {
		assert_non_null(cause_name(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(cause_name(i), cause_name(j));
	}
	assert_null(cause_name(TCPFSM_C_MAX + 1));
	assert_string_equal(where_name(TCPFSM_W_RING), "ring");
	assert_string_equal(where_name(EVENT_W_NETLINK), "netlink");
	assert_string_equal(where_name(77), "unknown");
}

static void assert_word(const struct word *w, const char *name)
{
	if (!name) {
		assert_null(w);
		return;
	}
	assert_non_null(w);
	assert_string_equal(w->text, name);
	assert_int_equal(w->len, strlen(name));
}

/* Asked for the first time and again */
static void words(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 2 * EVENT_C_SYN_QUEUE; i++) {
		assert_word(state_word(i), state_name(i));
		assert_word(cause_word(i), cause_name(i));
		assert_word(cause_word(i), cause_name(i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling),
		cmocka_unit_test(every_state_is_its_own_spelling),
		cmocka_unit_test(no_state),
		cmocka_unit_test(lists),
		cmocka_unit_test(causes),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
