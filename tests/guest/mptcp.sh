#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Subflows of Multipath TCP: one that was accepted waits for nobody, one that was refused is gone.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

[ -e /proc/sys/net/mptcp/enabled ] || {
	echo '1..0 # SKIP this kernel has no Multipath TCP'
	exit
}
port=5000
modprobe -a tun veth
mkfifo "$work/go"
exec {go}<>"$work/go"

# counter NETNS NAME: of MPTCP
# shellcheck disable=SC2016	# awk's, not the shell's
counter() {
	ip netns exec "$1" awk -v name="$2" '$1 == "MPTcpExt:" {
		if (!n) { n = split($0, names); next }
		for (i = 2; i <= n; i++) if (names[i] == name) print $i
	}' /proc/net/netstat
}

# has_counted NETNS NAME MORE: than so many
has_counted() {
	[ "$(counter "$1" "$2")" -gt "$3" ]
}

listens() {
	ip netns exec mb ss -Hltn "sport = :$port" | grep -q .
}

# subflows STATE COUNT: there are so many at the server
subflows() {
	local n
	n=$(tcpfsm flows -j -L $port -S "$1" | grep -c '"event":"flow"')
	echo "$n in $1"
	[ "$n" -eq "$2" ]
}

# old NS: the server's subflows have been in their state for longer
old() {
	tcpfsm flows -j -L $port -S established |
		jq -e -s --argjson ns "$1" 'length > 0 and all(.ns_in_state == null or .ns_in_state > $ns)' >/dev/null
}

# listener FIELD: of the one there is
listener() {
	tcpfsm stats --listeners -j | jq -s --arg field "$1" --argjson port $port \
		'map(select(.lport == $port) | .[$field]) | add'
}

# meet: connect from the one namespace to the other
meet() {
	ip netns exec mb stim --mptcp - $port &
	server=$!
	within 20 listens
	ip netns exec ma stim --mptcp 10.0.0.2 $port >"$work/client" <"$work/go" &
	client=$!
	within 20 grep -q PAUSE "$work/client"
}

part() {
	echo >&"$go"
	wait $client && wait $server
}

# limits CLIENT SERVER: subflows that each allows beside the first
limits() {
	ip -n ma mptcp limits set subflows "$1"
	ip -n mb mptcp limits set subflows "$2"
}

net_up m
ip -n ma addr add 10.0.0.3/24 dev va
ip -n ma mptcp endpoint add 10.0.0.3 dev va subflow
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
tcpfsm thresholds unaccepted=500ms syn-received=500ms >"$work/set"

echo '# a second subflow is accepted'
limits 2 2
meet
result $? 'they speak Multipath TCP'
check 'a second one joins' within 20 has_counted mb MPJoinAckRx 0
check 'both subflows are open' within 20 subflows established 2
check '... for longer than one that nobody accepts may be' within 20 old 1500000000
check 'none of them is stuck' is 0 stat_of overdue
check 'the listener waits for nobody to take them' is 0 listener waiting
part
result $? 'they close'

echo '# a second subflow is refused'
limits 2 0
meet
check 'another one knocks' within 20 has_counted mb MPJoinSynRx 1
check 'one is open' within 20 subflows established 1
check 'none waits to be opened' within 5 subflows syn-received 0
part
result $? 'they close'

echo '# a first subflow by SYN cookie'
limits 0 0
ip netns exec mb bash -c "echo 2 >/proc/sys/net/ipv4/tcp_syncookies"
capable=$(counter mb MPCapableACKRX)
meet
check 'it is one of Multipath TCP' within 5 has_counted mb MPCapableACKRX "$capable"
check 'its listener has opened one' is 1 listener completed
check '... by SYN cookie' is 1 listener cookies_ok
part
result $? 'they close'
net_down m
within 20 no_flows
result $? 'all flows come to their end'
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
