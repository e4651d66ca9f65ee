#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Short connections of 4 processes, 10,000 at first: the transitions counted by the tracepoint are
# those reported, exactly, and with the defaults and a reader none is lost; where some are,
# transitions and segments reported and lost are together what was made.

here=$(dirname "$0")
. "$here/lib.sh"

connections=10000

# churn: the connections, recorded by the oracle too, until the last TIME_WAIT is over
churn() {
	ip netns add churn
	ip -n churn link set lo up
	# one TIME_WAIT each: the default of a small machine is less
	ip netns exec churn bash -c 'echo 100000 >/proc/sys/net/ipv4/tcp_max_tw_buckets'
	oracle_start 24576
	check "$connections connections" ip netns exec churn stim --churn $((connections / 4)) 4
	ip netns del churn
	within 60 no_flows
	result $? 'they come to their end'
	oracle_stop "$work/trace"
}

# tally FILE: what was reported, lost where, and what it should be: of transitions the true events
# of the tracepoint, and a TIME_WAIT to CLOSED for each connection; of segments, which have no
# such witness here, what the module counted before it lost any
tally() {
	local segments=0

	reported=$(grep -c '"event":"state"' "$1")
	if [ "$2" = segments ]; then
		reported=$((reported + $(grep -c '"event":"segment"' "$1")))
		segments=$(tcpfsm stats | awk '$1 == "segments" { print $2 }')
	fi
	lost=$(lost_in "$1")
	due=$(awk -v n=$connections '
		match($0, /oldstate=[A-Z_0-9]+/) { o = substr($0, RSTART + 9, RLENGTH - 9) }
		match($0, /newstate=[A-Z_0-9]+/) { w = substr($0, RSTART + 9, RLENGTH - 9) }
		o != w { t++ }
		END { print t + n }' "$work/trace")
	due=$((due + segments))
	diag "reported $reported, lost $lost, due $due"
	diag "$(lost_lines "$1" | head -n 5)"
}

echo '# the defaults, and a reader'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
monitor_start "$work/stream"
churn
monitor_stop
tally "$work/stream"
check 'nothing is lost' [ "$lost" -eq 0 ]
check 'reported is what the tracepoint counted' [ "$reported" -eq "$due" ]
state_lines "$work/stream" >"$work/events"
check 'each transition is the one of the tracepoint, once and in order' \
	awk -f "$here/states.awk" -f "$here/oracle.awk" "$work/trace" "$work/events"
check 'the module unloads' rmmod tcpfsm

connections=2000
echo '# the smallest ring'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko ring_records=64
monitor_start "$work/stream" -s
churn
monitor_stop
tally "$work/stream" segments
check 'reported and lost are what the tracepoint counted' [ $((reported + lost)) -eq "$due" ]
check 'the module unloads' rmmod tcpfsm

echo '# a reader that is stopped meanwhile'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
monitor_start "$work/stream" -s --buffer 64K --strict
kill -STOP "$monitor"
churn
kill -CONT "$monitor"
# it says so without waiting for the next event
within 30 grep -q '"event":"lost"' "$work/stream"
result $? 'the reader sees that it lost something'
monitor_stop
check "and --strict ends with status 4" [ $? -eq 4 ]
tally "$work/stream" segments
check 'something is lost' [ "$lost" -gt 0 ]
check 'reported and lost are what the tracepoint counted' [ $((reported + lost)) -eq "$due" ]
check 'the module unloads' rmmod tcpfsm

echo '# ... with the smallest ring: what tells of its losses is lost as well'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko ring_records=64
monitor_start "$work/stream" -s --buffer 64K
kill -STOP "$monitor"
churn
kill -CONT "$monitor"
within 30 grep -q '"where":"netlink"' "$work/stream"
result $? 'the reader sees that it lost something'
monitor_stop
tally "$work/stream" segments
# as many as the worker left it to, which on a fast machine may be none
diag "of these the ring $(stat_of lost_ring)"
check 'reported and lost are what the tracepoint counted' [ $((reported + lost)) -eq "$due" ]
check 'the module unloads' rmmod tcpfsm

echo '# ... until the module is gone'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
monitor_start "$work/stream" -s --buffer 64K
halt "$monitor"
connections=400
churn
check 'the module unloads' rmmod tcpfsm
kill -CONT "$monitor"
# there was no room to tell it that either
gone() {
	grep -q 'the module was unloaded' "$work/stream.err"
}
within 30 gone
result $? 'the reader sees that the module is gone'
monitor_stop
check '... which is status 3' [ $? -eq 3 ]
last_loss() {
	lost_lines "$work/stream" | tail -n 1 | jq -r '"\(.where) \(.count)"'
}
check '... and that it lost something, nobody knows how much' is 'netlink 1' last_loss

echo '# alerts, and none comes after those that were lost'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'who closes late is stuck' tcpfsm thresholds close-wait=50ms
monitor_start "$work/stream" --alerts --buffer 64K
halt "$monitor"
ip netns add late
ip -n late link set lo up
# many messages that they are stuck, and that they are no longer
ip netns exec late stim --dawdle 2000 500 >"$work/port"
ip netns del late
within 60 no_flows
result $? 'they come to their end'
kill -CONT "$monitor"
monitor_stop
check 'some came' grep -q '"event":"alert"' "$work/stream"
check '... and that some did not, at the end' is 'netlink 1' last_loss
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
