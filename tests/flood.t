#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A million SYNs that nobody goes on with, twice, and clients that mean it among them.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -t 1800 -- bash /tests/guest/flood.sh "${SYNS:-1000000}"
