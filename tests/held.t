#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What becomes of a SYN is told soon, also when nothing comes after it.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -- bash /tests/guest/held.sh
