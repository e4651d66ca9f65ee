/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_MHD_H
#define TCPFSM_MHD_H

#include <microhttpd.h>

/**
 * struct mhd - what we use of libmicrohttpd, each under its name there without MHD_
 */
struct mhd {
	typeof(MHD_start_daemon)		*start_daemon;
	typeof(MHD_stop_daemon)			*stop_daemon;
	typeof(MHD_get_daemon_info)		*get_daemon_info;
	typeof(MHD_run)				*run;
	typeof(MHD_get_timeout)			*get_timeout;
	typeof(MHD_lookup_connection_value)	*lookup_connection_value;
	typeof(MHD_create_response_from_buffer)	*create_response_from_buffer;
	typeof(MHD_add_response_header)		*add_response_header;
	typeof(MHD_queue_response)		*queue_response;
	typeof(MHD_destroy_response)		*destroy_response;
};

extern struct mhd mhd;

int mhd_load(void);

#endif
