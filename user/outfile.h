/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_OUTFILE_H
#define TCPFSM_OUTFILE_H

#include <stdbool.h>

int outfile_open(const char *name, bool *pipe);
int outfile_close(int fd, int status);

#endif
