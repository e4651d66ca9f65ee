#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-cpus.sh [LONG]: processors come and go under connections that come and go.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

connections=$(size 400 8000)
procs=4

# flap: all processors but the first go and come until $work/enough is there; how often
flap() {
	local cpu n=0
	while :; do
		for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
			echo 0 >"$cpu" || return
			echo 1 >"$cpu" || return
			n=$((n + 1))
			[ ! -e "$work/enough" ] || { echo $n; return 0; }
		done
	done
}

flap_start() {
	rm -f "$work/enough"
	flap >"$work/flaps" 2>&1 &
	flapping=$!
}

flap_stop() {
	touch "$work/enough"
	wait $flapping
	result $? "processors went and came $(tail -n 1 "$work/flaps") times"
}

echo '# processors that go and come'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
netns cpus
oracle_start 32768
monitor_start "$work/stream"
flap_start
check "$connections connections" ip netns exec cpus stim --churn $((connections / procs)) $procs
check 'and some of every kind' ip netns exec cpus stim --stress storm "$(size 10 400)" $procs
all_over cpus
flap_stop
transitions=$(stat_of transitions)
monitor_stop
oracle_stop "$work/trace"
lost=$(lost_in "$work/stream")
reported=$(grep -c '"event":"state"' "$work/stream")
check 'all is reported, or reported as lost' [ $((reported + lost)) -eq "$transitions" ]
diag "transitions $transitions: reported $reported, lost $lost"
check 'nothing was lost' [ "$lost" -eq 0 ]
state_lines "$work/stream" >"$work/events"
check 'each transition is the one of the tracepoint, once and in order' \
	awk -f "$here/states.awk" -f "$here/oracle.awk" "$work/trace" "$work/events"
check 'the module unloads' rmmod tcpfsm

echo '# the smallest ring, and processors that are away when it is loaded'
for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
	echo 0 >"$cpu"
done
check 'the module loads on one processor' insmod /tcpfsm/tcpfsm.ko ring_records=64
netns cpus
monitor_start "$work/stream" -s
flap_start
ip netns exec cpus stim --stress storm "$(size 20 600)" $procs
all_over cpus
flap_stop
made=$(($(stat_of transitions) + $(stat_of segments)))
monitor_stop
lost=$(lost_in "$work/stream")
reported=$(grep -cE '"event":"(state|segment)"' "$work/stream")
check 'all is reported, or reported as lost' [ $((reported + lost)) -eq "$made" ]
diag "made $made: reported $reported, lost $lost"
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
