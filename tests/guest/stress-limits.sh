#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-limits.sh [LONG]: parameters at their limits, and beyond.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

# refused NAME=VALUE RANGE: it does not load, and says what would be right
refused() {
	dmesg_begin
	! insmod /tcpfsm/tcpfsm.ko "$1" 2>/dev/null &&
		dmesg | grep -F "tcpfsm: $1 is out of range, it takes $2" &&
		! grep '^tcpfsm ' /proc/modules
}

# unparsed NAME=VALUE: what is no number of 32 bits is refused by the kernel
unparsed() {
	! insmod /tcpfsm/tcpfsm.ko "$1" 2>/dev/null && ! grep '^tcpfsm ' /proc/modules
}

# traced PARAMETER...: it loads, tells of traffic or counts what it lost, unloads
traced() {
	local reported lost
	insmod /tcpfsm/tcpfsm.ko "$@" || return
	monitor_start "$work/stream" -s
	netns limits
	ip netns exec limits stim --churn "$(size 30 500)" 2
	ip netns exec limits stim --stress storm "$(size 5 100)" 2
	ip netns del limits
	within 60 no_flows || return
	within 20 all_sent || return
	tcpfsm stats
	made=$(($(stat_of transitions) + $(stat_of segments)))
	monitor_stop || return
	reported=$(grep -cE '"event":"(state|segment)"' "$work/stream")
	lost=$(lost_in "$work/stream")
	echo "reported $reported, lost $lost, made $made"
	[ $((reported + lost)) -eq "$made" ] && [ "$made" -gt 500 ] && rmmod tcpfsm
}

traces_begin
for value in 0 15 16777217 4294967295; do
	check "max_flows=$value is refused" refused "max_flows=$value" '16 to 16777216'
done
for value in 0 63 1048577; do
	check "ring_records=$value is refused" refused "ring_records=$value" '64 to 1048576'
done
for value in 0 1048577; do
	check "max_listeners=$value is refused" refused "max_listeners=$value" '1 to 1048576'
done
for value in -1 4294967296 1x ''; do
	check "max_flows='$value' is refused" unparsed "max_flows=$value"
done
check 'all at the least' traced max_flows=16 ring_records=64 max_listeners=1
check 'the most of ring_records' traced ring_records=1048576
# shellcheck disable=SC2016	# the inner shell's
check 'what is no power of two is rounded up' bash -c 'insmod /tcpfsm/tcpfsm.ko ring_records=65 &&
	[ "$(cat /sys/module/tcpfsm/parameters/ring_records)" -eq 128 ] && rmmod tcpfsm'
check 'the most of max_listeners' traced max_listeners=1048576

# more than there is, and more than is free: not loaded, and nobody else pays for it
dmesg_begin
total=$(meminfo MemTotal)
free=$(meminfo MemAvailable)
# about all of it: what a flow takes is known from a table that fits, the larger of its two areas
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
size=$(($(areas tcpfsm_flow_init | sort -n | tail -1) / 65536))
check 'the module unloads' rmmod tcpfsm
large=$((total * 1024 * 95 / 100 / size))
for flows in 16777216 $large; do
	# a guest with much memory: more than there is is out of range
	[ "$flows" -le 16777216 ] || continue
	if [ $((flows * size / 1024)) -lt "$free" ]; then
		check "max_flows=$flows" traced "max_flows=$flows"
		measured "max_flows=$flows in $((total / 1024)) MB"
		continue
	fi
	insmod /tcpfsm/tcpfsm.ko "max_flows=$flows" 2>"$work/insmod"
	check "max_flows=$flows does not load in $((free / 1024)) of $((total / 1024)) MB" \
		grep -q 'Cannot allocate memory' "$work/insmod"
	check 'nobody was killed for it' bash -c '! dmesg | grep -iE "oom|killed process"'
	check 'nor does the kernel complain' dmesg_clean
	check 'nothing is left of it' no_traces
done
check 'it loads with less' traced max_flows=1000

check 'the kernel did not complain' dmesg_clean
finish
