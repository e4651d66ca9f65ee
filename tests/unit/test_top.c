// SPDX-License-Identifier: GPL-2.0
/* The page of top at several sizes, compared with golden/top-*.txt; and what is never on it. */
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

#include "clock.h"
#include "top.h"
#include "unit.h"

static const struct opts none;
static struct top top;
static struct top_page page;

static struct top_stuck *add_stuck(const char *comm, unsigned int state, uint64_t seconds)
{
	struct top_stuck *s = &top.stuck[top.nstuck++];

	s->ev = an_event();
	s->ev.kind = TCPFSM_K_FLOW;
	s->ev.flags = TCPFSM_F_OWNER | TCPFSM_F_SINCE | TCPFSM_F_OVERDUE;
	s->ev.state = state;
	s->ev.ns = seconds * NSEC_PER_SEC;
	s->ev.cause = TCPFSM_C_RCV_FIN;
	set_id(&s->ev.id, AF_INET, "10.0.0.1", 40000 + top.nstuck, "192.168.100.200", 443);
	s->looked_up = top.now.ts;
	s->owner = (struct stuck_owner){
		.kind = OWNER_PROCESS, .held = true, .pid = 800 + top.nstuck, .fd = 5,
	};
	memcpy(s->owner.comm, comm, strnlen(comm, sizeof(s->owner.comm)));
	s->queues = true;
	s->rx = 100 * top.nstuck;
	return s;
}

static struct top_listener *add_listener(uint16_t port, double rate, uint32_t waiting)
{
	struct top_listener *l = &top.listeners[top.nlisteners++];

	l->row.ev = an_event();
	l->row.ev.kind = TCPFSM_K_LISTENER;
	l->row.ev.flags = TCPFSM_F_OWNER;
	set_id(&l->row.ev.id, AF_INET, "0.0.0.0", port, "0.0.0.0", 0);
	set_owner(&l->row.ev.owner, "nginx");
	l->row.l.waiting = waiting;
	l->row.l.half_open = 2;
	l->row.q = (struct listener_queue){ .known = true, .limit = 511 };
	l->rated = true;
	l->rate = rate;
	return l;
}

static int fresh(void **state)
{
	unsigned int i;

	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	top_init(&top, &none);
	top.stuck = calloc(64, sizeof(*top.stuck));
	top.listeners = calloc(64, sizeof(*top.listeners));
	top.before.ts = 100 * NSEC_PER_SEC;
	top.now.ts = 102 * NSEC_PER_SEC;
	top.before.has_totals = true;
	top.now.has_totals = true;
	strcpy(top.now.stats.version, "0.1.0");
	top.now.stats.known = ~0U;
	top.now.stats.value[TCPFSM_A_STATS_FLOWS] = 123;
	top.now.stats.value[TCPFSM_A_STATS_FLOWS_MAX] = 65536;
	top.now.stats.value[TCPFSM_A_STATS_FLOWS_PEAK] = 456;
	top.now.stats.value[TCPFSM_A_STATS_TRANSITIONS] = 1000;
	for (i = TCPFSM_S_LISTEN; i <= TCPFSM_S_MAX; i++)
		top.now.now[i] = i * i;
	top.now.totals.matrix[TCPFSM_S_SYN_SENT][TCPFSM_S_ESTABLISHED] = 25;
	top.now.totals.matrix[TCPFSM_S_LAST_ACK][TCPFSM_S_CLOSED] = 2000000;
	top.looked_up = top.now.ts - 3 * NSEC_PER_SEC;
	memset(&page, 0, sizeof(page));
	page.width = 80;
	page.height = 24;
	page.every = 2 * NSEC_PER_SEC;
	page.at = top.now.ts;
	return 0;
}

static int done(void **state)
{
	(void)state;
	top_free(&top);
	return 0;
}

/* The page as text, without blanks at the end; the clock is the machine's, and cut out */
static const char *lay_out(void)
{
	static char text[TOP_LINES * sizeof(page.line[0].text)];
	char *to = text;
	int i;

	top_page(&page, &top);
	for (i = 0; i < page.n; i++) {
		to = stpcpy(to, page.line[i].text);
		while (to > text && to[-1] == ' ')
			to--;
		to = stpcpy(to, "\n");
	}
	if (!strncmp(text, "tcpfsm top  ", 12))
		memcpy(text + 12, "hh:mm:ss", 8);
	return text;
}

