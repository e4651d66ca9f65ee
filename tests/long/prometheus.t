#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's Prometheus scrapes the exporter, and the alert rules fire on what is staged: in a guest, with
# the waits of the rules cut short. `make check-metrics`.

. "$(dirname "$0")/../host.sh"

cd "$top" || exit 1
http=$(scripts/guest-root extra http) || exit 1
prometheus=$(scripts/guest-root extra prometheus) || exit 1
mkdir -p build
sed 's/for: [0-9]*m$/for: 4s/' dist/prometheus/tcpfsm.rules.yml >build/fast.rules.yml
guest -s 2 -m 2048 -t 900 -f "$http:/" -f "$prometheus/usr/bin/prometheus:/usr/bin/prometheus" \
	-f build/fast.rules.yml:/rules.yml -- bash /tests/guest/prometheus.sh
