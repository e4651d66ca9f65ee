#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The table of what is checked is that of the scenarios, and has every row of the catalogue; that of
# kernels is of what was found on them and of what they cannot show.

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit

echo 1..3
if difference=$(diff -u docs/catalogue.md <(scripts/catalogue)); then
	echo 'ok 1 - docs/catalogue.md is what make catalogue makes'
else
	echo 'not ok 1 - docs/catalogue.md is what make catalogue makes'
	echo "# ${difference//$'\n'/$'\n'# }"
fi
missing=
for row in O{1..20} C{1..23} B{1..6}; do
	grep -q "^## $row: " docs/catalogue.md || missing+=" $row"
done
[ -z "$missing" ] && echo 'ok 2 - every row is there' || echo "not ok 2 - every row is there, but$missing"
if difference=$(diff -u docs/kernels.md <(scripts/matrix table)); then
	echo 'ok 3 - docs/kernels.md is what make kernels makes'
else
	echo 'not ok 3 - docs/kernels.md is what make kernels makes'
	echo "# ${difference//$'\n'/$'\n'# }"
fi
