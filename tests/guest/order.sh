#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the module says has come has come: the tool shows an event at once when nothing older can
# follow, and nothing older does, while processors make records as fast as they can and when
# hardly anything happens.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

# stamped: the lines of stdin, behind the time at which each came
stamped() {
	local line
	while IFS= read -r line; do
		echo "$EPOCHREALTIME $line"
	done
}

check 'the module loads' insmod /tcpfsm/tcpfsm.ko
ip netns add order
ip -n order link set lo up
ip netns exec order bash -c 'echo 100000 >/proc/sys/net/ipv4/tcp_max_tw_buckets'

# fast: the events of many connections, and a reader that believes nothing
fast() {
	readers_start "$work/reader" readers 1 8192
	reader=$!
	monitor_start "$work/stream" -s
	check '1000 connections of 4 processes' ip netns exec order stim --churn 250 4
	monitor_stop
	readers_stop $reader
	diag "$(cat "$work/reader")"
	# a processor may be taken away for longer than the tool waits
	check 'all are in order, but those that came too late for their place' is_ordered "$work/stream"
}

echo '# as fast as they can'
fast
check 'and none of them is missing' [ "$(grep -c -e '"event":"state"' -e '"event":"segment"' "$work/stream")" -gt 18000 ]
check 'the module unloads' rmmod tcpfsm

echo '# faster than there is room for'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko ring_records=64
fast
check 'some were lost' grep -q '"event":"lost"' "$work/stream"

echo '# now and then'
tcpfsm monitor -j -S syn-sent > >(stamped >"$work/stamped") 2>"$work/stream.err" &
monitor=$!
within 30 grep -q '"event":"start"' "$work/stamped"
for ((i = 1; i <= 20; i++)); do
	ip netns exec order stim --churn 1 1 >/dev/null
	within 30 eval "[ \$(grep -c '\"new\":\"SYN_SENT\"' '$work/stamped') -ge $i ]"
done
kill -INT $monitor
wait $monitor
sed -n 's/^\([0-9.]*\) \(.*"new":"SYN_SENT".*\)/\1 \2/p' "$work/stamped" | while read -r at line; do
	printf '%s %s\n' "$at" "$(jq -r '(.time[:19] + "Z" | fromdate | tostring) + .time[19:26]' <<<"$line")"
done | awk '{ printf "%d\n", ($1 - $2) * 1e6 }' | sort -n >"$work/lags"
diag "from the event to its line, microseconds: $(paste -sd' ' "$work/lags")"
# not told up to when all has come, the tool waits for 20 ms, however busy the machine is
check 'they are not held back' [ "$(head -n 1 "$work/lags")" -lt 20000 ]
ip netns del order
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
