#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each allocation of the module fails once, on a kernel that can make it.

. "$(dirname "$0")/host.sh"

only_named
[ "${KERNEL:-}" = debug ] ||
	skip_all 'allocations can be made to fail on the debug kernel only (KERNEL=debug)'
guest -s 2 ${LONG:+-t 7200} -- bash /tests/guest/stress-fail.sh "${LONG-}"
