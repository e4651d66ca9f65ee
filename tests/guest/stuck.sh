#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Sockets that are stuck in every way there is: whose they are, why, and how they end.
# stuck.sh COUNT: agreement with ss is looked for with so many.

here=$(dirname "$0")
. "$here/lib.sh"

many=$1
all_states=syn-sent,syn-recv,established,fin-wait-1,fin-wait-2,close-wait,closing,last-ack,time-wait

# hold PORT KINDS [COMMAND...]: somebody who holds sockets, at rest when this returns; what is held
# in $work/held-PORT, the process that does in $holder
hold() {
	local port=$1 kinds=$2
	shift 2
	"$@" stim --hold "$port" "$kinds" >"$work/held-$port" 2>"$work/held-$port.err" &
	holder=$!
	within 300 grep -qs READY "$work/held-$port" || diag "$(cat "$work/held-$port.err")"
}

# hold_no_more: whoever hold() started last, and its children, have ended
hold_no_more() {
	{
		kill -9 "$holder"
		wait "$holder"
	} 2>/dev/null
}

# stuck [OPTION]...: what is stuck, in $work/stuck; its exit status
stuck() {
	tcpfsm stuck -j "$@" >"$work/stuck" 2>"$work/stuck.err"
}

# cookies PORT KIND
cookies() {
	awk -v kind="$2" '$2 == kind && !seen[$3]++ { print $3 }' "$work/held-$1"
}

# of COOKIE FILTER: what jq makes of that connection
of() {
	jq -r "select(.flow == \"$1\") | $2" "$work/stuck"
}

# holders COOKIE: as PID:FD
holders() {
	of "$1" '.holders | map("\(.pid):\(.fd)") | join(",")'
}

# told PORT COOKIE: the holders that there are
told() {
	awk -v cookie="$2" '$3 == cookie { print $4 ":" $5 }' "$work/held-$1" |
		sort -t: -n -k1,1 -k2,2 | paste -sd,
}

lists() {
	stuck "${@:2}"
	[ "$(jq -s length "$work/stuck")" -eq "$1" ]
}

is_listed() {
	stuck
	grep -q "\"flow\":\"$1\"" "$work/stuck"
}

is_not_listed() {
	stuck
	! grep -q "\"flow\":\"$1\"" "$work/stuck"
}

# held_as_told PORT KIND: every one of that kind has the holders it has
held_as_told() {
	local cookie
	for cookie in $(cookies "$1" "$2"); do
		same "$(holders "$cookie")" "$(told "$1" "$cookie")" || return
	done
	[ -n "$cookie" ]
}

# advises COOKIE WORDS
advises() {
	of "$1" .advice | grep -q "$2" || { of "$1" .advice; return 1; }
}

# refused STATUS WORDS [OPTION]...: a command line that is refused, and how
refused() {
	local want=$1 words=$2 status
	shift 2
	tcpfsm stuck "$@" >"$work/out" 2>&1 </dev/null
	status=$?
	[ $status -eq "$want" ] && grep -q -e "$words" "$work/out" && return
	echo "status $status"
	cat "$work/out"
	return 1
}

# phases COOKIE: what was said of it while it was watched
phases() {
	jq -r "select(.flow == \"$1\").phase" "$work/watch" | paste -sd' '
}

has_phases() {
	[ "$(phases "$1")" = "$2" ]
}

watch_start() {
	tcpfsm stuck --watch -j >"$work/watch" 2>"$work/watch.err" &
	watch=$!
	within 30 grep -qs '"event":"start"' "$work/watch" || diag "$(cat "$work/watch.err")"
}

watch_stop() {
	kill -INT $watch
	wait $watch
}

# has_addresses PORT: there is a connection from there to 7000, and it is open at this end
has_addresses() {
	ss -tanH state established | grep -q "127.0.0.1:7000 *127.0.0.1:$1"
}

# by_ss and by_stuck: COOKIE STATE RECV-Q SEND-Q HOLDERS of every connection
by_ss() {
	ss -tanpoeH | awk -f "$here/states.awk" -f "$here/holders.awk" | sort
}

by_stuck() {
	tcpfsm stuck -j --min-age 0s -S $all_states |
		jq -r '[.flow, .state, .rx_queue, .tx_queue,
			(.holders | map("\(.pid):\(.fd)") | join(",") | if . == "" then "none" else . end)] | @tsv' |
		sort
}

agree() {
	by_ss >"$work/ss"
	by_stuck >"$work/ours"
	diff "$work/ss" "$work/ours" >"$work/diff" && [ "$(wc -l <"$work/ss")" -ge "$1" ]
}

