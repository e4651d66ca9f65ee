#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Parameters at their limits, and beyond.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -m 1024 ${LONG:+-m 6144 -t 7200} -- bash /tests/guest/stress-limits.sh "${LONG-}"
