# SPDX-License-Identifier: GPL-2.0
# Makes the addresses of STATE LADDR LPORT RADDR RPORT COOKIE plain: awk -f states.awk -f flows.awk
{
	$2 = plain($2)
	$4 = plain($4)
	print
}
