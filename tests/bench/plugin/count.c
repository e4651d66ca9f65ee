// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU's (its documentation: "TCG Plugins"): how many instructions the guest executed,
 * by the address of the translation block they are in. Debian does not package the header it is
 * written against, so what is used of it is declared here.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN		__attribute__((visibility("default")))
#define API_VERSION	2
#define NO_CB_REGS	0
#define BLOCKS		(1u << 22)	/* a power of two, more than a guest translates */

struct qemu_info;
struct qemu_plugin_tb;

typedef void (*trans_fn)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*exec_fn)(unsigned int cpu, void *arg);
typedef void (*exit_fn)(uint64_t id, void *arg);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, trans_fn fn);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, exec_fn fn, int regs,
					  void *arg);
void qemu_plugin_register_atexit_cb(uint64_t id, exit_fn fn, void *arg);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

SHOWN int qemu_plugin_version = API_VERSION;
SHOWN int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

/* A block at an address, with so many instructions, was executed so often */
struct block {
	uint64_t	addr, times;
	uint32_t	length;
};

static struct block *blocks;
static char *path;

static void executed(unsigned int cpu, void *arg)
{
	struct block *b = arg;

	(void)cpu;
	b->times++;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	uint32_t length = qemu_plugin_tb_n_insns(tb);
	uint64_t addr = qemu_plugin_tb_vaddr(tb);
	uint32_t i;

	(void)id;
	i = (addr * 0x9e3779b97f4a7c15 ^ length * 0x85ebca6b) >> 20 & (BLOCKS - 1);
	while (blocks[i].length && (blocks[i].addr != addr || blocks[i].length != length))
		i = (i + 1) & (BLOCKS - 1);
	blocks[i].addr = addr;
	blocks[i].length = length;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, NO_CB_REGS, &blocks[i]);
}

static void write_counts(uint64_t id, void *arg)
{
	FILE *f = fopen(path, "w");
	uint32_t i;

	(void)id;
	(void)arg;
	if (!f) {
		perror(path);
		return;
	}
	for (i = 0; i < BLOCKS; i++)
		if (blocks[i].times)
			fprintf(f, "%" PRIx64 " %" PRIu64 "\n", blocks[i].addr,
				blocks[i].times * blocks[i].length);
	fclose(f);
}

/**
 * qemu_plugin_install() - called by QEMU as it loads the plugin
 * @id: the plugin's
 * @info: of the machine
 * @argc: number of arguments
 * @argv: out=FILE, which has an address and a count in each line when the guest has ended
 *
 * Return: 0, or -1 when an argument is not understood or there is no memory.
 */
int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fputs("count: wants out=FILE\n", stderr);
		return -1;
	}
	path = strdup(argv[0] + 4);
	blocks = calloc(BLOCKS, sizeof(*blocks));
	if (!path || !blocks)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, write_counts, NULL);
	return 0;
}
