// SPDX-License-Identifier: GPL-2.0
/*
 * The state graph as graphviz draws it, laid out as RFC 9293 3.3.2 has it: from one
 * CLOSED at the top to another at the bottom. No name in it is anybody's but ours.
 */
#include <stdio.h>

#include "totals.h"

/* Colors of the boxes; the same as in a ladder's picture */
static const char *fill(unsigned int state)
{
	switch (state) {
	case TCPFSM_S_SYN_SENT:
	case TCPFSM_S_SYN_RECEIVED:
		return "#f5e1a4";
	case TCPFSM_S_ESTABLISHED:
		return "#b7e4c4";
	case TCPFSM_S_FIN_WAIT_1:
	case TCPFSM_S_FIN_WAIT_2:
	case TCPFSM_S_CLOSING:
		return "#c2daf7";
	case TCPFSM_S_CLOSE_WAIT:
	case TCPFSM_S_LAST_ACK:
		return "#f8d0b0";
	case TCPFSM_S_TIME_WAIT:
		return "#dfcbf9";
	default:
		return "#eaeef2";
	}
}

/* Where an edge begins and ends: of CLOSED there are two, the beginning and the end. */
static const char *from_node(unsigned int state, char *to, size_t room)
{
	snprintf(to, room, state == TCPFSM_S_CLOSED ? "begin" : "s%u", state);
	return to;
}

static const char *to_node(unsigned int state, char *to, size_t room)
{
	snprintf(to, room, state == TCPFSM_S_CLOSED ? "end" : "s%u", state);
	return to;
}

static void box(struct buf *b, const struct tcpnl_totals *t, unsigned int state, const char *node)
{
	const uint64_t *times = t->times[state];
	char name[16];

	buf_printf(b, "\t%s [label=\"%s", node, totals_state(state, name, sizeof(name)));
	if (state != TCPFSM_S_CLOSED && times_rank(times, 100) >= 0) {
		buf_str(b, "\\nmedian ");
		times_bound(b, times_rank(times, 50));
		buf_str(b, ", p99 ");
		times_bound(b, times_rank(times, 99));
	}
	buf_printf(b, "\" fillcolor=\"%s\"];\n", fill(state));
}

static void boxes(struct buf *b, const struct tcpnl_totals *t)
{
	unsigned int i;
	char node[16];

	if (totals_left(t, TCPFSM_S_CLOSED))
		box(b, t, TCPFSM_S_CLOSED, "begin");
	if (totals_entered(t, TCPFSM_S_CLOSED))
		box(b, t, TCPFSM_S_CLOSED, "end");
	for (i = 0; i < TCPNL_STATES; i++)
		if (i != TCPFSM_S_CLOSED && (totals_left(t, i) || totals_entered(t, i)))
			box(b, t, i, from_node(i, node, sizeof(node)));
}

/* The more often, the thicker: a pixel for four times as many */
static double width(uint64_t count)
{
	unsigned int bits = 0;

	while (count >>= 1)
		bits++;
	return 1 + bits / 4.0;
}

static uint64_t edges(struct buf *b, const struct tcpnl_totals *t)
{
	char from[16], to[16];
	uint64_t sum = 0;
	unsigned int i, j;

	for (i = 0; i < TCPNL_STATES; i++) {
		for (j = 0; j < TCPNL_STATES; j++) {
			if (!t->matrix[i][j])
				continue;
			sum += t->matrix[i][j];
			buf_printf(b, "\t%s -> %s [label=\" ", from_node(i, from, sizeof(from)),
				   to_node(j, to, sizeof(to)));
			text_count(b, t->matrix[i][j]);
			buf_printf(b, "\" penwidth=%.2f];\n", width(t->matrix[i][j]));
		}
	}
	return sum;
}

/**
 * totals_dot() - append the state graph, with counts and times, as graphviz reads it
 * @b: the buffer
 * @t: the numbers; states and transitions that never were are left out
 *
 * Context: any.
 */
void totals_dot(struct buf *b, const struct tcpnl_totals *t)
{
	uint64_t sum;

	buf_str(b, "digraph tcpfsm {\n"
		   "\tgraph [fontname=\"sans-serif\" fontsize=11 labelloc=b bgcolor=white"
		   " ranksep=0.6 nodesep=0.5];\n"
		   "\tnode [shape=box style=\"rounded,filled\" fontname=\"sans-serif\""
		   " fontsize=11 color=\"#57606a\"];\n"
		   "\tedge [fontname=\"sans-serif\" fontsize=10 color=\"#57606a\"];\n");
	boxes(b, t);
	sum = edges(b, t);
	buf_printf(b, "\tlabel=\"\\n%llu transition%s since the module was loaded; "
		   "times are bounds: at most double\";\n}\n", (unsigned long long)sum,
		   sum == 1 ? "" : "s");
}
