# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What ss shows beside what tcpfsm shows: sourced, with $here and $work set.

# sockets NETNS: what ss shows there, as STATE LADDR LPORT RADDR RPORT COOKIE
sockets() {
	ss -N "$1" -tanHe 2>/dev/null | awk -f "$here/states.awk" -f "$here/ss.awk"
}

# flows NETNS: the same of tcpfsm
flows() {
	tcpfsm flows -j -n "$1" | jq -r 'select(.event == "flow") |
		"\(.state) \(.laddr) \(.lport) \(.raddr) \(.rport) \(.flow)"' |
		awk -f "$here/states.awk" -f "$here/flows.awk"
}

# same_view NAME: do ss and tcpfsm agree on both hosts
same_view() {
	local host
	for host in "${1}a" "${1}b"; do
		diff -U0 <(sockets "$host" | sort) <(flows "$host" | sort) || return
	done >"$work/diff"
}
