#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Data segments of an ESTABLISHED connection, and their acknowledgments, run none of the module's
# code: while they flow no hook is hit. What has to be sent again or is thrown away, as a guest
# this slow does now and then, passes two tracepoints.

here=$(dirname "$0")
. "$here/lib.sh"

port=5001
bytes=$((64 << 20))

# by_hook: how often each hook ran
by_hook() {
	tcpfsm doctor -j | jq -r '.hooks[] | "\(.name) \(.hits)"' |
		grep -v -e '^tcp_retransmit_skb ' -e '^kfree_skb '
}

# hits: how often hooks ran, all of them
hits() {
	by_hook | awk '{ n += $2 } END { print n }'
}

# arrived: the other end has all of it
arrived() {
	[ "$(stat -c %s "$work/sink")" -eq "$bytes" ]
}

# accepted: the connection is there, and the listener's process has it
accepted() {
	tcpfsm flows -j -L $port -S established >"$work/flow"
	grep -q '"event":"flow"' "$work/flow" && ! grep -q owner_inherited "$work/flow"
}

listens() {
	ss -Hltn "sport = :$port" | grep -q .
}

# accepted, and nc has closed its listener, which it does then
alone() {
	accepted && ! listens
}

segments_in() {
	awk '$1 == "Tcp:" && $11 ~ /^[0-9]+$/ { print $11 }' /proc/net/snmp
}

ip link set lo up
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
: >"$work/sink"
# with an end of input it would close its half, and be in FIN_WAIT_2
busybox nc -l -p $port >"$work/sink" <&"$never" &
listener=$!
within 10 listens
before=$(hits)
exec {conn}<>/dev/tcp/127.0.0.1/$port
check 'a connection is there' within 10 alone
by_hook >"$work/opened"
opened=$(hits)
check 'to open it ran hooks' [ "$opened" -gt "$before" ]
segments=$(segments_in)
head -c $bytes /dev/zero >&"$conn"
check "$((bytes >> 20)) MB arrive" within 60 arrived
passed=$(($(segments_in) - segments))
diag "$passed segments"
check 'in many segments' [ "$passed" -gt 1000 ]
by_hook >"$work/passed"
check 'no hook was hit' diff -U0 "$work/opened" "$work/passed"
exec {conn}>&-
kill "$listener"
wait "$listener"
check 'to close it ran hooks' [ "$(hits)" -gt "$opened" ]
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
