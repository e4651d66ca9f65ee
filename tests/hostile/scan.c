// SPDX-License-Identifier: GPL-2.0
/* What no byte that leaves the module may be: of an address of the kernel, or of its memory. */
#include <stdio.h>
#include <string.h>
#include <linux/tcpfsm.h>

#include "hostile.h"

/*
 * x86-64 with four levels of page tables and without KASLR, as the guests of these tests are
 * booted: where memory is mapped (16 GB of it), vmalloc, vmemmap, and the kernel and its modules.
 * With KASLR any number from 0xffff800000000000 on could be one, and a sequence number too.
 */
static bool is_address(uint64_t n)
{
	return n >> 34 == 0xffff888000000000 >> 34 ||
	       n >> 32 == 0xffffc900 ||
	       n >> 32 == 0xffffea00 ||
	       n >> 32 == 0xfffffe00 ||
	       (n >= 0xffffffff80000000 && n < 0xffffffffff600000);
}

static void scan_bytes(struct findings *f, const uint8_t *p, size_t len)
{
	uint64_t n;
	size_t i;

	f->bytes += len;
	/* attributes are aligned to 4 bytes, and whatever is in them to no less */
	for (i = 0; i + sizeof(n) <= len; i += NLA_ALIGNTO) {
		memcpy(&n, p + i, sizeof(n));
		if (!is_address(n))
			continue;
		if (!f->addresses++)
			printf("address %016llx at byte %zu of %zu\n", (unsigned long long)n, i,
			       len);
	}
}

static void scan_zeros(struct findings *f, const char *what, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!p[i])
			continue;
		if (!f->padding++)
			printf("padding: %s has %02x in byte %zu\n", what, p[i], i);
	}
}

static void see_netns(struct findings *f, uint32_t netns)
{
	unsigned int i;

	for (i = 0; i < f->n; i++)
		if (f->netns[i] == netns)
			return;
	if (f->n < ARRAY_SIZE(f->netns))
		f->netns[f->n++] = netns;
}

static void scan_owner(struct findings *f, const struct tcpfsm_owner *o)
{
	size_t n = strnlen(o->comm, sizeof(o->comm));

	scan_zeros(f, "comm, behind its end", o->comm + n, sizeof(o->comm) - n);
}

static void scan_record(struct findings *f, const struct tcpfsm_rec *rec)
{
	const struct tcpfsm_id *id = (const void *)(rec + 1);
	const union {
		struct tcpfsm_state_rec		state;
		struct tcpfsm_lost_rec		lost;
		struct tcpfsm_flow		flow;
		struct tcpfsm_segment_rec	segment;
		struct tcpfsm_stuck_rec		stuck;
		struct tcpfsm_flood_rec		flood;
		struct tcpfsm_listener		listener;
	} *r = (const void *)rec;

	f->records++;
	if (rec->kind == TCPFSM_K_LOST) {
		scan_zeros(f, "lost.pad", &r->lost.pad, sizeof(r->lost.pad));
		return;
	}
	if (rec->kind == TCPFSM_K_SKIPPED)
		return;
	see_netns(f, id->netns);
	scan_zeros(f, "id.pad", &id->pad, sizeof(id->pad));
	scan_zeros(f, "id.pad2", &id->pad2, sizeof(id->pad2));
	if (id->family == 2) {
		scan_zeros(f, "laddr, behind its end", id->laddr + 4, 12);
		scan_zeros(f, "raddr, behind its end", id->raddr + 4, 12);
	}
	switch (rec->kind) {
	case TCPFSM_K_STATE:
		scan_owner(f, &r->state.owner);
		break;
	case TCPFSM_K_FLOW:
		scan_owner(f, &r->flow.owner);
		scan_zeros(f, "flow.pad8", &r->flow.pad8, sizeof(r->flow.pad8));
		scan_zeros(f, "flow.pad", &r->flow.pad, sizeof(r->flow.pad));
		break;
	case TCPFSM_K_SEGMENT:
		scan_zeros(f, "segment.pad", &r->segment.seg.pad, sizeof(r->segment.seg.pad));
		break;
	case TCPFSM_K_STUCK:
		scan_owner(f, &r->stuck.owner);
		break;
	case TCPFSM_K_FLOOD:
		scan_zeros(f, "flood.pad", r->flood.pad, sizeof(r->flood.pad));
		break;
	case TCPFSM_K_LISTENER:
		scan_owner(f, &r->listener.owner);
		break;
	}
}