modprobe -a dummy tcp_diag inet_diag nf_tables
ip link set lo up
ip link add hole type dummy
ip addr add 10.9.0.1/24 dev hole
ip link set hole up

# before the module: it was there already
hold 6900 r1,f1,b1
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
check 'thresholds are set' tcpfsm thresholds close-wait=1s fin-wait-1=1s fin-wait-2=1h syn-sent=1s \
	unaccepted=1s syn-received=1s last-ack=1s closing=1s

at 'older than the module'
cookie=$(cookies 6900 r)
within 20 is_listed "$cookie"
# made a moment later, overdue a moment later
within 20 is_listed "$(cookies 6900 f)"
check 'one that was stuck before insmod is listed' is_listed "$cookie"
check 'with its holder' held_as_told 6900 r
check 'with all of them' held_as_told 6900 f
check 'and says that its age is a bound' same "$(of "$cookie" .age_is_lower_bound)" true
check 'which text shows' grep -q "CLOSE_WAIT *>=.* $cookie " <(tcpfsm stuck)
watch_start
check 'watching begins with what is stuck' within 10 has_phases "$cookie" found
hold_no_more
check 'killing its process ends it' within 20 is_not_listed "$cookie"
check 'which is told of' within 10 has_phases "$cookie" 'found end'
# the children ended with it
within 20 lists 0
watch_stop
check 'nothing is stuck: status 0, no word' same "$(tcpfsm stuck 2>&1; echo $?)" 0

at 'every kind'
watch_start
hold 7000 f1,t1,p1,q1,r1,u1,d1,a2,b2,w1,s1
main=$holder
within 20 lists 13
check 'every kind is listed' lists 13
tcpfsm stuck -w >/out/stuck.txt
cp "$work/stuck" /out/stuck.json
tcpfsm stuck >/dev/null
check 'with status 1' [ $? -eq 1 ]
for kind in r u d f p t s; do
	check "the holders of $kind" held_as_told 7000 $kind
done
cookie=$(cookies 7000 p)
check 'one that was passed on was opened by another' same "$(of "$cookie" .opened_by.pid)" $main
cookie=$(cookies 7000 q)
check 'nobody knows who will receive one on its way' same "$(of "$cookie" .owner)" unknown
check 'nor which process' same "$(of "$cookie" .pid)" null
for kind in u d r; do
	check "$kind is watched from its beginning" within 10 has_phases "$(cookies 7000 $kind)" begin
done
check 'read, and not closed' advises "$(cookies 7000 r)" 'has read that but never closed'
check 'not even read' advises "$(cookies 7000 u)" 'has neither read that nor closed'
check 'with data left' advises "$(cookies 7000 d)" 'has left 25 bytes unread'
check 'no answer to the SYN' advises "$(cookies 7000 s)" 'does not answer our SYN'
check 'a closed window' advises "$(cookies 7000 w)" "the peer's window is closed"
check 'which an orphan waits for' same "$(of "$(cookies 7000 w)" .owner)" orphan
check 'not accepted, open' same \
	"$(jq -r 'select(.lport == 7001 and .state == "ESTABLISHED") | "\(.owner) \(.listeners[0].pid)"' \
		"$work/stuck" | paste -sd,)" "unaccepted $main,unaccepted $main"
check 'not accepted, closed by the peer' same \
	"$(jq -r 'select(.lport == 7001 and .state == "CLOSE_WAIT") | "\(.owner) \(.accept_queue)"' \
		"$work/stuck" | paste -sd,)" 'unaccepted 2,unaccepted 2'
check 'a process filter takes any holder' lists 1 -p "$(told 7000 "$(cookies 7000 f)" | sed 's/.*,\(.*\):.*/\1/')"
check 'a state filter' lists 1 -S syn-sent
check 'a count' lists 2 -c 2

at 'a real program'
busybox nc -l -p 9000 -e tail -f /dev/null &
nc=$!
within 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/9000' 2>"$work/nc"
check 'nc -e tail is listed' within 20 lists 1 -L 9000
check 'by its name now' same "$(jq -r '"\(.comm) \(.pid) \(.fd)"' "$work/stuck")" "tail $nc 0"
kill $nc

at 'in a container'
ip netns add red
ip -n red link set lo up
hold 7100 r1 ip netns exec red unshare -pf --mount-proc
contained=$holder
cookie=$(cookies 7100 r)
within 20 is_listed "$cookie"
check 'one in another network and pid namespace' same "$(of "$cookie" .netns)" "$(stat -Lc %i /run/netns/red)"
inside=$(awk '$2 == "r" { print $4 ":" $5 }' "$work/held-7100")
check 'its pid inside' same "$(of "$cookie" '.holders | map("\(.inner_pid):\(.fd)") | join(",")')" "$inside"
outside=$(of "$cookie" .pid)
check 'and outside' same \
	"$(awk '$1 == "NSpid:" { print $2, $NF }' "/proc/$outside/status")" "$outside ${inside%:*}"
