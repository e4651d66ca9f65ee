// SPDX-License-Identifier: GPL-2.0
/*
 * libmicrohttpd linked statically, in place of ../mhd.c. It speaks HTTPS, too, with GnuTLS, part
 * of which cannot be linked statically. The exporter asks for plain HTTP: with these in place the
 * linker leaves GnuTLS out.
 */
#include "mhd.h"

struct mhd mhd = {
	.start_daemon = MHD_start_daemon,
	.stop_daemon = MHD_stop_daemon,
	.get_daemon_info = MHD_get_daemon_info,
	.run = MHD_run,
	.get_timeout = MHD_get_timeout,
	.lookup_connection_value = MHD_lookup_connection_value,
	.create_response_from_buffer = MHD_create_response_from_buffer,
	.add_response_header = MHD_add_response_header,
	.queue_response = MHD_queue_response,
	.destroy_response = MHD_destroy_response,
};

/**
 * mhd_load() - have the library
 *
 * Context: any.
 * Return: 0.
 */
int mhd_load(void)
{
	return 0;
}

/* Called by the library when it begins and ends; nothing to do. */
int gnutls_global_init(void);
void gnutls_global_deinit(void);

/**
 * gnutls_global_init() - begin
 *
 * Context: any.
 * Return: 0: all is well.
 */
int gnutls_global_init(void)
{
	return 0;
}

/**
 * gnutls_global_deinit() - end
 *
 * Context: any.
 */
void gnutls_global_deinit(void)
{
}

void *(*gnutls_malloc)(size_t size);

static int refuse(void)
{
	return -1250;	/* GNUTLS_E_UNIMPLEMENTED_FEATURE */
}

/* Never called as long as nobody asks for HTTPS; all that some version of the library may want */
#define REFUSE(name)	int name(void) __attribute__((alias("refuse")))

REFUSE(gnutls_alpn_set_protocols);
REFUSE(gnutls_bye);
REFUSE(gnutls_certificate_allocate_credentials);
REFUSE(gnutls_certificate_free_credentials);
REFUSE(gnutls_certificate_server_set_request);
REFUSE(gnutls_certificate_set_dh_params);
REFUSE(gnutls_certificate_set_retrieve_function2);
REFUSE(gnutls_certificate_set_retrieve_function3);
REFUSE(gnutls_certificate_set_x509_key_mem);
REFUSE(gnutls_certificate_set_x509_key_mem2);
REFUSE(gnutls_certificate_set_x509_trust_mem);
REFUSE(gnutls_cipher_get);
REFUSE(gnutls_credentials_set);
REFUSE(gnutls_deinit);
REFUSE(gnutls_dh_params_deinit);
REFUSE(gnutls_dh_params_import_pkcs3);
REFUSE(gnutls_dh_params_init);
REFUSE(gnutls_handshake);
REFUSE(gnutls_init);
REFUSE(gnutls_priority_deinit);
REFUSE(gnutls_priority_init);
REFUSE(gnutls_priority_init2);
REFUSE(gnutls_priority_set);
REFUSE(gnutls_protocol_get_version);
REFUSE(gnutls_psk_allocate_server_credentials);
REFUSE(gnutls_psk_free_server_credentials);
REFUSE(gnutls_psk_set_server_credentials_function);
REFUSE(gnutls_record_check_pending);
REFUSE(gnutls_record_get_direction);
REFUSE(gnutls_record_recv);
REFUSE(gnutls_record_send);
REFUSE(gnutls_session_get_ptr);
REFUSE(gnutls_session_set_ptr);
REFUSE(gnutls_strerror);
REFUSE(gnutls_transport_set_int2);
