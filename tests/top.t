#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tcpfsm top in a terminal: what it shows is so, keys do what they say, and nobody is misled.

. "$(dirname "$0")/host.sh"

only_named
guest -- bash /tests/guest/top.sh
