/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's own headers would give us. */
#ifndef TCPFSM_UTIL_H
#define TCPFSM_UTIL_H

#ifndef __printf
#define __printf(fmt, first)	__attribute__((format(printf, fmt, first)))
#endif

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BIT(n)			(1U << (n))
#define BIT_ULL(n)		(1ULL << (n))

#endif
