#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Loaded and unloaded under traffic, a hundred times, or CYCLES=1000.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 ${CYCLES:+-t $((300 + CYCLES * 40))} -- bash /tests/guest/reload.sh "${CYCLES:-100}"
