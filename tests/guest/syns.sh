#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SYNs that several processes bring in on one CPU are told of with the flows they begin: on a PREEMPT_RT
# kernel one process may be preempted by another while it works on a SYN.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

writers=4 count=900
total=$((writers * count))

modprobe -a tun veth
net_up s
ip netns exec sb sysctl -q net.ipv4.tcp_syncookies=0 net.ipv4.tcp_max_syn_backlog=100000 \
	net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun0.rp_filter=0 net.core.somaxconn=100000
ip -n sb link set tun0 up
ip -n sb route add 11.0.0.0/8 dev tun0
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'nothing is left out' tcpfsm thresholds stray-rate=1000000
monitor_start "$work/stream" -s
stim --syns "$writers" "$count" sb 5000 </dev/null >"$work/told" 2>&1
result $? "$writers processes send $count SYNs each"
diag "$(grep -v '^PAUSE' "$work/told")"
net_down s
within 60 no_flows
result $? 'all flows come to their end'
monitor_stop
segment_lines "$work/stream" | awk -F '\t' '$2 == "in" && $7 == "S" {
	print ($22 == "null" ? "without a flow" : "with a flow") ", fate " $20 }' | sort | uniq -c >"$work/fates"
diag "$(cat "$work/fates")"
check 'each SYN is told of once, with the flow it begins, and no other is' \
	[ "$(awk '{ $1 = $1; print }' "$work/fates")" = "$total with a flow, fate null" ]
check 'each half-open flow is told of' \
	[ "$(state_lines "$work/stream" | awk -F '\t' '$3 == "SYN_RECEIVED"' | wc -l)" -eq "$total" ]
check 'nothing was lost' [ "$(grep -c '"event":"lost"' "$work/stream")" -eq 0 ]
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
