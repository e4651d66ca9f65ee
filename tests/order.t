#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Events of all processors come in the order in which they happened, and when they happen.

. "$(dirname "$0")/host.sh"

only_named
guest -s 3 -- bash /tests/guest/order.sh
