#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What data of connections that stay costs, with and without the module: data.sh ROUNDS BYTES EXCHANGES

here=$(dirname "$0")
. "$here/../guest/lib.sh"
. "$here/tracers.sh"

# sample ROUND TRACER WHAT: of the count and the instructions on stdin
sample() {
	local count all
	read -r count all
	[ -n "$all" ] || give_up "$3: no measurement"
	printf '{"part":"data","round":%u,"tracer":"%s","what":"%s","count":%u,"all":%u}\n' "$1" "$2" "$3" "$count" "$all"
}

modprobe veth
ip netns add client
ip netns add server
ip link add veth-c netns client type veth peer name veth-s netns server
ip -n client addr add 10.0.0.1/24 dev veth-c
ip -n server addr add 10.0.0.2/24 dev veth-s
ip -n client link set veth-c up
ip -n server link set veth-s up
bench exchange 1000 >/dev/null

# measure ROUND TRACER BYTES EXCHANGES
measure() {
	need "$2"
	for _ in 1 2 3; do
		bench bulk "$3" | sample "$1" "$2" loopback || exit
		bench bulk "$3" client server 10.0.0.2 | sample "$1" "$2" veth || exit
	done
	bench exchange "$4" | sample "$1" "$2" exchange || exit
	free "$2"
}

# for warming up
for t in none module; do
	measure 0 $t $(($2 / 10)) $(($3 / 100)) >/dev/null
done
for ((round = 1; round <= $1; round++)); do
	for t in none module; do
		at "$round $t"
		within 120 none_left client server || give_up "$t: connections do not leave TIME_WAIT"
		measure $round $t "$2" "$3"
	done
done
