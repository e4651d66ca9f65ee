#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What others see over netlink with nothing but the specification is what the tool shows.

here=$(dirname "$0")
. "$here/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 SPEC=/tcpfsm.yaml YNL=/ynl/tools/net/ynl

# ynl ARGUMENT...: the kernel's client
ynl() {
	python3.11 $YNL/cli.py --spec $SPEC --no-schema --output-json "$@"
}

reader() {
	python3.11 /examples/reader.py "$@"
}

# asked FILTER ARGUMENT...: what jq makes of the answer
asked() {
	local filter=$1
	shift
	ynl "$@" | jq -r "$filter"
}

# of_tool: flows as the reader shows them
of_tool() {
	tcpfsm flows -j | jq -r 'select(.event == "flow") | "\(.flow) \(.laddr):\(.lport) \(.raddr):\(.rport) " +
		(.state | ascii_downcase | gsub("_"; "-")) + " \(.comm // "-")"' | sort
}

modprobe -a tcp_diag
insmod /tcpfsm/tcpfsm.ko
busybox nc -l -p 4000 <&"$never" >"$work/sink" &
server=$!
# shellcheck disable=SC2016	# the inner shell's
within 20 bash -c 'ss -tlnH sport = :4000 | grep -q .'
echo '# ynl'
check 'a listener' is 1 asked length --dump get-listener
exec {conn}<>/dev/tcp/127.0.0.1/4000
# shellcheck disable=SC2016	# the inner shell's
within 20 bash -c '[ "$(tcpfsm flows -j -S established | grep -c ESTABLISHED)" = 2 ]'

check 'the version' is "$(tcpfsm stats | awk '/^version/ { print $2 }')" asked .version --do get-stats
check 'numbers' is "$(stat_of flows_max)" asked '.stats["flows-max"]' --do get-stats
check 'flows: as many as the tool has' is "$(of_tool | wc -l)" asked length --dump get-flow
check '... in one state' is 2 asked length --dump get-flow --json '{"filter-states": ["established"]}'
check '... of one cookie' is 1 asked length --dump get-flow \
	--json "{\"filter-cookie\": $((16#$(tcpfsm flows -j -L 4000 -S established | jq -r .flow)))}"
check 'hooks' is "$(tcpfsm doctor -j | jq '.hooks | length')" asked length --dump get-hook
check 'totals: as many causes as transitions' is "$(tcpfsm stats --causes -j | jq -s 'map(.count) | add')" \
	asked '.causes | add' --do get-totals
check 'a threshold is set' is null asked . --do set-config --json '{"config": {"close-wait": 12345}}'
check '... and read' is 12345 asked '.config["close-wait"]' --do get-config
check '... as the tool has it' is 12345 bash -c \
	'tcpfsm thresholds -j | jq "select(.name == \"close-wait\").value"'
check 'a filter that is none is refused' bash -c "! python3.11 $YNL/cli.py --spec $SPEC --no-schema \
	--dump get-flow --json '{\"filter-cookie\": 0}'"
diag "$(ynl --do get-stats)"

echo '# the reader, flows'
reader flows | sort >"$work/flows"
check 'each flow, with state and owner' diff "$work/flows" <(of_tool)
diag "$(cat "$work/flows")"

echo '# events'
reader events >"$work/events" 2>"$work/events.err" &
reader=$!
within 120 grep -q listening "$work/events.err"
result $? 'the reader listens'
# it tells of nothing before it ends
python3.11 $YNL/cli.py --spec $SPEC --no-schema --output-json --subscribe events --sleep 10 \
	>"$work/ynl" 2>"$work/ynl.err" &
client=$!
joined() {
	awk -v id=$client '$3 == id && $4 != "00000000" { found = 1 } END { exit !found }' /proc/net/netlink
}
within 120 joined
result $? 'ynl listens'
check 'connections' stim --churn 5 1
wait $client
check '... of which ynl was sent events' [ "$(jq 'map(select(.name == "events") | .msg.records | length) | add' \
	"$work/ynl")" -gt 0 ]
diag "$(cat "$work/ynl.err")"
exec {conn}>&-
kill $server
transitions() {
	[ "$(grep -c ' fin-wait-1 ' "$work/events")" -ge 5 ]
}
within 30 transitions
result $? 'the reader shows how they closed'
check '... and lost none' bash -c "! grep -q ^lost '$work/events'"
diag "$(tail -n 4 "$work/events")"
kill -INT $reader
kill $reader 2>/dev/null
rmmod tcpfsm
finish
