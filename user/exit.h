/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_EXIT_H
#define TCPFSM_EXIT_H

/* What the tool's exit status says; a contract, see tcpfsm(8) */
enum exit_status {
	STATUS_OK	= 0,
	STATUS_FOUND	= 1,	/* what was looked for was found: something is wrong */
	STATUS_USAGE	= 2,
	STATUS_ACCESS	= 3,	/* module not loaded, or access denied */
	STATUS_LOST	= 4,	/* --strict, and something was lost */
	STATUS_FAILED	= 5,	/* could not write, no memory, netlink failed, no library */
};

#endif
