#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Arguments are read only if they are what the kernel's BTF says they are. /wrong.ko expects others of
# tcp_check_req, tcp_v4_send_ack and tcp_fin, and without BTF does not know the kernel; /forecast is what scripts/preflight said of this kernel.

here=$(dirname "$0")
. "$here/lib.sh"

# says TEXT: the kernel's log does, since it was last cleared
says() {
	dmesg | grep -F "tcpfsm: $1"
}

# missing: hooks that the module says are missing, a line each
missing() {
	dmesg | sed -n 's/.*tcpfsm: hook \([a-z0-9_]*\) is missing: cannot see .*/\1/p' | sort
}

# forecast: those of which scripts/preflight said so
forecast() {
	sed -nE 's/^(missing|differs)  (tracepoint )?([a-z0-9_]*).*: cannot see .*/\3/p' /forecast | sort
}

# traced: connections are, all the same
traced() {
	monitor_start "$work/stream"
	stim --churn 4 1 >/dev/null
	monitor_stop
	[ "$(jq -r 'select(.new == "FIN_WAIT_1") | .old' "$work/stream" | grep -c ESTABLISHED)" -ge 4 ]
}

if [ ! -e /sys/kernel/btf/vmlinux ]; then
	check 'the module loads into a kernel without BTF' insmod /tcpfsm/tcpfsm.ko
	check '... and says that nothing was checked' says 'no BTF in this kernel: what its functions take is not checked'
	check '... but hooks all' [ "$(tcpfsm doctor -j | jq 'all(.hooks[]; .attached)')" = true ]
	rmmod tcpfsm
	dmesg_begin
	check 'a module that is older than the kernel loads' insmod /wrong.ko
	check '... says so' says 'no BTF in this kernel, which is newer than tcpfsm'
	check '... and hooks no function' [ "$(tcpfsm doctor -j | jq -r '[.hooks[] | select(.attached) | .name] | sort | join(" ")')" = \
		'inet_sock_set_state kfree_skb tcp_retransmit_skb' ]
	check '... each is missing' [ "$(missing | wc -l)" = 35 ]
	check 'the module is unloaded' rmmod tcpfsm
	check 'the kernel did not complain' dmesg_clean
	finish
	exit
fi

check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'it misses the hooks that preflight said it would' diff <(forecast) <(missing)
check 'no argument of theirs is another' bash -c "! dmesg | grep 'does not take'"
rmmod tcpfsm

dmesg_begin
check 'a module that expects other arguments loads' insmod /wrong.ko
check 'it misses three hooks more' \
	diff <({ forecast; printf '%s\n' tcp_check_req tcp_v4_send_ack tcp_fin; } | sort) <(missing)
check '... one as the types differ' says 'tcp_check_req() does not take (sk_buff *, sock *, request_sock *, bool'
check '... one as the names do' says 'tcp_v4_send_ack() does not take (sock *, sk_buff *, u32 ack, u32 seq'
check '... one as it has too few' says 'tcp_fin() does not take (sock *, int, ...)'
check '... and tells what is blind' says 'hook tcp_check_req is missing: cannot see which segment'
check 'the tool says so, too' bash -c "tcpfsm doctor | grep 'tcp_check_req'"
check 'what is left works: connections are traced' traced
check 'the module is unloaded' rmmod tcpfsm
finish
