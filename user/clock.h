/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_CLOCK_H
#define TCPFSM_CLOCK_H

#include <stdint.h>

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_USEC	1000ULL

uint64_t clock_mono(void);
int64_t clock_wall_offset(void);

#endif
