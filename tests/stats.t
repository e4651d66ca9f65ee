#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is counted, what an operator is told of, and from when on.

. "$(dirname "$0")/host.sh"

only_named
guest -- bash /tests/guest/stats.sh
