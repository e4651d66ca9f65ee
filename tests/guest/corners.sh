#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What few programs do, and no row of the catalogue has. The kernel's counters, and what ss shows at
# each step (tests/guest/corner.c waits for it), are the oracle.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

port=6000
modprobe -a tun veth tcp_diag
mkfifo "$work/go"
exec {go}<>"$work/go"
check 'the module loads' insmod /tcpfsm/tcpfsm.ko

# begin ROW: of tests/guest/corner.c; what it does is told of in $work/stream
begin() {
	echo "# $1"
	net_up c
	monitor_start "$work/stream" -s
	stim "$1" 4 ca cb $port >"$work/told" 2>&1 <"$work/go" &
	stim=$!
}

# finished: it did what it wanted, and everything of it was told
finished() {
	wait $stim
	result $? 'the row is applied'
	diag "$(cat "$work/told")"
	rsts=$(ip netns exec ca nstat -asz TcpOutRsts | awk '$1 == "TcpOutRsts" { print $2 }')
	segs=$(ip netns exec ca nstat -asz TcpOutSegs | awk '$1 == "TcpOutSegs" { print $2 }')
	net_down c
	within 20 no_flows
	result $? 'its flows come to their end'
	monitor_stop
}

# story PEER_PORT: the states of the connection with it, and why
story() {
	jq -r --argjson port "$1" 'select(.event == "state" and .rport == $port) |
		"\(.old) \(.new) \(.cause)"' "$work/stream"
}

# flows PEER_PORT: how many flows that was
flows() {
	jq -r --argjson port "$1" 'select(.event == "state" and .rport == $port) | .flow' \
		"$work/stream" | sort -u | wc -l
}

# sent FLAG: segments with it that A sent to $port
sent() {
	jq -r --arg flag "$1" --argjson port $port 'select(.event == "segment" and .dir == "out" and
		.rport == $port and (.flags | contains($flag))) | .flags' "$work/stream" | wc -l
}

begin relisten
within 30 grep -q PAUSE "$work/told"
result $? 'a connection was half-open when its listener was shut down, and is reset since'
tcpfsm stats --listeners -j | jq -c "select(.lport == $port) | [.half_open, .waiting]" >"$work/listeners"
check 'the listener is one, and has none that is half-open' is '[0,0]' cat "$work/listeners"
echo >&"$go"
finished
check 'it is told of' is 'LISTEN SYN_RECEIVED SYN received
SYN_RECEIVED CLOSED RST received' story $((port + 1))

if older "$kernel" 5.14; then
	result 0 'migrate # SKIP tcp_migrate_req came with Linux 5.14'
else
	begin migrate
	finished
	check 'what was reset at another listener is told of' is 'LISTEN SYN_RECEIVED SYN received
SYN_RECEIVED CLOSED RST received' story $((port + 1))
	check 'what was opened there is' is 'LISTEN SYN_RECEIVED SYN received
SYN_RECEIVED ESTABLISHED ACK received
ESTABLISHED CLOSED RST received' story $((port + 2))
	check '... as one flow' is 1 flows $((port + 2))
fi

begin repair
finished
check 'close() in repair is close()' is 'CLOSED SYN_SENT connect
SYN_SENT ESTABLISHED SYN,ACK received
ESTABLISHED CLOSED close' story $port
check 'a RST is told of as often as one was sent: never' is "0 $rsts" echo "$(sent R)" 0

begin unsent
finished
check 'connect() that waits for data is told of' is 'CLOSED SYN_SENT connect
SYN_SENT CLOSED destroyed' story $port
check 'a SYN is told of as often as one was sent: never' is "0 $segs" echo "$(sent S)" 0

check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
