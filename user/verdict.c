// SPDX-License-Identifier: GPL-2.0
/* The words of verdicts; docs/verdicts.md explains them, a test compares the two. */
#include "util.h"
#include "verdict.h"

static const char * const handshakes[] = {
	[VERDICT_H_THREE_WAY] = "three-way",
	[VERDICT_H_SIMULTANEOUS] = "simultaneous-open",
	[VERDICT_H_FAST_OPEN] = "fast-open",
	[VERDICT_H_SYN_COOKIE] = "syn-cookie",
	[VERDICT_H_REFUSED] = "refused",
	[VERDICT_H_TIMED_OUT] = "timed-out",
	[VERDICT_H_UNREACHABLE] = "unreachable",
	[VERDICT_H_RESET] = "reset",
	[VERDICT_H_ABORTED] = "aborted",
	[VERDICT_H_EXPIRED] = "half-open-expired",
	[VERDICT_H_SYN_QUEUE] = "dropped-syn-queue",
	[VERDICT_H_ACCEPT_QUEUE] = "dropped-accept-queue",
	[VERDICT_H_PREEXISTING] = "pre-existing",
};

static const char * const teardowns[] = {
	[VERDICT_T_FOUR_WAY] = "four-way",
	[VERDICT_T_THREE_SEGMENT] = "three-segment",
	[VERDICT_T_SIMULTANEOUS] = "simultaneous-close",
	[VERDICT_T_RESET_LOCAL] = "reset-local",
	[VERDICT_T_RESET_REMOTE] = "reset-remote",
	[VERDICT_T_TIMED_OUT] = "timed-out",
	[VERDICT_T_DESTROYED] = "destroyed",
	[VERDICT_T_FIN_WAIT_2] = "fin-wait-2-expired",
	[VERDICT_T_TW_SKIPPED] = "time-wait-skipped",
	[VERDICT_T_OPEN] = "open",
};

static const char * const conformances[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_VIOLATION] = "violation",
	[VERDICT_INCOMPLETE] = "incomplete",
};

static const char * const notes[] = {
	[VERDICT_N_HALF_CLOSED] = "half-closed",
	[VERDICT_N_SYN_DATA] = "data on SYN",
	[VERDICT_N_REUSED] = "reused TIME_WAIT",
	[VERDICT_N_UNACCEPTED] = "never accepted",
	[VERDICT_N_PREDICTABLE] = "predictable ISN",
	[VERDICT_N_ASSASSINATED] = "TIME_WAIT assassinated",
	[VERDICT_N_CHALLENGED] = "challenge ACK sent",
	[VERDICT_N_DESTROYED] = "destroyed in TIME_WAIT",
	[VERDICT_N_RETRANS_SYN] = "retransmitted SYN",
	[VERDICT_N_RETRANS_SYNACK] = "retransmitted SYN,ACK",
	[VERDICT_N_RETRANS_FIN] = "retransmitted FIN",
	[VERDICT_N_ACCEPT_QUEUE] = "accept queue was full",
	[VERDICT_N_IN_TIME_WAIT] = "still in TIME_WAIT",
};

static const char * const missing[] = {
	[VERDICT_M_LOST] = "records lost",
	[VERDICT_M_OLDER] = "older than the module",
	[VERDICT_M_TABLE] = "flow table full",
	[VERDICT_M_SEGMENTS] = "segments not seen",
	[VERDICT_M_BEGINNING] = "beginning not seen",
	[VERDICT_M_STATES] = "transitions not seen",
	[VERDICT_M_OPEN] = "still open",
	[VERDICT_M_EVICTED] = "judged early",
	[VERDICT_M_FILTERED] = "filtered when recorded",
};

_Static_assert(ARRAY_SIZE(handshakes) == __VERDICT_H_MAX, "handshake without a name");
_Static_assert(ARRAY_SIZE(teardowns) == __VERDICT_T_MAX, "teardown without a name");
_Static_assert(ARRAY_SIZE(notes) == __VERDICT_N_MAX, "note without a name");
_Static_assert(ARRAY_SIZE(missing) == __VERDICT_M_MAX, "missing without a name");

/**
 * verdict_ended() - whether a connection came to an end, or to nothing
 * @t: the verdict
 *
 * Context: any.
 * Return: true when it did; @t->cause tells by what.
 */
bool verdict_ended(const struct verdict *t)
{
	return !(t->missing & (BIT(VERDICT_M_OPEN) | BIT(VERDICT_M_EVICTED))) &&
	       !(t->notes & BIT(VERDICT_N_IN_TIME_WAIT));
}

/**
 * handshake_name() - the word for how a connection was opened
 * @handshake: enum verdict_handshake
 *
 * Context: any.
 * Return: the word, NULL for VERDICT_H_UNKNOWN.
 */
const char *handshake_name(unsigned int handshake)
{
	return handshake < ARRAY_SIZE(handshakes) ? handshakes[handshake] : NULL;
}

/**
 * teardown_name() - the word for how a connection was closed
 * @teardown: enum verdict_teardown
 *
 * Context: any.
 * Return: the word, NULL for VERDICT_T_NONE.
 */
const char *teardown_name(unsigned int teardown)
{
	return teardown < ARRAY_SIZE(teardowns) ? teardowns[teardown] : NULL;
}

/**
 * conformance_name() - the word for whether the rules were kept
 * @conformance: enum verdict_conformance
 *
 * Context: any.
 * Return: the word, NULL for none.
 */
const char *conformance_name(unsigned int conformance)
{
	return conformance < ARRAY_SIZE(conformances) ? conformances[conformance] : NULL;
}

/**
 * note_name() - the words of a note
 * @note: enum verdict_note
 *
 * Context: any.
 * Return: the words, NULL for none.
 */
const char *note_name(unsigned int note)
{
	return note < ARRAY_SIZE(notes) ? notes[note] : NULL;
}

/**
 * missing_name() - the words for a part that is missing
 * @part: enum verdict_missing
 *
 * Context: any.
 * Return: the words, NULL for none.
 */
const char *missing_name(unsigned int part)
{
	return part < ARRAY_SIZE(missing) ? missing[part] : NULL;
}
