#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each allocation of the module fails once, on a kernel that can make it.

. "$(dirname "$0")/host.sh"

only_named
if [ "${KERNEL:-}" != debug ]; then
	echo '1..0 # SKIP allocations can be made to fail on the debug kernel only (KERNEL=debug)'
	exit 0
fi
guest -s 2 ${LONG:+-t 7200} -- bash /tests/guest/stress-fail.sh "${LONG-}"
