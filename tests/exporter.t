#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Metrics are what the kernel and the other commands say, in a guest; and promtool finds nothing to
# say against them.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit 1
out=build/out-exporter
rm -rf "$out"
http=$(scripts/guest-root extra http) || exit 1
prometheus=$(scripts/guest-root extra prometheus) || exit 1

guest_checks -o "$out" -f "$http:/" -- bash /tests/guest/exporter.sh

# lint FILE: promtool's own verdict
lint() {
	"$prometheus/usr/bin/promtool" check metrics <"$1"
}

# families FILE: the metrics' names
families() {
	grep -oE "$2" "$1" | sed -E 's/_(total|bucket|sum|count)$//' | sort -u
}

documented() {
	diff <(families "$out/metrics.txt" '^tcpfsm_[a-z_]+') <(families docs/metrics.md 'tcpfsm_[a-z_]+')
}

check 'the guest came to its end' [ -s "$out/openmetrics.txt" ]
check 'promtool check metrics' lint "$out/metrics.txt"
check 'docs/metrics.md has them all, and no others' documented
finish