static void scan_records(struct findings *f, const uint8_t *p, size_t len)
{
	const struct tcpfsm_rec *rec;

	while (len >= sizeof(*rec)) {
		rec = (const void *)p;
		if (rec->size < sizeof(*rec) || rec->size > len)
			break;
		scan_record(f, rec);
		p += rec->size;
		len -= rec->size;
	}
	if (len)
		die("records end in %zu bytes that are none", len);
}

static void scan_attrs(struct findings *f, const uint8_t *p, size_t len, bool nested);

static void scan_payload(struct findings *f, unsigned int type, const uint8_t *p, size_t len)
{
	/* records are aligned to 8 bytes among themselves, attributes to 4 */
	uint64_t copy[8192];

	switch (type) {
	case TCPFSM_A_RECORD:
	case TCPFSM_A_RECORDS:
		if (len > sizeof(copy))
			die("records of %zu bytes", len);
		memcpy(copy, p, len);
		scan_records(f, (const void *)copy, len);
		break;
	case TCPFSM_A_STATS:
	case TCPFSM_A_HOOK:
	case TCPFSM_A_CONFIG:
		scan_attrs(f, p, len, true);
		break;
	}
}

/* Attributes, one behind the other, and what stands between them */
static void scan_attrs(struct findings *f, const uint8_t *p, size_t len, bool nested)
{
	const struct nlattr *a;
	size_t n, whole;

	while (len >= NLA_HDRLEN) {
		a = (const void *)p;
		if (a->nla_len < NLA_HDRLEN || a->nla_len > len)
			die("an attribute of %u bytes where %zu are left", a->nla_len, len);
		n = a->nla_len - NLA_HDRLEN;
		if (!nested)
			scan_payload(f, a->nla_type & NLA_TYPE_MASK, p + NLA_HDRLEN, n);
		whole = NLA_ALIGN(a->nla_len);
		if (whole > len)
			whole = len;
		scan_zeros(f, "what is between attributes", p + a->nla_len, whole - a->nla_len);
		p += whole;
		len -= whole;
	}
}

/**
 * scan() - look at a message of the family
 * @f: what was found is added
 * @h: the message, whole
 */
void scan(struct findings *f, const struct nlmsghdr *h)
{
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;

	f->messages++;
	scan_bytes(f, (const uint8_t *)h, h->nlmsg_len);
	if (h->nlmsg_len > head)
		scan_attrs(f, (const uint8_t *)h + head, h->nlmsg_len - head, false);
}

/**
 * findings_add() - take together what two have found
 * @to: the one
 * @from: the other
 */
void findings_add(struct findings *to, const struct findings *from)
{
	unsigned int i;

	to->messages += from->messages;
	to->records += from->records;
	to->bytes += from->bytes;
	to->addresses += from->addresses;
	to->padding += from->padding;
	for (i = 0; i < from->n; i++)
		see_netns(to, from->netns[i]);
}

/**
 * findings_print() - tell of it, a line each
 * @f: the findings
 */
void findings_print(const struct findings *f)
{
	unsigned int i;

	printf("messages %llu\n", (unsigned long long)f->messages);
	printf("records %llu\n", (unsigned long long)f->records);
	printf("bytes %llu\n", (unsigned long long)f->bytes);
	printf("addresses %llu\n", (unsigned long long)f->addresses);
	printf("padding %llu\n", (unsigned long long)f->padding);
	for (i = 0; i < f->n; i++)
		printf("netns %u\n", f->netns[i]);
}
