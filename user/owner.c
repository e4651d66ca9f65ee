// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds a socket now: every descriptor of every process whose link in /proc says
 * socket:[INODE]. One pass over /proc serves any number of sockets. Only for those that
 * nobody seems to hold a second, slower one follows, over all threads (they may have
 * tables of descriptors of their own, and a process whose first thread has ended shows
 * none), which also looks for places where a descriptor may be without a process.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "owner.h"
#include "util.h"

/* The initial pid namespace, PROC_PID_INIT_INO of the kernel's proc_ns.h */
#define INITIAL_PID_NS	"pid:[4026531836]"

#define CGROUP_MAX	4096	/* bytes of a path */

/* One look through /proc */
struct pass {
	struct owners	*owners;
	uint32_t	pid;
	int		dir;		/* that of @pid */
	bool		thorough;
	size_t		process;	/* index + 1 of @pid's entry, 0: it has none yet */
	bool		failed;		/* out of memory */
};

static int compare_inode(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int compare_holder(const void *a, const void *b)
{
	const struct holder *x = a;
	const struct holder *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

/* Make room for one more; doubles when a power of two is reached. */
static void *room(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return realloc(array, (n ? 2 * n : 1) * size);
}

static ssize_t read_file(int dir, const char *name, char *to, size_t space)
{
	size_t have = 0;
	ssize_t n = 1;
	int fd;

	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (n > 0 && have < space - 1) {
		n = read(fd, to + have, space - 1 - have);
		if (n > 0)
			have += n;
	}
	to[have] = '\0';
	close(fd);
	return n < 0 ? -EIO : (ssize_t)have;
}

/* The field of a file like status or fdinfo, "Name:\tVALUE"; NULL when it has none. */
static const char *field(const char *text, const char *name)
{
	const size_t len = strlen(name);

	while (text && strncmp(text, name, len)) {
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return text ? text + len : NULL;
}

static void read_status(int dir, struct process *p)
{
	char text[4096];
	const char *at;
	char *end;

	p->inner_pid = p->pid;
	if (read_file(dir, "status", text, sizeof(text)) < 0)
		return;
	at = field(text, "Uid:");
	if (at)
		p->uid = strtoul(at, NULL, 10);
	/* from the namespace of /proc to its own */
	for (at = field(text, "NSpid:"); at && *at != '\n'; at = end) {
		unsigned long pid = strtoul(at, &end, 10);

		if (end == at)
			break;
		p->inner_pid = pid;
	}
}

/*
 * The control group: the unified hierarchy's, which is the last line, or the last one
 * of the others that says more than that it is the root.
 */
static const char *best_cgroup(char *text)
{
	const char *best = NULL;
	char *line, *save, *path;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		path = strchr(line, ':');
		path = path ? strchr(path + 1, ':') : NULL;
		if (path && (!best || strcmp(path + 1, "/")))
			best = path + 1;
	}
	return best;
}

/* The last run of exactly 64 hexadecimal digits in a path is a container's id. */
static void find_container(struct process *p)
{
	const char *at = p->cgroup;
	size_t len;

	while (*at) {
		len = strspn(at, "0123456789abcdef");
		if (len == OWNER_CONTAINER_LEN) {
			memcpy(p->container, at, len);
			p->container[len] = '\0';
		}
		at += len ? len : 1;
	}
}

static void read_cgroup(int dir, struct process *p)
{
	char text[CGROUP_MAX];
	const char *path;

	if (read_file(dir, "cgroup", text, sizeof(text)) < 0)
		return;
	path = best_cgroup(text);
	if (!path)
		return;
	p->cgroup = strdup(path);
	if (p->cgroup)
		find_container(p);
}

/* A process that is gone when its name is read holds nothing any more. */
static int add_process(struct pass *s)
{
	struct owners *o = s->owners;
	struct process *p;
	ssize_t len;

	p = room(o->processes, o->nprocesses, sizeof(*p));
	if (!p)
		return -ENOMEM;
	o->processes = p;
	p += o->nprocesses;
	memset(p, 0, sizeof(*p));
	p->pid = s->pid;
	len = read_file(s->dir, "comm", p->comm, sizeof(p->comm));
	if (len < 0)
		return len;
	p->comm[strcspn(p->comm, "\n")] = '\0';
	read_status(s->dir, p);
	read_cgroup(s->dir, p);
	s->process = ++o->nprocesses;
	return 0;
}

static int add_holder(struct pass *s, uint64_t inode, int fd)
{
	struct owners *o = s->owners;
	struct holder *h;
	int err;

	if (!s->process) {
		err = add_process(s);
		if (err)
			return err;
	}
	h = room(o->holders, o->nholders, sizeof(*h));
	if (!h)
		return -ENOMEM;
	o->holders = h;
	h[o->nholders++] = (struct holder){
		.inode = inode, .pid = s->pid, .fd = fd, .process = s->process - 1,
	};
	return 0;
}

/* Whether descriptors wait in a Unix socket to be received (SCM_RIGHTS, Linux 5.6) */
static bool passes_descriptors(int dir, const char *fd)
{
	char name[300];
	char text[512];
	const char *at;

	snprintf(name, sizeof(name), "fdinfo/%s", fd);
	if (read_file(dir, name, text, sizeof(text)) < 0)
		return false;
	at = field(text, "scm_fds:");
	return at && strtoul(at, NULL, 10);
}

static void look_elsewhere(struct pass *s, int dir, const char *fd, const char *link)
{
	if (!strcmp(link, "anon_inode:[io_uring]") ||
	    (!strncmp(link, "socket:[", 8) && passes_descriptors(dir, fd)))
		s->owners->elsewhere = true;
}

static int look_at(struct pass *s, int dir, int fds, const char *name)
{
	struct owners *o = s->owners;
	uint64_t number, inode;
	char link[64];
	ssize_t len;
	int err;

	if (number_parse(name, strlen(name), INT32_MAX, &number))
		return 0;
	len = readlinkat(fds, name, link, sizeof(link) - 1);
	if (len < 0)
		return -errno;
	link[len] = '\0';
	if (s->thorough)
		look_elsewhere(s, dir, name, link);
	if (len < 10 || strncmp(link, "socket:[", 8) || link[len - 1] != ']' ||
	    number_parse(link + 8, len - 9, UINT64_MAX, &inode) ||
	    !bsearch(&inode, o->inodes, o->ninodes, sizeof(inode), compare_inode))
		return 0;
	err = add_holder(s, inode, number);
	if (err == -ENOMEM)
		s->failed = true;
	return err;
}

/* What vanishes while it is looked at was not there; what is forbidden may hold anything. */
static void note(struct pass *s, int err)
{
	if (err && err != -ENOENT && err != -ESRCH)
		s->owners->complete = false;
}

static DIR *open_dir(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d;

	if (fd < 0)
		return NULL;
	d = fdopendir(fd);
	if (!d)
		close(fd);
	return d;
}

/* The descriptors of a process, or of one of its threads, whose directory @dir is */
static void look_through_fds(struct pass *s, int dir)
{
	struct dirent *entry;
	DIR *fds;

	fds = open_dir(dir, "fd");
	if (!fds) {
		note(s, -errno);
		return;
	}
	while (!s->failed) {
		errno = 0;
		entry = readdir(fds);
		if (!entry) {
			note(s, -errno);
			break;
		}
		note(s, look_at(s, dir, dirfd(fds), entry->d_name));
	}
	closedir(fds);
}

static void look_through_threads(struct pass *s, int dir)
{
	struct dirent *entry;
	DIR *tasks;
	int task;

	tasks = open_dir(dir, "task");
	if (!tasks) {
		note(s, -errno);
		return;
	}
	while (!s->failed && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		task = openat(dirfd(tasks), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (task < 0) {
			note(s, -errno);
			continue;
		}
		look_through_fds(s, task);
		close(task);
	}
	closedir(tasks);
}

static void look_through_process(struct pass *s, int proc, const char *name)
{
	uint64_t pid;
	int dir;

	if (number_parse(name, strlen(name), UINT32_MAX, &pid))
		return;
	dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		note(s, -errno);
		return;
	}
	s->pid = pid;
	s->dir = dir;
	s->process = 0;
	if (s->thorough)
		look_through_threads(s, dir);
	else
		look_through_fds(s, dir);
	close(dir);
}

/*
 * Whether /proc has all processes: it is the initial pid namespace's, and not mounted
 * in a way that hides some (hidepid, which hides the first one too).
 */
static bool shows_all(int proc)
{
	char link[64];
	ssize_t len;

	len = readlinkat(proc, "self/ns/pid", link, sizeof(link) - 1);
	if (len < 0)
		return false;
	link[len] = '\0';
	return !strcmp(link, INITIAL_PID_NS) && !faccessat(proc, "1", F_OK, 0);
}

static void forget_holders(struct owners *o)
{
	size_t i;

	for (i = 0; i < o->nprocesses; i++)
		free(o->processes[i].cgroup);
	o->nprocesses = 0;
	o->nholders = 0;
}

/* Threads share descriptors, as a rule. */
static void sort_holders(struct owners *o)
{
	size_t kept = 0;
	size_t i;

	if (!o->nholders)
		return;
	qsort(o->holders, o->nholders, sizeof(*o->holders), compare_holder);
	for (i = 1; i < o->nholders; i++)
		if (compare_holder(&o->holders[kept], &o->holders[i]))
			o->holders[++kept] = o->holders[i];
	o->nholders = kept + 1;
}

static int look_through(struct owners *o, const char *path, bool thorough)
{
	struct pass s = { .owners = o, .thorough = thorough };
	struct dirent *entry;
	DIR *proc;

	proc = opendir(path);
	if (!proc) {
		o->complete = false;
		return 0;
	}
	o->complete = shows_all(dirfd(proc));
	while (!s.failed) {
		errno = 0;
		entry = readdir(proc);
		if (!entry) {
			note(&s, -errno);
			break;
		}
		look_through_process(&s, dirfd(proc), entry->d_name);
	}
	closedir(proc);
	sort_holders(o);
	return s.failed ? -ENOMEM : 0;
}

static bool all_held(const struct owners *o)
{
	size_t n, i;

	for (i = 0; i < o->ninodes; i++) {
		owners_of(o, o->inodes[i], &n);
		if (!n)
			return false;
	}
	return true;
}

/**
 * owners_find() - find out who holds sockets
 * @o: set; owners_free() it in any case
 * @proc: where /proc is mounted
 * @inodes: the sockets, in any order; 0 is none
 * @n: how many
 *
 * Context: process; reads /proc, as a rule once whatever @n is.
 * Return: 0, or -ENOMEM. What could not be looked at shows as @o->complete.
 */
int owners_find(struct owners *o, const char *proc, const uint64_t *inodes, size_t n)
{
	size_t i;
	int err;

	*o = (struct owners){ .complete = true };
	o->inodes = malloc(n * sizeof(*inodes) + 1);
	if (!o->inodes)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		if (inodes[i])
			o->inodes[o->ninodes++] = inodes[i];
	if (!o->ninodes)
		return 0;
	qsort(o->inodes, o->ninodes, sizeof(*o->inodes), compare_inode);
	err = look_through(o, proc, false);
	if (err || all_held(o))
		return err;
	forget_holders(o);
	return look_through(o, proc, true);
}

/**
 * owners_of() - the holders of a socket
 * @o: what owners_find() set
 * @inode: of the socket
 * @n: set to how many there are
 *
 * Context: any.
 * Return: the first of them, by process and descriptor; NULL when there is none.
 */
const struct holder *owners_of(const struct owners *o, uint64_t inode, size_t *n)
{
	size_t low = 0;
	size_t high = o->nholders;
	size_t end;

	*n = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (o->holders[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < o->nholders && o->holders[end].inode == inode; end++)
		++*n;
	return *n ? &o->holders[low] : NULL;
}

/**
 * owners_free() - release what was found
 * @o: what owners_find() set
 *
 * Context: any.
 */
void owners_free(struct owners *o)
{
	forget_holders(o);
	free(o->processes);
	free(o->holders);
	free(o->inodes);
	*o = (struct owners){ 0 };
}

/**
 * owner_kind() - whose a socket is that sock_diag knows
 * @o: the holders that were found
 * @state: enum tcpfsm_state it is in
 * @inode: of the socket, 0 when no file belongs to it
 *
 * A socket loses its file, and with it its inode, when the last that holds it closes it:
 * that it does in none of the states in which one waits to be accepted (tcp_close(),
 * sock_orphan() of the kernel). Every struct socket has an inode, the kernel's own too
 * (sock_create_kern()), but those are in nobody's table of descriptors.
 *
 * Context: any.
 * Return: the kind, OWNER_UNKNOWN rather than one that only might be true.
 */
enum owner_kind owner_kind(const struct owners *o, unsigned int state, uint64_t inode)
{
	size_t n;

	if (inode) {
		owners_of(o, inode, &n);
		if (n)
			return OWNER_PROCESS;
		return o->complete && !o->elsewhere ? OWNER_KERNEL : OWNER_UNKNOWN;
	}
	switch (state) {
	case TCPFSM_S_SYN_RECEIVED:
	case TCPFSM_S_ESTABLISHED:
	case TCPFSM_S_CLOSE_WAIT:
		return OWNER_UNACCEPTED;
	case TCPFSM_S_FIN_WAIT_1:
	case TCPFSM_S_FIN_WAIT_2:
	case TCPFSM_S_CLOSING:
	case TCPFSM_S_LAST_ACK:
	case TCPFSM_S_TIME_WAIT:
		return OWNER_ORPHAN;
	default:
		return OWNER_UNKNOWN;
	}
}

/**
 * owner_kind_name() - the word for a kind of owner
 * @kind: the kind
 *
 * Context: any.
 * Return: the word, as JSON has it.
 */
const char *owner_kind_name(enum owner_kind kind)
{
	static const char * const names[] = {
		[OWNER_UNKNOWN]		= "unknown",
		[OWNER_PROCESS]		= "process",
		[OWNER_UNACCEPTED]	= "unaccepted",
		[OWNER_ORPHAN]		= "orphan",
		[OWNER_KERNEL]		= "kernel",
	};

	return names[kind];
}
