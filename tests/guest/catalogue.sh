#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# catalogue.sh fast|warp [PATTERN]: apply the scenarios for this kind of guest, compare them all.
# PATTERN: rows whose name matches it as a whole, as bash's case does.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

kind=$1
pattern=${2:-*}
scenarios=$here/../scenarios
kernel=$(uname -r | cut -d. -f1,2)
run=0

field() {
	sed -n "s/^$2: *//p" "$scenarios/$1"
}

# sockets NETNS: what ss shows there, as STATE LADDR LPORT RADDR RPORT COOKIE
sockets() {
	ss -N "$1" -tanHe 2>/dev/null | awk -f "$here/states.awk" -f "$here/ss.awk"
}

# flows NETNS: the same of tcpfsm
flows() {
	tcpfsm flows -j -n "$1" | jq -r 'select(.event == "flow") |
		"\(.state) \(.laddr) \(.lport) \(.raddr) \(.rport) \(.flow)"' |
		awk -f "$here/states.awk" -f "$here/flows.awk"
}

# same_view NAME: do ss and tcpfsm agree on both hosts
same_view() {
	local host
	for host in "${1}a" "${1}b"; do
		diff -U0 <(sockets "$host" | sort) <(flows "$host" | sort) || return
	done >"$work/diff"
}

# apply ROW FAMILY: once, in two namespaces of its own
apply() {
	local name=t$run line status=1

	at "$1 IPv$2"
	net_up "$name" || return
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
	net_down "$name"
	return "$status"
}

modprobe -a tun veth tcp_diag
mkfifo "$work/go"
exec {go}<>"$work/go"
: >"$work/ends"
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
oracle_start 4096
monitor_start "$work/stream"

declare -a title failed
for row in $(cd "$scenarios" && printf "%s\n" [A-Z][0-9]* | sort -V); do
	# shellcheck disable=SC2053	# a pattern
	[[ $row == $pattern && " $(field "$row" guest) " == *" $kind "* ]] || continue
	kernels=$(field "$row" kernels)
	for family in $(field "$row" families); do
		run=$((run + 1))
		title[run]="$row IPv${family/m/4-mapped}: $(field "$row" title)"
		[ -z "$kernels" ] || [[ " $kernels " == *" $kernel "* ]] || {
			failed[run]=skip
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
oracle_stop "$work/trace"
state_lines "$work/stream" >"$work/events"
cp "$work"/{stream,stream.err,events,ends,trace} /out/

awk -v kind="$kind" -f "$here/states.awk" -f "$here/compare.awk" "$scenarios"/[A-Z][0-9]* \
	"$work/ends" FS='\t' "$work/events" >"$work/verdicts"
for ((i = 1; i <= run; i++)); do
	if [ "${failed[i]}" = skip ]; then
		result 0 "${title[i]} # SKIP not on this kernel"
		continue
	fi
	IFS=$'\t' read -r _ bad text < <(grep "^$i"$'\t' "$work/verdicts")
	[ "${failed[i]}" != stimulus ] || { bad=1 text="the stimulus failed|$text"; }
	result "${bad:-1}" "${title[i]}"
	[ -z "$text" ] || diag "${text//|/$'\n'}"
done

check 'the stream has what inet_sock_set_state has, and nothing without a reason' \
	awk -f "$here/states.awk" -f "$here/oracle.awk" "$work/trace" "$work/events"
check 'nothing was lost' [ "$(grep -c '"event":"lost"' "$work/stream")" -eq 0 ]
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
