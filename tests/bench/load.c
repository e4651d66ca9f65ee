// SPDX-License-Identifier: GPL-2.0
/* What is measured: connections, data, connections that stay */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define A_LISTENER 20000	/* connections each: a client has 28,000 ports for it */
#define CHUNK 65536

/**
 * connections() - short ones, with a byte each way between opening and closing
 * @p: where
 * @count: how many, one after the other
 * @ending: how they close
 */
void connections(const struct place *p, unsigned int count, enum ending ending)
{
	int client, server;
	unsigned int i;
	char c = 'x';

	for (i = 0; i < count; i++) {
		pair_open(p, 0, &client, &server);
		if (send(client, &c, 1, 0) != 1 || recv(server, &c, 1, 0) != 1 ||
		    send(server, &c, 1, 0) != 1 || recv(client, &c, 1, 0) != 1)
			die("talk: %m");
		pair_close(client, server, ending);
	}
}

/**
 * connect_only() - short connections, unmeasured
 * @count: connections
 * @ending: how they close
 *
 * Prints the listener's port.
 *
 * Return: 0.
 */
int connect_only(unsigned int count, enum ending ending)
{
	struct place place;

	place_open(&place, NULL, NULL, "127.0.0.1");
	connections(&place, count, ending);
	printf("%u\n", ntohs(place.addr.sin_port));
	return 0;
}

static void signal_reader(pid_t reader, int sig)
{
	if (reader && kill(reader, sig))
		die("kill: %m");
}

/**
 * cost() - what short connections cost
 * @count: connections
 * @ending: how they close
 * @reader: a process whose own part is wanted, or 0
 * @batch: connections at a time while the reader is stopped, 0 to leave it running
 *
 * Prints the listener's port, connections, instructions of everybody, and of the reader.
 *
 * Return: 0.
 */
int cost(unsigned int count, enum ending ending, pid_t reader, unsigned int batch)
{
	uint64_t all = 0, watched = 0;
	unsigned int step, done = 0;
	struct place place;
	struct meter m;

	place_open(&place, NULL, NULL, "127.0.0.1");
	while (done < count) {
		step = batch && batch < count - done ? batch : count - done;
		if (batch)
			signal_reader(reader, SIGSTOP);
		meter_start(&m, reader);
		connections(&place, step, ending);
		meter_stop(&m, reader);
		if (batch) {
			signal_reader(reader, SIGCONT);
			/* lest the next ones find these in its buffer */
			drain();
		}
		done += step;
		all += m.all;
		watched += m.watched;
	}
	printf("%u %u %lu %lu\n", ntohs(place.addr.sin_port), count, all, watched);
	return 0;
}

/* Segments that came in, in the namespaces of both ends */
static uint64_t segments(const struct place *p)
{
	uint64_t in, sum = 0;
	int i, ns[2] = { p->client_ns, p->server_ns };
	char line[1024];
	FILE *f;

	for (i = 0; i < (p->client_ns >= 0 ? 2 : 1); i++) {
		if (ns[i] >= 0 && setns(ns[i], CLONE_NEWNET))
			die("setns: %m");
		f = fopen("/proc/thread-self/net/snmp", "r");
		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "Tcp: %*d %*d %*d %*d %*d %*d %*d %*d %*d %lu", &in) == 1)
				sum += in;
		if (!f)
			die("snmp: %m");
		fclose(f);
	}
	return sum;
}

/**
 * bulk() - what a segment of data costs
 * @p: where
 * @bytes: how much is sent
 *
 * Prints segments and instructions.
 *
 * Return: 0.
 */
int bulk(const struct place *p, uint64_t bytes)
{
	uint64_t sent = 0, got = 0, segs;
	static char buf[CHUNK];
	int client, server;
	struct meter m;
	ssize_t n;

	pair_open(p, 0, &client, &server);
	meter_start(&m, 0);
	segs = segments(p);
	while (got < bytes) {
		if (sent < bytes) {
			n = send(client, buf, bytes - sent < CHUNK ? bytes - sent : CHUNK,
				 MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN)
				die("send: %m");
			sent += n > 0 ? n : 0;
		}
		n = recv(server, buf, CHUNK, sent - got < CHUNK / 2 ? MSG_DONTWAIT : 0);
		if (n < 0 && errno != EAGAIN)
			die("recv: %m");
		got += n > 0 ? n : 0;
	}
	segs = segments(p) - segs;
	meter_stop(&m, 0);
	printf("%lu %lu\n", segs, m.all);
	pair_close(client, server, END_CLIENT);
	return 0;
}

/**
 * exchange() - what a request and its response cost on a connection that stays
 * @p: where
 * @count: requests
 *
 * Prints requests and instructions.
 *
 * Return: 0.
 */
int exchange(const struct place *p, unsigned int count)
{
	int client, server;
	char buf[64] = "";
	struct meter m;
	unsigned int i;

	pair_open(p, 0, &client, &server);
	meter_start(&m, 0);
	for (i = 0; i < count; i++)
		if (send(client, buf, sizeof(buf), 0) != sizeof(buf) ||
		    recv(server, buf, sizeof(buf), MSG_WAITALL) != sizeof(buf) ||
		    send(server, buf, sizeof(buf), 0) != sizeof(buf) ||
		    recv(client, buf, sizeof(buf), MSG_WAITALL) != sizeof(buf))
			die("exchange: %m");
	meter_stop(&m, 0);
	printf("%u %lu\n", count, m.all);
	pair_close(client, server, END_CLIENT);
	return 0;
}

/**
 * hold() - open connections, both ends here, until there is nothing more to read
 * @count: connections
 *
 * Prints a line when they are there.
 *
 * Return: 0.
 */
int hold(unsigned int count)
{
	struct rlimit limit = { 2 * count + 64, 2 * count + 64 };
	int client, server;
	struct place place;
	unsigned int i;
	char addr[32];

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("descriptors for %u connections: %m", count);
	for (i = 0; i < count; i++) {
		if (!(i % A_LISTENER)) {
			snprintf(addr, sizeof(addr), "127.0.1.%u", 1 + i / A_LISTENER);
			place_open(&place, NULL, NULL, addr);
		}
		pair_open(&place, 0, &client, &server);
	}
	puts("held");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
