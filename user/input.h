/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_INPUT_H
#define TCPFSM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "why.h"

#define INPUT_HEAD	8	/* bytes looked at to tell what a file is */

/**
 * struct input - a file that is read, or standard input
 * @fd: the file
 * @waits: it is a pipe or the like: reading may have to wait
 * @head: what it begins with
 * @head_len: bytes of that
 * @head_at: of these, handed out
 * @file: to read it all
 * @idle: called before a wait, may be NULL; returns whether to read on
 * @arg: passed to @idle
 */
struct input {
	int	fd;
	bool	waits;
	uint8_t	head[INPUT_HEAD];
	size_t	head_len;
	size_t	head_at;
	FILE	*file;
	bool	(*idle)(void *arg);
	void	*arg;
};

int input_open(struct input *in, const char *name, struct why *w);
void input_close(struct input *in);

#endif
