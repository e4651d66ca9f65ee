/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_BTF_H
#define _TCPFSM_BTF_H

#include <linux/types.h>

int tcpfsm_btf_open(void);
bool tcpfsm_btf_fits(const char *function, const char *args);
void tcpfsm_btf_close(void);

#endif
