/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_TABLE_H
#define _TCPFSM_TABLE_H

#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/vmalloc.h>

/*
 * For memory of a size that the user chose: what is free is taken, and what can be
 * reclaimed, but nobody is killed for it (the OOM killer would begin with others), and
 * the kernel's log needs no stack to say that it was too much.
 */
#define TCPFSM_GFP_TABLE (GFP_KERNEL | __GFP_ZERO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/**
 * tcpfsm_table_alloc() - memory for a table, zeroed
 * @n: how many entries
 * @size: of each, in bytes
 *
 * Context: process, sleeps.
 * Return: the table, for vfree(), or NULL.
 */
static inline void *tcpfsm_table_alloc(size_t n, size_t size)
{
	return __vmalloc(array_size(n, size), TCPFSM_GFP_TABLE);
}

#endif
