#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A hundred times loaded and unloaded under traffic.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -- bash /tests/guest/reload.sh 100
