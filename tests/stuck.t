#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is stuck, whose it is, and how it ends: tcpfsm stuck.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -m 2048 -- bash /tests/guest/stuck.sh 5000
