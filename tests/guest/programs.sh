#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Real programs on two hosts, traced: clients on a, servers on b. What was recorded, what tcpdump saw at
# either end, and what the programs say they did, go to /out: tests/long/programs.t compares them.

# shellcheck disable=SC2317	# check calls what it is given

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"
net=p
. "$here/programs-servers.sh"

# step TEXT COMMAND...: a test, in this shell, as what it starts belongs to it
step() {
	local text=$1 status
	shift
	"$@" >"$work/step" 2>&1
	status=$?
	result $status "$text"
	[ $status -eq 0 ] || diag "$(cat "$work/step")"
}

# start CASE COMMAND...: a client on host a; its process in $client and, with its case, in /out/clients
start() {
	local case=$1
	shift
	ip netns exec ${net}a "$@" >>"$base/$case.out" 2>&1 <&"$never" &
	client=$!
	printf '%s\t%s\t%s\n' "$case" $client "${1##*/}" >>/out/clients
}

# client STATUS CASE COMMAND...: to its end, which is to have STATUS
client() {
	local want=$1 status
	shift
	start "$@"
	wait $client
	status=$?
	[ $status -eq "$want" ] || {
		echo "exit status $status, not $want: ${*:2}"
		tail -n 5 "$base/$1.out"
		return 1
	}
}

# each TIMES COMMAND...: one after another
each() {
	local n=$1
	shift
	while [ $((n--)) -gt 0 ]; do
		"$@" || return
	done
}

# together TIMES COMMAND...: COMMAND starts a client; all of them in $clients
together() {
	local n=$1
	shift
	clients=()
	while [ $((n--)) -gt 0 ]; do
		"$@"
		clients+=("$client")
	done
}

# all_end STATUS: those that were started together
all_end() {
	local pid status bad=0
	for pid in "${clients[@]}"; do
		wait "$pid"
		status=$?
		[ $status -eq "$1" ] || { echo "exit status $status, not $1"; bad=1; }
	done
	return $bad
}

kill_all() {
	kill -KILL "${clients[@]}"
	wait "${clients[@]}" 2>/dev/null
}

# here_are N STATE PORT: so many connections to PORT are in STATE at host a
here_are() {
	[ "$(ip netns exec ${net}a ss -tnH state "$2" "dport = :$3" | wc -l)" -eq "$1" ]
}

# fetch CASE PORT PATH [OPTION]...: over IPv4, and over IPv6
fetch() {
	local case=$1 port=$2 path=$3
	shift 3
	client 0 "$case" curl -sfS "$@" -o /dev/null "http://10.0.0.2:$port/$path" &&
	client 0 "$case" curl -sfS "$@" -o /dev/null "http://[fd00::2]:$port/$path"
}

sql() {
	psql=("$pg/psql" -X -h 10.0.0.2 -U postgres -At -c "$1" "${2:-postgres}")
}

# asleep N: so many do what they are told, as the server sees it
asleep() {
	sql "select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep%'"
	: >$base/pg-ask.out
	client 0 pg-ask "${psql[@]}" && [ "$(cat $base/pg-ask.out)" = "$1" ]
}

# ssh_to HOST KEY COMMAND
ssh_to() {
	ssh=(ssh -i "$2" -o BatchMode=yes -o IdentitiesOnly=yes "root@$1" "$3")
}

# sessions N: so many have begun
sessions() {
	[ "$(find $base -name 'session.*' | wc -l)" -eq "$1" ]
}

web() {
	echo '# nginx and curl'
	at nginx
	step 'nginx closes, as it keeps none' fetch nginx-close-server 8081 'n[1-100]'
	step 'nginx closes, as curl asks for it' fetch nginx-close-client 8080 'n[1-100]' -H 'Connection: close'
	step 'one request for each curl' each 20 fetch nginx-one-each 8080 n
	step 'many requests on one connection' each 2 fetch nginx-many 8080 'n[1-200]'
	step 'many connections at once' fetch nginx-parallel 8080 'n[1-100]' -Z --parallel-immediate --parallel-max 20
	step 'nginx closes after ten requests' fetch nginx-requests 8082 'n[1-150]'
	together 8 start nginx-idle curl -sfS --rate 20/m -o /dev/null 'http://10.0.0.2:8083/n[1-3]'
	step 'nginx closes what is idle for a second' all_end 0
	together 10 start nginx-gone curl -sS --limit-rate 20k -m 8 -o /dev/null http://10.0.0.2:8080/file
	step 'curl gives up in the middle' all_end 28
	together 10 start nginx-killed curl -s --limit-rate 20k -o /dev/null http://10.0.0.2:8080/file
	step 'curl is killed in the middle' within 30 here_are 10 established 8080
	kill_all
	step 'more than nginx takes' each 10 client 0 nginx-too-large curl -s -H Expect: -o /dev/null \
		-T $base/www/file http://10.0.0.2:8084/
	step 'nobody listens' each 10 client 7 nginx-refused curl -s http://10.0.0.2:8099/
}

