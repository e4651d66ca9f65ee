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

# unload: a request that is being answered holds the module for a moment
unload() {
	within 10 rmmod tcpfsm 2>"$work/rmmod"
}

# once: load, see traffic, unload; what failed is on stdout
once() {
	local status
	insmod /tcpfsm/tcpfsm.ko || { echo insmod; return 1; }
	monitor_start "$work/stream"
	within 20 traced || { echo 'no traffic'; return 1; }
	if [ $(($1 % 2)) -eq 0 ]; then
		# the module goes while somebody listens, who is told
		unload || { cat "$work/rmmod"; return 1; }
		wait "$monitor"
		status=$?
		[ $status -eq 3 ] || { echo "monitor: status $status"; cat "$work/stream.err"; return 1; }
	else
		monitor_stop || { echo "monitor: status $?"; cat "$work/stream.err"; return 1; }
		unload || { cat "$work/rmmod"; return 1; }
	fi
}

# counted: once, and whether it failed
counted() {
	once "$1" >"$work/failed" && return
	failures=$((failures + 1))
	diag "at $1: $(cat "$work/failed")"
	{
		kill "$monitor"
		wait "$monitor"
		unload
	} 2>/dev/null
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
	counted "$i"
done
before=$(slab)
for (( ; i <= times; i++)); do
	counted "$i"
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
