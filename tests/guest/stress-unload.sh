#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-unload.sh [LONG]: the module goes, and comes again, with everything still running.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

times=$(size 3 100)

# forever COMMAND...: over and over, whatever it says
forever() {
	while [ ! -e "$work/enough" ]; do
		"$@" >/dev/null 2>&1
	done
}

come_and_go() {
	netns "$1" && ip netns exec "$1" stim --stress storm 3 1
	ip netns del "$1"
}

# unloads: a request that is being answered holds the module for a moment
unloads() {
	rmmod tcpfsm 2>"$work/rmmod" && return
	grep -qE 'in use|temporarily unavailable' "$work/rmmod" || echo 'neither busy nor unloaded' >>"$work/strange"
	busy=$((busy + 1))
	return 1
}

traced() {
	[ "$(stat_of transitions)" -gt 50 ]
}

traces_begin
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
netns storm
ip netns exec storm stim --stress storm 0 2 &
storm=$!
for ((i = 0; i < 3; i++)); do
	forever tcpfsm monitor -j -s &
done
for ((i = 0; i < 4; i++)); do
	forever tcpfsm check -q &
done
forever ip netns exec storm tcpfsm monitor &
forever tcpfsm stuck --watch &
forever tcpfsm flows &
forever tcpfsm stats --listeners &
forever come_and_go coming &
for ((i = 0; i < 2; i++)); do
	stim --stress pester &
	pests+=($!)
done
busy=0
for ((i = 1; i <= times; i++)); do
	within 60 traced || { diag "no traffic at $i"; break; }
	within 60 unloads || { diag "$(cat "$work/rmmod")"; break; }
	insmod /tcpfsm/tcpfsm.ko 2>"$work/insmod" || { diag "$(cat "$work/insmod")"; break; }
done
check "$times times unloaded and loaded again" [ $i -gt "$times" ]
diag "busy $busy times"
check 'rmmod said busy, or did it' [ ! -e "$work/strange" ]
touch "$work/enough"
kill "${pests[@]}"
within 60 unloads
result $? 'the module unloads'
kill $storm
wait
ip netns del storm
check 'nothing of it is left' no_traces
check 'and it loads again' insmod /tcpfsm/tcpfsm.ko
# the flows of the storm's namespace may not be over yet
netns after
monitor_start "$work/stream" -n after
ip netns exec after stim --churn 20 1
ip netns del after
within 60 no_flows
within 20 all_sent
monitor_stop
check 'and traces' [ "$(grep -c '"event":"state"' "$work/stream")" -eq $((20 * 11 + 2)) ]
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
