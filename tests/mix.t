#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 5,000 connections of all kinds mixed at random: every verdict is what was done. SEED=n mixes anew.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -- bash /tests/guest/mix.sh 5000 "${SEED:-1}"
