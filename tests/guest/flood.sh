#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# flood.sh COUNT: so many SYNs from everywhere at one listener, with SYN cookies and without, beside
# a client that means it. The kernel's own counters are the oracle.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

count=$1

# counter NAME: of the flooded host, since it was made
counter() {
	ip netns exec fb nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'
}

# listener FIELD: what tcpfsm counted of it
listener() {
	jq -r "select(.event == \"listener\" and .lport == 5000) | .$1" "$work/listeners"
}

# alerts FILTER: how many there were
alerts() {
	jq -c "select(.event == \"alert\" and $1)" "$work/alerts" | wc -l
}

# flood COOKIES
flood() {
	local cookies=$1 told=$work/told.$1 flooder resident
	echo "# tcp_syncookies=$cookies"
	net_up f
	ip netns exec fb sysctl -q net.ipv4.tcp_syncookies="$cookies" net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.tun0.rp_filter=0 net.ipv4.tcp_synack_retries=2
	ip -n fb link set tun0 up
	ip -n fb route add 11.0.0.0/8 dev tun0
	check 'the module loads' insmod /tcpfsm/tcpfsm.ko
	tcpfsm monitor -j --alerts >"$work/alerts" 2>"$work/alerts.err" &
	watcher=$!
	tcpfsm check -j >"$work/verdicts" 2>"$work/verdicts.err" &
	judge=$!
	within 30 grep -qs '"event":"start"' "$work/verdicts"
	within 30 grep -qs '"event":"start"' "$work/alerts"

	rm -f "$work/go"
	mkfifo "$work/go"
	stim --flood "$count" fa fb 5000 <>"$work/go" >"$told" 2>"$told.err" &
	flooder=$!
	within 900 grep -qs PAUSE "$told"
	result $? "$count SYNs, and everybody who meant it is done"
	diag "$(cat "$told.err")"
	within 60 grep -q '"phase":"end"' "$work/alerts"
	result $? 'the flood is over'
	# the requests that are left time out
	within 60 bash -c '! ip netns exec fb ss -Htn state syn-recv | grep -q .'
	tcpfsm stats --listeners -j >"$work/listeners"
	resident=$(awk '/VmHWM/ { print $2 }' /proc/$judge/status)
	echo go >"$work/go"
	wait $flooder
	result $? 'the listener closes'
	kill -INT $watcher $judge
	wait $watcher
	wait $judge

	check 'one flood was told of, when it began and when it was over' [ \
		"$(alerts '.alert == "flood" and .phase == "begin"') $(
		alerts '.alert == "flood" and .phase == "end"')" = '1 1' ]
	check 'every SYN of it is counted' [ "$(jq -r 'select(.alert == "flood" and .phase == "end") |
		.syns_total >= '"$count"'' "$work/alerts")" = true ]
	jq -r 'select(.alert == "flood") | "# \(.phase): \(.syns) SYNs, \(.completed) completed, \(.sources) sources"' \
		"$work/alerts"
	check 'the listener is named with its owner' \
		[ "$(listener pid) $(listener comm)" = "$flooder stim" ]
	check 'the SYNs are those the kernel had' [ "$(listener syns)" -ge "$count" ]
	check "SYN cookies sent: as SyncookiesSent" \
		[ "$(listener cookies_sent)" = "$(counter TcpExtSyncookiesSent)" ]
	check 'SYN cookies that came back: as SyncookiesRecv' \
		[ "$(listener cookies_ok)" = "$(counter TcpExtSyncookiesRecv)" ]
	check 'handshakes completed: as PassiveOpens' \
		[ "$(listener completed)" = "$(counter TcpPassiveOpens)" ]
	check 'SYNs thrown away: as ListenDrops' \
		[ "$(($(listener syn_drops) + $(listener accept_drops)))" = "$(counter TcpExtListenDrops)" ]
	diag "$(ip netns exec fb nstat -as | grep -E 'Sync|Listen|ReqQ|Passive')"
	diag "$(cat "$work/listeners")"

	# shellcheck disable=SC2016	# awk's, not the shell's
	check 'every honest connection has its verdict, at both ends' awk -v told="$told" '
		BEGIN { while ((getline line <told) > 0) {
			split(line, t, " ")
			if (t[1] == "HONEST" && t[4] == "done") {
				# after a minute a port may be chosen again
				port[t[3]]++
				of[t[2]] = t[3]
			}
		} }
		{ split($0, v, "\t") }
		# a SYN of it that was thrown away has a verdict of its own, and no flow
		v[1] == "null" { next }
		v[1] in of { client[v[3]] += v[8] == "ok"; told_of[v[3]] = told_of[v[3]] "\n  " $0 }
		(v[3] in port || v[5] in port) && v[8] != "ok" { print; bad = 1 }
		# the SYN,ACK was lost; the SYN came again when the queue had forgotten the first
		v[5] in port && v[6] == "half-open-expired" && v[8] == "ok" { next }
		v[5] in port { server[v[5]] += v[8] == "ok"; told_of[v[5]] = told_of[v[5]] "\n  " $0 }
		END {
			for (p in port) {
				n += port[p]
				if (client[p] != port[p] || server[p] != port[p]) { print p told_of[p]; bad = 1 }
			}
			print n " connections"
			exit bad || n < 3
		}' <(verdict_lines "$work/verdicts")
	check 'nothing was lost' grep -q ' 0 lost' "$work/verdicts.err"
	check 'what was left out was counted' [ "$(jq -s 'map(select(.alert == "skipped") | .count) | add' \
		"$work/alerts")" -gt $((count / 2)) ]
	check "the judge's memory is bounded: $resident kB" [ "$resident" -lt 65536 ]
	check 'the module unloads' rmmod tcpfsm
	cp "$work"/{alerts,verdicts,listeners} "$told" /out/
	net_down f
}

modprobe -a tun veth tcp_diag
flood 1
flood 0
check 'the kernel did not complain' dmesg_clean
finish
