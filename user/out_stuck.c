// SPDX-License-Identifier: GPL-2.0
/* Stuck connections, as lines for people and for programs. */
#include <arpa/inet.h>
#include <string.h>

#include "advice.h"
#include "clock.h"
#include "names.h"
#include "out_stuck.h"

#define STATE_WIDTH	12	/* SYN_RECEIVED */
#define QUEUE_WIDTH	6
#define AGE_WIDTH	7
#define PORT_WIDTH	6	/* with the colon */
#define OWNER_WIDTH	24
#define CAUSE_WIDTH	21	/* ACK of FIN received */
#define PHASE_WIDTH	5

static const char * const phase_names[] = {
	[STUCK_FOUND]	= "found",
	[STUCK_BEGIN]	= "begin",
	[STUCK_END]	= "end",
};

static const struct {
	const char	*name;		/* in JSON */
	const char	*words;
} results[] = {
	[KILL_DESTROYED] = { "destroyed", "destroyed" },
	[KILL_GONE] = { "gone", "gone: it ended before" },
	[KILL_RECOVERED] = { "recovered", "not destroyed: it has gone on, or was accepted" },
	[KILL_REUSED] = { "reused", "refused: another socket has its addresses now" },
	[KILL_IGNORED] = { "ignored", "not destroyed: this kernel leaves orphans alone" },
	[KILL_UNSUPPORTED] = { "unsupported", "not destroyed: this kernel cannot do that" },
	[KILL_DENIED] = { "denied", "not destroyed: access denied" },
	[KILL_UNREACHABLE] = { "unreachable", "not destroyed: sock_diag cannot be asked for it" },
	[KILL_FAILED] = { "failed", "not destroyed: the kernel refused" },
};

/**
 * stuck_owner() - the one owner to show
 * @l: the list
 * @s: one of it
 *
 * Context: any.
 * Return: the owner.
 */
struct stuck_owner stuck_owner(const struct stuck_list *l, const struct stuck *s)
{
	struct stuck_owner o = { .kind = s->kind };
	const struct process *p;

	if (!s->first)
		return o;
	p = stuck_process(l, s->first);
	o.held = true;
	o.pid = p->pid;
	o.inner_pid = p->inner_pid;
	o.uid = p->uid;
	o.fd = s->first->fd;
	o.more = s->nholders - 1;
	memcpy(o.comm, p->comm, sizeof(o.comm));
	return o;
}

/**
 * view_init_stuck() - the usual look, with columns of the widths that fit here
 * @v: set
 * @family: 4 or 6 when only such connections come, else 0
 *
 * Context: any.
 */
void view_init_stuck(struct view *v, unsigned int family)
{
	view_init(v, family);
	v->width[VIEW_LADDR] += PORT_WIDTH;
	v->width[VIEW_RADDR] += PORT_WIDTH;
	v->width[VIEW_COMM] = OWNER_WIDTH;
}

static void column(struct buf *b, size_t width, const char *text)
{
	size_t start = b->len;

	buf_str(b, text);
	buf_pad(b, start, width);
}

/* End a column of UTF-8 that grows with what comes. */
static void column_end(struct buf *b, struct view *v, enum view_column c, size_t start)
{
	size_t have = 0;
	size_t i;

	for (i = start; i < b->len; i++)
		have += (b->data[i] & 0xc0) != 0x80;
	if (have > v->width[c] && have <= UINT8_MAX)
		v->width[c] = have;
	buf_fill(b, (have < v->width[c] ? v->width[c] - have : 0) + 1);
}

/* Two units at most: what is beyond them is of no interest. */
static void age(struct buf *b, uint64_t ns)
{
	const uint64_t s = ns / NSEC_PER_SEC;

	if (s >= 86400)
		buf_printf(b, "%llud%02lluh", (unsigned long long)s / 86400,
			   (unsigned long long)s / 3600 % 24);
	else if (s >= 3600)
		buf_printf(b, "%lluh%02llum", (unsigned long long)s / 3600,
			   (unsigned long long)s / 60 % 60);
	else if (s >= 60)
		buf_printf(b, "%llum%02llus", (unsigned long long)s / 60,
			   (unsigned long long)s % 60);
	else if (s >= 10)
		buf_printf(b, "%llus", (unsigned long long)s);
	else
		buf_printf(b, "%llu.%llus", (unsigned long long)s,
			   (unsigned long long)ns / (NSEC_PER_SEC / 10) % 10);
}

static void age_column(struct buf *b, const struct event *ev)
{
	const size_t start = b->len;

	if (ev->bound)
		buf_str(b, ">=");
	if (ev->bound || ev->flags & TCPFSM_F_SINCE)
		age(b, ev->ns);
	else
		buf_char(b, '-');
	buf_pad(b, start, AGE_WIDTH);
}

