#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How long after connect() a line shows the connection: latency.sh ROUNDS COUNT RATE TRACER...

here=$(dirname "$0")
. "$here/../guest/lib.sh"
. "$here/tracers.sh"

rounds=$1 count=$2 rate=$3
shift 3
echo 200000 >/proc/sys/net/ipv4/tcp_max_tw_buckets
for ((round = 1; round <= rounds; round++)); do
	for t; do
		at "$round $t"
		need "$t"
		command_of "$t"
		read -r _ shown median p99 most < <(bench latency "$count" "$rate" "${command[@]}")
		[ "${shown:-0}" -ge $((count * 9 / 10)) ] || give_up "$t showed ${shown:-no} connections of $count"
		free "$t"
		printf '{"part":"latency","round":%u,"tracer":"%s","rate":%u,"count":%u,"shown":%u,"median":%u,"p99":%u,"most":%u}\n' \
			$round "$t" "$rate" "$count" "$shown" "$median" "$p99" "$most"
		within 120 none_left || give_up "$t: connections do not leave TIME_WAIT"
	done
done
