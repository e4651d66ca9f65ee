# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The two hosts of a scenario, as drawn in stim.h: sourced, never run.

# net_up NAME: make the namespaces NAMEa and NAMEb
net_up() {
	local n=$1
	ip netns add "${n}a" && ip netns add "${n}b" || return
	ip -n "${n}a" link add va type veth peer name vb netns "${n}b" || return
	host_up "${n}a" va 1 && host_up "${n}b" vb 2
}

# host_up NETNS VETH NUMBER
host_up() {
	ip -n "$1" tuntap add tun0 mode tun &&
	ip -n "$1" -batch - <<-EOT
	link set lo up
	link set $2 up
	addr add 10.0.0.$3/24 dev $2
	addr add fd00::$3/64 dev $2 nodad
	addr add 10.1.0.$3/24 dev tun0
	addr add fd01::$3/64 dev tun0 nodad
	EOT
}

net_down() {
	ip netns del "${1}a"
	ip netns del "${1}b"
}
