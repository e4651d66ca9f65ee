#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What depends on how many connections there are: scale.sh ROUNDS COUNT FLOWS..., of which each is more than the one before.

here=$(dirname "$0")
. "$here/../guest/lib.sh"
. "$here/tracers.sh"

rounds=$1 count=$2
shift 2
most=${*: -1}

# hold FLOWS: so many flows more, two for each connection
hold() {
	rm -f $out/held
	bench hold $(($1 / 2)) <&"$never" >$out/held &
	holders+=($!)
	within 3600 grep -qs held $out/held || give_up "cannot hold $1 flows"
}

# connections FLOWS TRACER: what COUNT of them cost
connections() {
	local all i
	bench connect "$count" client >/dev/null
	for ((i = 1; i <= rounds; i++)); do
		read -r _ _ all _ < <(bench cost "$count" client)
		[ -n "$all" ] || give_up "$1 flows, $2: no measurement"
		printf '{"part":"scale","flows":%u,"what":"%s","round":%u,"count":%u,"all":%u}\n' \
			"$1" "$2" $i "$count" "$all"
	done
	within 120 none_left || give_up "$2: connections do not leave TIME_WAIT"
}

# measure FLOWS WHAT COMMAND...: what it takes, and its memory
measure() {
	local flows=$1 what=$2 status ns all memory
	shift 2
	read -r status ns all memory < <(bench run "$@" 2>$out/lines)
	[ "${status:-2}" -le 1 ] || give_up "$*: status $status"
	printf '{"part":"scale","flows":%u,"what":"%s","all":%u,"ns":%u,"memory":%u,"lines":%u}\n' \
		"$flows" "$what" "$all" "$ns" "$memory" "$(wc -l <$out/lines)"
}

# starts FLOWS WORD...: how long `tcpfsm WORD...` takes until it shows something, and its memory
starts() {
	local flows=$1 ns memory
	shift
	read -r ns memory < <(bench first tcpfsm "$@" 2>$out/errors)
	[ -n "$memory" ] || give_up "$*: no measurement"
	printf '{"part":"scale","flows":%u,"what":"start %s","ns":%u,"memory":%u}\n' "$flows" "$*" "$ns" "$memory"
}

# What the kernel has allocated of the kinds that a module does, in bytes
allocated() {
	echo 2 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|VmallocUsed|Percpu):/ { n += $2 } END { print n * 1024 }' /proc/meminfo
}

# memory WHAT [PARAMETER]...: what the module allocates, with these
memory() {
	local what=$1 before
	shift
	before=$(allocated)
	insmod /tcpfsm/tcpfsm.ko "$@" || give_up "insmod $*"
	printf '{"part":"scale","what":"%s","bytes":%u}\n' "$what" $(($(allocated) - before))
	rmmod tcpfsm
}

memory default
memory flows max_flows=131072
memory ring ring_records=32768
echo 2000000 >/proc/sys/fs/file-max
holders=()
have=0
for flows; do
	at "$flows flows"
	hold $((flows - have))
	have=$flows
	connections "$flows" none
	measure "$flows" load insmod /tcpfsm/tcpfsm.ko max_flows=$((most + 50000))
	connections "$flows" module
	measure "$flows" list tcpfsm flows
	measure "$flows" stuck tcpfsm stuck
	measure "$flows" stats tcpfsm stats
	starts "$flows" monitor
	starts "$flows" monitor -s -j
	measure "$flows" unload rmmod tcpfsm
done
kill "${holders[@]}"