cache() {
	echo '# redis'
	at redis
	step 'one request for each redis-cli' each 40 client 0 redis-one-each redis-cli -h 10.0.0.2 ping
	step 'one request for each connection' client 0 redis-reconnect redis-benchmark -h 10.0.0.2 -q -k 0 -c 10 \
		-n 1000 -t ping_mbulk
	step '... over IPv6' client 0 redis-reconnect redis-benchmark -h fd00::2 -q -k 0 -c 10 \
		-n 500 -t ping_mbulk
	step 'many requests on each connection' client 0 redis-many redis-benchmark -h 10.0.0.2 -q -c 50 -n 5000 -t set,get
	step 'QUIT' each 10 client 0 redis-quit redis-cli -h 10.0.0.2 quit
	client 0 redis-one-each redis-cli -h 10.0.0.2 config set timeout 1
	together 8 start redis-idle redis-cli -h 10.0.0.2 -r 2 -i 4 ping
	step 'redis closes what is idle for a second' all_end 1
	client 0 redis-one-each redis-cli -h 10.0.0.2 config set timeout 0
	start redis-left redis-benchmark -h 10.0.0.2 -I -c 20
	clients=("$client")
	step 'idle connections' within 30 here_are 20 established 6379
	step '... that redis closes as it ends' client 0 redis-shutdown redis-cli -h 10.0.0.2 shutdown nosave
	wait "${server[redis]}"
	step '... which redis-benchmark cannot do without' all_end 1
}

database() {
	echo '# PostgreSQL'
	at PostgreSQL
	echo 'select 1;' >$base/one.sql
	step 'one transaction for each connection' client 0 pg-reconnect $pg/pgbench -h 10.0.0.2 -U postgres -n -C -c 4 \
		-t 40 -f $base/one.sql postgres
	step '... over IPv6' client 0 pg-reconnect $pg/pgbench -h fd00::2 -U postgres -n -C -c 4 \
		-t 20 -f $base/one.sql postgres
	step 'many transactions on each connection' client 0 pg-many $pg/pgbench -h 10.0.0.2 -U postgres -n -c 10 -t 50 \
		-f $base/one.sql postgres
	sql 'select 1'
	step 'psql' each 20 client 0 pg-psql "${psql[@]}"
	sql 'select 1' none
	step 'a database there is not' each 10 client 2 pg-refused "${psql[@]}"
	sql 'select pg_sleep(600)'
	together 5 start pg-terminated "${psql[@]}"
	step 'the server ends sessions' within 60 asleep 5
	sql "select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep%'"
	client 0 pg-ask "${psql[@]}"
	step '... of which psql tells' all_end 2
	sql 'select pg_sleep(30)'
	together 5 start pg-killed "${psql[@]}"
	step 'psql is killed while the server works' within 60 asleep 5
	kill_all
}

shells() {
	echo '# sshd'
	at sshd
	ssh_to 10.0.0.2 $base/key true
	step 'logins' each 15 client 0 ssh-login "${ssh[@]}"
	ssh_to fd00::2 $base/key true
	step '... over IPv6' each 5 client 0 ssh-login "${ssh[@]}"
	ssh_to 10.0.0.2 $base/other true
	step 'a wrong key' each 5 client 255 ssh-wrong-key "${ssh[@]}"
	step 'its host key, asked for' each 5 client 0 ssh-keyscan ssh-keyscan -t ed25519 10.0.0.2
	ssh_to 10.0.0.2 $base/key ": >$base/session.\$\$; exec cat"
	together 5 start ssh-killed "${ssh[@]}"
	step 'ssh is killed in a session' within 60 sessions 5
	kill_all
}

modprobe -a tun veth tcp_diag
mkdir -p $base
: >/out/clients
net_up $net || exit 1
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
tcpfsm record -w /out/record 2>/out/record.err &
recorder=$!
capture=()
for host in a b; do
	stat -Lc "$host %i" /run/netns/$net$host >>/out/netns
	ip netns exec $net$host tcpdump -i v$host -Z root -B 32768 -s 120 -w /out/$host.pcap tcp 2>/out/$host.err &
	capture+=($!)
done
check 'it is recorded' within 30 test -s /out/record
check 'tcpdump listens' within 30 bash -c 'grep -q listening /out/a.err && grep -q listening /out/b.err'

at servers
step 'nginx starts' nginx_start
step 'redis starts' redis_start
step 'PostgreSQL starts' postgres_start
step 'sshd starts' sshd_start
for name in "${!server[@]}"; do
	printf '%s\t%s\n' "$name" "${server[$name]}" >>/out/servers
done
web
cache
database
shells

at 'the end'
check 'no session is left' within 60 here_are 0 connected 5432
quit INT postgres
quit QUIT nginx
quit TERM sshd
check 'all connections come to their end' within 180 no_flows
kill -INT $recorder
step 'the recorder ends well' wait $recorder
check '... and has lost nothing' grep ' 0 lost in ' /out/record.err
kill -INT "${capture[@]}"
wait "${capture[@]}"
check 'tcpdump has lost nothing' is 2 bash -c "cat /out/[ab].err | grep -c '^0 packets dropped by kernel'"
accepted >/out/accepted
versions >/out/versions
cp $base/*.log $base/*.made $base/*.out /out/
diag "$(cat /out/record.err)"
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
