#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whether tcpfsm's own account of what it lost is exact: accounts.sh COUNT. What the module counted of
# transitions and segments is what was shown and what was said to be lost, when the reader is stopped for
# a second, and when a burst that it does not read is followed by silence.

here=$(dirname "$0")
. "$here/../guest/lib.sh"
. "$here/tracers.sh"

count=$1

truth() {
	tcpfsm stats -j | jq 'select(.event == "stats") | .transitions + .segments'
}

# shown: what the reader has told of till now
shown() {
	grep -c -e '"event":"state"' -e '"event":"segment"' $out/lines
}

# exact BEFORE: no more and no less than there was since
exact() {
	[ $(($(shown) + $(lost_in $out/lines))) -eq $(($(truth) - $1)) ]
}

# account NAME BUFFER COMMAND...
account() {
	local name=$1 buffer=$2 before all=true
	shift 2
	insmod /tcpfsm/tcpfsm.ko
	before=$(truth)
	tcpfsm monitor -s -j ${buffer:+--buffer "$buffer"} >$out/lines 2>$out/errors &
	tracer=$!
	within 30 grep -q '"event":"start"' $out/lines || give_up "monitor does not start"
	"$@"
	# with the reader still there, before its end makes it look
	within 10 exact "$before" || all=false
	printf '{"part":"loss","account":"%s","due":%u,"got":%u,"told":%u,"exact":%s}\n' "$name" \
		$(($(truth) - before)) "$(shown)" "$(lost_in $out/lines)" $all
	kill -INT $tracer
	wait $tracer
	rmmod tcpfsm
}

second_stopped() {
	local storm
	bench storm 4 "$count" >/dev/null &
	storm=$!
	within 20 grep -qm 1 '"event":"state"' $out/lines
	kill -STOP $tracer
	# as long as it is to be stopped
	sleep 1
	kill -CONT $tracer
	wait $storm
}

burst_then_silence() {
	kill -STOP $tracer
	bench storm 4 "$count" >/dev/null
	kill -CONT $tracer
}

account stopped '' second_stopped
account burst 64K burst_then_silence
