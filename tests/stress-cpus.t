#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors that come and go under connections that do.

. "$(dirname "$0")/host.sh"

only_named
guest -s 3 -m 1024 ${LONG:+-m 1024 -t 7200} -- bash /tests/guest/stress-cpus.sh "${LONG-}"
