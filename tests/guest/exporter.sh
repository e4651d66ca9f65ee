#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Metrics: what an exporter tells is what the kernel's own counters, ss and the other commands say.

here=$(dirname "$0")
. "$here/lib.sh"

port=10293

# answers STATUS TEXT COMMAND...: it exits with STATUS and says TEXT on stderr
answers() {
	local want=$1 text=$2 err status
	shift 2
	err=$("$@" 2>&1 >/dev/null)
	status=$?
	echo "exit status $status: $err"
	[ "$status" -eq "$want" ] && [[ $err == *"$text"* ]]
}

as_user() {
	su -s /bin/bash user -c "$*"
}

# scrape: into $work/metrics; not within a second of another, which would be told the same
scrape() {
	echo >>"$work/scrapes"
	busybox wget -qO "$work/metrics.new" "http://127.0.0.1:$port/metrics" || return
	# the same text as before has the same duration in it
	cmp -s "$work/metrics.new" "$work/metrics" && return 1
	mv "$work/metrics.new" "$work/metrics"
}

# value SAMPLE: of the last scrape
value() {
	awk -v sample="$1" 'substr($0, 1, length(sample) + 1) == sample " " { print $NF }' "$work/metrics"
}

# total FAMILY: sum over its samples
total() {
	awk -v family="$1" '!/^#/ && match($0, /^[a-z0-9_]+/) && substr($0, 1, RLENGTH) == family {
		sum += $NF } END { printf "%d\n", sum }' "$work/metrics"
}

# shows SAMPLE VALUE: it does now
shows() {
	scrape && [ "$(value "$1")" = "$2" ]
}

# told SAMPLE VALUE: it does after a while
told() {
	within 20 shows "$1" "$2"
	echo "$1 is '$(value "$1")', not '$2'"
	[ "$(value "$1")" = "$2" ]
}

# between COMMAND FAMILY: what COMMAND prints before and after a scrape has the family's total between
between() {
	local before after
	before=$($1)
	within 10 scrape
	after=$($1)
	echo "$before, then $2 $(total "$2"), then $after"
	[ "$(total "$2")" -ge "$before" ] && [ "$(total "$2")" -le "$after" ]
}

causes() {
	tcpfsm stats --causes -j | jq -s 'map(.count) | add // 0'
}

# listening PORT
listening() {
	ss -tlnH "sport = :$1" | grep -q .
}

modprobe -a tcp_diag

echo '# without the module'
tcpfsm exporter 2>"$work/err" &
exporter=$!
within 30 listening $port
check 'is there, and waits' within 10 grep -q 'not loaded, waiting' "$work/err"
check '... says so' told tcpfsm_up 0
check '... and is nobody, with CAP_NET_ADMIN alone' [ \
	"$(awk '/^(Uid|CapPrm|CapEff|NoNewPrivs):/ { printf "%s%s ", $1, $2 }' /proc/$exporter/status)" = \
	'Uid:65534 CapPrm:0000000000001000 CapEff:0000000000001000 NoNewPrivs:1 ' ]
check 'a second one: its port is taken, status 5' answers 5 "127.0.0.1:$port is taken" tcpfsm exporter
check 'no address of ours: status 2' answers 2 'no address of this machine' \
	tcpfsm exporter --listen 192.0.2.1:$port
# each leaves a TIME_WAIT, to be judged a minute later
: >"$work/scrapes"
check 'insmod' insmod /tcpfsm/tcpfsm.ko
check 'the module is noticed' told tcpfsm_up 1
check '... and its version told' told "tcpfsm_module_info{version=\"$(tcpfsm stats | awk '/^version/ { print $2 }')\"}" 1
check 'who may not ask, may not export: status 3' answers 3 CAP_NET_ADMIN \
	as_user tcpfsm exporter --listen 127.0.0.1:10294

