#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A listener is told of its own network namespace, one in the initial namespace of all.

here=$(dirname "$0")
. "$here/lib.sh"

# listen NAME COMMAND...: a monitor inside, its stream in $work/NAME
declare -A pids
listen() {
	local name=$1
	shift
	"$@" tcpfsm monitor -j >"$work/$name" 2>"$work/$name.err" &
	pids[$name]=$!
	within 30 grep -qs '"event":"start"' "$work/$name" || diag "$(cat "$work/$name.err")"
}

inode() {
	stat -Lc %i "/run/netns/$1"
}

# namespaces FILE: the ones that its records are from
namespaces() {
	jq -r 'select(.event == "state").netns' "$1" | sort -u | paste -sd ' '
}

all_end_in() {
	[ "$(jq -r 'select(.event == "state" and .new == "CLOSED").flow' "$work/$1" | wc -l)" -ge "$2" ]
}

check 'the module loads' insmod /tcpfsm/tcpfsm.ko
for ns in red blue; do
	ip netns add $ns
	ip -n $ns link set lo up
done
listen init env
listen red ip netns exec red
listen blue ip netns exec blue
ip netns exec red stim --churn 5 1
ip netns exec blue stim --churn 7 1
# the servers' ends and the listener: TIME_WAIT goes on
within 20 all_end_in init 14
within 20 all_end_in red 6
within 20 all_end_in blue 8
check 'red is told of red only' [ "$(namespaces "$work/red")" = "$(inode red)" ]
check 'blue is told of blue only' [ "$(namespaces "$work/blue")" = "$(inode blue)" ]
both=$(printf '%s\n' "$(inode red)" "$(inode blue)" | sort -u | paste -sd ' ')
check 'the initial namespace is told of both' [ "$(namespaces "$work/init")" = "$both" ]
check 'a dump in red has red only' \
	[ "$(ip netns exec red tcpfsm flows -j | jq -r .netns | sort -u)" = "$(inode red)" ]
check 'a dump in the initial namespace has both' \
	[ "$(tcpfsm flows -j | jq -r 'select(.event == "flow").netns' | sort -u | paste -sd ' ')" = "$both" ]
ip netns exec red tcpfsm doctor >"$work/doctor"
ip netns exec red tcpfsm doctor -j >"$work/doctor.json"
check 'what red is not told, doctor does not show as 0' \
	[ -z "$(grep -E '^(flows|ring) | hits$' "$work/doctor")" ]
check '... nor to a program' jq -e 'all(.hooks[]; .hits == null) and (has("flows") | not)' "$work/doctor.json"
check '... but what is lost' grep '^lost ' "$work/doctor"
for name in init red blue; do
	kill -INT "${pids[$name]}"
	wait "${pids[$name]}"
done
for name in init red blue; do
	check "$name lost nothing" [ "$(tail -n 1 "$work/$name" | jq .lost)" -eq 0 ]
done

# root of a user namespace of its own has a network namespace of its own, and no more
su -s /bin/bash user -c 'unshare -Urn tcpfsm flows -j' >"$work/own" 2>&1
check 'root of an unprivileged user namespace may look at its own' [ $? -eq 0 ]
check 'and sees nothing of others' bash -c "! grep '\"event\":\"flow\"' $work/own"
su -s /bin/bash user -c 'unshare -Ur tcpfsm flows' >"$work/others" 2>&1
check 'but not at one it does not own' [ $? -eq 3 ]
for ns in red blue; do
	ip netns del $ns
done
within 60 no_flows
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
