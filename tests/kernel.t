#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What cannot be seen on a kernel is what doctor and the documentation say.

. "$(dirname "$0")/host.sh"

only_named
guest -- bash /tests/guest/kernel.sh
