// SPDX-License-Identifier: GPL-2.0
/* TCP segments: build them, with the IP header and checksums, and take them apart */
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "stim.h"

static const char flag_letters[] = "FSRP.U";

static uint32_t sum(uint32_t acc, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		acc += i & 1 ? p[i] : p[i] << 8;
	return acc;
}

static uint16_t fold(uint32_t acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return htons(~acc);
}

static size_t ip_build(uint8_t *buf, const struct addr *src, const struct addr *dst,
		       uint8_t proto, size_t payload)
{
	struct ip6_hdr *ip6 = (void *)buf;
	struct iphdr *ip4 = (void *)buf;

	if (src->version == 6) {
		*ip6 = (struct ip6_hdr){ 0 };
		ip6->ip6_flow = htonl(6 << 28);
		ip6->ip6_plen = htons(payload);
		ip6->ip6_nxt = proto;
		ip6->ip6_hlim = 64;
		memcpy(&ip6->ip6_src, src->b, 16);
		memcpy(&ip6->ip6_dst, dst->b, 16);
		return sizeof(*ip6);
	}
	*ip4 = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = proto };
	ip4->tot_len = htons(sizeof(*ip4) + payload);
	ip4->frag_off = htons(IP_DF);
	memcpy(&ip4->saddr, src->b, 4);
	memcpy(&ip4->daddr, dst->b, 4);
	ip4->check = fold(sum(0, ip4, sizeof(*ip4)));
	return sizeof(*ip4);
}

static uint16_t transport_sum(const struct addr *src, const struct addr *dst, uint8_t proto,
			      const void *data, size_t len)
{
	size_t alen = src->version == 6 ? 16 : 4;
	uint32_t acc = proto + len;

	acc = sum(acc, src->b, alen);
	acc = sum(acc, dst->b, alen);
	return fold(sum(acc, data, len));
}

/**
 * seg_build() - make a packet of a segment
 * @s: the segment; its options are padded here, its payload is made up
 * @buf: room for SEG_MAX bytes
 *
 * Return: length of the packet.
 */
size_t seg_build(const struct seg *s, uint8_t *buf)
{
	size_t optlen = (s->optlen + 3) & ~3u;
	size_t len = sizeof(struct tcphdr) + optlen + s->len;
	size_t off = ip_build(buf, &s->src, &s->dst, IPPROTO_TCP, len);
	struct tcphdr *th = (void *)(buf + off);
	uint8_t *opt = (uint8_t *)(th + 1);

	memset(th, 0, sizeof(*th));
	th->th_sport = htons(s->sport);
	th->th_dport = htons(s->dport);
	th->th_seq = htonl(s->seq);
	th->th_ack = htonl(s->ack);
	th->th_flags = s->flags;
	th->th_win = htons(s->win);
	th->th_off = (sizeof(*th) + optlen) / 4;
	memset(opt, TCPOPT_NOP, optlen);
	memcpy(opt, s->opt, s->optlen);
	memset(opt + optlen, 'x', s->len);
	th->th_sum = transport_sum(&s->src, &s->dst, IPPROTO_TCP, th, len);
	return off + len;
}

/**
 * seg_parse() - read a segment out of a packet
 * @buf: the packet
 * @len: its length
 * @s: where to put it
 *
 * Return: false when the packet is something else.
 */
bool seg_parse(const uint8_t *buf, size_t len, struct seg *s)
{
	const struct ip6_hdr *ip6 = (const void *)buf;
	const struct iphdr *ip4 = (const void *)buf;
	const struct tcphdr *th;
	size_t off, hlen;

	memset(s, 0, sizeof(*s));
	if (len >= sizeof(*ip4) && ip4->version == 4 && ip4->protocol == IPPROTO_TCP) {
		off = ip4->ihl * 4u;
		s->src.version = 4;
		s->dst.version = 4;
		memcpy(s->src.b, &ip4->saddr, 4);
		memcpy(s->dst.b, &ip4->daddr, 4);
	} else if (len >= sizeof(*ip6) && ip4->version == 6 && ip6->ip6_nxt == IPPROTO_TCP) {
		off = sizeof(*ip6);
		s->src.version = 6;
		s->dst.version = 6;
		memcpy(s->src.b, &ip6->ip6_src, 16);
		memcpy(s->dst.b, &ip6->ip6_dst, 16);
	} else {
		return false;
	}
	if (len < off + sizeof(*th))
		return false;
	th = (const void *)(buf + off);
	hlen = th->th_off * 4u;
	if (hlen < sizeof(*th) || len < off + hlen)
		return false;
	s->sport = ntohs(th->th_sport);
	s->dport = ntohs(th->th_dport);
	s->seq = ntohl(th->th_seq);
	s->ack = ntohl(th->th_ack);
	s->win = ntohs(th->th_win);
	s->flags = th->th_flags & 0x3f;
	s->optlen = hlen - sizeof(*th);
	memcpy(s->opt, th + 1, s->optlen);
	s->len = len - off - hlen;
	return true;
}

/**
 * unreachable_build() - make the ICMP error a router sends back for a packet
 * @pkt: the packet
 * @len: its length
 * @from: the router
 * @buf: room for SEG_MAX bytes
 *
 * Return: length of the error, host unreachable or address unreachable.
 */
size_t unreachable_build(const uint8_t *pkt, size_t len, const struct addr *from, uint8_t *buf)
{
	struct icmp6_hdr *ic6;
	struct icmphdr *ic4;
	struct seg s;
	size_t off;

	if (!seg_parse(pkt, len, &s))
		return 0;
	off = ip_build(buf, from, &s.src, from->version == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		       8 + len);
	memset(buf + off, 0, 8);
	memcpy(buf + off + 8, pkt, len);
	if (from->version == 6) {
		ic6 = (void *)(buf + off);
		ic6->icmp6_type = ICMP6_DST_UNREACH;
		ic6->icmp6_code = ICMP6_DST_UNREACH_ADDR;
		ic6->icmp6_cksum = transport_sum(from, &s.src, IPPROTO_ICMPV6, ic6, 8 + len);
	} else {
		ic4 = (void *)(buf + off);
		ic4->type = ICMP_DEST_UNREACH;
		ic4->code = ICMP_HOST_UNREACH;
		ic4->checksum = fold(sum(0, ic4, 8 + len));
	}
	return off + 8 + len;
}

/**
 * flags_parse() - flags as tcpdump writes them, "S." for SYN,ACK
 * @text: letters of FSRP.U
 */
uint8_t flags_parse(const char *text)
{
	uint8_t flags = 0;
	const char *at;

	for (; *text; text++) {
		at = strchr(flag_letters, *text);
		if (!at)
			die("no TCP flag %c", *text);
		flags |= 1 << (at - flag_letters);
	}
	return flags;
}

const char *flags_text(uint8_t flags)
{
	static char text[8];
	char *t = text;
	int i;

	for (i = 0; flag_letters[i]; i++)
		if (flags & (1 << i))
			*t++ = flag_letters[i];
	*t = 0;
	return text;
}
