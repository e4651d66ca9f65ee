#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is lost of connections as fast as four generators make them: loss.sh COUNT TRACER...
# COUNT is for each generator. A line of JSON for each tracer.

here=$(dirname "$0")
. "$here/../guest/lib.sh"
. "$here/tracers.sh"

count=$1
shift
generators=4

# told_lost TRACER: what it says it lost itself; nothing when it does not say
told_lost() {
	case $1 in
	tcpstates|tcplife|tcptracer)
		awk '/^lost [0-9]+ events/ { n += $2 } END { print n + 0 }' IGNORECASE=1 $out/errors ;;
	bpftrace) cat $out/errors $out/lines | awk '/^Lost [0-9]+ events/ { n += $2 } END { print n + 0 }' ;;
	perf)	perf script --show-lost-events -i $out/perf 2>/dev/null |
			awk '/PERF_RECORD_LOST/ { n += $NF } END { print n + 0 }' ;;
	trace_pipe) sed -n 's/.*\[LOST \([0-9]*\) EVENTS\].*/\1/p' $out/lines | awk '{ n += $1 } END { print n + 0 }' ;;
	tcpdump) awk '/dropped by kernel/ { n += $1 } END { print n + 0 }' $out/errors ;;
	conntrack|ss) echo null ;;
	*)	sed -n 's/.* \([0-9]*\) lost in .*/\1/p' $out/errors ;;
	esac
}

# each connection has ports of its own, and a TIME_WAIT
echo 200000 >/proc/sys/net/ipv4/tcp_max_tw_buckets
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse
for t; do
	at "$t"
	start "$t"
	read -r ns ports < <(bench storm $generators "$count")
	within 60 all_shown "$(file_of "$t")"
	end "$t"
	read -r window _ listener < <(wanted "$t" client)
	told=$(told_lost "$t")
	printf '{"part":"loss","tracer":"%s","connections":%u,"ns":%u,"due":%u,"got":%u,"told":%s}\n' "$t" \
		$((generators * count)) "$ns" $((generators * (window * count + listener))) "$(lines_of "$t" "${ports// /|}")" \
		"${told:-null}"
done
