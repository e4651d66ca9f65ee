#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is missing, does not fit or goes away is said, and nothing is made up for it.

here=$(dirname "$0")
. "$here/lib.sh"

# traffic COUNT PROCESSES: that many short connections of each, in a namespace that then ends
traffic() {
	ip netns add traffic
	ip -n traffic link set lo up
	ip netns exec traffic bash -c 'echo 100000 >/proc/sys/net/ipv4/tcp_max_tw_buckets'
	check "$(($1 * $2)) connections" ip netns exec traffic stim --churn "$1" "$2"
	ip netns del traffic
	within 60 no_flows
	result $? 'they come to their end'
}

# logged TEXT: the kernel's log has it
logged() {
	dmesg | grep -F "$1"
}

# doctor_says STATUS TEXT: tcpfsm doctor exits with STATUS and says TEXT
doctor_says() {
	local out
	out=$(tcpfsm doctor 2>&1)
	[ $? -eq "$1" ] && grep -F "$2" <<<"$out" && return
	echo "$out"
	return 1
}

echo '# hooks that are missing'
check 'the module loads without them' \
	insmod /tcpfsm/tcpfsm.ko without=inet_twsk_kill,inet_sock_set_state
check 'the log names the function, and what cannot be seen' \
	logged 'hook inet_twsk_kill is missing: cannot see the end of TIME_WAIT'
check 'the log names the tracepoint' logged 'hook inet_sock_set_state is missing: cannot see'
check 'doctor names them too, and exits with 1' doctor_says 1 'inet_twsk_kill is missing: the end of TIME_WAIT'
check 'the module unloads' rmmod tcpfsm
check 'the module loads with all that this kernel has' insmod /tcpfsm/tcpfsm.ko
check 'doctor is content' doctor_content
check 'the module unloads' rmmod tcpfsm

echo '# a table that is full'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko max_flows=16 max_listeners=1
monitor_start "$work/stream" -s
traffic 100 2
overflow=$(stat_of overflow)
check 'those that found no room are counted, each once' \
	[ "$overflow" -ge 300 -a "$overflow" -le 402 ]
diag "overflow $overflow"
check 'there were never more than fit' [ "$(stat_of flows_peak)" -eq 16 ]
check 'doctor says so' doctor_says 1 '16 at most, room for 16'
check 'of two listeners one found no room' [ "$(stat_of listener_overflow)" -eq 1 ]
check 'doctor says so' doctor_says 1 '1 listeners are not counted'
monitor_stop
check 'flows without a place are marked' grep -q '"untracked":true' "$work/stream"
state_lines "$work/stream" >"$work/events"
segment_lines "$work/stream" >"$work/segments"
# shellcheck disable=SC2016	# awk's, not the shell's
check 'their SYNs, sent and received, and third segments are told of, each once' awk -F '\t' '
	$7 == "S" || ($2 == "in" && $7 == "." && $21 == "SYN_RECEIVED") { n[$2 " " $7]++ }
	END {
		for (k in n)
			print k, n[k]
		exit n["out S"] != 200 || n["in S"] != 200 || n["in ."] != 200
	}' "$work/segments"
check 'nothing is made up for why they end' bash -c \
	"! grep -E -m 3 '\"cause\":\"(FIN_WAIT_2 timed out|orphan limit)\"' '$work/stream'"
# shellcheck disable=SC2016	# awk's, not the shell's
check 'no flow leaves a state twice' awk -F '\t' '
	$2 != "CLOSED" && seen[$1, $2]++ { print; bad = 1 }
	END { exit bad }' "$work/events"
check 'the module unloads' rmmod tcpfsm

echo '# a processor that goes and comes'
cpu=/sys/devices/system/cpu/cpu1/online
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
monitor_start "$work/stream"
(
	while echo 0 >$cpu && echo 1 >$cpu; do
		[ ! -e "$work/enough" ] || exit 0
	done
) &
flapping=$!
traffic 500 2
touch "$work/enough"
wait "$flapping"
check 'it went and came until the end' [ $? -eq 0 ]
monitor_stop
lost=$(lost_in "$work/stream")
reported=$(grep -c '"event":"state"' "$work/stream")
# each connection has five transitions on one side and six on the other; the listeners two
check 'all is reported' [ "$((reported + lost))" -eq $((1000 * 11 + 2 * 2)) ]
diag "reported $reported, lost $lost"
check 'nothing was lost' [ "$lost" -eq 0 ]
check 'the module unloads' rmmod tcpfsm

echo '# a reader that comes late'
# again: how many SYNs were sent again in the namespace
again() {
	# shellcheck disable=SC2016	# awk's, not the shell's
	ip netns exec late awk '
		/^TcpExt:/ && !n { for (i = 1; i <= NF; i++) if ($i == "TCPSynRetrans") n = i; next }
		/^TcpExt:/ { print $n }' /proc/net/netstat
}

# syns_again COUNT: so many were, or more
syns_again() {
	[ "$(again)" -ge "$1" ]
}
modprobe dummy
ip netns add late
ip -n late link add hole type dummy
ip -n late addr add 10.9.0.1/24 dev hole
ip -n late link set hole up
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
ip netns exec late bash -c 'exec 3<>/dev/tcp/10.9.0.2/9' 2>/dev/null &
waiting=$!
within 20 syns_again 1
monitor_start "$work/stream" -s
within 60 syns_again $(($(again) + 2))
result $? 'a SYN was sent again, twice while somebody listens'
kill $waiting
ip netns del late
within 60 no_flows
monitor_stop
segment_lines "$work/stream" | awk -F '\t' '$2 == "out" && $7 == "S" { print $19 }' >"$work/numbers"
diag "those that were told of: $(paste -sd' ' "$work/numbers")"
# shellcheck disable=SC2016	# awk's, not the shell's
check 'the one that nobody heard of was counted' awk '
	NR == 1 && $1 < 2 || NR > 1 && $1 != last + 1 { bad = 1 }
	{ last = $1 }
	END { exit bad || last < 3 }' "$work/numbers"
check 'the module unloads' rmmod tcpfsm

check 'the kernel did not complain' dmesg_clean
finish
