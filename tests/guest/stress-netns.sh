#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-netns.sh [LONG]: network namespaces that end with connections in them, in every state.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

rounds=$(size 2 20)
at_once=4

# freeze NAME: its loopback interface is slow from now on, and no ACK alone and no SYN,ACK gets through.
# Thrown away where they arrive: a request whose SYN,ACK cannot be sent is given up by the first timer.
freeze() {
	ip netns exec "$1" nft -f - <<-EOT &&
	table ip t {
		chain c {
			type filter hook input priority 0;
			tcp flags & (fin|syn|rst|psh|ack) == ack drop
			tcp flags & (fin|syn|rst|psh|ack) == syn|ack drop
		}
	}
	EOT
	tc -n "$1" qdisc add dev lo root netem delay 4s
}

# states_of NAME: those its flows are in
states_of() {
	tcpfsm flows -j -n "$1" | jq -r 'select(.event == "flow").state' | sort -u | paste -sd ' '
}

frozen() {
	local now
	now=$(states_of "$1")
	[ "$(wc -w <<<"$now")" -gt "$(wc -w <<<"$most")" ] && most=$now
	[ "$now" = 'CLOSE_WAIT CLOSING ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 LAST_ACK LISTEN SYN_RECEIVED SYN_SENT TIME_WAIT' ]
}

# every_state NAME: a namespace in whose connections is every state, which then ends
every_state() {
	local most=''
	netns "$1"
	rm -f "$work/go"
	mkfifo "$work/go"
	ip netns exec "$1" stim --stress states 7000 <>"$work/go" >"$work/told" 2>&1 &
	stim=$!
	within 30 grep -q 'PAUSE open' "$work/told" || cat "$work/told"
	freeze "$1"
	echo go >"$work/go"
	within 30 grep -q 'PAUSE stuck' "$work/told" || cat "$work/told"
	within 20 frozen "$1"
	result $? 'a namespace has flows in every state'
	diag "$most"
	ip netns del "$1"
	kill -9 $stim
	wait $stim 2>/dev/null
}

modprobe -a nf_tables nft_compat sch_netem 2>/dev/null
slab_before=$(meminfo SUnreclaim)
check 'the module loads' insmod /tcpfsm/tcpfsm.ko ring_records=131072
monitor_start "$work/stream"
every_state every
within 60 no_flows
result $? 'none of them is left when it is gone'
diag "$(tcpfsm flows -H | head)"
within 20 all_sent
monitor_stop
state_lines "$work/stream" >"$work/events"
# shellcheck disable=SC2016	# awk's, not the shell's
check 'each of them ended, once' awk -F '\t' '
	$3 == "CLOSED" { ended[$1]++ }
	{ seen[$1]++ }
	END {
		for (f in seen)
			if (ended[f] != 1) { print f, ended[f] + 0; bad = 1 }
		exit bad
	}' "$work/events"
# shellcheck disable=SC2016	# awk's, not the shell's
check 'some in TIME_WAIT, because the namespace was gone' awk -F '\t' '
	$2 == "TIME_WAIT" && $3 == "CLOSED" && $11 == "namespace gone" { n++ }
	END { exit !n }' "$work/events"
diag "$(cut -f 11 "$work/events" | sort | uniq -c | sort -rn)"
before=$(($(stat_of transitions) + $(stat_of segments)))
readers_start "$work/reader" readers 1 32768
reader=$!

echo "# $((rounds * at_once)) namespaces that come and go under load"
for ((i = 0; i < rounds; i++)); do
	pids=()
	for ((k = 0; k < at_once; k++)); do
		netns "n$k"
		ip netns exec "n$k" stim --stress storm 0 1 &
		pids+=($!)
		ip netns exec "n$k" tcpfsm monitor -j >/dev/null 2>&1 &
		pids+=($!)
	done
	for ((k = 0; k < at_once; k++)); do
		within 30 eval "[ \"\$(tcpfsm flows -j -n n$k | wc -l)\" -gt 20 ]"
	done
	# first the name, then who is in it; or the other way round
	for ((k = 0; k < at_once; k++)); do
		[ $((k % 2)) -eq 0 ] && ip netns del "n$k"
	done
	kill -9 "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null
	for ((k = 1; k < at_once; k += 2)); do
		ip netns del "n$k"
	done
done
within 120 no_flows
result $? 'no flow is left of them'
diag "$(tcpfsm flows -H | head)"
check 'flows is 0' [ "$(stat_of flows)" -eq 0 ]
check 'none found the table full' [ "$(stat_of overflow)" -eq 0 ]
within 20 all_sent
made=$(($(stat_of transitions) + $(stat_of segments) - before))
kill -TERM $reader
wait $reader
told=$(read_sum "$work/reader" 0 states segments)
lost=$(read_sum "$work/reader" 0 lost gap)
others=$(read_sum "$work/reader" 0 others)
check 'all was told, or counted as lost' \
	[ $((told + lost)) -ge "$made" -a $((told + lost)) -le $((made + others)) ]
diag "made $made, told $told, lost $lost, others $others; at once $(stat_of flows_peak) flows"
check 'the module unloads' rmmod tcpfsm
echo 2 >/proc/sys/vm/drop_caches
diag "unreclaimable slab: $slab_before kB before, $(meminfo SUnreclaim) kB after"
check 'the kernel did not complain' dmesg_clean
finish
