#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Loaded and unloaded under traffic, a hundred times, or CYCLES=1000.

. "$(dirname "$0")/host.sh"

only_named
cycles=${CYCLES:-100}
# of so many one is likely to be QEMU's last (docs/testing.md)
[ "$cycles" -le 100 ] || set -- --one-thread
guest -s 2 "$@" -t $((300 + cycles * 40)) -- bash /tests/guest/reload.sh "$cycles"
