// SPDX-License-Identifier: GPL-2.0
/*
 * tcpfsm top: the terminal. It asks the module every so often, lays out the page anew, and
 * takes keys. What is shown is never older than it says: the module's silence, a pause and the
 * module's end are told in the first line.
 */
#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "exit.h"
#include "stop.h"
#include "top.h"

#define EVERY_DEFAULT	(2 * NSEC_PER_SEC)

/* What + and - choose from, in ms */
static const unsigned int steps[] = { 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000 };

#define ESCAPE		27
#define REDRAW		12	/* ^L */

struct screen {
	const struct opts	*opts;
	struct tcpnl		nl;
	struct top		top;
	struct top_page		page;
	SCREEN			*terminal;
	uint64_t		next;		/* when the module is asked again */
	uint64_t		shown;		/* samples so far */
	bool			colors;
	bool			over;
};

static int refuse(const char *what, const char *advice)
{
	fprintf(stderr, "tcpfsm: top: %s; %s\n", what, advice);
	return STATUS_USAGE;
}

#define INSTEAD	"tcpfsm stats, stuck and flows tell the same in lines"

static int refuse_terminal(const char *name, const char *what)
{
	struct buf b;

	buf_init(&b, STDERR_FILENO);
	buf_str(&b, "tcpfsm: top: the terminal '");
	text_safe(&b, name, strnlen(name, 64));
	buf_printf(&b, "' %s; " INSTEAD "\n", what);
	buf_flush(&b);
	buf_free(&b);
	return STATUS_USAGE;
}

static bool can(const char *capability)
{
	const char *s = tigetstr(capability);

	return s && s != (char *)-1 && *s;
}

/* Is there a terminal that can be drawn on? Said before anything else is done. */
static int check_terminal(void)
{
	const char *name = getenv("TERM");
	int err = 0;

	if (!isatty(STDOUT_FILENO))
		return refuse("standard output is no terminal", INSTEAD);
	if (!isatty(STDIN_FILENO))
		return refuse("standard input is no terminal, keys cannot be read", INSTEAD);
	if (!name || !*name)
		return refuse("TERM is not set", "set it to the terminal's type, as in TERM=linux");
	if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
		return refuse_terminal(name, err < 0 ?
				       "is unknown, as there is no terminfo on this machine" :
				       "is unknown to terminfo");
	if (!can("cup") || !can("clear"))
		return refuse_terminal(name, "cannot move its cursor");
	return STATUS_OK;
}

/* After a refusal: the module may be gone, or may be another one by now. */
static int ask_again(struct screen *s)
{
	int err;

	tcpnl_close(&s->nl);
	err = tcpnl_open(&s->nl);
	if (!err)
		return top_read(&s->top, &s->nl);
	if (err == -ENOENT)
		top_gone(&s->top);
	else
		s->top.err = err;
	return err;
}

static void ask(struct screen *s)
{
	struct tcpnl_stats st;

	/* while paused, whether it is there all the same */
	if (s->page.paused && !s->top.gone) {
		if (!tcpnl_stats(&s->nl, &st))
			return;
		tcpnl_close(&s->nl);
		if (tcpnl_open(&s->nl) == -ENOENT)
			top_gone(&s->top);
		return;
	}
	if (s->top.gone || top_read(&s->top, &s->nl))
		ask_again(s);
	s->shown++;
}

static attr_t attributes(const struct screen *s, enum top_look look)
{
	switch (look) {
	case TOP_DIM:
		return A_DIM;
	case TOP_BOLD:
		return A_BOLD;
	case TOP_TITLE:
		return A_REVERSE;
	case TOP_CHOSEN:
		return s->colors ? COLOR_PAIR(1) | A_BOLD : A_REVERSE | A_BOLD;
	case TOP_ALERT:
		return s->colors ? COLOR_PAIR(2) | A_BOLD : A_REVERSE | A_BOLD;
	default:
		return A_NORMAL;
	}
}

static void draw(struct screen *s)
{
	struct top_page *p = &s->page;
	int i;

	getmaxyx(stdscr, p->height, p->width);
	p->at = clock_mono();
	p->wall = clock_wall_offset();
	top_page(p, &s->top);
	erase();
	for (i = 0; i < p->n; i++) {
		attrset(attributes(s, p->line[i].look));
		mvaddstr(i, 0, p->line[i].text);
	}
	attrset(A_NORMAL);
	refresh();
}

/* The next larger or smaller of the steps; the first sample after it is due anew. */
static void pace(struct screen *s, bool slower)
{
	const unsigned int ms = s->page.every / NSEC_PER_MSEC;
	size_t i;

	if (slower) {
		for (i = 0; i + 1 < ARRAY_SIZE(steps) && steps[i] <= ms; i++)
			;
	} else {
		for (i = ARRAY_SIZE(steps) - 1; i && steps[i] >= ms; i--)
			;
	}
	s->page.every = steps[i] * NSEC_PER_MSEC;
	s->next = clock_mono() + s->page.every;
}

static void scroll_by(struct screen *s, long rows)
{
	size_t *at = &s->page.scroll[s->page.panel];

	/* beyond the last row is corrected when the page is laid out */
	if (rows < 0)
		*at = *at > (size_t)-rows ? *at + rows : 0;
	else
		*at += rows;
}

