#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Network namespaces that end with connections in every state.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -m 1024 ${LONG:+-m 1024 -t 7200} -- bash /tests/guest/stress-netns.sh "${LONG-}"
