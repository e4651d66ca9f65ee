#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Sockets that are older than the module. SOCKETS=50000 is for a hundred thousand of them.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -m 2048 -t 1800 -- bash /tests/guest/takeover.sh "${SOCKETS:-10000}"
