#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Thousands of flows, what they cost, and more than fit.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -m 1024 ${LONG:+-m 4096 -t 7200} -- bash /tests/guest/stress-many.sh "${LONG-}"
