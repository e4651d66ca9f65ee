/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_GATHER_H
#define TCPFSM_GATHER_H

#include "nl.h"
#include "opts.h"
#include "stuck.h"

bool gather_takes(const struct opts *o, const struct event *ev);
int gather(struct stuck_list *l, struct tcpnl *nl, const struct opts *o, bool *torn);
int gather_owners(struct stuck_list *l, const struct opts *o);

#endif
