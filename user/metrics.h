/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in the text Prometheus reads. */
#ifndef TCPFSM_METRICS_H
#define TCPFSM_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum metric_type {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
};

/**
 * struct metrics - text in the making
 * @out: where to
 * @open: as OpenMetrics 1.0.0 has it, else as text format 0.0.4
 * @name: of the family, without _total
 * @type: of the family
 * @labels: the sample has one already
 */
struct metrics {
	struct buf		*out;
	bool			open;
	const char		*name;
	enum metric_type	type;
	bool			labels;
};

/* Histograms' bounds: 4^n microseconds, the last at 76 hours */
#define METRICS_BOUNDS	20

/**
 * struct metrics_histogram - how many took how long
 * @below: by bound: no more than it, and more than the one before; last, more than all
 * @has_sum: @sum_ns is known
 * @sum_ns: all of them together
 */
struct metrics_histogram {
	uint64_t	below[METRICS_BOUNDS + 1];
	bool		has_sum;
	uint64_t	sum_ns;
};

void metrics_init(struct metrics *m, struct buf *out, bool open);
void metrics_end(struct metrics *m);
const char *metrics_type(bool open);
bool metrics_asked_open(const char *accept);
void metrics_family(struct metrics *m, enum metric_type type, const char *name, const char *help);
void metrics_begin(struct metrics *m);
void metrics_label(struct metrics *m, const char *key, const char *text, size_t len);
void metrics_word(struct metrics *m, const char *key, const char *text);
void metrics_number(struct metrics *m, uint64_t n);
void metrics_seconds(struct metrics *m, uint64_t ns);
void metrics_one(struct metrics *m, enum metric_type type, const char *name, const char *help,
		 uint64_t n);
uint64_t metrics_bound(unsigned int n);
void metrics_add(struct metrics_histogram *h, uint64_t ns);
void metrics_histogram(struct metrics *m, const char *key, const char *text,
		       const struct metrics_histogram *h);

#endif
