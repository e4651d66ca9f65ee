#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest whose memory is taken away.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -m 512 ${LONG:+-m 512 -t 7200} -- bash /tests/guest/stress-memory.sh "${LONG-}"
