#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Subflows of Multipath TCP.

. "$(dirname "$0")/host.sh"

only_named
guest -- bash /tests/guest/mptcp.sh
