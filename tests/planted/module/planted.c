// SPDX-License-Identifier: GPL-2.0
/*
 * Does wrong, on demand, what the debug kernel should tell of: tests/planted.t
 * loads it with the name of a fault. Never load it anywhere else.
 */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

static char *fault = "";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "What to do wrong");

static void use_after_free(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
	WRITE_ONCE(p[8], 1);
}

static void beyond_table(void)
{
	char *p = vmalloc(PAGE_SIZE + 64);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[PAGE_SIZE + 64], 1);
	vfree(p);
}

static void leak(void)
{
	void *p = kmalloc(4000, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
}

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void lock_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static DEFINE_SPINLOCK(spin);

static void sleep_in_atomic(void)
{
	spin_lock(&spin);
	kfree(kmalloc(64, GFP_KERNEL));
	spin_unlock(&spin);
}

static int __rcu *shared;

static void unprotected_rcu(void)
{
	WARN_ON_ONCE(rcu_dereference(shared));
}

static void preemptible_cpu(void)
{
	pr_info("planted: on CPU %d\n", smp_processor_id());
}

static void nothing(struct timer_list *t)
{
}

static void free_active_timer(void)
{
	struct timer_list *t = kmalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return;
	timer_setup(t, nothing, 0);
	mod_timer(t, jiffies + 10 * HZ);
	kfree(t);
}

static LIST_HEAD(list);

static void add_twice(void)
{
	static struct list_head entry;

	list_add(&entry, &list);
	list_add(&entry, &list);
}

static void shift_too_far(void)
{
	unsigned int n = 40;

	OPTIMIZER_HIDE_VAR(n);
	pr_info("planted: %d\n", 1 << n);
}

static void breakpoint(void)
{
	asm volatile("int3");
}

static int raced;

static int race(void *stop)
{
	unsigned long end = jiffies + 10 * HZ;

	while (stop ? !kthread_should_stop() : time_before(jiffies, end)) {
		raced++;
		cond_resched();
	}
	return 0;
}

static void racing_threads(void)
{
	struct task_struct *other = kthread_run(race, &raced, "planted");

	if (IS_ERR(other))
		return;
	race(NULL);
	kthread_stop(other);
}

static const struct {
	const char *name;
	void (*plant)(void);
} faults[] = {
	{ "use-after-free", use_after_free },
	{ "beyond-table", beyond_table },
	{ "leak", leak },
	{ "lock-inversion", lock_inversion },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "unprotected-rcu", unprotected_rcu },
	{ "preemptible-cpu", preemptible_cpu },
	{ "free-active-timer", free_active_timer },
	{ "add-twice", add_twice },
	{ "shift-too-far", shift_too_far },
	{ "breakpoint", breakpoint },
	{ "data-race", racing_threads },
	{ "none", NULL },
};

static int __init planted_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(fault, faults[i].name))
			continue;
		if (faults[i].plant)
			faults[i].plant();
		return 0;
	}
	return -EINVAL;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);

MODULE_DESCRIPTION("Plants a fault for the debug kernel to find");
MODULE_LICENSE("GPL");
