// SPDX-License-Identifier: GPL-2.0
/* Command lines: what they ask for, and what is refused with which words. */
#include <errno.h>

#include "cmd.h"
#include "unit.h"

/* Split at spaces; '~' stands for an empty argument. */
static int parse(const struct cmd *cmd, const char *line, struct opts *o, struct why *w)
{
	static char copy[256];
	char *argv[32] = { (char *)cmd->name };
	char *word;
	int argc = 1;

	w->text[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "~") ? word : "";
	argv[argc] = NULL;
	return opts_parse(o, cmd->groups, argc, argv, w);
}

static void what_is_asked_for(void **state)
{
	struct opts o;
	struct why w;

	(void)state;
	assert_int_equal(parse(&cmd_monitor, "-j -4 -L 80,443 -D 1024-65535 -P 80 -a 10.0.0.0/8 "
			       "-a 192.168.0.1 -p 7 -C ngin* -S close-wait,FIN_WAIT2 -c 3 -T -w -H "
			       "-s --strict --buffer 1M -n 4026531999", &o, &w), OPTS_RUN);
	assert_true(o.json && o.time_of_day && o.wide && o.no_header && o.strict && o.segments);
	assert_int_equal(o.filter.family, 4);
	assert_int_equal(o.filter.naddrs, 2);
	assert_int_equal(o.filter.pid, 7);
	assert_string_equal(o.filter.comm, "ngin*");
	assert_int_equal(o.filter.states,
			 1U << TCPFSM_S_CLOSE_WAIT | 1U << TCPFSM_S_FIN_WAIT_2);
	assert_int_equal(o.filter.netns, 4026531999U);
	assert_int_equal(o.count, 3);
	assert_int_equal(o.buffer, 1 << 20);
	opts_free(&o);
	assert_int_equal(parse(&cmd_monitor, "", &o, &w), OPTS_RUN);
	assert_int_equal(o.buffer, OPTS_BUFFER_DEFAULT);
	opts_free(&o);
	assert_int_equal(parse(&cmd_monitor, "-L 80 --help", &o, &w), OPTS_HELP);
	opts_free(&o);
	assert_int_equal(parse(&cmd_monitor, "-L80 --localport=80 -S listen -S LISTEN", &o, &w),
			 OPTS_RUN);
	opts_free(&o);
}

static void which_flow(void **state)
{
	static const char * const lines[] = { "4f -P 80", "-P 80 4F", "sk:4f", "000000000000004f" };
	struct opts o;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(parse(&cmd_ladder, lines[i], &o, &w), OPTS_RUN);
		assert_int_equal(o.flow, 0x4f);
		opts_free(&o);
	}
	assert_int_equal(parse(&cmd_ladder, "-P 80", &o, &w), OPTS_RUN);
	assert_int_equal(o.flow, 0);
	opts_free(&o);
}

