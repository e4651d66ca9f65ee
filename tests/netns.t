#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who is told of which network namespace.

. "$(dirname "$0")/host.sh"

only_named
guest -- bash /tests/guest/netns.sh
