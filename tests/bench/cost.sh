#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What connections cost with each tracer, in instructions: cost.sh ROUNDS COUNT ENDING TRACER...
# A line of JSON for each measurement.

here=$(dirname "$0")
. "$here/../guest/lib.sh"
. "$here/tracers.sh"

rounds=$1 count=$2 ending=$3
shift 3
stopped=$((count / 2))
batch=50	# fits into each tracer's buffers, but those of conntrack and ss

# all_there TRACER LINES DUE: may this be measured? What a peer loses, if little, is work it did not do.
all_there() {
	case $1 in
	monitor*|record|check) [ "$2" -eq "$3" ] ;;
	*)	[ "$2" -le "$3" ] && [ $(($2 * 20)) -ge $(($3 * 19)) ] ;;
	esac
}

# measure ROUND TRACER
measure() {
	local port all own n2 all2 lines=0 window=0 later=0 listener=0 memory=0
	start "$2"
	read -r port _ all own < <(bench cost "$count" "$ending" "${tracer:-0}")
	read -r _ n2 all2 _ < <(bench cost $stopped "$ending" "${tracer:-0}" $batch)
	[ -n "$all2" ] || give_up "$2: no measurement"
	# what is in TIME_WAIT leaves it, and leaves as much room as there was
	within 120 none_left || give_up "$2: connections do not leave TIME_WAIT"
	[ -z "$tracer" ] || memory=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$tracer/status")
	end "$2"
	if [ -n "$tracer" ]; then
		read -r window later listener < <(wanted "$2" "$ending")
		lines=$(lines_of "$2" "$port")
		all_there "$2" "$lines" $(((window + later) * count + listener)) ||
			give_up "$2: $lines lines of $count connections ($ending), not $window and later $later of each"
	fi
	printf '{"part":"cost","round":%u,"ending":"%s","tracer":"%s","count":%u,"all":%u,"own":%u,' \
		"$1" "$ending" "$2" "$count" "$all" "$own"
	printf '"lines":%u,"window":%u,"stopped_count":%u,"stopped":%u,"memory":%u}\n' \
		"$lines" "$window" "$n2" "$all2" "$memory"
}

echo 200000 >/proc/sys/net/ipv4/tcp_max_tw_buckets
bench connect "$count" "$ending" >/dev/null
for ((round = 1; round <= rounds; round++)); do
	for t; do
		at "$round $ending $t"
		measure $round "$t"
	done
done
