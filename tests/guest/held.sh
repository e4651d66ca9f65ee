#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SYNs of which no connection comes are told of while everything else is at rest.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

# soon ROW FATE: at rest after the SYN, its record has that fate
soon() {
	local line status=1

	at "$1"
	monitor_start "$work/stream" -s
	net_up t
	while read -r line; do
		case $line in
		PAUSE\ *)
			within 5 grep -q "\"fate\":\"$2\"" "$work/stream"
			result $? "$1: the SYN is told of, $2"
			echo >&"$go"
			;;
		STATUS\ *)
			status=${line#STATUS } ;;
		END\ *) ;;
		*)
			diag "$line" ;;
		esac
	done < <(stim "$1" 4 ta tb 10000 fast 2>&1 <"$work/go"
		 echo "STATUS $?")
	result "$status" "$1: it was sent"
	net_down t
	within 30 no_flows
	monitor_stop
	check "$1: once" [ "$(grep -c "\"fate\":\"$2\"" "$work/stream")" -eq 1 ]
}

modprobe -a tun veth
mkfifo "$work/go"
exec {go}<>"$work/go"
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
soon O21 'dropped: SYN queue full'
soon O22 'dropped: SYN queue full'
soon O23 dropped
check 'the module unloads' rmmod tcpfsm
# then nobody tells that the kernel throws it away
check 'the module loads, and does without a hook' insmod /tcpfsm/tcpfsm.ko without=kfree_skb
soon O23 dropped
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
