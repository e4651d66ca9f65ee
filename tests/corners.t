#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What few programs do, and no row of the catalogue has.

. "$(dirname "$0")/host.sh"

only_named
guest -- bash /tests/guest/corners.sh
