#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The scenes of make demo, in a guest: what tcpfsm monitor prints as it happens, scene by scene,
# the verdict of tcpfsm check after each, and the picture of the first one at the end.

here=$(dirname "$0")
. "$here/guest/lib.sh"
. "$here/guest/net.sh"

shown=$work/shown
missing=0
scene=0
session="$work/session"
verdicts="$work/verdicts"

# say TEXT: in bold where that is a terminal
say() {
	if [ -t 1 ]; then
		printf '\n\033[1m%s\033[0m\n' "$1"
	else
		printf '\n%s\n' "$1"
	fi
}

# lines: those of this scene, one space between words
lines() {
	tail -n "+$((before + 1))" "$shown" | tr -s ' '
}

# printed LPORT OLD NEW: has that transition been printed in this scene
printed() {
	lines | grep -qE " $1 [^ ]+ [0-9]+ $2 -> $3 "
}

# expect LPORT STATE...: it goes through these
expect() {
	local port=$1 old=$2 new
	shift 2
	for new; do
		within 5 printed "$port" "$old" "$new" || {
			echo "MISSING: $old -> $new of port $port"
			missing=$((missing + 1))
		}
		old=$new
	done
}

# play ROW COMMAND: the stimulus, with COMMAND at each of its pauses
play() {
	local line status=1

	scene=$((scene + 1))
	port=$((scene * 1000 + 80))
	before=$(wc -l <"$shown")
	net_up "demo$scene"
	while read -r line; do
		case $line in
		PAUSE\ *) $2 "${line#PAUSE }"; echo >&"$go" ;;
		STATUS\ *) status=${line#STATUS } ;;
		stim:*) echo "$line" ;;
		esac
	done < <(stim "$1" 4 "demo${scene}a" "demo${scene}b" $port warp 2>&1 <"$work/go"
		 echo "STATUS $?")
	net_down "demo$scene"
	[ "$status" = 0 ] || missing=$((missing + 1))
}

# table STATE: the flows in it, and there has to be one
table() {
	echo "\$ tcpfsm flows -S $1"
	tcpfsm flows -S "$1" | tee "$work/table"
	[ "$(wc -l <"$work/table")" -gt 1 ] || {
		echo "MISSING: a flow in $1"
		missing=$((missing + 1))
	}
}

# judged: what tcpfsm check says of this scene's client, or of the server if no client was traced
judged() {
	awk -v client=$((port + 1)) -v server="$port" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{ port = $column["LPORT"] }
		port != client && port != server { next }
		{
			words = $column["HANDSHAKE"] ", " $column["TEARDOWN"] ", " $column["VERDICT"]
			sub(/, -,/, ",", words)
			remarks = $column["REMARKS"]
			for (i = column["REMARKS"] + 1; i <= NF; i++)
				remarks = remarks " " $i
			said[port] = words " (" remarks ")"
		}
		END {
			if (client in said)
				print "verdict on the client: " said[client]
			else if (server in said)
				print "verdict on the server: " said[server]
			else
				exit 1
		}' "$verdicts"
}

# verdict: its one line
verdict() {
	within 5 judged >/dev/null || {
		echo "MISSING: a verdict on port $port"
		missing=$((missing + 1))
		return
	}
	judged
}

half_open() {
	within 5 printed "$port" LISTEN SYN_RECEIVED
	[ "$1" = half-open-again ] || table syn-received
}

stuck() {
	within 5 printed "$port" ESTABLISHED CLOSE_WAIT
	table close-wait
}

# listening N: so many processes listen to the module
listening() {
	[ "$(awk '$2 == 16 && $4 != "00000000"' /proc/net/netlink | wc -l)" -ge "$1" ]
}

modprobe -a tun veth
mkfifo "$work/go"
exec {go}<>"$work/go"
insmod /tcpfsm/tcpfsm.ko || exit
dmesg | grep -o 'tcpfsm: version.*'
: >"$shown"
echo "\$ tcpfsm monitor"
tcpfsm monitor > >(tee "$shown") &
monitor=$!
tcpfsm check >"$verdicts" 2>/dev/null &
check=$!
tcpfsm ladder -P 1080 -c 1 >"$session" 2>/dev/null &
ladder=$!
within 20 grep -q OLDSTATE "$shown"
within 20 grep -q HANDSHAKE "$verdicts"
within 20 listening 3

say 'The classic session: connect, the four bytes "Hutu", the client closes, then the server'
play C1 :
expect "$((port + 1))" CLOSED SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED
expect "$port" LISTEN SYN_RECEIVED ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED
verdict

say 'Refused: nobody listens on that port'
play O3 :
expect "$((port + 1))" CLOSED SYN_SENT CLOSED
verdict

say 'Reset: the client aborts, SO_LINGER 0'
play C6 :
expect "$((port + 1))" ESTABLISHED CLOSED
expect "$port" ESTABLISHED CLOSED
verdict

say 'Simultaneous close: the two FINs cross'
play C4 :
expect "$((port + 1))" ESTABLISHED FIN_WAIT_1 CLOSING TIME_WAIT CLOSED
expect "$port" ESTABLISHED FIN_WAIT_1 CLOSING TIME_WAIT CLOSED
verdict

say 'Half open: a SYN, and the third segment never comes'
play O7 half_open
expect "$port" LISTEN SYN_RECEIVED CLOSED
verdict

say 'CLOSE_WAIT left open: the client closed, the server does not notice'
play C20 stuck
expect "$port" ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED
verdict

say 'The first scene once more, as textbooks draw it: both of its ends, and the segments between them'
echo "\$ tcpfsm ladder -P 1080"
within 5 grep -q '^server: ' "$session" || {
	echo "MISSING: the picture"
	missing=$((missing + 1))
	kill -INT "$ladder"
}
wait "$ladder"
cat "$session"
for line in 'SYN_SENT ' 'FIN_WAIT_2 ' 'client: three-way, four-way, ok' 'server: three-way, four-way, ok' \
	'client sent 4 bytes'; do
	grep -qF "$line" "$session" || {
		echo "MISSING: '$line' in the picture"
		missing=$((missing + 1))
	}
done

say 'The end'
kill -INT "$check"
wait "$check" || {
	echo "MISSING: a status of 0 from tcpfsm check"
	missing=$((missing + 1))
}
kill -INT "$monitor"
wait "$monitor"
status=$?
rmmod tcpfsm || missing=$((missing + 1))
[ $missing -eq 0 ] || echo "$missing of the things these scenes should show were not seen"
[ $missing -eq 0 ] && [ $status -eq 0 ]
