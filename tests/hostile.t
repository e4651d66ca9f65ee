#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The netlink family is sent what nobody should send it. MESSAGES=n sends so many, SEED=n others.

. "$(dirname "$0")/host.sh"

only_named
messages=${MESSAGES:-20000}
# with nokaslr and without a fifth level of page tables an address is known when it is seen
guest -s 2 -t $((900 + messages / 50)) -a 'nokaslr no5lvl' -- \
	bash /tests/guest/hostile.sh "$messages" "${SEED:-1}"
