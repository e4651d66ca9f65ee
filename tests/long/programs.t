#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Real programs, traced in a guest: nothing is lost, each connection they say they made is there with both ends
# and their owners, every verdict is explained (tests/programs/why), and the capture that tshark sees in our pcapng
# has the segments of tcpdump's at that end. `make check-programs`; with a directory as its argument the run whose
# files are there is looked at again.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/../host.sh"

cd "$top" || exit 1
tool=build/tcpfsm
programs=tests/programs
out=${1:-build/programs}

# same GOT WANT
same() {
	echo "got '$1', not '$2'"
	[ "$1" = "$2" ]
}

# streams FILE [NAME=VALUE]: who sent SYN, FIN, RST, in which order
streams() {
	tshark -n -r "$1" -Y 'tcp.flags.syn == 1 || tcp.flags.fin == 1 || tcp.flags.reset == 1' -T fields \
		-e tcp.stream -e ip.src -e ipv6.src -e tcp.srcport -e ip.dst -e ipv6.dst -e tcp.dstport \
		-e tcp.flags.syn -e tcp.flags.ack -e tcp.flags.fin -e tcp.flags.reset \
		-e tcp.seq_raw -e tcp.len -e tcp.ack_raw 2>"$out/tshark.err" |
		awk -v "${2:-acks=0}" -f "$programs"/streams.awk
}

inode() {
	awk -v host="$1" '$1 == host { print $2 }' "$out/netns"
}

# on_the_wire HOST: our pcapng of that end has what tcpdump has, as tshark reads them
on_the_wire() {
	"$tool" record -r "$out/record" -n "$(inode "$1")" -w "$out/$1.pcapng" || return
	streams "$out/$1.pcap" acks=1 >"$out/$1.wire"
	streams "$out/$1.pcapng" >"$out/$1.recorded"
	awk -v peer="$([ "$1" = a ] && echo '<' || echo '>')" -f "$programs"/same.awk "$out/$1.wire" "$out/$1.recorded" | tee "$out/$1.same"
	return "${PIPESTATUS[0]}"
}

# words HOST: verdicts of that end: which connection, handshake, teardown. That we reset it the wire does not tell
words() {
	jq -r --argjson host "$(inode "$1")" 'select(.event == "verdict" and (.netns == $host or .netns == 0)) |
		if .teardown == "reset-local" then .teardown = null else . end |
		"\(.laddr) \(.lport) \(.raddr) \(.rport) \(.iss) \(.irs) \(.handshake) \(.teardown)"' | sort
}

# as_captured HOST: tcpdump's capture of that end, judged, has the same verdicts on it
as_captured() {
	words "$1" <"$out/verdicts.json" >"$out/$1.words"
	"$tool" check -j -H -r "$out/$1.pcap" 2>"$out/check.err" | words "$1" >"$out/$1.captured"
	awk -f "$programs"/judged.awk "$out/$1.captured" "$out/$1.words" | tee "$out/$1.judged"
	return "${PIPESTATUS[0]}"
}

# owners: of the client's end the client that was started, of the server's the process that took it
owners() {
	awk -F '\t' -v OFS=' ' '
	FILENAME ~ /servers$/ { pid[$1] = $2; next }
	FILENAME ~ /clients$/ { comm[$2] = $3; next }
	FILENAME ~ /accepted$/ { split($0, a, " "); took[a[2] ":" a[3] ":" a[4], a[5]]; next }
	{
		split($9, end, /[>#]/)
		name = $1
		sub(/-.*/, "", name)
		name = name == "pg" ? "postgres" : name == "ssh" ? "sshd" : name
		port = end[2]
		sub(/.*:/, "", port)
		# a port may be used again, and another worker take it
		right = name == "nginx" ? (end[1] ":" port, $12) in took : $12 == pid[name]
		if (comm[$10] == "" || comm[$10] != $11 || $12 != "-" && (!right ||
		    $13 != (name == "redis" ? "redis-server" : name))) {
			print $0
			bad = 1
		}
		n++
	}
	END { exit bad || !n }' "$out/servers" "$out/clients" "$out/accepted" "$out/rows"
}

# as_logged: those with both ends are those the servers tell of
as_logged() {
	awk -F '\t' '$11 != "-" && $13 != "-" {
		split($9, end, /[>#]/)
		sub(/.*:/, "", end[2])
		print end[1], end[2] }' "$out/rows" | sort >"$out/both"
	awk '{ print $2 ":" $3, $4 }' "$out/accepted" | sort >"$out/logged"
	diff "$out/logged" "$out/both" && [ -s "$out/logged" ]
}

# one_end: those with the client's end only
one_end() {
	[ "$(awk -F '\t' '$11 == "-" || $13 == "-" { print $1 }' "$out/rows" | sort | uniq -c | tr -s ' ')" = ' 10 nginx-refused' ]
}

[ -n "$1" ] || {
	http=$(scripts/guest-root extra http) || exit 1
	servers=$(scripts/guest-root extra servers) || exit 1
	rm -rf "$out"
	guest_checks -s 2 -m 2560 -t 3600 -o "$out" -f "$http:/" -f "$servers:/" -- bash /tests/guest/programs.sh
}
[ -s "$out/record" ] || { echo "Bail out! no recording in $out"; exit 1; }

"$tool" check -j -H -r "$out/record" >"$out/verdicts.json" 2>"$out/check.err"
status=$?
"$tool" monitor -s -j -r "$out/record" 2>"$out/monitor.err" >"$out/events.json"
jq -r 'select(.event == "state" and .old == "ESTABLISHED") | [.flow, .cause] | @tsv' "$out/events.json" >"$out/left"
jq -r --argjson a "$(inode a)" 'select(.event == "verdict") | [.flow, .netns, .laddr, .lport, .raddr, .rport,
	(if .netns == $a then .iss else .irs end), .pid, .comm, .handshake, .teardown, .conformance,
	(.violations | map(.rule) | join(", ")), (.notes | join(", ")), (.missing | join(", "))] |
	map(. // "") | @tsv' "$out/verdicts.json" >"$out/verdicts"
awk -f "$programs"/rows.awk "$out/netns" "$out/clients" "$out/left" "$out/verdicts" | sort >"$out/rows"

check 'no violation: check exits with 0' same "$status" 0
check 'nothing was lost, late or unreadable' same "$(jq -c 'select(.event == "summary") |
	[.lost, .late, .malformed, .violated, .incomplete]' "$out/verdicts.json")" '[0,0,0,0,0]'
check 'there are thousands' [ "$(wc -l <"$out/rows")" -gt 2000 ]
check 'no cause is unknown' same "$(jq -r 'select(.cause == "unknown") | .flow' "$out/events.json")" ''
check 'those with both ends are those the servers tell of' as_logged
check '... and of the others there is one end only' one_end
check 'each end belongs to its process' owners
check 'every verdict is explained' awk -f "$programs"/table.awk "$programs"/why "$out/rows"
for host in a b; do
	check "host $host: tshark sees in our pcapng what tcpdump saw on the wire" on_the_wire $host
	check "host $host: the capture, judged alone, has the same verdicts" as_captured $host
done
echo "# $(wc -l <"$out/rows") connections, $(wc -l <"$out/verdicts") ends, $(grep -cE '"event":"(state|segment)"' "$out/events.json") transitions and segments"
for host in a b; do
	echo "# host $host: $(tail -n 1 "$out/$host.same")"
	echo "# host $host: $(tail -n 1 "$out/$host.judged")"
done
finish
