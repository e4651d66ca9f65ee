#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# catalogue.sh fast|warp [PATTERN]: apply the scenarios for this kind of guest, compare them all.
# PATTERN: rows whose name matches it as a whole, as bash's case does.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"
. "$here/view.sh"

kind=$1
pattern=${2:-*}
scenarios=$here/../scenarios
run=0

field() {
	sed -n "s/^$2: *//p" "$scenarios/$1"
}

# capture_start NAME: tcpdump on both hosts, listening when this returns
capture_start() {
	local host
	for host in a b; do
		ip netns exec "$1$host" tcpdump -i any -Z root -B 2048 --immediate-mode -U -s 256 \
			-w "$work/cap/$1$host" 'tcp or udp port 9' 2>"$work/cap/$1$host.err" &
		capture[${#capture[@]}]=$!
	done
	for host in a b; do
		within 30 grep -qs listening "$work/cap/$1$host.err" || return
	done
}

# captured FILE: has it come to the mark
captured() {
	grep -qas 'end of the capture' "$1"
}

# capture_stop NAME: a mark behind the last segment, and all up to it is in the files
capture_stop() {
	local host
	printf '%s\t%s\t%s\n' "$run" "$EPOCHREALTIME" $((10000 + run * 32)) >>"$work/stops"
	for host in a b; do
		ip netns exec "$1$host" bash -c 'echo end of the capture >/dev/udp/127.0.0.1/9' &&
			within 30 captured "$work/cap/$1$host"
	done
	kill -INT "${capture[@]}"
	wait "${capture[@]}"
	capture=()
	for host in a b; do
		grep -q '^0 packets dropped by kernel' "$work/cap/$1$host.err" ||
			diag "$(cat "$work/cap/$1$host.err")"
	done
}

# captures: what is in the files, behind the number of the run
captures() {
	local i host
	for ((i = 1; i <= run; i++)); do
		for host in a b; do
			[ -e "$work/cap/t$i$host" ] || continue
			tcpdump -Z root -nn -S -tt -vv -r "$work/cap/t$i$host" tcp 2>/dev/null |
				awk -f "$here/states.awk" -f "$here/capture.awk" | sed "s/^/$i\t/"
		done
	done
}

# apply ROW FAMILY: once, in two namespaces of its own
apply() {
	local name=t$run line status=1

	at "$1 IPv$2"
	net_up "$name" && capture_start "$name" || return
	while read -r line; do
		case $line in
		END\ *)
			echo "$run $1 $2 ${line#END }" >>"$work/ends" ;;
		PAUSE\ *)
			same_view "$name" || { cp "$work/diff" "$work/first"; within 3 same_view "$name" && sed "s|^|# at first: |" "$work/first"; }
			result $? "$1 IPv$2: tcpfsm flows is what ss shows, ${line#PAUSE }"
			[ ! -s "$work/diff" ] || diag "$(cat "$work/diff")"
			echo >&"$go"
			;;
		STATUS\ *)
			status=${line#STATUS } ;;
		*)
			diag "$line" ;;
		esac
	done < <(stim "$1" "$2" "${name}a" "${name}b" $((10000 + run * 32)) "$kind" 2>&1 <"$work/go"
		 echo "STATUS $?")
	capture_stop "$name"
	net_down "$name"
	return "$status"
}

capture=()
modprobe -a tun veth tcp_diag
mkdir "$work/cap"
mkfifo "$work/go"
exec {go}<>"$work/go"
: >"$work/ends"
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
missing=$(tcpfsm doctor -j | jq -r '[.hooks[] | if .attached | not then .name
	elif .lacks then "\(.name)(\(.lacks))" else empty end] | join(", ")')
diag "hooks, and arguments of theirs, that this kernel lacks: ${missing:-none}"
oracle_start 4096
monitor_start "$work/stream" -s
tcpfsm check -j >"$work/check" 2>"$work/check.err" &
check=$!
within 30 grep -qs '"event":"start"' "$work/check"

declare -a title failed
for row in $(cd "$scenarios" && printf "%s\n" [A-Z][0-9]* | sort -V); do
	# shellcheck disable=SC2053	# a pattern
	[[ $row == $pattern && " $(field "$row" guest) " == *" $kind "* ]] || continue
	from=$(field "$row" from)
	for family in $(field "$row" families); do
		run=$((run + 1))
		title[run]="$row IPv${family/m/4-mapped}: $(field "$row" title)"
		[ -z "$from" ] || ! older "$kernel" "$from" || {
			failed[run]="Linux $from and later: $(field "$row" note)"
			continue
		}
		apply "$row" "$family" || failed[run]=stimulus
	done
done

# the last states end with their namespaces
at 'the end of all flows'
within 100 no_flows
result $? 'all flows come to their end'
monitor_stop
kill -INT "$check"
wait "$check"
oracle_stop "$work/trace"
state_lines "$work/stream" >"$work/events"
segment_lines "$work/stream" >"$work/segments"
verdict_lines "$work/check" >"$work/judged"
captures >"$work/captured"
cp "$work"/{stream,stream.err,events,ends,trace,segments,captured,stops,check,check.err,judged} /out/

awk -v kind="$kind" -v kernel="$kernel" -v absent="$missing" \
	-f "$here/states.awk" -f "$here/steps.awk" -f "$here/compare.awk" \
	"$scenarios"/[A-Z][0-9]* "$work/ends" FS='\t' "$work"/{events,segments,judged} >"$work/verdicts"
for ((i = 1; i <= run; i++)); do
	case ${failed[i]} in
	Linux*)
		result 0 "${title[i]} # SKIP ${failed[i]}"
		continue
		;;
	esac
	IFS=$'\t' read -r _ bad text < <(grep "^$i"$'\t' "$work/verdicts")
	[ "${failed[i]}" != stimulus ] || { bad=1 text="the stimulus failed|$text"; }
	result "${bad:-1}" "${title[i]}"
	[ -z "$text" ] || diag "${text//|/$'\n'}"
done

check 'the stream has what inet_sock_set_state has, and nothing without a reason' \
	awk -f "$here/states.awk" -f "$here/oracle.awk" "$work/trace" "$work/events"
check 'the stream has the segments that tcpdump has, and no others' \
	awk -F '\t' -v absent="$missing" -f "$here/states.awk" -f "$here/segments.awk" \
	"$work"/{stops,events,captured,segments}
check 'nothing was lost' [ "$(grep -c '"event":"lost"' "$work/stream")" -eq 0 ]
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
