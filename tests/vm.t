#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# When a guest's death is QEMU's doing, and when it is the guest's. planted.t has one that is the guest's.
# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named

# stale BYTE: is it QEMU's, with this in memory where there was a breakpoint?
stale() {
	awk -f "$top/scripts/stale-breakpoint.awk" <<-EOT
	[   87.43] Oops: int3: 0000 [#1] SMP NOPTI
	[   87.43] RIP: 0010:tcp_rcv_state_process+0x5/0x1610
	[   87.44] Code: 90 90 0f 1f 40 d6 $1 <1f> 44 00 00 55 48 89 e5 41 57 41 56 41 55
	[   87.44] Code: 00 00 00 00 80 3d 31 f3 08 00 00 74 17 b8 2a 00 00 00 0f 05 <48> 3d 00 f0 ff ff
	EOT
}

not() {
	! "$@"
}

check 'a breakpoint that is no longer in memory is QEMU'"'"'s' stale 0f
check 'one that is there is the guest'"'"'s' not stale cc
check 'another death is the guest'"'"'s' not awk -f "$top/scripts/stale-breakpoint.awk" <<-'EOT'
	[    1.00] BUG: kernel NULL pointer dereference, address: 0000000000000000
	[    1.00] Code: 90 90 0f 1f 40 d6 0f <1f> 44 00 00 55 48 89 e5 41 57 41 56 41 55
EOT
finish
