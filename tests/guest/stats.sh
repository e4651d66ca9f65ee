#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Thresholds are set all or none, alerts begin and end, and totals add up.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

# answers STATUS TEXT COMMAND...: it exits with STATUS and says TEXT on stderr
answers() {
	local want=$1 text=$2 err status
	shift 2
	err=$("$@" 2>&1 >/dev/null)
	status=$?
	echo "exit status $status: $err"
	[ "$status" -eq "$want" ] && [[ $err == *"$text"* ]]
}

# threshold NAME: its value
threshold() {
	tcpfsm thresholds -j | jq -r --arg name "$1" 'select(.name == $name) | .value'
}

# alerts FILTER: how many objects of the stream pass it
alerts() {
	jq -c "select($1)" "$work/alerts" | wc -l
}

# counted N FILTER
counted() {
	[ "$(alerts "$2")" -eq "$1" ]
}

# sum WHAT: of the counts of such objects
sum() {
	tcpfsm stats "--$1" -j | jq -s 'map(.count) | add // 0'
}

# totals_agree: each transition has one cause, and each has a record
totals_agree() {
	local n
	n=$(stat_of transitions)
	echo "$n transitions, matrix $(sum matrix), causes $(sum causes)"
	[ "$(sum matrix)" -eq "$n" ] && [ "$(sum causes)" -eq "$(sum matrix)" ]
}

# listener PORT FIELD
listener() {
	tcpfsm stats --listeners -j | jq -r --argjson port "$1" "select(.lport == \$port) | .$2"
}

as_user() {
	su -s /bin/bash user -c "$*"
}

modprobe -a tun veth tcp_diag
check 'without the module: status 3' answers 3 insmod tcpfsm thresholds
check 'what is nonsense is refused before that' answers 2 'one of syn-sent, ' tcpfsm thresholds no=1s

echo '# thresholds'
fin_timeout=/proc/sys/net/ipv4/tcp_fin_timeout
usual=$(cat $fin_timeout)
# the most that this kernel takes hangs on its HZ
(echo 8589934 || echo 2147483) 2>"$work/refused" >$fin_timeout
most=$(($(cat $fin_timeout) * 1000 + 5000))
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'the longest tcp_fin_timeout: as much as a threshold may be, and not off' is \
	$((most < 4294967295 ? most : 4294967295)) threshold fin-wait-2
check 'the module unloads' rmmod tcpfsm
echo -1 >$fin_timeout
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'one below 0: what there is to wait beyond it' is 5000 threshold fin-wait-2
check 'the module unloads' rmmod tcpfsm
echo "$usual" >$fin_timeout
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'each has a line with what it means' is 12 bash -c 'tcpfsm thresholds | wc -l'
check 'and an object' is 11 bash -c 'tcpfsm thresholds -j | jq -r .name | sort -u | wc -l'
diag "$(tcpfsm thresholds)"
check 'FIN_WAIT_2 goes by tcp_fin_timeout' is \
	"$(($(cat /proc/sys/net/ipv4/tcp_fin_timeout) * 1000 + 5000))" threshold fin-wait-2
check 'what is set is shown' is 'close-wait    90s' \
	bash -c 'tcpfsm thresholds close-wait=90s | cut -c1-17'
check 'it holds' is 90000 threshold close-wait
check 'off is never' bash -c 'tcpfsm thresholds fin-wait-2=off flood-percent=50 | grep -x "fin-wait-2    off  .*"'
check 'as an object 0' is 0 threshold fin-wait-2
for bad in close-wait=-1s close-wait=soon close-wait=90 close-wait=0s close-wait=9999999999s \
	flood-rate=0 flood-percent=101 stray-rate=x time-wait=1s close-wait=; do
	check "$bad is refused" answers 2 "${bad%%=*}" tcpfsm thresholds close-wait=5s "$bad"
done
check 'and nothing else was set' is 90000 threshold close-wait
check 'as a user: status 3 and what is needed' answers 3 CAP_NET_ADMIN \
	as_user tcpfsm thresholds close-wait=5s
net_up t
ip netns exec tb busybox nc -l -p 4001 <&"$never" >"$work/sink" &
there=$!
# shellcheck disable=SC2016	# the inner shell's
within 10 bash -c 'ip netns exec tb ss -tlnH | grep -q :4001'
check 'a listener of another namespace is told with its queue' is 0 listener 4001 queue
kill $there
check 'in another namespace: status 3' answers 3 'initial network namespace' \
	ip netns exec ta tcpfsm thresholds close-wait=5s
check 'where they can be read' is 90000 bash -c \
	"ip netns exec ta tcpfsm thresholds -j | jq 'select(.name == \"close-wait\").value'"
check 'and nothing was set' is 90000 threshold close-wait

echo '# stuck'
port=4000
tcpfsm monitor --alerts -j >"$work/alerts" 2>"$work/alerts.err" &
watch=$!
tcpfsm record -w "$work/recording" 2>"$work/record.err" &
recorder=$!
within 30 grep -qs '"event":"start"' "$work/alerts"
within 30 test -s "$work/recording"
check 'impatience' tcpfsm thresholds close-wait=500ms unaccepted=500ms
busybox nc -l -p $port <&"$never" >"$work/sink" &
server=$!
# shellcheck disable=SC2016	# the inner shell's
within 10 bash -c 'ss -tlnH sport = :'$port' | grep -q .'
halt $server
exec {conn}<>/dev/tcp/127.0.0.1/$port
check 'its listener: one SYN came' is 1 listener $port syns
check '... and was opened' is 1 listener $port completed
check '... and waits for accept()' is 1 listener $port waiting
check '... as the kernel says too' is 1 listener $port queue
check '... with its backlog' is "$(ss -tlnH "sport = :$port" | awk '{ print $3 }')" \
	listener $port queue_limit