static bool has(const char *what)
{
	return strstr(lay_out(), what);
}

/* Several of each, and one of what is alarming */
static void fill(void)
{
	add_stuck("php-fpm", TCPFSM_S_CLOSE_WAIT, 7200);
	add_stuck("java", TCPFSM_S_CLOSE_WAIT, 36001);
	add_stuck("curl", TCPFSM_S_SYN_SENT, 9);
	add_stuck("sshd", TCPFSM_S_LAST_ACK, 125)->ev.flags &= ~TCPFSM_F_SINCE;
	top.stuck[3].ev.bound = true;
	top.stuck[2].looked_up = 0;
	add_listener(80, 0.5, 3);
	add_listener(443, 12345.6, 0);
	add_listener(22, 0, 0)->dropped = 5;
	top.listeners[2].row.l.accept_drops = 7;
	top.listeners[2].row.q.known = false;
}

static void sizes(void **state)
{
	static const struct {
		int		width;
		int		height;
		const char	*name;
	} rows[] = {
		{ 80, 24, "top-80x24.txt" }, { 132, 30, "top-132x30.txt" },
		{ 60, 16, "top-60x16.txt" },
	};
	unsigned int i;

	(void)state;
	fill();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		page.width = rows[i].width;
		page.height = rows[i].height;
		assert_golden(rows[i].name, lay_out());
	}
}

/* However small or large: as many lines as there are, none wider */
static void fits(void **state)
{
	const size_t *n = page.room;
	int w, h, i;

	(void)state;
	for (i = 0; i < 60; i++) {
		add_stuck("\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97",
			  TCPFSM_S_CLOSE_WAIT, i);
		add_listener(1 + i, i, UINT32_MAX)->row.q.limit = UINT32_MAX;
	}
	for (w = 1; w < 300; w += 7) {
		for (h = 1; h < 80; h += 3) {
			page.width = w;
			page.height = h;
			top_page(&page, &top);
			assert_in_range(page.n, 1, h);
			for (i = 0; i < page.n; i++) {
				wchar_t wide[512];
				size_t len = mbstowcs(wide, page.line[i].text, 512);

				assert_in_range(len, 0, 511);
				assert_in_range(wcswidth(wide, len), 0, w);
			}
			if (w >= 60 && h >= 16)
				assert_int_equal(n[TOP_STUCK] + n[TOP_LISTENERS],
						 h > 17 ? h - 15 : 2);
		}
	}
}

static void hostile_names(void **state)
{
	static const struct {
		const char	*name;
		const char	*shown;
	} names[] = {
		{ "\033[2J\033]0;x\a", "?[2J?]0;x? " },
		{ "a\nb\tc\rd\be", "a?b?c?d?e " },
		{ "\xff\xfe\xc2", "??? " },
		{ "\xe2\x80\xaetxt", "?txt " },		/* right-to-left override */
		{ "e\xcc\x81x", "e?x " },		/* takes no column of its own */
		{ "\xc2\x9b[1m", "?[1m " },		/* CSI in one character */
		{ "\xe6\xbc\xa2%s%n", "\xe6\xbc\xa2%s%n " },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		top.nstuck = 0;
		memset(top.stuck, 0, sizeof(*top.stuck));
		add_stuck(names[i].name, TCPFSM_S_CLOSE_WAIT, 1);
		assert_true(has(names[i].shown));
	}
	/* where characters are bytes nothing but ASCII is sent */
	setlocale(LC_CTYPE, "C");
	assert_false(has("\xe6"));
	assert_true(has("?%s%n "));
}

/* Which of two texts comes first */
static bool before(const char *a, const char *b)
{
	const char *text = lay_out();

	return strstr(text, a) && strstr(text, b) && strstr(text, a) < strstr(text, b);
}