static void flow_column(struct buf *b, struct view *v, uint64_t cookie)
{
	const size_t start = b->len;

	buf_hex(b, cookie);
	column_end(b, v, VIEW_FLOW, start);
}

static void address(struct buf *b, uint16_t family, const uint8_t *addr, __be16 port)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family, addr, text, sizeof(text)))
		memcpy(text, "-", 2);
	buf_printf(b, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, ntohs(port));
}

static void address_columns(struct buf *b, struct view *v, const struct tcpfsm_id *id)
{
	size_t start = b->len;

	address(b, id->family, id->laddr, id->lport);
	column_end(b, v, VIEW_LADDR, start);
	start = b->len;
	address(b, id->family, id->raddr, id->rport);
	column_end(b, v, VIEW_RADDR, start);
}

static void process_name(struct buf *b, const char *comm, uint32_t pid)
{
	text_safe(b, comm, strnlen(comm, TCPFSM_COMM_LEN));
	buf_printf(b, "/%u", pid);
}

static void owner_text(struct buf *b, const struct stuck_owner *o)
{
	if (!o->held) {
		buf_str(b, owner_kind_name(o->kind));
		return;
	}
	process_name(b, o->comm, o->pid);
	if (o->inner_pid != o->pid)
		buf_printf(b, "(%u)", o->inner_pid);
	buf_printf(b, " fd %d", o->fd);
	if (o->more)
		buf_printf(b, " +%zu", o->more);
	if (o->kind == OWNER_UNACCEPTED)
		buf_str(b, " listens");
}

static void opened_by(struct buf *b, const struct stuck *s)
{
	if (!stuck_opened_by_other(s))
		return;
	buf_str(b, s->kind == OWNER_UNACCEPTED ? " (listener of " : " (opened by ");
	process_name(b, s->ev.owner.comm, s->ev.owner.pid);
	buf_char(b, ')');
}

static void socket_columns(struct buf *b, const struct stuck *s)
{
	size_t start = b->len;

	if (!s->found) {
		column(b, QUEUE_WIDTH, "-");
		column(b, QUEUE_WIDTH, "-");
		column(b, AGE_WIDTH, "-");
		return;
	}
	buf_dec(b, s->sock.rqueue);
	buf_pad(b, start, QUEUE_WIDTH);
	start = b->len;
	buf_dec(b, s->sock.wqueue);
	buf_pad(b, start, QUEUE_WIDTH);
	start = b->len;
	if (s->sock.has_heard)
		age(b, s->sock.heard * NSEC_PER_MSEC);
	else
		buf_char(b, '-');
	buf_pad(b, start, AGE_WIDTH);
}

static void cause_column(struct buf *b, unsigned int cause)
{
	const char *name = cause_name(cause);
	const size_t start = b->len;

	if (name)
		buf_str(b, name);
	else
		buf_printf(b, "cause %u", cause);
	buf_pad(b, start, CAUSE_WIDTH);
}

/* What the lines of one that is stuck and of one that is so no longer have in common */
static void identity(struct buf *b, struct view *v, const struct event *ev, enum stuck_phase phase)
{
	if (phase != STUCK_LISTED) {
		text_time(b, v, ev->ts);
		column(b, PHASE_WIDTH, phase_names[phase]);
	}
	text_state(b, ev->state);
	age_column(b, ev);
	flow_column(b, v, ev->id.cookie);
	address_columns(b, v, &ev->id);
}

/**
 * text_stuck_header() - append the names of the columns text_stuck() writes
 * @b: the buffer
 * @v: how connections are shown
 * @watch: with those that connections that are watched have
 *
 * Context: any.
 */
void text_stuck_header(struct buf *b, struct view *v, bool watch)
{
	if (watch) {
		column(b, v->width[VIEW_TIME], "TIME");
		column(b, PHASE_WIDTH, "WHAT");
	}
	column(b, STATE_WIDTH, "STATE");
	column(b, AGE_WIDTH, "AGE");
	column(b, v->width[VIEW_FLOW], "FLOW");
	column(b, v->width[VIEW_LADDR], "LADDR:LPORT");
	column(b, v->width[VIEW_RADDR], "RADDR:RPORT");
	column(b, v->width[VIEW_COMM], "OWNER");
	column(b, QUEUE_WIDTH, "RECV-Q");
	column(b, QUEUE_WIDTH, "SEND-Q");
	column(b, AGE_WIDTH, "HEARD");
	column(b, CAUSE_WIDTH, "CAUSE");
	buf_str(b, "WHY\n");
}

