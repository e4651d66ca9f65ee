#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The unit tests, build/unit/test_*, as one TAP stream. `make unit` builds them.
cd "$(dirname "$0")/.." || exit 1

set -- build/unit/test_*
[ -x "$1" ] || { echo "1..0 # SKIP no build/unit/test_*: make unit"; exit 1; }

for test; do
	case $test in *.*) continue ;; esac
	CMOCKA_MESSAGE_OUTPUT=TAP $test 2>&1 || echo "EXIT $? $test"
done | awk '
	/^TAP version/ { next }
	/^1\.\./ { sub(/^1\.\./, ""); planned += $1; next }
	/^ok / { sub(/^ok [0-9]+/, "ok " ++n); print; next }
	/^not ok / { sub(/^not ok [0-9]+/, "not ok " ++n); print; failed = 1; next }
	# a program that died has not told of all its tests
	/^EXIT / { if ($2 > 128) { print "not ok " ++n " - " $3 " died with status " $2; failed = 1 }; next }
	{ print /^#/ ? $0 : "# " $0 }
	END {
		if (planned && planned != n && !failed) {
			print "not ok " ++n " - " planned " tests were planned"
			failed = 1
		}
		print "1.." n + 0
		exit !n || failed
	}'
