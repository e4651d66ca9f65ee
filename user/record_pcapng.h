/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_RECORD_PCAPNG_H
#define TCPFSM_RECORD_PCAPNG_H

#include "opts.h"

int record_pcapng(const struct opts *o);

#endif