check '... and is told whose it is' is busybox listener $port comm
diag "$(tcpfsm stats --listeners)"
within 20 counted 1 '.alert == "stuck" and .phase == "begin" and .state == "ESTABLISHED"'
result $? 'an alert when nobody accepts'
kill -CONT $server
within 20 counted 1 '.alert == "stuck" and .phase == "end" and .state == "ESTABLISHED" and
	.cause == "unknown"'
result $? '... and its end when somebody does'
kill -KILL $server
within 20 counted 1 '.phase == "begin" and .state == "CLOSE_WAIT"'
result $? 'an alert when CLOSE_WAIT is passed'
diag "$(cat "$work/alerts")"
check '... that names state, cause, owner and port' counted 1 ".state == \"CLOSE_WAIT\" and
	.cause == \"FIN received\" and .comm == \"bash\" and .pid == $$ and .rport == $port and
	.threshold_ms == 500 and .age_ns >= 500000000 and (has(\"age_is_lower_bound\") | not)"
check 'one connection is overdue' is 1 stat_of overdue
check 'doctor remarks it' bash -c 'tcpfsm doctor | grep "^remark  *connections stuck now: 1; "'
check '... and finds nothing wrong with itself' doctor_content
check 'and it is that one' is $port bash -c \
	"tcpfsm flows -j | jq 'select(.overdue) | .rport'"
cookie=$(jq -r 'select(.phase == "begin" and .state == "CLOSE_WAIT") | .flow' "$work/alerts")
exec {conn}>&-
within 10 counted 1 ".phase == \"end\" and .flow == \"$cookie\""
result $? 'and one when it is closed'
check '... that says by what' counted 1 '.phase == "end" and .cause == "close" and .state == "CLOSE_WAIT"'
check 'none is overdue' is 0 stat_of overdue
check 'there were no more alerts' counted 4 '.event == "alert"'
tcpfsm thresholds close-wait=off unaccepted=off >"$work/set"

echo '# illegal segments'
(yes '' | ip netns exec ta true; yes '' | stim B1 4 ta tb 10000 fast) >"$work/stim" 2>&1
within 10 bash -c "[ \$(jq -c 'select(.alert == \"illegal\")' '$work/alerts' | wc -l) -ge 5 ]"
result $? 'are alerts'
diag "$(jq -c 'select(.alert == "illegal") | [.flags, .state, .fate, .comm]' "$work/alerts" | sort | uniq -c)"
check '... each with flags nobody should send' counted 0 \
	'.alert == "illegal" and .illegal != true'
kill -INT $watch $recorder
wait $watch
result $? 'the alerts end well'
wait $recorder
jq -cS 'select(.event == "alert") | del(.time, .pid, .comm, .uid)' "$work/alerts" >"$work/live"
check 'a recording has the same alerts' bash -c "tcpfsm monitor --alerts -j -r '$work/recording' |
	jq -cS 'select(.event == \"alert\") | del(.time, .pid, .comm, .uid)' | diff - '$work/live'"
check 'they stand out among other lines' bash -c \
	"tcpfsm monitor -r '$work/recording' 2>/dev/null | grep -E 'CLOSE_WAIT +\*\* STUCK +[0-9.]+ +FIN received; longer than 500ms'"

echo '# totals'
ip netns add traffic
ip -n traffic link set lo up
check 'traffic' ip netns exec traffic stim --churn 200 1
ip netns del traffic
net_down t
within 90 no_flows
result $? 'comes to its end'
check 'transitions, matrix and causes agree' totals_agree
check 'the matrix fits in 100 columns' awk 'length > 100 { print; bad = 1 } END { exit bad }' \
	<(tcpfsm stats --matrix)
check 'a part that is asked for comes alone' is 'FROM / TO' bash -c \
	'tcpfsm stats --matrix | head -n 1 | cut -c1-9'
check 'every connection was in ESTABLISHED' [ "$(tcpfsm stats --times -j |
	jq 'select(.state == "ESTABLISHED").count')" -ge 400 ]
diag "$(tcpfsm stats)"
ip netns add other
check 'in another namespace totals are not told: status 3' answers 3 'initial network namespace' \
	ip netns exec other tcpfsm stats --matrix
check 'but the rest is' ip netns exec other tcpfsm stats
ip netns del other
check 'the module unloads' rmmod tcpfsm

echo '# a listener whose connections find the table full'
mkfifo "$work/go"
exec {go}<>"$work/go"
check 'the module loads' insmod /tcpfsm/tcpfsm.ko max_flows=16
check 'it is on the lookout' tcpfsm thresholds flood-rate=20 flood-percent=50
ip netns add full
ip -n full link set lo up
ip netns exec full stim --hoard 300 >"$work/hoard" 2>&1 <"$work/go" &
hoard=$!
within 60 grep -q PAUSE "$work/hoard"
result $? '300 connections at once'
port=$(ip netns exec full ss -tlnpH | awk '/"stim"/ { sub(/.*:/, "", $4); print $4 }')
check '... are SYNs' is 300 listener "$port" syns
check '... and handshakes completed' is 300 listener "$port" completed
check '... and no flood' is 0 listener "$port" floods
echo >&"$go"
wait $hoard
ip netns del full
within 20 no_flows
result $? 'all flows come to their end'
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
