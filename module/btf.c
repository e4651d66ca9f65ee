// SPDX-License-Identifier: GPL-2.0
/*
 * What the arguments of the kernel's functions are, as this very kernel tells it.
 *
 * A hook reads them from registers, by position. Headers do not have the functions
 * that are static, and a version number does not know of a distribution's backports.
 * So the prototypes are looked up in the kernel's BTF, Documentation/bpf/btf.rst,
 * when the module is loaded, and a function that differs is not hooked.
 *
 * The BTF is read from sysfs, as its place in memory is not exported. It is the
 * kernel's own; yet nothing outside it is read, whatever it says.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/stringhash.h>
#include <linux/vmalloc.h>
#include <uapi/linux/btf.h>

#include "btf.h"
#include "compat/ftrace.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"
#define BTF_MAX_SIZE (64U << 20)	/* a tenth of it is usual */

/*
 * 5.13, 8fd886911a6a; 5.16, 223f903e9c83; 5.17, 8c42d2fa4eea; 6.0, 6089fb325cf7: older kernels
 * do not name the numbers
 */
#define KIND_FLOAT 16
#define KIND_DECL_TAG 17
#define KIND_TYPE_TAG 18
#define KIND_ENUM64 19

/* All of it is for module load alone, between open and close. */
static struct {
	void *data;
	const char *strings;	/* the last one ends with a 0 */
	u32 strings_len;
	const struct btf_type **types;	/* by id; 0 is void, NULL */
	u32 n_types;
	u32 *functions;		/* ids, by the hash of the name; 0 is free */
	u32 mask;
} btf;

static const char *name_at(u32 offset)
{
	return offset < btf.strings_len ? btf.strings + offset : "";
}

/* How much follows a struct btf_type. */
static long tail(const struct btf_type *t)
{
	u32 vlen = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return sizeof(u32);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return vlen * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return vlen * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return vlen * sizeof(struct btf_var_secinfo);
	case KIND_ENUM64:
		return vlen * 3 * sizeof(u32);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case KIND_FLOAT:
	case KIND_TYPE_TAG:
		return 0;
	default:
		return -EINVAL;
	}
}

/* Calls @visit for each type, in the order of their ids. */
static int walk(const void *at, const void *end, void (*visit)(const struct btf_type *t))
{
	const struct btf_type *t;
	long len;

	while (at < end) {
		t = at;
		if (end - at < sizeof(*t))
			return -EINVAL;
		len = tail(t);
		if (len < 0 || len > end - at - sizeof(*t))
			return -EINVAL;
		visit(t);
		at += sizeof(*t) + len;
	}
	return 0;
}

static void count(const struct btf_type *t)
{
	btf.n_types++;
	btf.mask += BTF_INFO_KIND(t->info) == BTF_KIND_FUNC;
}

static u32 slot_of(const char *name)
{
	return full_name_hash(NULL, name, strlen(name)) & btf.mask;
}

static void add(const struct btf_type *t)
{
	u32 id = btf.n_types++, slot;

	btf.types[id] = t;
	if (BTF_INFO_KIND(t->info) != BTF_KIND_FUNC)
		return;
	slot = slot_of(name_at(t->name_off));
	while (btf.functions[slot])
		slot = (slot + 1) & btf.mask;
	btf.functions[slot] = id;
}

static int parse(size_t size)
{
	const struct btf_header *h = btf.data;
	const void *types;
	size_t left;
	int err;

	if (size < sizeof(*h) || h->magic != BTF_MAGIC || h->hdr_len > size || h->hdr_len % 4)
		return -EINVAL;
	left = size - h->hdr_len;
	if (h->type_off > left || h->type_len > left - h->type_off || h->type_off % 4 ||
	    h->str_off > left || h->str_len > left - h->str_off || !h->str_len)
		return -EINVAL;
	types = btf.data + h->hdr_len + h->type_off;
	btf.strings = btf.data + h->hdr_len + h->str_off;
	btf.strings_len = h->str_len;
	if (btf.strings[btf.strings_len - 1])
		return -EINVAL;

	btf.n_types = 1;
	btf.mask = 1;
	err = walk(types, types + h->type_len, count);
	if (err)
		return err;
	btf.types = vzalloc(array_size(btf.n_types, sizeof(*btf.types)));
	btf.mask = roundup_pow_of_two(2 * btf.mask) - 1;
	btf.functions = vzalloc(array_size(btf.mask + 1, sizeof(*btf.functions)));
	if (!btf.types || !btf.functions)
		return -ENOMEM;
	btf.n_types = 1;
	return walk(types, types + h->type_len, add);
}

/*
 * All of the file; how much, or an error. Not with kernel_read_file(): it has no kind of
 * file for this, and security modules want to know the kind (IPE warns).
 */
static ssize_t read_all(const char *path, void **data)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t size, at = 0;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	size = i_size_read(file_inode(file));
	n = -EFBIG;
	if (size < 1 || size > BTF_MAX_SIZE)
		goto out;
	n = -ENOMEM;
	*data = vmalloc(size);
	if (!*data)
		goto out;
	do {
		n = kernel_read(file, *data + at, size - at, &at);
	} while (n > 0 && at < size);
