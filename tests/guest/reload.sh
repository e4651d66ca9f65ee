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

# memory: of the kinds a module can leave behind (slab, vmalloc, per-CPU), in kB. Of slabs those that its
# kmalloc(), messages and worker come from, and the sockets and namespaces it may hold: what processes
# and files are made of is the kernel's, and so is what is on a process's account (cg).
memory() {
	awk '/^(kmalloc|skbuff|pool_workqueue|net_namespace|(tw_sock_|request_sock_)?TCP)/ && !/^kmalloc-cg/ {
			slab += $15 * $6 * 4
		}
		/^(VmallocUsed|Percpu):/ { rest = rest " " $2 }
		END { print slab rest }' /proc/slabinfo /proc/meminfo
}

# settled: has that stopped to change? Namespaces go in a worker, what was theirs when RCU says so.
settled() {
	at settling
	local before=$settling
	echo 2 >/proc/sys/vm/drop_caches
	settling=$(memory)
	[ "$settling" = "$before" ]
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
}

# measure WHAT: memory, as WHAT
measure() {
	local cache
	settling=
	within 60 settled
	# of what is no longer used a cache keeps pages, more and more of them as processes come and go
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
	memory >>"$work/$1"
	diag "kB $1: $(tail -n 1 "$work/$1"); all unreclaimable slabs: $(awk '/^SUnreclaim/ { print $2 }' /proc/meminfo)"
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

# kept COLUMN: no more of this kind of memory in the end than at first, when the kernel has filled its
# caches. Its own use of it goes up and down by some ten kB, and may be much more for a moment: the least
# of three counts, as what is left behind is in each.
kept() {
	local more most=96
	more=$(more "$1")
	echo "$more kB more; less than $most are left to the kernel"
	[ "$more" -lt $most ]
}

# least COLUMN WHAT
least() {
	awk -v column="$1" '{ print $column }' "$work/$2" | sort -n | head -n 1
}

# more COLUMN: kB of it in the end than at first
more() {
	echo $(($(least "$1" last) - $(least "$1" first)))
}

traces_begin
insmod /tcpfsm/tcpfsm.ko
check 'what a module that is loaded has is seen' has_traces
rmmod tcpfsm
failures=0
for ((tenth = 0; tenth < 10; tenth++)); do
	cycles $((times * tenth / 10 + 1)) $((times * (tenth + 1) / 10))
	case $tenth in
	[123])	measure first ;;
	[789])	measure last ;;
	esac
done
check "$times times" [ "$failures" -eq 0 ]
check 'no more slab' kept 1
check 'no more vmalloc' kept 2
check 'no more per-CPU memory' kept 3
measured "$times times under traffic; kB more in the end: slab $(more 1), vmalloc $(more 2), per-CPU $(more 3)"
check 'nothing of it is left' no_traces
check 'the kernel did not complain' dmesg_clean
finish
