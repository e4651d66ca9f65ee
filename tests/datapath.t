#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Data of an ESTABLISHED connection runs no code of the module.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -- bash /tests/guest/datapath.sh