static void order(void **state)
{
	(void)state;
	fill();
	assert_true(before("java", "php-fpm") && before("php-fpm", "sshd"));
	page.invert[TOP_STUCK] = true;
	assert_true(before("sshd", "php-fpm") && before("php-fpm", "java"));
	page.invert[TOP_STUCK] = false;
	top_page_sort(&page, 1);
	assert_true(has("STUCK 4, by state"));
	assert_true(before("curl?", "java") && before("java", "sshd"));
	top_page_sort(&page, 2);
	assert_true(has("STUCK 4, by queues"));
	assert_true(before("sshd", "php-fpm"));
	page.panel = TOP_LISTENERS;
	assert_true(before(".0:443", ".0:80 ") && before(".0:80 ", ".0:22"));
	top_page_sort(&page, -1);
	assert_true(has("LISTENERS 3, by port"));
	assert_true(before(".0:22", ".0:80 ") && before(".0:80 ", ".0:443"));
	top_page_sort(&page, -1);
	assert_true(has("LISTENERS 3, by drops"));
	assert_true(before(".0:22", ".0:80 "));
}

static void filter(void **state)
{
	(void)state;
	fill();
	strcpy(page.filter, "JAVA");
	assert_true(has("STUCK 1, by age, with 'JAVA'"));
	assert_true(has("nobody listens that matches"));
	strcpy(page.filter, ":80");
	assert_true(has("LISTENERS 1, "));
	assert_true(has("nothing is stuck that matches"));
	page.filter[0] = '\0';
	top.stuck[0].hidden = true;
	assert_true(has("STUCK 3, "));
	assert_false(has("php-fpm"));
}

static void scrolled(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++)
		add_stuck("x", TCPFSM_S_CLOSE_WAIT, 100 - i);
	page.scroll[TOP_STUCK] = 2;
	assert_true(has("from row 3"));
	assert_true(has(" 98s ") && !has(" 99s "));
	page.scroll[TOP_STUCK] = 1000;
	assert_true(has(" 81s "));
	assert_int_equal(page.scroll[TOP_STUCK] + page.room[TOP_STUCK], 20);
}

/* Nothing old looks fresh. */
static void old(void **state)
{
	(void)state;
	fill();
	assert_false(has(" OLD"));
	page.at += 5 * NSEC_PER_SEC;
	page.paused = page.at;
	assert_true(has("PAUSED, 5.0s OLD"));
	assert_int_equal(page.line[0].look, TOP_ALERT);
	page.paused = 0;
	top.err = -12;
	page.width = 132;
	assert_true(has("NOT REFRESHED, 5.0s OLD: Cannot allocate memory"));
	top.err = 0;
	/* without a sample before, or with one of another module, there is no rate */
	top.before.ts = 0;
	assert_true(has("transitions -  segments -  opened -  closed -"));
	top_gone(&top);
	assert_true(has("MODULE NOT LOADED"));
	assert_false(has("STATE"));
	assert_false(has("java"));
	assert_null(top.stuck);
}

static void lost(void **state)
{
	(void)state;
	lay_out();
	assert_int_equal(page.line[2].look, TOP_PLAIN);
	top.now.stats.value[TCPFSM_A_STATS_LOST_RING] = 12;
	top.before.stats.value[TCPFSM_A_STATS_LOST_RING] = 9;
	assert_true(has("Lost   ring 12 (+3)  send 0"));
	assert_int_equal(page.line[2].look, TOP_ALERT);
}

/* In a network namespace of its own: what nobody tells is no 0. */
static void not_told(void **state)
{
	(void)state;
	top.now.stats.known = BIT(TCPFSM_A_STATS_LOST_RING) | BIT(TCPFSM_A_STATS_LOST_SEND);
	assert_true(has("Flows  -\n"));
	assert_true(has("Rate/s  transitions -  segments -  opened 12.5"));
	assert_true(has("Lost   ring 0  send 0\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes),
		TEST(fits),
		TEST(hostile_names),
		TEST(order),
		TEST(filter),
		TEST(scrolled),
		TEST(old),
		TEST(lost),
		TEST(not_told),
	};

	return cmocka_run_group_tests_name("top", tests, NULL, NULL);
}
