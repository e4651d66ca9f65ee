/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <sys/types.h>
#include <netinet/in.h>

/* How a connection ends */
enum ending {
	END_CLIENT,	/* the client closes first */
	END_SERVER,
	END_RESET,	/* the client resets */
	ENDINGS,
};

/* A listener, where clients reach it, and the network namespaces of both, -1 for the own one */
struct place {
	int			listener;
	struct sockaddr_in	addr;
	int			client_ns, server_ns;
};

/* What has been used until it was looked at, in instructions */
struct meter {
	uint64_t	all, watched;
};

/* An instruction takes a nanosecond of the guest's time, see scripts/vm --warp. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
uint64_t now_ns(void);
void sleep_until(uint64_t ns);
void drain(void);

void meter_start(struct meter *m, pid_t watch);
void meter_stop(struct meter *m, pid_t watch);

void place_open(struct place *p, const char *client_ns, const char *server_ns, const char *addr);
void pair_open(const struct place *p, uint16_t port, int *client, int *server);
void pair_close(int client, int server, enum ending ending);

void connections(const struct place *p, unsigned int count, enum ending ending);
int connect_only(unsigned int count, enum ending ending);
int cost(unsigned int count, enum ending ending, pid_t watch, unsigned int batch);
int bulk(const struct place *p, uint64_t bytes);
int exchange(const struct place *p, unsigned int count);
int hold(unsigned int count);
int storm(unsigned int generators, unsigned int count);
int run(char **argv);
int first(char **argv);
int latency(unsigned int count, unsigned int rate, char **argv);

#endif
