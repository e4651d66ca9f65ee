#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What record keeps is what monitor shows.

. "$(dirname "$0")/host.sh"

only_named
guest -s 2 -- bash /tests/guest/record.sh