echo '# connections'
tcpfsm check -j >"$work/verdicts" 2>"$work/verdicts.err" &
judge=$!
within 30 grep -qs '"event":"start"' "$work/verdicts"
within 10 scrape
judged_before=$(total tcpfsm_verdicts_total)
base=$(value 'tcpfsm_handshakes_total{verdict="three-way"}')
ip netns add traffic
ip -n traffic link set lo up
check 'traffic' ip netns exec traffic stim --churn 100 1
inode=$(stat -Lc %i /run/netns/traffic)
opened=$(ip netns exec traffic nstat -asz | awk '$1 ~ /^Tcp(Active|Passive)Opens$/ { n += $2 } END { print n }')
check '100 connections have 200 ends' [ "$opened" -eq 200 ]
waiting=$(ip netns exec traffic ss -tanH state time-wait | wc -l)
# a minute is enough for the last of them to be over
within 10 scrape
check 'TIME_WAIT: as ss has it' [ "$(value 'tcpfsm_flows{state="TIME_WAIT"}')" -ge "$waiting" ]
check '... which is 100' [ "$waiting" -eq 100 ]
ip netns del traffic
judged() {
	[ "$(jq -r "select(.event == \"verdict\" and .netns == $inode and .handshake == \"three-way\").flow" \
		"$work/verdicts" | wc -l)" -eq "$opened" ]
}
within 60 judged
result $? 'each end has its verdict'
within 10 scrape
# beside them, connections of those who asked
check 'each is counted' [ $(($(total tcpfsm_verdicts_total) - judged_before)) -ge "$opened" ]
check '... once' [ $(($(total tcpfsm_verdicts_total) - judged_before)) -le $((opened + 2 * $(wc -l <"$work/scrapes"))) ]
check '... with its handshake' [ "$(value 'tcpfsm_handshakes_total{verdict="three-way"}')" -ge $((base + opened)) ]
check '... how long that took' [ "$(value tcpfsm_handshake_duration_seconds_count)" -ge "$opened" ]
check 'none broke a rule' [ "$(value 'tcpfsm_verdicts_total{conformance="violation"}')" = 0 ]
check 'causes: as tcpfsm stats has them' between causes tcpfsm_transition_causes_total
check 'transitions: as many' [ "$(total tcpfsm_transitions_total)" -eq "$(total tcpfsm_transition_causes_total)" ]
check 'nothing was lost' [ "$(total tcpfsm_records_lost_total)" -eq 0 ]
check 'every request was answered' [ "$(value tcpfsm_scrape_errors_total)" = 0 ]
diag "$(cat "$work/err")"
check 'each hook is told of' [ "$(grep -c '^tcpfsm_hook_attached{' "$work/metrics")" -eq \
	"$(tcpfsm doctor -j | jq '.hooks | length')" ]

echo '# a listener, and who does not accept'
tcpfsm thresholds close-wait=500ms unaccepted=500ms >"$work/set"
cp "$(command -v busybox)" "$work"/$'q"\\\xff'
(exec -a busybox "$work"/$'q"\\\xff' nc -l -p 4000 <&"$never" >"$work/sink") &
server=$!
within 10 listening 4000
halt $server
exec {conn}<>/dev/tcp/127.0.0.1/4000
labels="{netns=\"$(stat -Lc %i /proc/self/ns/net)\",address=\"$(ss -tlnH 'sport = :4000' |
	awk '{ print $4 }' | sed -e 's/:4000$//' -e 's/[][]//g' -e 's/^\*$/::/')\",port=\"4000\",comm=\"q\\\"\\\\�\"}"