unshare -n bash -c 'ip link set lo up; exec stim --hold 7200 r1' >"$work/held-7200" &
nameless=$!
within 20 grep -q READY "$work/held-7200"
within 20 is_listed "$(cookies 7200 r)"
check 'in a namespace without a name' same "$(of "$(cookies 7200 r)" .pid)" $nameless
{
	kill -9 $nameless "$outside"
	wait $nameless $contained
} 2>/dev/null
check 'killing the process ends it' within 20 is_not_listed "$cookie"
check 'watching tells of both' within 10 has_phases "$cookie" 'begin end'
ip netns del red

at 'kill'
r=$(cookies 7000 r)
u=$(cookies 7000 u)
d=$(cookies 7000 d)
check 'to kill asks, which needs a terminal' refused 2 'no terminal' --kill
port=$(of "$r" .rport)
echo n | stim --pty tcpfsm stuck --kill -D "$port" >"$work/out" 2>&1
check 'no is no: status 1' [ "${PIPESTATUS[1]}" -eq 1 ]
check 'and says so' grep -q 'nothing was destroyed' "$work/out"
check 'and it is still there' is_listed "$r"
echo y | stim --pty tcpfsm stuck --kill -D "$port" >"$work/out" 2>&1
check 'yes destroys it: status 0' [ "${PIPESTATUS[1]}" -eq 0 ]
check 'and says so' grep -q "$r .* destroyed$" "$work/out"
check 'only that one' is_listed "$u"
check 'it is gone' is_not_listed "$r"
check 'watching tells of that' within 10 has_phases "$r" 'begin end'
check '... and says what ended it' same \
	"$(jq -r "select(.flow == \"$r\" and .phase == \"end\").cause" "$work/watch")" destroyed

# its addresses become another socket's while the question waits
is_listed "$d"
port=$(of "$d" .rport)
within 20 is_listed "$d"
mkfifo "$work/answer"
exec {answer}<>"$work/answer"
stim --pty tcpfsm stuck --kill -j -D "$port" <&"$answer" >"$work/killed" 2>"$work/asked" &
asks=$!
within 20 grep -q 'y/N' "$work/asked"
ss -HK state close-wait dport = ":$port" >/dev/null
within 10 bash -c "! ss -tanH | grep -q ':$port '"
stim --hold-again "$port" 7000 2>"$work/again" &
second=$!
within 10 has_addresses "$port"
diag "$(cat "$work/again")"
check 'another socket has these addresses now' has_addresses "$port"
echo y >&"$answer"
wait $asks
check 'the old cookie is refused: status 1' [ $? -eq 1 ]
check 'and says why' same "$(jq -r 'select(.event == "killed").result' "$work/killed")" reused
check 'the new one lives on' has_addresses "$port"
kill $second

# somebody accepts while the question waits
tcpfsm thresholds unaccepted=300ms >/dev/null
busybox nc -l -p 7200 <&"$never" >"$work/sink" &
nc=$!
within 10 bash -c 'ss -tlnH sport = :7200 | grep -q .'
halt $nc
exec {late}<>/dev/tcp/127.0.0.1/7200
within 20 lists 1 -L 7200
stim --pty tcpfsm stuck --kill -j -L 7200 <&"$answer" >"$work/killed" 2>"$work/asked" &
asks=$!
within 20 grep -q 'y/N' "$work/asked"
result $? 'one that nobody has accepted'
kill -CONT $nc
within 20 is_accepted 7200
echo y >&"$answer"
wait $asks
check 'is accepted meanwhile, and left alone: status 0' [ $? -eq 0 ]
check 'and says so' same "$(jq -r 'select(.event == "killed").result' "$work/killed")" recovered
check 'it lives on' is_accepted 7200
kill $nc
exec {late}>&-
# Linux 5.10 leaves orphans alone, without a word
w=$(cookies 7000 w)
# shellcheck disable=SC2016	# jq's
check 'an orphan is told as one before anything else happens to it' \
	is true jq --arg flow "$w" 'select(.flow == $flow).orphan' <(tcpfsm flows -j -S fin-wait-1)
tcpfsm stuck --kill --yes -S fin-wait-1 -j >"$work/killed"
status=$?
killed=$(jq -r 'select(.event == "killed").result' "$work/killed")
if ss -tanHe state fin-wait-1 | grep -q "sk:$w "; then
	check 'an orphan that is still there was not destroyed' same "$killed $status" 'ignored 1'
