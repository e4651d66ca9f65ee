#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SYNs that several processes bring in on one CPU do not get into each other's way.

. "$(dirname "$0")/host.sh"

only_named
guest -s 1 -- bash /tests/guest/syns.sh
