/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_WHY_H
#define TCPFSM_WHY_H

#include "util.h"

/**
 * struct why - the reason of a refusal, in words for the user
 * @text: one line without a newline, free of control characters
 */
struct why {
	char text[512];
};

__printf(2, 3) int why(struct why *w, const char *fmt, ...);

#endif
