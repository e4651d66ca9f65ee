// SPDX-License-Identifier: GPL-2.0
/* Addresses of the two hosts, and what /proc/net/tcp says of a 4-tuple */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "stim.h"

/**
 * host() - the address of a host in one of its networks
 * @ns: the host
 * @net: VETH, TUN, or ANY for the unspecified address
 */
struct addr host(enum netns ns, enum net net)
{
	struct addr ip = { .version = run.family == '6' ? 6 : 4 };
	char text[32];

	if (net == ANY)
		return ip;
	if (ip.version == 4)
		snprintf(text, sizeof(text), "10.%d.0.%d", net, ns + 1);
	else
		snprintf(text, sizeof(text), "fd0%d::%d", net, ns + 1);
	inet_pton(ip.version == 4 ? AF_INET : AF_INET6, text, ip.b);
	return ip;
}

/**
 * ip_text() - an address as a tracer would print it
 * @ip: the address
 * @mapped: print an IPv4 address as ::ffff:a.b.c.d
 *
 * Return: text in a buffer that the next call but one overwrites.
 */
const char *ip_text(const struct addr *ip, bool mapped)
{
	static char text[2][INET6_ADDRSTRLEN + 8];
	static int turn;
	char *t = text[turn ^= 1];
	uint8_t zero[4] = { 0 };

	if (ip->version == 6) {
		inet_ntop(AF_INET6, ip->b, t, INET6_ADDRSTRLEN);
	} else if (!mapped) {
		inet_ntop(AF_INET, ip->b, t, INET6_ADDRSTRLEN);
	} else if (!memcmp(ip->b, zero, 4)) {
		memcpy(t, "::", 3);
	} else {
		memcpy(t, "::ffff:", 8);
		inet_ntop(AF_INET, ip->b, t + 7, INET_ADDRSTRLEN);
	}
	return t;
}

/* An address and port as /proc/net/tcp and tcp6 have it */
static void proc_text(const struct addr *ip, uint16_t port, bool mapped, char *t)
{
	uint32_t w[4] = { 0, 0, htonl(0xffff), 0 };

	memcpy(mapped ? &w[3] : w, ip->b, ip->version == 6 ? 16 : 4);
	if (ip->version == 4 && !mapped)
		sprintf(t, "%08X:%04X", w[0], port);
	else
		sprintf(t, "%08X%08X%08X%08X:%04X", w[0], w[1], w[2], w[3], port);
}

static int proc_look(const char *path, const struct end *e, bool mapped)
{
	char want[112], local[48], remote[48], line[512];
	int state = 0;
	char *hit;
	FILE *f;

	proc_text(&e->laddr, e->lport, mapped, local);
	proc_text(&e->raddr, e->rport, mapped, remote);
	snprintf(want, sizeof(want), ": %s %s ", local, remote);
	f = fopen(path, "re");
	if (!f)
		die("%s: %m", path);
	while (!state && fgets(line, sizeof(line), f)) {
		hit = strstr(line, want);
		if (hit)
			sscanf(hit + strlen(want), "%X", (unsigned int *)&state);
	}
	fclose(f);
	return state;
}

/**
 * proc_state() - the state of an endpoint that we may hold no descriptor of
 * @e: the endpoint
 *
 * Request sockets are in SYN_RECV there, and timewait sockets in TIME_WAIT or
 * FIN_WAIT2. The request of an IPv4 peer is in the IPv4 file even when the
 * listener is an IPv6 one.
 *
 * Return: TCP_ESTABLISHED and so on, or 0 when there is no such socket.
 */
int proc_state(const struct end *e)
{
	int state;

	ns_enter(e->ns);
	if (run.family == '6')
		return proc_look("/proc/self/net/tcp6", e, false);
	state = run.family == 'm' ? proc_look("/proc/self/net/tcp6", e, true) : 0;
	return state ? state : proc_look("/proc/self/net/tcp", e, false);
}
