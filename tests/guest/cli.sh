#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the tool and the module answer to those who may not, cannot or ask for nonsense.

here=$(dirname "$0")
. "$here/lib.sh"

# answers STATUS TEXT COMMAND...: it exits with STATUS and says TEXT on stderr, in a line or two
answers() {
	local want=$1 text=$2 err status
	shift 2
	err=$("$@" 2>&1 >/dev/null)
	status=$?
	echo "exit status $status: $err"
	[ "$status" -eq "$want" ] && [[ $err == *"$text"* ]] && [ "$(wc -l <<<"$err")" -le 2 ]
}

# refused STATUS TEXT ARGUMENT...: tcpfsm does so
refused() {
	check "tcpfsm ${*:3}: exit status $1 and '$2'" answers "$1" "$2" timeout 20 tcpfsm "${@:3}"
}

# bad_parameter NAME VALUE TEXT: insmod fails with EINVAL and the kernel's log says TEXT
bad_parameter() {
	dmesg_begin
	check "insmod $1=$2: invalid" answers 1 Invalid insmod /tcpfsm/tcpfsm.ko "$1=$2"
	check "insmod $1=$2: the log says '$3'" bash -c "dmesg | grep 'tcpfsm: .*$3'"
}

# same GOT WANT
as_user() {
	su -s /bin/bash user -c "$*"
}

for command in monitor flows stats; do
	refused 3 'insmod' $command
done

bad_parameter max_flows 15 max_flows
bad_parameter max_flows 4294967295 max_flows
bad_parameter ring_records 63 ring_records
bad_parameter ring_records 1048577 ring_records
bad_parameter without no_such_hook no_such_hook

check 'the module loads' insmod /tcpfsm/tcpfsm.ko max_flows=1000 ring_records=1000
check 'max_flows can be read' [ "$(cat /sys/module/tcpfsm/parameters/max_flows)" = 1000 ]
check 'ring_records can be read, rounded up' \
	[ "$(cat /sys/module/tcpfsm/parameters/ring_records)" = 1024 ]
check 'loading prints one line' [ "$(dmesg | grep -c 'tcpfsm: version')" -eq 1 ]

refused 2 bogus bogus
refused 2 -- --bogus
refused 2 -Z monitor -Z
refused 2 CLOSING monitor -S nowhere
refused 2 nowhere monitor -S established,nowhere
refused 2 "'0'" monitor -L 0
refused 2 70000 monitor -D 70000
refused 2 80- monitor -P 80-
refused 2 90-80 monitor -P 90-80
refused 2 10.0.0.0/33 monitor -a 10.0.0.0/33
refused 2 fd00::/129 monitor -a fd00::/129
refused 2 10.0.0 monitor -a 10.0.0
refused 2 no-such-netns monitor -n no-such-netns
refused 2 /etc/passwd monitor -n /etc/passwd
refused 2 match monitor -4 -6
refused 2 match monitor -4 -a fd00::1
refused 2 abc monitor -p abc
refused 2 "'0'" monitor -c 0
refused 2 1Z monitor --buffer 1Z
refused 2 -- monitor stray
refused 2 -L flows -L

for state in close-wait FIN-WAIT-1 fin_wait1 syn-recv Time-Wait ESTAB; do
	check "flows -S $state" tcpfsm flows -S $state
done

# a header, and no packets
printf '\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0' >"$work/empty.pcap"
check 'a capture is read' tcpfsm check -r "$work/empty.pcap"
library=$(find /lib/ /usr/lib/ -name libpcap.so.0.8 | head -n 1)
mv "$library" "$library.away"
refused 5 libpcap0.8 check -r "$work/empty.pcap"
mv "$library.away" "$library"
check 'a user without privileges: status 3 and what is needed' \
	answers 3 CAP_NET_ADMIN as_user tcpfsm monitor
check 'flows as a user: status 3 and what is needed' answers 3 CAP_NET_ADMIN as_user tcpfsm flows
check 'stats as a user: status 3 and what is needed' answers 3 CAP_NET_ADMIN as_user tcpfsm stats

# a pipe whose reader goes away
pipe() {
	{ tcpfsm monitor 2>"$work/err"; echo $? >"$work/status"; } | head -n 2 &
	within 20 tcpfsm_listens
	stim --churn 200 1
	wait $!
	[ "$(cat "$work/status")" -eq 0 ] && [ ! -s "$work/err" ]
}

# somebody is in a group of generic netlink
tcpfsm_listens() {
	awk '$2 == 16 && $4 != "00000000" { found = 1 } END { exit !found }' /proc/net/netlink
}

check 'a broken pipe ends it quietly' pipe

monitor_start "$work/stream"
stim --churn 10 1
monitor_stop
check '^C ends it with status 0' [ $? -eq 0 ]
check '^C prints a summary to stderr' grep -E '[0-9]+ events, [0-9]+ connections, 0 lost' \
	"$work/stream.err"
check 'the summary is the last object' \
	[ "$(tail -n 1 "$work/stream" | jq -r .event)" = summary ]
check 'every line is an object with a kind' \
	[ "$(jq -r '.event | type' "$work/stream" | sort -u)" = string ]

tcpfsm monitor -H -c 3 >"$work/three" &
within 20 tcpfsm_listens
stim --churn 2 1
wait $!
check '-c 3 stops after three lines' same "$(grep -c -- "->" "$work/three")" 3

check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