static void type(struct screen *s, int key)
{
	char *filter = s->page.filter;
	size_t len = strlen(filter);

	if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		s->page.typing = false;
	} else if (key == ESCAPE) {
		*filter = '\0';
		s->page.typing = false;
	} else if (key == KEY_BACKSPACE || key == 127 || key == '\b') {
		/* a character of UTF-8 with all of its bytes */
		while (len && (filter[--len] & 0xc0) == 0x80)
			;
		filter[len] = '\0';
	} else if (key >= ' ' && key < 0x100 && len + 1 < TOP_FILTER) {
		filter[len] = (char)key;
		filter[len + 1] = '\0';
	}
}

static void press(struct screen *s, int key)
{
	struct top_page *p = &s->page;
	const long page = p->room[p->panel] > 1 ? p->room[p->panel] - 1 : 1;

	switch (key) {
	case 'q':
	case 'Q':
	case KEY_F(10):
		s->over = true;
		break;
	case 'h':
	case '?':
	case KEY_F(1):
		p->help = true;
		break;
	case '\t':
		p->panel = (p->panel + 1) % TOP_PANELS;
		break;
	case '>':
	case '.':
	case KEY_F(6):
		top_page_sort(p, 1);
		break;
	case '<':
	case ',':
		top_page_sort(p, -1);
		break;
	case 'I':
		p->invert[p->panel] = !p->invert[p->panel];
		break;
	case '/':
	case '\\':
	case KEY_F(4):
		p->typing = true;
		break;
	case ESCAPE:
		p->filter[0] = '\0';
		break;
	case ' ':
	case 'p':
		p->paused = p->paused ? 0 : clock_mono();
		s->next = p->paused ? s->next : 0;
		break;
	case '+':
		pace(s, true);
		break;
	case '-':
		pace(s, false);
		break;
	case 'r':
		s->next = 0;
		break;
	case KEY_UP:
		scroll_by(s, -1);
		break;
	case KEY_DOWN:
		scroll_by(s, 1);
		break;
	case KEY_PPAGE:
		scroll_by(s, -page);
		break;
	case KEY_NPAGE:
		scroll_by(s, page);
		break;
	case KEY_HOME:
		p->scroll[p->panel] = 0;
		break;
	case REDRAW:
		clearok(curscr, TRUE);
		break;
	}
}

static void keys(struct screen *s)
{
	int key;

	while ((key = getch()) != ERR) {
		if (key == KEY_RESIZE)
			continue;
		if (s->page.typing)
			type(s, key);
		else if (s->page.help)
			s->page.help = false;
		else
			press(s, key);
	}
}

/* Until a key, the end, the next sample, or, as ages are shown, for a second */
static void wait_for_key(struct screen *s)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = stop_fd(), .events = POLLIN },
	};
	const uint64_t now = clock_mono();
	uint64_t ns = s->next > now ? s->next - now : 0;

	if (ns > NSEC_PER_SEC)
		ns = NSEC_PER_SEC;
	/* a signal, of a new size too, ends it early */
	if (poll(fds, ARRAY_SIZE(fds), ns / NSEC_PER_MSEC + 1) > 0 &&
	    fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		s->over = true;
}

static void run_screen(struct screen *s)
{
	const uint64_t count = s->opts->count;

	while (!s->over && !stop_asked()) {
		if (clock_mono() >= s->next) {
			/* the first sample is there already */
			if (s->next)
				ask(s);
			s->next = clock_mono() + s->page.every;
		}
		draw(s);
		if (count && s->shown >= count)
			break;
		wait_for_key(s);
		keys(s);
	}
}

static bool begin(struct screen *s)
{
	s->terminal = newterm(NULL, stdout, stdin);
	if (!s->terminal)
		return false;
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	s->colors = has_colors() && !getenv("NO_COLOR") && start_color() == OK;
	if (s->colors) {
		init_pair(1, COLOR_BLACK, COLOR_CYAN);
		init_pair(2, COLOR_WHITE, COLOR_RED);
	}
	return true;
}

static int show(struct screen *s)
{
	if (stop_init() || !begin(s)) {
		fputs("tcpfsm: top: the terminal cannot be used\n", stderr);
		return STATUS_FAILED;
	}
	run_screen(s);
	endwin();
	delscreen(s->terminal);
	if (!s->top.gone)
		return STATUS_OK;
	fputs("tcpfsm: the module was unloaded\n", stderr);
	return STATUS_ACCESS;
}

static int run(const struct opts *o)
{
	struct screen *s;
	int status;
	int err;

	/* which characters a terminal shows; numbers stay as they are */
	setlocale(LC_CTYPE, "");
	status = check_terminal();
	if (status != STATUS_OK)
		return status;
	s = calloc(1, sizeof(*s));
	if (!s) {
		fputs("tcpfsm: no memory\n", stderr);
		return STATUS_FAILED;
	}
	s->opts = o;
	s->page.every = o->every ? o->every : EVERY_DEFAULT;
	top_init(&s->top, o);
	err = tcpnl_open(&s->nl);
	if (!err)
		err = top_read(&s->top, &s->nl);
	s->shown = 1;
	status = err ? tcpnl_report(&s->nl, err) : show(s);
	tcpnl_close(&s->nl);
	top_free(&s->top);
	free(s);
	return status;
}

const struct cmd cmd_top = {
	.name = "top",
	.brief = "a screen that goes on: states, rates, what is stuck, listeners, losses",
	.about = "Shows what there is now, and again every two seconds: connections by state and\n"
		 "how often states are entered and left, what is stuck and whose it is, the listeners\n"
		 "with their queues, and what was lost. q ends it, h lists the keys. Options choose\n"
		 "which connections and listeners are shown; rates are those of the whole machine.\n",
	.groups = OPTS_FILTER | OPTS_TABLE | OPTS_COUNT | OPTS_EVERY,
	.run = run,
};
