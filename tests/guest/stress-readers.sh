#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-readers.sh [LONG]: many readers, and such that stop, die, or never read.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

count=32
bouts=$(size 30 1200)

# buffered FILE: bytes that wait for the first reader of FILE
buffered() {
	awk -v pid="$(awk '/START/ { print $2; exit }' "$1")" '
		$3 == pid && $5 > n { n = $5 } END { print n + 0 }' /proc/net/netlink
}

# so large that none is lost before the readers
check 'the module loads' insmod /tcpfsm/tcpfsm.ko ring_records=131072
# with room for what comes while they wait for a processor
readers_start "$work/good" readers $count 32768
good=$!
# one by one: to be told apart
readers_start "$work/idle" idlers 1
idle=$!
readers_start "$work/stopped" readers 1
stopped=$!
readers_start "$work/killed" readers 4
killed=$!
monitor_start "$work/stream" -s
slab=$(meminfo SUnreclaim)

netns burst
kill -STOP "-$stopped"
ip netns exec burst stim --stress storm "$bouts" 4 &
storm=$!
# shellcheck disable=SC2016	# when it is looked
within 60 eval '[ "$(stat_of transitions)" -gt 200 ]'
# shellcheck disable=SC2013	# words
for pid in $(awk '/START/ { print $2 }' "$work/killed"); do
	kill -9 "$pid"
	kill -CONT "-$stopped"
	kill -STOP "-$stopped"
done
kill -9 $killed
wait $storm
ip netns del burst
within 120 no_flows
result $? 'connections of every kind come and go'
within 20 all_sent
bound=$(cat /proc/sys/net/core/rmem_default)
for kind in idle stopped; do
	check "no more waits for the $kind one than its buffer takes" \
		[ "$(buffered "$work/$kind")" -gt 0 -a "$(buffered "$work/$kind")" -le $((bound * 2)) ]
	diag "$(buffered "$work/$kind") bytes, of $bound"
done
diag "unreclaimable slab: $slab kB before, $(meminfo SUnreclaim) kB with readers that lag"
kill -CONT "-$stopped"

transitions=$(stat_of transitions)
segments=$(stat_of segments)
check 'no ring was full' [ "$(stat_of lost_ring)" -eq 0 ]
check 'and no memory was short' [ "$(stat_of lost_send)" -eq 0 ]
monitor_stop
for pid in $good $idle $stopped; do
	kill -TERM "$pid"
	wait "$pid"
	result $? 'a reader tells what it was told of'
done
others=$(read_sum "$work/good" 1 others)
diag "made: $transitions transitions, $segments segments, $others others"
check "each of $count readers was told all, whatever others did" [ \
	"$(grep -c "^READ $transitions states $segments segments $others others 0 lost 0 gap 0 " \
	"$work/good")" -eq $count ]
diag "$(sort "$work/good" | grep READ | uniq -c | head -n 5)"
for kind in idle stopped; do
	all=$(read_sum "$work/$kind" 0 states segments others gap)
	check "$kind: what it was told of and what it missed is what there was" \
		[ "$all" -eq $((transitions + segments + others)) ]
	diag "$(grep READ "$work/$kind")"
done
check 'the idle one missed something' [ "$(read_sum "$work/idle" 0 gap)" -gt 0 ]
lost=$(lost_in "$work/stream")
reported=$(grep -cE '"event":"(state|segment|alert|stuck)"' "$work/stream")
check 'tcpfsm monitor: reported and lost are what there was' \
	[ $((reported + lost)) -eq $((transitions + segments + others)) ]
diag "monitor: reported $reported, lost $lost"

check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