static const struct {
	const struct cmd	*cmd;
	const char		*line;
	const char		*words;
} refused[] = {
	{ &cmd_monitor, "-S FOO", "-S: unknown state 'FOO'; one of CLOSED, LISTEN" },
	{ &cmd_monitor, "-S ~", "-S: empty item" },
	{ &cmd_monitor, "-S listen,", "-S: empty item" },
	{ &cmd_monitor, "-L 0", "-L: bad port '0'; ports are 1 to 65535" },
	{ &cmd_monitor, "-D 70000", "-D: bad port '70000'" },
	{ &cmd_monitor, "-P 80-", "-P: bad range of ports '80-'" },
	{ &cmd_monitor, "-L -80", "-L: bad port '-80'" },
	{ &cmd_monitor, "-L 90-80", "-L: range of ports runs backwards '90-80'" },
	{ &cmd_monitor, "-L 80,,90", "-L: empty item" },
	{ &cmd_monitor, "-a 10.0.0.1/33", "-a: bad prefix length in '10.0.0.1/33'" },
	{ &cmd_monitor, "-a 10.0.0", "-a: bad address '10.0.0'" },
	{ &cmd_monitor, "-n no-such", "-n: unknown network namespace 'no-such'" },
	{ &cmd_monitor, "-n 0", "-n: unknown network namespace '0'" },
	{ &cmd_monitor, "-n 99999999999", "-n: unknown network namespace" },
	{ &cmd_monitor, "-n /etc/passwd", "-n: '/etc/passwd' is no network namespace" },
	{ &cmd_monitor, "-n /no/such/file", "No such file" },
	{ &cmd_monitor, "-n /proc/self/ns/mnt", "is no network namespace" },
	{ &cmd_monitor, "-n ~", "-n: unknown network namespace ''" },
	{ &cmd_monitor, "-n ..", "-n: unknown network namespace '..'" },
	{ &cmd_monitor, "-4 -6", "-4 with -6" },
	{ &cmd_monitor, "-4 -a ::1", "-4 with an IPv6 address" },
	{ &cmd_monitor, "-T -t", "-T with -t" },
	{ &cmd_monitor, "-L 80 -D 443 -P 22", "-P has no port in common" },
	{ &cmd_monitor, "-L 80 -L 81", "-L: given twice" },
	{ &cmd_monitor, "-p 1 -p 2", "-p: given twice" },
	{ &cmd_monitor, "-C a -C b", "-C: given twice" },
	{ &cmd_monitor, "-c 1 -c 2", "-c: given twice" },
	{ &cmd_monitor, "-S listen -S closed", "-S: given twice" },
	{ &cmd_monitor, "-p 0", "-p: bad process number '0'" },
	{ &cmd_monitor, "-p x", "-p: bad process number 'x'" },
	{ &cmd_monitor, "-p 99999999", "-p: bad process number" },
	{ &cmd_monitor, "-c 0", "-c: bad number '0'" },
	{ &cmd_monitor, "-c -1", "-c: bad number '-1'" },
	{ &cmd_monitor, "-c 99999999999999999999", "-c: bad number" },
	{ &cmd_monitor, "-C ~", "-C: empty name" },
	{ &cmd_monitor, "-C a-name-that-is-too-long", "matches nothing" },
	{ &cmd_monitor, "--buffer 1", "--buffer: bad size '1'" },
	{ &cmd_monitor, "--buffer 1M --buffer 2M", "--buffer: given twice" },
	{ &cmd_monitor, "operand", "unexpected 'operand'" },
	{ &cmd_monitor, "-j flows", "unexpected 'flows'" },
	{ &cmd_monitor, "-x", "unknown option '-x'" },
	{ &cmd_monitor, "-jx", "unknown option '-x'" },
	{ &cmd_flows, "-s", "unknown option '-s'" },
	{ &cmd_flows, "-v", "unknown option '-v'" },
	{ &cmd_monitor, "-q", "unknown option '-q'" },
	{ &cmd_check, "-s", "unknown option '-s'" },
	{ &cmd_monitor, "--no-such", "unknown option '--no-such'" },
	{ &cmd_monitor, "--json=1", "'--json=1': this option takes no value" },
	{ &cmd_monitor, "-L", "-L needs PORTS" },
	{ &cmd_monitor, "--buffer", "--buffer needs SIZE" },
	{ &cmd_monitor, "-r f --buffer 1M", "--buffer with -r" },
	{ &cmd_ladder, "4f -c 2", "FLOW with -c" },
	{ &cmd_ladder, "4g", "bad flow '4g'" },
	{ &cmd_ladder, "sk:", "bad flow 'sk:'" },
	{ &cmd_ladder, "11112222333344445", "bad flow" },
	{ &cmd_ladder, "0", "no flow has the cookie 0" },
	{ &cmd_ladder, "4f 50", "unexpected '50'" },
	{ &cmd_ladder, "-j 4f", "unknown option '-j'" },
	{ &cmd_flows, "4f", "unexpected '4f'" },
	{ &cmd_check, "4f", "unexpected '4f'" },
	{ &cmd_ladder, "-q", "unknown option '-q'" },
	{ &cmd_monitor, "--alerts -s", "--alerts with -s" },
	{ &cmd_monitor, "-v --alerts", "--alerts with -v" },
	{ &cmd_flows, "--alerts", "unknown option '--alerts'" },
	{ &cmd_flows, "-T", "unknown option '-T'" },
	{ &cmd_flows, "-S closed", "-S CLOSED" },
	{ &cmd_flows, "-S listen -D 80", "-S LISTEN with -D" },
	{ &cmd_stats, "-s", "unknown option '-s'" },
	{ &cmd_stats, "-4", "unknown option '-4'" },
	{ &cmd_doctor, "-w", "unknown option '-w'" },
};

static void what_is_refused(void **state)
{
	struct opts o;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		if (parse(refused[i].cmd, refused[i].line, &o, &w) != -EINVAL ||
		    !strstr(w.text, refused[i].words))
			fail_msg("'%s %s' said: '%s'", refused[i].cmd->name, refused[i].line,
				 w.text);
		opts_free(&o);
	}
}

/* Some contradict only at first sight. */
static void what_is_not(void **state)
{
	static const char * const lines[] = {
		"-6 -a 10.0.0.1", "-L 80 -P 443", "-S CLOSED", "-a ::1 -a 10.0.0.1",
		"-L 80 -D 443 -P 443", "-t", "-c 18446744073709551615", "-S listen -D 80",
		"-n /proc/self/ns/net", "-4 -4 -j -j", "--", "-C [a-z]*",
	};
	struct opts o;
	struct why w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		if (parse(&cmd_monitor, lines[i], &o, &w) != OPTS_RUN)
			fail_msg("'%s' said: '%s'", lines[i], w.text);
		opts_free(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(which_flow),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_not),
	};

	return cmocka_run_group_tests_name("opts", tests, NULL, NULL);
}
