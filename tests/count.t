#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every transition is reported or reported as lost.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -- bash /tests/guest/count.sh
