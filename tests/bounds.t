#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Missing hooks, a full table, processors that come and go.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -- bash /tests/guest/bounds.sh
