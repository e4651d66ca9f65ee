// SPDX-License-Identifier: GPL-2.0
/* Privileges that are not needed are given up for good. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drop.h"
#include "util.h"

#define NOBODY	65534	/* as Debian has it, and the kernel's overflow uid */

static int set_caps(uint64_t keep)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	size_t i;

	if (syscall(SYS_capget, &head, data))
		return -errno;
	for (i = 0; i < ARRAY_SIZE(data); i++) {
		data[i].permitted &= (uint32_t)(keep >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

/* Root's files are root's without any capability, too. */
static int leave_root(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1))
		return -errno;
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	return 0;
}

/**
 * drop_privileges() - keep some capabilities and nothing else
 * @keep: 1 << CAP_* to keep, of those there are
 *
 * Root becomes nobody, and no program that is executed can get more. One that is root in
 * name only, without the right to change its user, stays it.
 *
 * Context: process of one thread.
 * Return: 0 or a negative errno.
 */
int drop_privileges(uint64_t keep)
{
	int err = 0;

	if (!geteuid())
		err = leave_root();
	if (err && err != -EPERM)
		return err;
	err = set_caps(keep);
	if (err)
		return err;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
