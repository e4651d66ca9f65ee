#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Load, trace and unload again and again under traffic: nothing breaks, nothing is left behind.

here=$(dirname "$0")
. "$here/lib.sh"

times=${1:-100}

# a state record of the traffic has come
traced() {
	grep -q '"event":"state"' "$work/stream"
}

# once: load, see traffic, unload
once() {
	insmod /tcpfsm/tcpfsm.ko || return
	monitor_start "$work/stream"
	within 20 traced || return
	if [ $(($1 % 2)) -eq 0 ]; then
		# the module goes while somebody listens, who is told
		rmmod tcpfsm || return
		wait "$monitor"
		[ $? -eq 3 ]
	else
		monitor_stop && rmmod tcpfsm
	fi
}

# kB of slab that cannot be reclaimed
slab() {
	awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo
}

traffic() {
	ip netns add traffic
	ip -n traffic link set lo up
	ip netns exec traffic stim --churn 0 1 &
	traffic=$!
}

traffic_stop() {
	kill "$traffic"
	wait "$traffic" 2>/dev/null
	ip netns del traffic
	echo 2 >/proc/sys/vm/drop_caches
}

failures=0
traffic
for ((i = 1; i <= times / 10; i++)); do
	once "$i" || failures=$((failures + 1))
done
before=$(slab)
for (( ; i <= times; i++)); do
	once "$i" || failures=$((failures + 1))
done
after=$(slab)
traffic_stop
check "$times times" [ "$failures" -eq 0 ]
diag "unreclaimable slab: $before kB after a tenth of them, $after kB after all"
check 'less than 4 MB more slab than after a tenth of them' [ $((after - before)) -lt 4096 ]
check 'no cache of ours is left' bash -c '! grep tcpfsm /proc/slabinfo'
check 'no probe of ours is left' bash -c '! grep -i tcpfsm /sys/kernel/debug/kprobes/list /proc/kallsyms'
check 'the kernel did not complain' dmesg_clean
finish
