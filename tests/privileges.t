#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who may ask for what, join what and is told of whom; and that docs/security.md says the same.

. "$(dirname "$0")/host.sh"

only_named
guest -a 'nokaslr no5lvl' -f docs/security.md:/security.md -- bash /tests/guest/privileges.sh "${KERNEL:-6.1}"