out:
	filp_close(file, NULL);
	return n < 0 ? n : at;
}

/**
 * tcpfsm_btf_open() - read the kernel's BTF
 *
 * A kernel that was built without it has nothing to read: see tcpfsm_btf_fits().
 *
 * Context: process, module load; allocates some megabytes until tcpfsm_btf_close().
 * Return: 0, or an error after the kernel log was told of it.
 */
int tcpfsm_btf_open(void)
{
	ssize_t size;
	int err;

	if (!IS_ENABLED(CONFIG_DEBUG_INFO_BTF)) {
		if (TCPFSM_KERNEL_IS_KNOWN)
			pr_notice("tcpfsm: no BTF in this kernel: what its functions take is not checked\n");
		else
			pr_warn("tcpfsm: no BTF in this kernel, which is newer than tcpfsm: what its functions take is unknown\n");
		return 0;
	}
	size = read_all(BTF_PATH, &btf.data);
	err = size < 0 ? size : parse(size);
	if (!err)
		return 0;
	pr_err("tcpfsm: cannot tell what the kernel's functions take: " BTF_PATH ": error %d\n",
	       err);
	tcpfsm_btf_close();
	return err;
}

/**
 * tcpfsm_btf_close() - give back what tcpfsm_btf_open() took
 *
 * Context: process; may be called again.
 */
void tcpfsm_btf_close(void)
{
	vfree(btf.functions);
	vfree(btf.types);
	vfree(btf.data);
	memset(&btf, 0, sizeof(btf));
}

static const struct btf_type *type_of(u32 id)
{
	return id < btf.n_types ? btf.types[id] : NULL;
}

/* What is behind const, typedef and the like; NULL for void. */
static const struct btf_type *plain(u32 id)
{
	const struct btf_type *t = type_of(id);
	unsigned int i;

	for (i = 0; t && i < 32; i++) {
		switch (BTF_INFO_KIND(t->info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case KIND_TYPE_TAG:
			t = type_of(t->type);
			break;
		default:
			return t;
		}
	}
	return NULL;
}

static bool is(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && !strncmp(name, word, len);
}

/* @arg, of @len letters, is bool, int, u32, enum or a "struct *", and perhaps a name. */
static bool param_fits(const struct btf_param *p, const char *arg, size_t len)
{
	const struct btf_type *t = plain(p->type);
	size_t word = strcspn(arg, " ,");
	const char *name = arg + word;
	const char *end = arg + len;
	unsigned int kind;

	if (!t)
		return false;
	kind = BTF_INFO_KIND(t->info);
	if (name + 1 < end && name[1] == '*') {
		name += 2;
		if (kind != BTF_KIND_PTR)
			return false;
		t = plain(t->type);
		if (!t || BTF_INFO_KIND(t->info) != BTF_KIND_STRUCT ||
		    !is(name_at(t->name_off), arg, word))
			return false;
	} else {
		if (name < end)
			name++;
		if (kind != (is("enum", arg, word) ? BTF_KIND_ENUM : BTF_KIND_INT) ||
		    t->size != (is("bool", arg, word) ? 1 : sizeof(u32)))
			return false;
	}
	return name == end || is(name_at(p->name_off), name, end - name);
}

static bool proto_fits(const struct btf_type *t, const char *args)
{
	const struct btf_param *p;
	unsigned int i;
	size_t len;

	if (!t || BTF_INFO_KIND(t->info) != BTF_KIND_FUNC_PROTO)
		return false;
	p = (const void *)(t + 1);
	for (i = 0; *args; i++) {
		len = strcspn(args, ",");
		if (i == BTF_INFO_VLEN(t->info) || !param_fits(&p[i], args, len))
			return false;
		args += len;
		args += strspn(args, ", ");
	}
	return true;
}

/**
 * tcpfsm_btf_fits() - does a function of the kernel take what a hook reads?
 * @function: its name
 * @args: the first of its arguments, as in hooks.c
 *
 * Of a kernel without BTF it is taken on trust up to the newest one that was looked
 * at. There may be several static functions of one name: all of them have to fit.
 *
 * Context: process, between tcpfsm_btf_open() and tcpfsm_btf_close().
 * Return: whether it does; the kernel log is told when it is there and does not.
 */
bool tcpfsm_btf_fits(const char *function, const char *args)
{
	const struct btf_type *t;
	bool found = false;
	u32 slot;

	if (!IS_ENABLED(CONFIG_DEBUG_INFO_BTF))
		return TCPFSM_KERNEL_IS_KNOWN;
	for (slot = slot_of(function); btf.functions[slot]; slot = (slot + 1) & btf.mask) {
		t = btf.types[btf.functions[slot]];
		if (strcmp(name_at(t->name_off), function))
			continue;
		found = true;
		if (proto_fits(type_of(t->type), args))
			continue;
		pr_warn("tcpfsm: %s() does not take (%s, ...) in this kernel: not hooked\n",
			function, args);
		return false;
	}
	return found;
}
