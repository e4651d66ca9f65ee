# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests on the host share: sourced, never run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
me=$(basename "$0")

# named: T is empty or part of this file's name
named() {
	[[ $me == *"${T-}"* ]]
}

# only_named: nothing to do when T names something else
only_named() {
	named || {
		echo "1..0 # SKIP T=$T"
		exit 0
	}
}

# guest [OPTION]... -- COMMAND...: in a guest of $KERNEL that has the tests
guest() {
	cd "$top" && exec scripts/vm -f tests "$@"
}
