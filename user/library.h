/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_LIBRARY_H
#define TCPFSM_LIBRARY_H

#include "why.h"

/**
 * struct library_fn - a function of a library
 * @to: where its address goes
 * @name: its name there
 */
struct library_fn {
	void		**to;
	const char	*name;
};

int library_load(const char *const *sonames, const struct library_fn *fns, unsigned int count,
		 struct why *w);

#endif
