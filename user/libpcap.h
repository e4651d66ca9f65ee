/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_LIBPCAP_H
#define TCPFSM_LIBPCAP_H

#include <pcap/pcap.h>

#include "why.h"

/**
 * struct libpcap - what we use of libpcap, each under its name there without pcap_; @fopen
 * is pcap_fopen_offline_with_tstamp_precision()
 */
struct libpcap {
	typeof(pcap_fopen_offline_with_tstamp_precision) *fopen;
	typeof(pcap_datalink)			*datalink;
	typeof(pcap_datalink_val_to_name)	*datalink_val_to_name;
	typeof(pcap_next_ex)			*next_ex;
	typeof(pcap_geterr)			*geterr;
	typeof(pcap_file)			*file;
	typeof(pcap_close)			*close;
};

extern struct libpcap libpcap;

int libpcap_load(struct why *w);

#endif
