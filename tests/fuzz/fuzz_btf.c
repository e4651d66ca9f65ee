// SPDX-License-Identifier: GPL-2.0
/*
 * The one parser of the module, out of the kernel: on a BTF that may be anything, and with
 * allocations that fail, neither of which KASAN sees there. The kernel that has it has no BTF.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint32_t u32;

/* ---- the kernel's, as far as module/btf.c has use for it ---- */

#define IS_ENABLED(CONFIG_option)	(sizeof(#CONFIG_option) > 1)
#define IS_ERR(p)		(!(p))
#define PTR_ERR(p)		((p) ? 0 : -ENOENT)
#define array_size(n, size)	((size_t)(n) * (size))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define pr_err(...)
#define pr_notice(...)
#define pr_warn(...)
#define TCPFSM_KERNEL_IS_KNOWN	true

struct file {
	const uint8_t	*data;
	size_t		len;		/* that it says it has */
	size_t		there;		/* that it has */
	size_t		most;		/* a read gives */
	bool		open;
};

static struct file sysfs;
static unsigned int asked, fails, held;

static struct file *filp_open(const char *path, int flags, int mode)
{
	(void)path;
	(void)flags;
	(void)mode;
	sysfs.open = true;
	return &sysfs;
}

static void filp_close(struct file *f, void *owner)
{
	(void)owner;
	f->open = false;
}

#define file_inode(f)	(f)
#define i_size_read(f)	((loff_t)(f)->len)

static ssize_t kernel_read(struct file *f, void *to, size_t n, loff_t *at)
{
	const size_t left = f->there - (size_t)*at;

	n = min(min(n, left), f->most);
	memcpy(to, f->data + *at, n);
	*at += n;
	return n;
}

static void *vmalloc(size_t size)
{
	void *p = ++asked == fails ? NULL : malloc(size);

	held += !!p;
	return p;
}

static void *vzalloc(size_t size)
{
	void *p = vmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

static void vfree(void *p)
{
	held -= !!p;
	free(p);
}

static unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

static u32 full_name_hash(const void *salt, const char *name, unsigned int len)
{
	u32 hash = 5381;

	(void)salt;
	while (len--)
		hash = hash * 33 + (uint8_t)*name++;
	return hash;
}

int tcpfsm_btf_open(void);
bool tcpfsm_btf_fits(const char *function, const char *args);
void tcpfsm_btf_close(void);

/* without what it includes */
#include "../../build/fuzz/btf.inc"

/* ---- the target ---- */

static const char *const functions[] = {
	"tcp_fin", "tcp_check_req", "tcp_v4_send_ack", "tcp_send_active_reset", "",
};

static const char *const arguments[] = {
	"", "sock *", "sock *sk, sk_buff *skb", "sock *, sk_buff *, request_sock *, bool fastopen",
	"sock *, sk_buff *, u32 seq, u32 ack", "sock *, int, enum", "u *", ",", " *",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t i, k;
	int err;

	/* which allocation fails, how much a read gives, and how much is not there */
	if (len < 3)
		return 0;
	fails = data[0];
	sysfs = (struct file){ .data = data + 3, .len = len - 3, .most = 1 + data[1] * 16 };
	sysfs.there = sysfs.len - min(data[2], sysfs.len);
	asked = 0;
	err = tcpfsm_btf_open();
	assert(!sysfs.open);
	if (fails && fails <= asked)
		assert(err == -ENOMEM);
	for (i = 0; !err && i < sizeof(functions) / sizeof(*functions); i++)
		for (k = 0; k < sizeof(arguments) / sizeof(*arguments); k++)
			tcpfsm_btf_fits(functions[i], arguments[k]);
	tcpfsm_btf_close();
	assert(!held);
	return 0;
}
