// SPDX-License-Identifier: GPL-2.0
/* Who holds a socket: a /proc of our own making. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "owner.h"
#include "unit.h"

#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char proc[64];

__printf(1, 2)
static const char *path(const char *fmt, ...)
{
	static char text[256];
	va_list ap;
	int n;

	n = snprintf(text, sizeof(text), "%s/", proc);
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	return text;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void add_task(unsigned int pid, unsigned int task)
{
	assert_int_equal(mkdir(path("%u/task/%u", pid, task), 0755), 0);
	assert_int_equal(mkdir(path("%u/task/%u/fd", pid, task), 0755), 0);
	assert_int_equal(mkdir(path("%u/task/%u/fdinfo", pid, task), 0755), 0);
}

static void add_process(unsigned int pid, const char *comm, const char *status, const char *cgroup)
{
	assert_int_equal(mkdir(path("%u", pid), 0755), 0);
	assert_int_equal(mkdir(path("%u/fd", pid), 0755), 0);
	assert_int_equal(mkdir(path("%u/task", pid), 0755), 0);
	add_task(pid, pid);
	put(path("%u/comm", pid), comm);
	put(path("%u/status", pid), status);
	put(path("%u/cgroup", pid), cgroup);
}

/* The first thread's descriptors are those the process shows. */
static void add_fd(unsigned int pid, int fd, const char *link)
{
	assert_int_equal(symlink(link, path("%u/fd/%d", pid, fd)), 0);
	assert_int_equal(symlink(link, path("%u/task/%u/fd/%d", pid, pid, fd)), 0);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(proc, "/tmp/tcpfsm-proc-XXXXXX");
	assert_non_null(mkdtemp(proc));
	assert_int_equal(mkdir(path("self"), 0755), 0);
	assert_int_equal(mkdir(path("self/ns"), 0755), 0);
	assert_int_equal(symlink("pid:[4026531836]", path("self/ns/pid")), 0);
	add_process(1, "init\n", "Name:\tinit\nUid:\t0\t0\t0\t0\nNSpid:\t1\n", "0::/init.scope\n");
	return 0;
}

static void remove_all(const char *name)
{
	char inner[512];
	struct dirent *e;
	DIR *d;

	d = opendir(name);
	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", name, e->d_name);
		if (e->d_type == DT_DIR)
			remove_all(inner);
		else
			unlink(inner);
	}
	if (d)
		closedir(d);
	rmdir(name);
}

static int tear_down(void **state)
{
	(void)state;
	remove_all(proc);
	return 0;
}

static void all_that_hold_it(void **state)
{
	static const uint64_t inodes[] = { 900, 0, 700, 800 };
	const struct process *p;
	const struct holder *h;
	struct owners o;
	size_t n;

	(void)state;
	add_process(812, "nginx\n", "Name:\tnginx\nUid:\t33\t0\t0\t0\nNSpid:\t812\t7\n",
		    "1:name=systemd:/\n0::/system.slice/docker-" CONTAINER ".scope\n");
	add_process(90, "a (b) c\n", "Uid:\t5\t5\t5\t5\n", "0::/\n");
	add_fd(812, 12, "socket:[700]");
	add_fd(812, 3, "socket:[700]");
	add_fd(812, 4, "socket:[800]");
	add_fd(812, 5, "socket:[801]");
	add_fd(812, 6, "/dev/null");
	add_fd(812, 7, "pipe:[700]");
	add_fd(812, 8, "socket:[700");
	add_fd(812, 9, "socket:[]");
	add_fd(90, 100, "socket:[700]");
	add_fd(1, 1, "socket:[900]");
	assert_int_equal(owners_find(&o, proc, inodes, ARRAY_SIZE(inodes)), 0);
	assert_true(o.complete);

	h = owners_of(&o, 700, &n);
	assert_int_equal(n, 3);
	assert_int_equal(h[0].pid, 90);
	assert_int_equal(h[0].fd, 100);
	assert_int_equal(h[1].pid, 812);
	assert_int_equal(h[1].fd, 3);
	assert_int_equal(h[2].fd, 12);
	p = &o.processes[h[1].process];
	assert_int_equal(p->pid, 812);
	assert_int_equal(p->inner_pid, 7);
	assert_int_equal(p->uid, 33);
	assert_string_equal(p->comm, "nginx");
	assert_string_equal(p->container, CONTAINER);
	assert_string_equal(p->cgroup, "/system.slice/docker-" CONTAINER ".scope");
	p = &o.processes[h[0].process];
	assert_string_equal(p->comm, "a (b) c");
	assert_int_equal(p->inner_pid, 90);
	assert_string_equal(p->cgroup, "/");
	assert_string_equal(p->container, "");

	assert_non_null(owners_of(&o, 800, &n));
	assert_int_equal(n, 1);
	assert_non_null(owners_of(&o, 900, &n));
	assert_null(owners_of(&o, 801, &n));	/* nobody asked */
	assert_int_equal(n, 0);
	assert_null(owners_of(&o, 0, &n));
	owners_free(&o);
}

/* Its first thread has ended, or has descriptors of its own. */
static void threads(void **state)
{
	static const uint64_t inode = 700;
	const struct holder *h;
	struct owners o;
	size_t n;

	(void)state;
	add_process(50, "java\n", "Uid:\t0\t0\t0\t0\nNSpid:\t50\n", "0::/\n");
	add_task(50, 51);
	add_task(50, 52);
	assert_int_equal(symlink("socket:[700]", path("50/task/51/fd/4")), 0);
	assert_int_equal(symlink("socket:[700]", path("50/task/52/fd/4")), 0);
	add_process(60, "sh\n", "Uid:\t0\n", "0::/\n");
	add_task(60, 61);
	assert_int_equal(symlink("socket:[700]", path("60/task/61/fd/5")), 0);
	assert_int_equal(owners_find(&o, proc, &inode, 1), 0);
	h = owners_of(&o, 700, &n);
	assert_int_equal(n, 2);
	assert_int_equal(h[1].pid, 60);
	assert_int_equal(h[1].fd, 5);
	assert_int_equal(h->pid, 50);
	assert_int_equal(h->fd, 4);
	assert_string_equal(o.processes[h->process].comm, "java");
	assert_int_equal(o.nprocesses, 2);
	owners_free(&o);
}