/* A line for each holder, behind that of the connection */
static void holder_line(struct buf *b, const struct stuck_list *l, const struct stuck *s,
			const struct holder *h)
{
	const struct process *p = stuck_process(l, h);

	buf_str(b, s->kind == OWNER_UNACCEPTED ? "    listens: " : "    held by: ");
	process_name(b, p->comm, p->pid);
	buf_printf(b, " fd %d, uid %u", h->fd, p->uid);
	if (p->inner_pid != p->pid)
		buf_printf(b, ", pid %u in its namespace", p->inner_pid);
	if (p->container[0])
		buf_printf(b, ", container %.12s", p->container);
	if (p->cgroup) {
		buf_str(b, ", cgroup ");
		text_safe(b, p->cgroup, strlen(p->cgroup));
	}
	buf_char(b, '\n');
}

static void wide_lines(struct buf *b, const struct stuck_list *l, const struct stuck *s)
{
	size_t i;

	buf_printf(b, "    netns %u", s->ev.id.netns);
	if (s->found && s->sock.has_memory)
		buf_printf(b, ", %llu bytes of kernel memory",
			   (unsigned long long)s->sock.memory);
	buf_char(b, '\n');
	for (i = 0; i < s->nholders; i++)
		holder_line(b, l, s, &s->holders[i]);
}

/**
 * text_stuck() - append the line of a connection that is stuck
 * @b: the buffer
 * @v: how connections are shown; wide adds a line for each holder
 * @l: the list
 * @s: one of it
 * @phase: what is said of it
 *
 * Context: any.
 */
void text_stuck(struct buf *b, struct view *v, const struct stuck_list *l, const struct stuck *s,
		enum stuck_phase phase)
{
	const struct stuck_owner o = stuck_owner(l, s);
	size_t start;

	identity(b, v, &s->ev, phase);
	start = b->len;
	owner_text(b, &o);
	opened_by(b, s);
	column_end(b, v, VIEW_COMM, start);
	socket_columns(b, s);
	cause_column(b, s->ev.cause);
	advice(b, s);
	buf_char(b, '\n');
	if (v->wide)
		wide_lines(b, l, s);
}

static const char *end_of(const struct event *ev)
{
	const char *name = cause_name(ev->cause);

	if (ev->cause == TCPFSM_C_UNKNOWN)
		return "accepted, or the threshold was changed, or unknown";
	return name ? name : "for a reason only a newer tool knows";
}

/**
 * text_stuck_end() - append the line of a connection that is stuck no longer
 * @b: the buffer
 * @v: how connections are shown
 * @ev: the alert
 * @o: whose it was
 *
 * Context: any.
 */
void text_stuck_end(struct buf *b, struct view *v, const struct event *ev,
		    const struct stuck_owner *o)
{
	size_t start;

	identity(b, v, ev, STUCK_END);
	start = b->len;
	owner_text(b, o);
	column_end(b, v, VIEW_COMM, start);
	buf_printf(b, "ended: %s\n", end_of(ev));
}

/**
 * text_killed() - append the line of what became of one that was to be destroyed
 * @b: the buffer
 * @v: how connections are shown
 * @s: the connection
 * @result: what became of it
 *
 * Context: any.
 */
void text_killed(struct buf *b, struct view *v, const struct stuck *s, enum kill_result result)
{
	text_state(b, s->ev.state);
	flow_column(b, v, s->ev.id.cookie);
	address_columns(b, v, &s->ev.id);
	buf_str(b, results[result].words);
	buf_char(b, '\n');
}

static void json_comm(struct buf *b, const char *comm)
{
	json_key(b, "comm");
	json_string(b, comm, strnlen(comm, TCPFSM_COMM_LEN));
}

/* Which connection, and the process that is shown for it */
static void json_who(struct buf *b, struct view *v, const struct event *ev,
		     const struct stuck_owner *o, enum stuck_phase phase)
{
	const bool holds = o->held && o->kind == OWNER_PROCESS;
	struct event shown = *ev;

	shown.flags &= ~(TCPFSM_F_OWNER | TCPFSM_F_INHERITED);
	if (holds) {
		shown.flags |= TCPFSM_F_OWNER;
		shown.owner = (struct tcpfsm_owner){ .pid = o->pid, .uid = o->uid };
		memcpy(shown.owner.comm, o->comm, sizeof(o->comm));
	}
	json_begin(b, "stuck");
	if (phase != STUCK_LISTED)
		json_add_str(b, "phase", phase_names[phase]);
	json_identity(b, v, &shown);
	json_key(b, "fd");
	if (holds)
		buf_printf(b, "%d", o->fd);
	else
		buf_str(b, "null");
	json_add_str(b, "owner", owner_kind_name(o->kind));
	json_add_state(b, "state", ev->state);
	json_age(b, ev);
}