else
	check 'an orphan was destroyed' same "$killed $status" 'destroyed 0'
fi
check '--yes does not ask' bash -c "tcpfsm stuck --kill --yes -S close-wait -p $main -j >$work/killed"
check 'and destroys all' [ "$(jq -r 'select(.event == "killed").result' "$work/killed" | sort | uniq -c |
	awk '{ printf "%s %s,", $1, $2 }')" = "$(jq -r 'select(.event == "stuck").flow' "$work/killed" | wc -l) destroyed," ]
# it does not end with its parent
kill -9 "$(awk '$2 == "t" { print $4 }' "$work/held-7000")"
holder=$main hold_no_more
watch_stop
check 'each was told of once, and of its end' same \
	"$(jq -r 'select(.event == "stuck") | .flow + " " + .state + " " + .phase' "$work/watch" | sort | uniq -d)" ''

at 'agreement'
nft -f - <<-'EOT'
	table inet holes {
		chain output {
			type filter hook output priority 0
			tcp flags & fin == fin tcp sport 7300 drop
			tcp flags & (syn | ack) == syn | ack tcp sport 7400 drop
		}
	}
EOT
hold 7300 "r$((many / 8)),u$((many / 8)),d$((many / 8)),o$((many / 8)),h$((many / 8)),c$((many / 8)),f3,p3,a20,b20,s20,w3"
check "tcpfsm stuck and ss agree on state, queues and process of $many sockets and more" within 60 agree "$many"
diag "$(head -20 "$work/diff")"
diag "$(awk '{ n[$2]++ } END { for (s in n) print s, n[s] }' "$work/ss" | paste -sd' ')"
hold_no_more

at 'few among many'
hold 7500 o9800,r200
cookie=$(cookies 7500 r | tail -n 1)
within 60 is_listed "$cookie"
# what the rules above dropped is stuck as well, in other states
check '200 stuck ones among 20,000: exactly those' lists 200 -S close-wait
jq -r .flow "$work/stuck" | sort >"$work/listed"
cookies 7500 r | sort >"$work/meant"
check 'and no others' cmp "$work/listed" "$work/meant"
jq -r '.holders[] | "\(.pid):\(.fd)"' "$work/stuck" | sort >"$work/listed"
awk '$2 == "r" { print $4 ":" $5 }' "$work/held-7500" | sort >"$work/meant"
check 'each with its process and descriptor' cmp "$work/listed" "$work/meant"
hold_no_more

at 'slow, but legal'
tcpfsm thresholds close-wait=10s fin-wait-1=10s fin-wait-2=10s syn-sent=10s unaccepted=10s \
	syn-received=10s last-ack=10s closing=10s >"$work/set"
tcpfsm monitor --alerts -j >"$work/alerts" 2>"$work/alerts.err" &
watch=$!
within 30 grep -qs '"event":"start"' "$work/alerts"
result $? 'alerts are waited for'
stim --dawdle 2000 1000 >"$work/port"
result $? '2,000 connections whose server takes a second to close'
watch_stop
# those of before come to their end meanwhile
jq -c --argjson port "$(cat "$work/port")" 'select(.alert == "stuck" and
	(.lport == $port or .rport == $port))' "$work/alerts" >"$work/slow"
check 'none of them was told of as stuck' cmp "$work/slow" /dev/null

at 'bad input'
check 'a negative age' refused 2 "bad age '-5s'" --min-age -5s
check 'an age without a unit' refused 2 "bad age '5'" --min-age 5
check 'a state there is not' refused 2 'FIN_WAIT_3' -S FIN_WAIT_3
check 'a state nothing can be stuck in' refused 2 'TIME_WAIT' -S time-wait
check 'a listener' refused 2 'LISTEN' -S listen
check '--watch with --kill' refused 2 '--watch with --kill' --watch --kill
check '--watch with --min-age' refused 2 '--watch with --min-age' --watch --min-age 5s
check '--yes alone' refused 2 '--yes without --kill' --yes
check '-T without --watch' refused 2 '-T needs --watch' -T
check 'an unprivileged user' bash -c "su -s /bin/sh user -c 'tcpfsm stuck' >$work/out 2>&1; [ \$? -eq 3 ]"
check 'is told what is missing' grep -q CAP_NET_ADMIN "$work/out"
check 'the module unloads' rmmod tcpfsm
check 'without the module: status 3' refused 3 'not loaded'
check 'the kernel did not complain' dmesg_clean
finish
