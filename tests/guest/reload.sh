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

# settled: has memory of the kinds a module can leave behind (slab, vmalloc, per-CPU), in kB, stopped
# to change? Namespaces go in a worker, and what was theirs when RCU says so.
settled() {
	at settling
	local before=$memory
	echo 2 >/proc/sys/vm/drop_caches
	memory=$(awk '/^(SUnreclaim|VmallocUsed|Percpu):/ { printf "%s ", $2 }' /proc/meminfo)
	[ "$memory" = "$before" ]
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
	memory=
	within 60 settled
}

# cycles FROM TO: under traffic
cycles() {
	local i
	traffic
	for ((i = $1; i <= $2; i++)); do
		at "cycle $i"
		counted "$i"
	done
	traffic_stop
}

failures=0
cycles 1 $((times / 10))
read -r slab vmalloc percpu <<<"$memory"
cycles $((times / 10 + 1)) "$times"
read -r slab2 vmalloc2 percpu2 <<<"$memory"
check "$times times" [ "$failures" -eq 0 ]
diag "kB after a tenth of them: slab $slab, vmalloc $vmalloc, per-CPU $percpu"
diag "kB after all:             slab $slab2, vmalloc $vmalloc2, per-CPU $percpu2"
check 'no more slab than after a tenth of them, but for 512 kB' [ $((slab2 - slab)) -lt 512 ]
check 'no more vmalloc, but for 64 kB' [ $((vmalloc2 - vmalloc)) -lt 64 ]
check 'no more per-CPU memory, but for 64 kB' [ $((percpu2 - percpu)) -lt 64 ]
check 'no cache of ours is left' bash -c '! grep tcpfsm /proc/slabinfo'
check 'no probe of ours is left' bash -c '! grep -i tcpfsm /sys/kernel/debug/kprobes/list /proc/kallsyms'
check 'the kernel did not complain' dmesg_clean
finish
