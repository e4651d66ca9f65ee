// SPDX-License-Identifier: GPL-2.0
/*
 * Thresholds and rates. Their defaults are taken from the kernel's own timers, as
 * they are set in the initial network namespace when the module is loaded: what
 * lasts longer than the kernel would let a socket without an owner wait is not
 * about to end by itself.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "config.h"

#define MARGIN_MS 5000U		/* the kernel's own timers come first */

u32 tcpfsm_config[TCPFSM_A_CONFIG_MAX + 1];

/* How long the first @retries of a SYN take, from 1 s on and doubling, RFC 6298. */
static u32 syn_ms(unsigned int retries)
{
	return (u32)(TCP_TIMEOUT_INIT * MSEC_PER_SEC / HZ) * ((2U << min(retries, 16U)) - 1);
}

/* The sysctl has no bounds: it may be negative, or have more ms than a u32. */
static u32 fin_ms(int timeout)
{
	const u64 ms = div_u64((u64)max(timeout, 0) * MSEC_PER_SEC, HZ) + MARGIN_MS;

	return min_t(u64, ms, U32_MAX);
}

/**
 * tcpfsm_config_init() - set the defaults
 *
 * A handshake is stuck when half of its retries are gone. The states in which a FIN
 * is overdue get tcp_fin_timeout, how long the kernel lets an orphan wait in
 * FIN_WAIT_2, whether or not a process holds the socket. A
 * connection waits for accept() as long as a half-open one does for its ACK.
 *
 * Context: process, module load.
 */
void tcpfsm_config_init(void)
{
	const struct netns_ipv4 *ipv4 = &init_net.ipv4;
	const u32 fin = fin_ms(READ_ONCE(ipv4->sysctl_tcp_fin_timeout));

	tcpfsm_config[TCPFSM_A_CONFIG_SYN_SENT] =
		syn_ms(READ_ONCE(ipv4->sysctl_tcp_syn_retries) / 2) + MARGIN_MS;
	tcpfsm_config[TCPFSM_A_CONFIG_SYN_RECEIVED] =
		syn_ms(READ_ONCE(ipv4->sysctl_tcp_synack_retries) / 2) + MARGIN_MS;
	tcpfsm_config[TCPFSM_A_CONFIG_UNACCEPTED] =
		syn_ms(READ_ONCE(ipv4->sysctl_tcp_synack_retries)) + MARGIN_MS;
	tcpfsm_config[TCPFSM_A_CONFIG_FIN_WAIT_1] = fin;
	tcpfsm_config[TCPFSM_A_CONFIG_FIN_WAIT_2] = fin;
	tcpfsm_config[TCPFSM_A_CONFIG_CLOSE_WAIT] = fin;
	tcpfsm_config[TCPFSM_A_CONFIG_CLOSING] = fin;
	tcpfsm_config[TCPFSM_A_CONFIG_LAST_ACK] = fin;
	tcpfsm_config[TCPFSM_A_CONFIG_FLOOD_RATE] = 1000;
	tcpfsm_config[TCPFSM_A_CONFIG_FLOOD_PERCENT] = 80;
	tcpfsm_config[TCPFSM_A_CONFIG_STRAY_RATE] = 1000;
}
