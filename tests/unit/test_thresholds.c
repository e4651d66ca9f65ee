// SPDX-License-Identifier: GPL-2.0
/* Thresholds as users write them, and as they are shown. */
#include <errno.h>

#include "thresholds.h"
#include "unit.h"

static void what_is_taken(void **state)
{
	static const struct {
		const char	*text;
		unsigned int	attr;
		uint32_t	value;
	} rows[] = {
		{ "close-wait=90s", TCPFSM_A_CONFIG_CLOSE_WAIT, 90000 },
		{ "CLOSE_WAIT=1m", TCPFSM_A_CONFIG_CLOSE_WAIT, 60000 },
		{ "fin_wait2=off", TCPFSM_A_CONFIG_FIN_WAIT_2, 0 },
		{ "syn-recv=1ms", TCPFSM_A_CONFIG_SYN_RECEIVED, 1 },
		{ "syn-sent=2h", TCPFSM_A_CONFIG_SYN_SENT, 7200000 },
		{ "unaccepted=4294967295ms", TCPFSM_A_CONFIG_UNACCEPTED, UINT32_MAX },
		{ "last-ack=1193h", TCPFSM_A_CONFIG_LAST_ACK, 4294800000U },
		{ "flood-rate=4294967295", TCPFSM_A_CONFIG_FLOOD_RATE, UINT32_MAX },
		{ "flood-percent=100", TCPFSM_A_CONFIG_FLOOD_PERCENT, 100 },
		{ "stray-rate=1", TCPFSM_A_CONFIG_STRAY_RATE, 1 },
	};
	struct tcpnl_config c;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		c = (struct tcpnl_config){ 0 };
		if (threshold_parse(rows[i].text, &c, &w))
			fail_msg("'%s': %s", rows[i].text, w.text);
		assert_int_equal(c.known, BIT(rows[i].attr));
		assert_int_equal(c.value[rows[i].attr], rows[i].value);
	}
}

static void what_is_refused(void **state)
{
	static const struct {
		const char	*text;
		const char	*words;
	} rows[] = {
		{ "", "unknown threshold ''; one of syn-sent," },
		{ "=5s", "unknown threshold ''" },
		{ "close=5s", "unknown threshold 'close'; one of syn-sent, syn-received, "
			      "unaccepted, fin-wait-1, fin-wait-2, close-wait, closing, last-ack, "
			      "flood-rate, flood-percent, stray-rate" },
		{ "established=5s", "unknown threshold 'established'" },
		{ "time-wait=5s", "unknown threshold 'time-wait'" },
		{ "flood_rate=5", "unknown threshold 'flood_rate'" },
		{ "close-wait", "close-wait: value is missing" },
		{ "close-wait=", "close-wait: bad time ''" },
		{ "close-wait=90", "close-wait: bad time '90'; it is a number and its unit" },
		{ "close-wait=-1s", "bad time '-1s'" },
		{ "close-wait=soon", "bad time 'soon'" },
		{ "close-wait=Off", "bad time 'Off'" },
		{ "close-wait=0s", "'0s' would be never: write off" },
		{ "close-wait=4294967296ms", "is too long; 1193h at most" },
		{ "close-wait=1194h", "is too long" },
		{ "close-wait=99999999999999999999999h", "bad time" },
		{ "flood-rate=off", "flood-rate: bad number 'off'; it is 1 to 4294967295" },
		{ "flood-rate=0", "flood-rate: bad number '0'" },
		{ "flood-rate=-1", "flood-rate: bad number '-1'" },
		{ "flood-rate=4294967296", "flood-rate: bad number" },
		{ "flood-percent=101", "flood-percent: bad number '101'; it is 1 to 100" },
		{ "flood-percent=50%", "flood-percent: bad number '50%'" },
		{ "stray-rate=1.5", "stray-rate: bad number '1.5'" },
	};
	struct tcpnl_config c = { .known = BIT(1) };
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (threshold_parse(rows[i].text, &c, &w) != -EINVAL ||
		    !strstr(w.text, rows[i].words))
			fail_msg("'%s' said: '%s'", rows[i].text, w.text);
		assert_int_equal(c.known, BIT(1));
	}
}

static void given_twice(void **state)
{
	struct tcpnl_config c = { 0 };
	struct why w;

	(void)state;
	assert_int_equal(threshold_parse("closing=60s", &c, &w), 0);
	assert_int_equal(threshold_parse("closing=1m", &c, &w), 0);
	assert_int_equal(threshold_parse("closing=2m", &c, &w), -EINVAL);
	assert_non_null(strstr(w.text, "closing: given twice"));
	assert_int_equal(c.value[TCPFSM_A_CONFIG_CLOSING], 60000);
}

static void shown(void **state)
{
	struct tcpnl_config c = { .known = ~0U };
	struct view view;
	struct buf b;

	(void)state;
	c.value[TCPFSM_A_CONFIG_CLOSE_WAIT] = 90000;
	c.value[TCPFSM_A_CONFIG_FLOOD_PERCENT] = 50;
	c.value[TCPFSM_A_CONFIG_FLOOD_RATE] = 1000;
	buf_init(&b, -1);
	view_init(&view, 0);
	thresholds_text(&b, &c, true);
	buf_char(&b, '\0');
	assert_int_equal(strncmp(b.data, "NAME          VALUE     MEANING\n"
					 "syn-sent      off       SYN_SENT for", 60), 0);
	assert_non_null(strstr(b.data, "\nclose-wait    90s       CLOSE_WAIT for longer"));
	assert_non_null(strstr(b.data, "\nflood-rate    1000/s    SYNs"));
	assert_non_null(strstr(b.data, "\nflood-percent 50%       how"));
	b.len = 0;
	c.known = BIT(TCPFSM_A_CONFIG_CLOSE_WAIT);
	thresholds_json(&b, &view, &c);
	buf_char(&b, '\0');
	assert_non_null(strstr(b.data, ",\"name\":\"close-wait\",\"value\":90000,"
				       "\"unit\":\"ms\","));
	assert_null(strstr(b.data, "flood-rate"));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(given_twice),
		cmocka_unit_test(shown),
	};

	return cmocka_run_group_tests_name("thresholds", tests, NULL, NULL);
}
