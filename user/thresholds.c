// SPDX-License-Identifier: GPL-2.0
/* The module's thresholds: what they are called, mean and take. No socket in here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "names.h"
#include "number.h"
#include "thresholds.h"

/* What a number counts */
enum unit {
	UNIT_MS,		/* written as a duration, or off */
	UNIT_RATE,		/* a second */
	UNIT_PERCENT,
};

/* In the order they are shown */
static const struct row {
	unsigned int	attr;
	enum unit	unit;
	const char	*name;
	const char	*meaning;
} rows[] = {
	{ TCPFSM_A_CONFIG_SYN_SENT, UNIT_MS, "syn-sent",
	  "SYN_SENT for longer is stuck: the peer does not answer" },
	{ TCPFSM_A_CONFIG_SYN_RECEIVED, UNIT_MS, "syn-received",
	  "SYN_RECEIVED for longer is stuck: the peer does not complete the handshake" },
	{ TCPFSM_A_CONFIG_UNACCEPTED, UNIT_MS, "unaccepted",
	  "ESTABLISHED for longer without accept() is stuck: no process takes it" },
	{ TCPFSM_A_CONFIG_FIN_WAIT_1, UNIT_MS, "fin-wait-1",
	  "FIN_WAIT_1 for longer is stuck: the peer does not acknowledge our FIN" },
	{ TCPFSM_A_CONFIG_FIN_WAIT_2, UNIT_MS, "fin-wait-2",
	  "FIN_WAIT_2 for longer is stuck: the peer does not send its FIN" },
	{ TCPFSM_A_CONFIG_CLOSE_WAIT, UNIT_MS, "close-wait",
	  "CLOSE_WAIT for longer is stuck: the application does not close" },
	{ TCPFSM_A_CONFIG_CLOSING, UNIT_MS, "closing",
	  "CLOSING for longer is stuck: the peer does not acknowledge our FIN" },
	{ TCPFSM_A_CONFIG_LAST_ACK, UNIT_MS, "last-ack",
	  "LAST_ACK for longer is stuck: the peer does not acknowledge our FIN" },
	{ TCPFSM_A_CONFIG_FLOOD_RATE, UNIT_RATE, "flood-rate",
	  "SYNs a second at one listener that may be a flood" },
	{ TCPFSM_A_CONFIG_FLOOD_PERCENT, UNIT_PERCENT, "flood-percent",
	  "how many of them come to nothing in a flood" },
	{ TCPFSM_A_CONFIG_STRAY_RATE, UNIT_RATE, "stray-rate",
	  "segments that do nothing, recorded a second and processor; others are counted" },
};

_Static_assert(ARRAY_SIZE(rows) == TCPFSM_A_CONFIG_MAX, "threshold without a name");

static const char * const unit_names[] = {
	[UNIT_MS] = "ms", [UNIT_RATE] = "/s", [UNIT_PERCENT] = "%",
};

/* By its name, or for a state's by any spelling of the state */
static const struct row *find(const char *name, size_t len)
{
	const int state = state_parse(name, len);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strlen(rows[i].name) == len && !memcmp(rows[i].name, name, len))
			return &rows[i];
		if (state >= 0 && state == state_parse(rows[i].name, strlen(rows[i].name)))
			return &rows[i];
	}
	return NULL;
}

static int unknown(const char *name, size_t len, struct why *w)
{
	char all[256] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (i)
			strcat(all, ", ");
		strcat(all, rows[i].name);
	}
	return why(w, "unknown threshold '%.*s'; one of %s", (int)(len < 64 ? len : 64), name, all);
}

/* What is no duration; 0 is refused, as it looks like 'at once' and would mean never. */
static int duration(const struct row *row, const char *text, uint64_t *n, struct why *w)
{
	if (!strcmp(text, "off")) {
		*n = 0;
		return 0;
	}
	if (!duration_parse(text, UINT32_MAX, n)) {
		if (*n)
			return 0;
		return why(w, "%s: '%.64s' would be never: write off", row->name, text);
	}
	if (!duration_parse(text, UINT64_MAX, n))
		return why(w, "%s: '%.64s' is too long; 1193h at most, or off for never",
			   row->name, text);
	return why(w, "%s: bad time '%.64s'; it is a number and its unit as in 500ms, 90s, 5m, "
		   "2h, or off for never", row->name, text);
}

static int number(const struct row *row, const char *text, uint64_t *n, struct why *w)
{
	const uint64_t most = row->unit == UNIT_PERCENT ? 100 : UINT32_MAX;

	if (!number_parse(text, strlen(text), most, n) && *n)
		return 0;
	return why(w, "%s: bad number '%.64s'; it is 1 to %llu", row->name, text,
		   (unsigned long long)most);
}

/**
 * threshold_parse() - read one threshold a user wants to change
 * @text: NAME=VALUE
 * @c: the value is added
 * @w: set to the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set and @c as it was.
 */
int threshold_parse(const char *text, struct tcpnl_config *c, struct why *w)
{
	const size_t len = strcspn(text, "=");
	const struct row *row = find(text, len);
	uint64_t n;
	int err;

	if (!row)
		return unknown(text, len, w);
	if (!text[len])
		return why(w, "%s: value is missing, as in %s=%s", row->name, row->name,
			   row->unit == UNIT_MS ? "90s" : "50");
	err = row->unit == UNIT_MS ? duration(row, text + len + 1, &n, w) :
				     number(row, text + len + 1, &n, w);
	if (err)
		return err;
	if (c->known & BIT(row->attr) && c->value[row->attr] != n)
		return why(w, "%s: given twice with different values", row->name);
	c->known |= BIT(row->attr);
	c->value[row->attr] = n;
	return 0;
}

static const char *value_text(const struct row *row, uint32_t value, char *to)
{
	if (row->unit != UNIT_MS)
		snprintf(to, DURATION_TEXT, "%u%s", value, unit_names[row->unit]);
	else if (!value)
		snprintf(to, DURATION_TEXT, "off");
	else
		duration_text(to, value);
	return to;
}

/**
 * thresholds_text() - append a line for each threshold
 * @b: the buffer
 * @c: those that are known are shown
 * @header: with the names of the columns
 *
 * Context: any.
 */
void thresholds_text(struct buf *b, const struct tcpnl_config *c, bool header)
{
	char text[DURATION_TEXT];
	size_t i;

	if (header)
		buf_printf(b, "%-14s%-10s%s\n", "NAME", "VALUE", "MEANING");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (c->known & BIT(rows[i].attr))
			buf_printf(b, "%-14s%-9s %s\n", rows[i].name,
				   value_text(&rows[i], c->value[rows[i].attr], text),
				   rows[i].meaning);
}

/**
 * thresholds_json() - append an object for each threshold
 * @b: the buffer
 * @v: for its time of day
 * @c: those that are known are shown
 *
 * Context: any.
 */
void thresholds_json(struct buf *b, struct view *v, const struct tcpnl_config *c)
{
	const uint64_t now = clock_mono();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!(c->known & BIT(rows[i].attr)))
			continue;
		json_begin(b, "threshold");
		json_time(b, v, now);
		json_add_str(b, "name", rows[i].name);
		json_add_num(b, "value", c->value[rows[i].attr]);
		json_add_str(b, "unit", unit_names[rows[i].unit]);
		json_add_str(b, "meaning", rows[i].meaning);
		json_end(b);
	}
}
