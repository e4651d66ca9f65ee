// SPDX-License-Identifier: GPL-2.0
/* Verdicts, as metrics. */
#include "families.h"

static void count(uint64_t *of, size_t n, unsigned int which)
{
	if (which < n)
		of[which]++;
}

/**
 * verdicts_count() - one more
 * @f: where
 * @t: the verdict
 *
 * Context: any.
 */
void verdicts_count(struct family_verdicts *f, const struct verdict *t)
{
	unsigned int i;

	count(f->handshake, ARRAY_SIZE(f->handshake), t->handshake);
	count(f->teardown, ARRAY_SIZE(f->teardown), t->teardown);
	count(f->conformance, ARRAY_SIZE(f->conformance), t->conformance);
	for (i = 0; i < t->violations && i < VERDICT_VIOLATIONS; i++)
		count(f->violation, ARRAY_SIZE(f->violation), t->violation[i].rule);
	for (i = 0; i < __VERDICT_M_MAX; i++)
		f->missing[i] += t->missing >> i & 1;
	if (t->has_handshake_ns)
		metrics_add(&f->took, t->handshake_ns);
}

/* A family that has a sample for each word there is, so that the first one counts, too */
static void words(struct metrics *m, const char *name, const char *help, const char *key,
		  const uint64_t *of, unsigned int from, unsigned int n,
		  const char *(*word)(unsigned int))
{
	unsigned int i;

	metrics_family(m, METRIC_COUNTER, name, help);
	for (i = from; i < n; i++) {
		metrics_begin(m);
		metrics_word(m, key, word(i));
		metrics_number(m, of[i]);
	}
}

static const char *rule_name(unsigned int rule)
{
	return rules[rule].name;
}

/**
 * family_verdicts() - handshakes, teardowns, rules
 * @m: the text
 * @f: the numbers
 *
 * Context: any.
 */
void family_verdicts(struct metrics *m, const struct family_verdicts *f)
{
	words(m, "tcpfsm_handshakes",
	      "How connections were opened that have ended, or that came to nothing.", "verdict",
	      f->handshake, VERDICT_H_UNKNOWN, __VERDICT_H_MAX, handshake_name);
	words(m, "tcpfsm_teardowns", "How connections were closed.", "verdict",
	      f->teardown, VERDICT_T_NONE + 1, __VERDICT_T_MAX, teardown_name);
	words(m, "tcpfsm_verdicts", "Connections judged, by whether they kept to the rules.",
	      "conformance", f->conformance, VERDICT_OK, ARRAY_SIZE(f->conformance),
	      conformance_name);
	words(m, "tcpfsm_violations", "Rules of the RFCs that were broken.", "rule",
	      f->violation, 0, __RULE_MAX, rule_name);
	words(m, "tcpfsm_verdicts_missing",
	      "Connections judged of which something is not known, by what.", "missing",
	      f->missing, 0, __VERDICT_M_MAX, missing_name);
	metrics_one(m, METRIC_COUNTER, "tcpfsm_verdicts_early",
		    "Connections judged early to make room for others.", f->early);
	metrics_one(m, METRIC_COUNTER, "tcpfsm_illegal_segments",
		    "Segments no stack sends that keeps to the rules.", f->illegal);
	metrics_family(m, METRIC_HISTOGRAM, "tcpfsm_handshake_duration_seconds",
		       "Time from the first transition to ESTABLISHED, of connections that have "
		       "ended.");
	metrics_histogram(m, NULL, NULL, &f->took);
}
