/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_DROP_H
#define TCPFSM_DROP_H

#include <stdint.h>

int drop_privileges(uint64_t keep);

#endif
