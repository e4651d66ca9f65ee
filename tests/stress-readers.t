#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Readers that stop, die, or never read, and 32 that read.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -m 1024 ${LONG:+-m 1024 -t 7200} -- bash /tests/guest/stress-readers.sh "${LONG-}"
