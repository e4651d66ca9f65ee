/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_STOP_H
#define TCPFSM_STOP_H

#include <stdbool.h>

int stop_init(void);
int stop_fd(void);
bool stop_asked(void);

#endif