static void json_holder(struct buf *b, const struct process *p, int fd)
{
	buf_printf(b, "{\"pid\":%u,\"inner_pid\":%u,\"fd\":%d", p->pid, p->inner_pid, fd);
	json_comm(b, p->comm);
	json_add_num(b, "uid", p->uid);
	json_add_str(b, "container", p->container[0] ? p->container : NULL);
	json_add_str(b, "cgroup", p->cgroup);
	buf_char(b, '}');
}

static void json_holders(struct buf *b, const struct stuck_list *l, const struct stuck *s)
{
	const bool listens = s->kind == OWNER_UNACCEPTED;
	size_t i;

	json_key(b, "holders");
	buf_char(b, '[');
	if (listens) {
		buf_char(b, ']');
		json_key(b, "listeners");
		buf_char(b, '[');
	}
	for (i = 0; i < s->nholders; i++) {
		if (i)
			buf_char(b, ',');
		json_holder(b, stuck_process(l, &s->holders[i]), s->holders[i].fd);
	}
	buf_char(b, ']');
}

static void json_opened_by(struct buf *b, const struct event *ev)
{
	json_key(b, "opened_by");
	if (!(ev->flags & TCPFSM_F_OWNER)) {
		buf_str(b, "null");
		return;
	}
	buf_printf(b, "{\"pid\":%u", ev->owner.pid);
	json_comm(b, ev->owner.comm);
	json_add_num(b, "uid", ev->owner.uid);
	buf_char(b, '}');
}

static void json_known(struct buf *b, const char *key, bool known, uint64_t n)
{
	json_key(b, key);
	if (known)
		buf_dec(b, n);
	else
		buf_str(b, "null");
}

static void json_sock(struct buf *b, const struct stuck *s)
{
	json_known(b, "rx_queue", s->found, s->sock.rqueue);
	json_known(b, "tx_queue", s->found, s->sock.wqueue);
	json_known(b, "heard_ns", s->found && s->sock.has_heard, s->sock.heard * NSEC_PER_MSEC);
	json_known(b, "retrans", s->found && s->sock.timer == DIAG_TIMER_RETRANSMIT,
		   s->sock.retrans);
	json_known(b, "probes", s->found && s->sock.timer == DIAG_TIMER_PROBE, s->sock.retrans);
	json_known(b, "memory", s->found && s->sock.has_memory, s->sock.memory);
	json_known(b, "accept_queue", s->listener, s->queue);
	json_known(b, "backlog", s->listener, s->backlog);
}

/**
 * json_stuck_one() - append the object of a connection that is stuck
 * @b: the buffer
 * @v: how connections are shown, for its time of day
 * @l: the list
 * @s: one of it
 * @phase: what is said of it
 *
 * Context: any.
 */
void json_stuck_one(struct buf *b, struct view *v, const struct stuck_list *l,
		    const struct stuck *s, enum stuck_phase phase)
{
	const struct stuck_owner o = stuck_owner(l, s);
	struct buf text;

	json_who(b, v, &s->ev, &o, phase);
	json_sock(b, s);
	json_add_cause(b, s->ev.cause);
	json_holders(b, l, s);
	json_opened_by(b, &s->ev);
	buf_init(&text, -1);
	advice(&text, s);
	json_key(b, "advice");
	json_string(b, text.data, text.len);
	buf_free(&text);
	json_end(b);
}

/**
 * json_stuck_end() - append the object of a connection that is stuck no longer
 * @b: the buffer
 * @v: how connections are shown, for its time of day
 * @ev: the alert
 * @o: whose it was
 *
 * Context: any.
 */
void json_stuck_end(struct buf *b, struct view *v, const struct event *ev,
		    const struct stuck_owner *o)
{
	json_who(b, v, ev, o, STUCK_END);
	json_add_cause(b, ev->cause);
	json_opened_by(b, ev);
	json_end(b);
}

/**
 * json_killed() - append the object of what became of one that was to be destroyed
 * @b: the buffer
 * @v: how connections are shown, for its time of day
 * @s: the connection
 * @result: what became of it
 *
 * Context: any.
 */
void json_killed(struct buf *b, struct view *v, const struct stuck *s, enum kill_result result)
{
	json_begin(b, "killed");
	json_identity(b, v, &s->ev);
	json_add_state(b, "state", s->ev.state);
	json_add_str(b, "result", results[result].name);
	json_end(b);
}
