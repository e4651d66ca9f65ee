// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers in the text Prometheus reads: its own format 0.0.4, and OpenMetrics 1.0.0 for
 * those that ask for it. They differ in how a counter's family is called, in histograms
 * without a sum, and in the last line.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "metrics.h"
#include "utf8.h"

static const char * const types[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

/**
 * metrics_init() - begin a text
 * @m: set
 * @out: where to
 * @open: OpenMetrics
 *
 * Context: any.
 */
void metrics_init(struct metrics *m, struct buf *out, bool open)
{
	*m = (struct metrics){ .out = out, .open = open };
}

/**
 * metrics_end() - end it
 * @m: the text
 *
 * Context: any.
 */
void metrics_end(struct metrics *m)
{
	if (m->open)
		buf_str(m->out, "# EOF\n");
}

/**
 * metrics_type() - what such a text is called in HTTP
 * @open: OpenMetrics
 *
 * Context: any.
 * Return: value of Content-Type.
 */
const char *metrics_type(bool open)
{
	return open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		    : "text/plain; version=0.0.4; charset=utf-8";
}

/* What separates parts of a header: blanks are no part of either */
static size_t skip_blanks(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (text[n] == ' ' || text[n] == '\t'))
		n++;
	return n;
}

static bool starts(const char *text, size_t len, const char *with)
{
	const size_t n = strlen(with);

	return len >= n && !strncasecmp(text, with, n);
}

static unsigned int thousandths(const char *text)
{
	const double q = strtod(text, NULL);

	return q >= 1 ? 1000 : q > 0 ? q * 1000 : 0;
}

/* One range of an Accept header, its weight in thousandths; RFC 9110, section 12.5.1 */
static unsigned int weight_of(const char *range, size_t len, const char *type)
{
	size_t at = skip_blanks(range, len);
	unsigned int weight = 1000;
	size_t part;

	part = strcspn(range + at, ";, \t");
	if (part != strlen(type) || !starts(range + at, len - at, type))
		return 0;
	for (at += part; at < len; at += part) {
		part = 1 + strcspn(range + at + 1, ";,");
		if (range[at] != ';')
			continue;
		range += at + 1;
		len -= at + 1;
		at = skip_blanks(range, len);
		part = strcspn(range + at, ";,");
		if (starts(range + at, len - at, "q="))
			weight = thousandths(range + at + 2);
		/* 0.0.1 was a draft of it */
		else if (starts(range + at, len - at, "version=") &&
			 !starts(range + at + 8, len - at - 8, "1.0.0") &&
			 !starts(range + at + 8, len - at - 8, "0.0.1"))
			return 0;
	}
	return weight;
}

static unsigned int heaviest(const char *accept, const char *type)
{
	unsigned int most = 0;
	unsigned int weight;
	size_t len;

	for (;; accept += len + 1) {
		len = strcspn(accept, ",");
		weight = weight_of(accept, len, type);
		if (weight > most)
			most = weight;
		if (!accept[len])
			return most;
	}
}

/**
 * metrics_asked_open() - whether OpenMetrics is asked for
 * @accept: the header Accept, NULL for none
 *
 * Context: any.
 * Return: true when it is named, and plain text not preferred.
 */
bool metrics_asked_open(const char *accept)
{
	unsigned int open;

	if (!accept)
		return false;
	open = heaviest(accept, "application/openmetrics-text");
	return open && open >= heaviest(accept, "text/plain");
}

/**
 * metrics_family() - begin a family: what its samples are
 * @m: the text
 * @type: enum metric_type
 * @name: its name, of a counter without _total; kept
 * @help: what it says, plain ASCII without line ends and backslashes
 *
 * Context: any.
 */
void metrics_family(struct metrics *m, enum metric_type type, const char *name, const char *help)
{
	const char *suffix = type == METRIC_COUNTER && !m->open ? "_total" : "";

	m->name = name;
	m->type = type;
	buf_printf(m->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help, name, suffix,
		   types[type]);
}

static void begin(struct metrics *m, const char *suffix)
{
	buf_str(m->out, m->name);
	buf_str(m->out, suffix);
	m->labels = false;
}

/**
 * metrics_begin() - begin a sample of the family
 * @m: the text; labels follow, then the value
 *
 * Context: any.
 */
void metrics_begin(struct metrics *m)
{
	begin(m, m->type == METRIC_COUNTER ? "_total" : "");
}

/**
 * metrics_label() - add a label to the sample
 * @m: the text
 * @key: its name
 * @text: its value, bytes of any origin; those that are no UTF-8 become U+FFFD, as one
 *	such byte would have the whole text refused
 * @len: how many
 *
 * Context: any.
 */
