// SPDX-License-Identifier: GPL-2.0
/* The wire between tun0 of A and tun0 of B, one rule deciding on each segment */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "stim.h"

#define HELD_MAX 64

struct packet {
	enum netns from;
	size_t len;
	uint8_t data[SEG_MAX];
};

static enum verdict (*wire_judge)(enum netns from, const struct seg *s);
static struct packet held[HELD_MAX];	/* in the order they came */
static unsigned int nheld;
static bool up;

static enum verdict pass_all(enum netns from, const struct seg *s)
{
	(void)from;
	(void)s;
	return PASS;
}

bool wire_is_up(void)
{
	return up;
}

/**
 * wire_rule() - change what happens to segments from now on
 * @rule: the judge, or NULL to let everything pass
 */
void wire_rule(enum verdict (*rule)(enum netns from, const struct seg *s))
{
	wire_judge = rule ? rule : pass_all;
}

/**
 * wire_up() - from now on every wait carries segments between A and B
 * @rule: as for wire_rule()
 */
void wire_up(enum verdict (*rule)(enum netns from, const struct seg *s))
{
	wire_rule(rule);
	tun_of(NS_A);
	tun_of(NS_B);
	up = true;
}

static void deliver(const struct packet *p)
{
	enum netns to = p->from == NS_A ? NS_B : NS_A;

	if (write(tun_of(to), p->data, p->len) < 0)
		die("wire: write: %m");
}

static void carry(enum netns from)
{
	struct packet *p = &held[nheld];
	struct seg s;
	ssize_t n;

	p->from = from;
	n = read(tun_of(from), p->data, sizeof(p->data));
	if (n <= 0)
		return;
	p->len = n;
	if (!seg_parse(p->data, p->len, &s))
		return;
	switch (wire_judge(from, &s)) {
	case PASS:
		deliver(p);
		break;
	case HOLD:
		if (++nheld == HELD_MAX)
			die("wire: holds too many segments");
		break;
	case LOSE:
		break;
	}
}

/**
 * wire_step() - carry what there is, or wait for something to carry
 * @ms: how long to wait at most
 */
void wire_step(int ms)
{
	struct pollfd pfd[2] = {
		{ .fd = tun_of(NS_A), .events = POLLIN },
		{ .fd = tun_of(NS_B), .events = POLLIN },
	};

	while (poll(pfd, 2, ms) > 0) {
		if (pfd[0].revents & POLLIN)
			carry(NS_A);
		if (pfd[1].revents & POLLIN)
			carry(NS_B);
		ms = 0;
	}
}

unsigned int wire_held(enum netns from)
{
	unsigned int i, count = 0;

	for (i = 0; i < nheld; i++)
		count += held[i].from == from;
	return count;
}

/**
 * await_held() - wait until that many segments of a host are in our hands
 * @from: the host
 * @count: how many
 */
void await_held(enum netns from, unsigned int count)
{
	struct wait w;

	wait_start(&w, SOON);
	while (wire_held(from) < count)
		if (!wait_more(&w))
			die("wire: %u segments of %c held, not %u", wire_held(from),
			    'A' + from, count);
}

/**
 * wire_release() - deliver all that is held, in the order it came
 */
void wire_release(void)
{
	unsigned int i, count = nheld;

	for (i = 0; i < count; i++)
		deliver(&held[i]);
	nheld = 0;
}
