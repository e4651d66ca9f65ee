/* SPDX-License-Identifier: GPL-2.0 */
/* The jobs of stim --stress */
#ifndef STRESS_H
#define STRESS_H

#include <stdbool.h>

int stress_job(int argc, char **argv);

int storm(unsigned int bouts, unsigned int procs);
int readers(unsigned int count, bool idle, unsigned int kb);
int every_state(int port);
int fail_each(int argc, char **argv);

#endif
