#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# takeover.sh COUNT: sockets that are older than the module. It is loaded anew wherever a row of the
# catalogue rests, and must show what ss shows; and beside COUNT connections that stay.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"
. "$here/view.sh"

count=$1
rests=0
bad=0
failed=0

# reload: load the module anew
reload() {
	! grep -q '^tcpfsm ' /proc/modules || rmmod tcpfsm
	insmod /tcpfsm/tcpfsm.ko
}

# apply ROW FAMILY
apply() {
	local name=t$1 line status=1
	at "$1 IPv$2"
	net_up "$name" || return
	while read -r line; do
		case $line in
		PAUSE\ *)
			rests=$((rests + 1))
			reload
			within 3 same_view "$name" || {
				bad=$((bad + 1))
				diag "$1 IPv$2, ${line#PAUSE }: $(cat "$work/diff")"
			}
			echo >&"$go"
			;;
		STATUS\ *)
			status=${line#STATUS } ;;
		esac
	done < <(stim "$1" "$2" "${name}a" "${name}b" 10000 fast 2>&1 <"$work/go"; echo "STATUS $?")
	net_down "$name"
	return "$status"
}


modprobe -a tun veth tcp_diag
mkfifo "$work/go"
exec {go}<>"$work/go"
for row in $(cd "$here/../scenarios" && printf "%s\n" [CO][0-9]* | sort -V); do
	grep -q '^guest:.*fast' "$here/../scenarios/$row" || continue
	from=$(sed -n 's/^from: //p' "$here/../scenarios/$row")
	[ -z "$from" ] || ! older "$kernel" "$from" || {
		result 0 "$row # SKIP Linux $from and later"
		continue
	}
	apply "$row" 4 || {
		failed=$((failed + 1))
		diag "$row: the stimulus failed"
	}
done
check 'every row was applied' [ "$failed" -eq 0 ]
check "flows is what ss shows, at each of $rests rests" [ "$bad" -eq 0 -a "$rests" -gt 20 ]
within 100 no_flows
result $? 'all flows come to their end'
check 'the module unloads' rmmod tcpfsm

# load: the module; how long it took, in ms, in $took
load() {
	local before=${EPOCHREALTIME/./}
	check 'the module loads' insmod /tcpfsm/tcpfsm.ko max_flows=$((count * 4 + 16))
	took=$(((${EPOCHREALTIME/./} - before) / 1000))
}

# same_all: all connections and listeners of this namespace
same_all() {
	diff <(ss -tanHe | awk -f "$here/states.awk" -f "$here/ss.awk" | sort) \
		<(tcpfsm flows -j | jq -r 'select(.event == "flow") |
			"\(.state) \(.laddr) \(.lport) \(.raddr) \(.rport) \(.flow)"' |
			awk -f "$here/states.awk" -f "$here/flows.awk" | sort)
}

echo "# $count connections, both ends of each"
load
check 'the module unloads' rmmod tcpfsm
without=$took
stim --hoard "$count" >"$work/hoard" 2>&1 <"$work/go" &
within 600 grep -q PAUSE "$work/hoard"
result $? 'they are there'
diag "$(grep -v PAUSE "$work/hoard")"
load
diag "loaded in $took ms, without them in $without ms"
check 'all are taken over' [ "$(tcpfsm stats | awk '$1 == "taken_over" { print $2 }')" -ge $((count * 2)) ]
check 'flows is what ss shows' same_all
echo >&"$go"
within 600 no_flows
result $? 'all flows come to their end'
check 'the module unloads' rmmod tcpfsm

# listeners FIELD: the sum of it over all of them
listeners() {
	tcpfsm stats --listeners -j | jq -s --arg field "$1" 'map(.[$field]) | add'
}

# at_rest NAME: stim --defer is there
at_rest() {
	within 30 grep -q "PAUSE $1" "$work/defer"
}

echo '# in the middle of a handshake'
stim --defer >"$work/defer" 2>&1 <"$work/go" &
deferred=$!
check 'a connection is open at one end' at_rest deferred
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'flows is what ss shows' same_all
check 'its listener has one half-open' is 1 listeners half_open
echo >&"$go"
check 'it is open at the other' at_rest queued
check '... and waits for accept()' is 1 listeners waiting
check '... and is half-open no more' is 0 listeners half_open
echo >&"$go"
check 'it is accepted' at_rest accepted
check '... as is counted' is 1 listeners accepted
check '... and does not wait' is 0 listeners waiting
echo >&"$go"
wait $deferred
within 20 no_flows
result $? 'all flows come to their end'
check 'the module unloads' rmmod tcpfsm

# loaded: insmod is over
# shellcheck disable=SC2317	# within calls it
loaded() {
	! kill -0 "$loading" 2>/dev/null
}

# beside_stalled: load it while a process holds a socket's lock
beside_stalled() {
	stim --stall >"$work/stall" 2>&1 <"$work/go" &
	stalled=$!
	within 30 grep -q PAUSE "$work/stall"
	result $? 'a process sends from memory that is not there'
	insmod /tcpfsm/tcpfsm.ko &
	loading=$!
	within 30 loaded
	result $? 'the module loads'
	check 'flows is what ss shows' same_all
	echo >&"$go"
	wait $stalled
	result $? 'the process ends'
	wait $loading
	within 20 no_flows
	result $? 'all flows come to their end'
	check 'the module unloads' rmmod tcpfsm
}

echo '# while a process holds a socket'"'"'s lock'
if [ -e /proc/sys/vm/unprivileged_userfaultfd ]; then
	beside_stalled
else
	result 0 'a process sends from memory that is not there # SKIP this kernel has no userfaultfd'
fi

echo '# while connections come and go'

# sockets: there are many
sockets() {
	[ "$(ip netns exec busy ss -tanH | wc -l)" -gt 20 ]
}

# traced: what they do was seen
traced() {
	[ "$(stat_of transitions)" -gt 100 ]
}

# with the namespace all of its sockets go
ghosts=0
for ((i = 0; i < 10; i++)); do
	at "load $i"
	ip netns add busy
	ip -n busy link set lo up
	ip netns exec busy stim --churn 0 2 &
	within 20 sockets
	insmod /tcpfsm/tcpfsm.ko
	within 20 traced
	kill $!
	wait $! 2>/dev/null
	ip netns del busy
	within 20 no_flows || {
		ghosts=$((ghosts + 1))
		diag "load $i: $(tcpfsm flows | head -n 5)"
	}
	rmmod tcpfsm
done
check 'loaded meanwhile, it has no flow whose end it missed' [ $ghosts -eq 0 ]
check 'the kernel did not complain' dmesg_clean
finish