# awk takes \ as an escape in what it is given
awk_labels=${labels//\\/\\\\}
check 'one SYN came, whatever its process is called' told "tcpfsm_listener_syns_total$awk_labels" 1
check '... and waits' told "tcpfsm_listener_accept_queue$awk_labels" 1
check '... beside as many as ss says' told "tcpfsm_listener_accept_queue_limit$awk_labels" \
	"$(ss -tlnH 'sport = :4000' | awk '{ print $3 }')"
check '... which is stuck' told \
	'tcpfsm_stuck_flows{state=\"ESTABLISHED\",owner=\"unaccepted\",comm=\"q\\\"\\\\�\"}' 1
kill -CONT $server
within 20 is_accepted 4000
result $? 'somebody accepts'
kill -KILL $server
wait $server 2>/dev/null
check 'CLOSE_WAIT, and whose' told 'tcpfsm_stuck_flows{state=\"CLOSE_WAIT\",owner=\"unknown\",comm=\"bash\"}' 1
check '... since when' awk -v age="$(value 'tcpfsm_stuck_oldest_seconds{state=\"CLOSE_WAIT\"}')" \
	'BEGIN { exit age < 0.5 }'
check '... as many as ss says' [ "$(value 'tcpfsm_flows{state=\"CLOSE_WAIT\"}')" -eq \
	"$(ss -tnH state close-wait | wc -l)" ]
check '... with its threshold' [ "$(value 'tcpfsm_stuck_threshold_seconds{state=\"CLOSE_WAIT\"}')" = 0.5 ]
tcpfsm exporter --holders --listen '[::1]:10294' 2>"$work/holders.err" &
holders=$!
within 30 listening 10294
within 10 busybox wget -qO "$work/holders" 'http://[::1]:10294/metrics'
check 'with --holders: who holds it' grep -qxF \
	'tcpfsm_stuck_flows{state="CLOSE_WAIT",owner="process",comm="bash"} 1' "$work/holders"
kill $holders
wait $holders
check '... ends well' [ $? -eq 0 ]
cp "$work/metrics" /out/metrics.txt
exec {conn}>&-
tcpfsm thresholds close-wait=off unaccepted=off >"$work/set"
check 'it is over' told 'tcpfsm_stuck_flows{state=\"CLOSE_WAIT\",owner=\"unknown\",comm=\"bash\"}' ''
kill -INT $judge
wait $judge

echo '# the module comes and goes'
check 'rmmod' rmmod tcpfsm
check 'is noticed' told tcpfsm_up 0
check '... and said' grep -q 'was unloaded; waiting' "$work/err"
seen=$(value 'tcpfsm_handshakes_total{verdict=\"three-way\"}')
check 'what was counted here is kept' [ "$seen" -ge "$opened" ]
check 'what the module counted is not told' [ "$(grep -c '^tcpfsm_transition' "$work/metrics")" -eq 0 ]
check 'insmod' insmod /tcpfsm/tcpfsm.ko
check 'is noticed' told tcpfsm_up 1
check '... and counted on' [ "$(value 'tcpfsm_handshakes_total{verdict=\"three-way\"}')" -ge "$seen" ]
check 'the module counts anew' between causes tcpfsm_transition_causes_total

echo '# HTTP'
busybox wget -qSO "$work/open" --header 'Accept: application/openmetrics-text; version=1.0.0' \
	"http://127.0.0.1:$port/metrics" 2>"$work/head"
check 'OpenMetrics for who asks for it' grep -q 'Content-Type: application/openmetrics-text; version=1.0.0' "$work/head"
check '... to its end' [ "$(tail -n 1 "$work/open")" = '# EOF' ]
cp "$work/open" /out/openmetrics.txt
check 'there is nothing else' bash -c "! busybox wget -qO- http://127.0.0.1:$port/other"
# more than are taken at once, and all of them idle
idle=()
while [ ${#idle[@]} -lt 40 ]; do
	exec {one}<>/dev/tcp/127.0.0.1/$port
	idle+=("$one")
done
check 'who says nothing does no harm for long' within 60 scrape
for one in "${idle[@]}"; do
	exec {one}>&-
done
diag "$(awk '/VmHWM|VmPeak/' /proc/$exporter/status)"
diag "$(wc -c <"$work/metrics") bytes, $(grep -vc '^#' "$work/metrics") samples; $(grep -v '^#' "$work/metrics" | tail -n 1)"
kill -TERM $exporter
wait $exporter
result $? 'SIGTERM ends it well'
check 'the module unloads' rmmod tcpfsm
finish