static enum owner_kind kind_of_unheld(void)
{
	static const uint64_t inode = 700;
	enum owner_kind kind;
	struct owners o;

	assert_int_equal(owners_find(&o, proc, &inode, 1), 0);
	kind = owner_kind(&o, TCPFSM_S_CLOSE_WAIT, inode);
	owners_free(&o);
	return kind;
}

static void nobody_holds_it(void **state)
{
	(void)state;
	assert_int_equal(kind_of_unheld(), OWNER_KERNEL);
}

static void on_its_way_through_a_unix_socket(void **state)
{
	(void)state;
	add_fd(1, 3, "socket:[5]");
	put(path("1/task/1/fdinfo/3"), "pos:\t0\nflags:\t02\nscm_fds: 0\n");
	assert_int_equal(kind_of_unheld(), OWNER_KERNEL);
	put(path("1/task/1/fdinfo/3"), "pos:\t0\nflags:\t02\nscm_fds: 2\n");
	assert_int_equal(kind_of_unheld(), OWNER_UNKNOWN);
}

static void in_an_io_uring(void **state)
{
	(void)state;
	add_fd(1, 3, "anon_inode:[io_uring]");
	assert_int_equal(kind_of_unheld(), OWNER_UNKNOWN);
}

/* Where it cannot all be seen, nothing is said of what is not. */
static void what_is_hidden(void **state)
{
	(void)state;
	/* no folder: as forbidden to root as to anybody */
	assert_int_equal(mkdir(path("77"), 0755), 0);
	put(path("77/task"), "");
	assert_int_equal(kind_of_unheld(), OWNER_UNKNOWN);
	unlink(path("77/task"));
	/* it has just ended: what it held it holds no more */
	assert_int_equal(kind_of_unheld(), OWNER_KERNEL);
}

static void another_pid_namespace(void **state)
{
	(void)state;
	unlink(path("self/ns/pid"));
	assert_int_equal(symlink("pid:[4026532281]", path("self/ns/pid")), 0);
	assert_int_equal(kind_of_unheld(), OWNER_UNKNOWN);
}

static void hidepid(void **state)
{
	(void)state;
	remove_all(path("1"));
	assert_int_equal(kind_of_unheld(), OWNER_UNKNOWN);
}

static void no_proc(void **state)
{
	(void)state;
	remove_all(proc);
	assert_int_equal(kind_of_unheld(), OWNER_UNKNOWN);
}

/* Named in the very moment it ends */
static void without_a_name(void **state)
{
	static const uint64_t inode = 700;
	struct owners o;
	size_t n;

	(void)state;
	add_process(60, "gone\n", "", "");
	add_fd(60, 3, "socket:[700]");
	unlink(path("60/comm"));
	assert_int_equal(owners_find(&o, proc, &inode, 1), 0);
	assert_null(owners_of(&o, 700, &n));
	owners_free(&o);
}

static void without_an_inode(void **state)
{
	static const struct {
		unsigned int	state;
		enum owner_kind	kind;
	} kinds[] = {
		{ TCPFSM_S_SYN_RECEIVED, OWNER_UNACCEPTED },
		{ TCPFSM_S_ESTABLISHED, OWNER_UNACCEPTED },
		{ TCPFSM_S_CLOSE_WAIT, OWNER_UNACCEPTED },
		{ TCPFSM_S_FIN_WAIT_1, OWNER_ORPHAN },
		{ TCPFSM_S_FIN_WAIT_2, OWNER_ORPHAN },
		{ TCPFSM_S_CLOSING, OWNER_ORPHAN },
		{ TCPFSM_S_LAST_ACK, OWNER_ORPHAN },
		{ TCPFSM_S_TIME_WAIT, OWNER_ORPHAN },
		{ TCPFSM_S_SYN_SENT, OWNER_UNKNOWN },
	};
	const struct owners o = { .complete = true };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		assert_int_equal(owner_kind(&o, kinds[i].state, 0), kinds[i].kind);
}

static void old_control_groups(void **state)
{
	static const uint64_t inode = 700;
	const struct holder *h;
	struct owners o;
	size_t n;

	(void)state;
	add_process(60, "x\n", "Uid:\t0\n", "12:pids:/docker/" CONTAINER "\n"
		    "1:name=systemd:/docker/" CONTAINER "\n0::/\n");
	add_fd(60, 3, "socket:[700]");
	assert_int_equal(owners_find(&o, proc, &inode, 1), 0);
	h = owners_of(&o, 700, &n);
	assert_string_equal(o.processes[h->process].cgroup, "/docker/" CONTAINER);
	assert_string_equal(o.processes[h->process].container, CONTAINER);
	owners_free(&o);
}

#define with_proc(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_proc(all_that_hold_it),
		with_proc(threads),
		with_proc(nobody_holds_it),
		with_proc(on_its_way_through_a_unix_socket),
		with_proc(in_an_io_uring),
		with_proc(what_is_hidden),
		with_proc(another_pid_namespace),
		with_proc(hidepid),
		with_proc(no_proc),
		with_proc(without_a_name),
		cmocka_unit_test(without_an_inode),
		with_proc(old_control_groups),
	};

	return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