void metrics_label(struct metrics *m, const char *key, const char *text, size_t len)
{
	struct buf *b = m->out;
	uint32_t code;
	size_t n;

	buf_char(b, m->labels ? ',' : '{');
	m->labels = true;
	buf_str(b, key);
	buf_str(b, "=\"");
	for (; len; text += n, len -= n) {
		n = utf8_next(text, len, &code);
		if (!n) {
			buf_str(b, "\xef\xbf\xbd");
			n = 1;
		} else if (code == '\n') {
			buf_str(b, "\\n");
		} else if (code == '"' || code == '\\') {
			buf_char(b, '\\');
			buf_char(b, code);
		} else {
			buf_mem(b, text, n);
		}
	}
	buf_char(b, '"');
}

/**
 * metrics_word() - add a label to the sample
 * @m: the text
 * @key: its name
 * @text: its value, NULL for one that has no name here
 *
 * Context: any.
 */
void metrics_word(struct metrics *m, const char *key, const char *text)
{
	if (!text)
		text = "unknown";
	metrics_label(m, key, text, strlen(text));
}

static void end_labels(struct metrics *m)
{
	buf_str(m->out, m->labels ? "} " : " ");
}

/**
 * metrics_number() - end the sample with its value
 * @m: the text
 * @n: the value
 *
 * Context: any.
 */
void metrics_number(struct metrics *m, uint64_t n)
{
	end_labels(m);
	buf_dec(m->out, n);
	buf_char(m->out, '\n');
}

/* Never without a fraction: that is how OpenMetrics writes what may have one. */
static void put_seconds(struct buf *b, uint64_t ns)
{
	uint64_t part = ns % NSEC_PER_SEC;
	unsigned int digits = 9;

	for (; digits > 1 && part % 10 == 0; digits--)
		part /= 10;
	buf_dec(b, ns / NSEC_PER_SEC);
	buf_char(b, '.');
	buf_dec_pad(b, part, digits);
}

/**
 * metrics_seconds() - end the sample with a time
 * @m: the text
 * @ns: the time, in ns
 *
 * Context: any.
 */
void metrics_seconds(struct metrics *m, uint64_t ns)
{
	end_labels(m);
	put_seconds(m->out, ns);
	buf_char(m->out, '\n');
}

/**
 * metrics_one() - a family of one sample
 * @m: the text
 * @type: enum metric_type
 * @name: its name, of a counter without _total
 * @help: what it says
 * @n: its value
 *
 * Context: any.
 */
void metrics_one(struct metrics *m, enum metric_type type, const char *name, const char *help,
		 uint64_t n)
{
	metrics_family(m, type, name, help);
	metrics_begin(m);
	metrics_number(m, n);
}

/**
 * metrics_bound() - a bound of histograms
 * @n: which one, less than METRICS_BOUNDS
 *
 * Context: any.
 * Return: it, in ns.
 */
uint64_t metrics_bound(unsigned int n)
{
	return BIT_ULL(2 * n) * NSEC_PER_USEC;
}

/**
 * metrics_add() - count one more
 * @h: where
 * @ns: how long it took
 *
 * Context: any.
 */
void metrics_add(struct metrics_histogram *h, uint64_t ns)
{
	unsigned int n = 0;

	while (n < METRICS_BOUNDS && ns > metrics_bound(n))
		n++;
	h->below[n]++;
	h->has_sum = true;
	h->sum_ns += ns;
}

static void put_bucket(struct metrics *m, const char *key, const char *text, unsigned int n,
		       uint64_t count)
{
	begin(m, "_bucket");
	if (key)
		metrics_word(m, key, text);
	buf_str(m->out, m->labels ? ",le=\"" : "{le=\"");
	m->labels = true;
	if (n < METRICS_BOUNDS)
		put_seconds(m->out, metrics_bound(n));
	else
		buf_str(m->out, "+Inf");
	buf_char(m->out, '"');
	metrics_number(m, count);
}

/**
 * metrics_histogram() - the samples of a histogram
 * @m: the text
 * @key: name of a label, NULL for none
 * @text: its value
 * @h: the numbers; without a sum OpenMetrics wants no count either
 *
 * Context: any.
 */
void metrics_histogram(struct metrics *m, const char *key, const char *text,
		       const struct metrics_histogram *h)
{
	uint64_t count = 0;
	unsigned int n;

	for (n = 0; n <= METRICS_BOUNDS; n++) {
		count += h->below[n];
		put_bucket(m, key, text, n, count);
	}
	if (h->has_sum) {
		begin(m, "_sum");
		if (key)
			metrics_word(m, key, text);
		metrics_seconds(m, h->sum_ns);
	}
	if (h->has_sum || !m->open) {
		begin(m, "_count");
		if (key)
			metrics_word(m, key, text);
		metrics_number(m, count);
	}
}
