#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A real Prometheus scrapes the exporter, as OpenMetrics, and evaluates the alert rules.

here=$(dirname "$0")
. "$here/lib.sh"

# ask PATH: Prometheus' answer, its data alone
ask() {
	busybox wget -qO- "http://127.0.0.1:9090/api/v1/$1" | jq -c .data
}

healthy() {
	[ "$(ask targets | jq -r '.activeTargets[] | select(.labels.job == "tcpfsm").health')" = up ]
}

# value EXPRESSION: its only value
value() {
	ask "query?query=$1" | jq -r '.result[].value[1]'
}

# has_value EXPRESSION VALUE
has_value() {
	[ "$(value "$1")" = "$2" ]
}

many_samples() {
	[ "$(value scrape_samples_scraped)" -gt 300 ]
}

# a rule that was not evaluated yet is not healthy
healthy_rules() {
	[ "$(ask rules | jq '[.groups[].rules[] | select(.health != "ok")] | length')" = 0 ]
}

# firing ALERT [COMM]
firing() {
	[ "$(ask alerts | jq -r ".alerts[] | select(.labels.alertname == \"$1\" and .state == \"firing\" and
		.labels.comm == ${2:-null}).labels.severity")" != '' ]
}

quiet() {
	! firing "$@"
}

# soon TEXT COMMAND...: a test that succeeds after a while
soon() {
	local text=$1
	shift
	within 120 "$@"
	result $? "$text"
}

modprobe -a tcp_diag
cat >/tmp/prometheus.yml <<-EOF
	global:
	  scrape_interval: 2s
	  evaluation_interval: 2s
	rule_files:
	  - /rules.yml
	scrape_configs:
	  - job_name: tcpfsm
	    static_configs:
	      - targets: ['127.0.0.1:10293']
EOF
insmod /tcpfsm/tcpfsm.ko
tcpfsm exporter 2>"$work/exporter.err" &
exporter=$!
# shellcheck disable=SC2016	# the inner shell's
within 60 bash -c 'ss -tlnH sport = :10293 | grep -q .'
prometheus --config.file=/tmp/prometheus.yml --storage.tsdb.path=/tmp/prometheus \
	--web.listen-address=127.0.0.1:9090 2>"$work/prometheus.err" &
server=$!
within 300 busybox wget -qO- http://127.0.0.1:9090/-/ready >"$work/ready" 2>&1
result $? 'Prometheus is ready'
diag "$(busybox wget -qO- http://127.0.0.1:9090/api/v1/status/buildinfo | jq -r '.data.version')"
soon 'it scrapes, and takes all it is given' healthy
diag "$(ask targets | jq -r '.activeTargets[].lastError')"
soon 'the module is up' has_value tcpfsm_up 1
soon 'as many samples as there are' many_samples
check 'counters are counters' [ "$(ask 'metadata?metric=tcpfsm_transition_causes' |
	jq -r '.tcpfsm_transition_causes[0].type')" = counter ]
check 'histograms are histograms' [ "$(ask 'metadata?metric=tcpfsm_state_duration_seconds' |
	jq -r '.tcpfsm_state_duration_seconds[0].type')" = histogram ]
soon 'all rules are healthy' healthy_rules
check 'nothing fires' quiet TcpCloseWaitLeak '"bash"'

echo '# CLOSE_WAIT'
tcpfsm thresholds close-wait=500ms >"$work/set"
busybox nc -l -p 4000 <&"$never" >"$work/sink" &
nc=$!
# shellcheck disable=SC2016	# the inner shell's
within 20 bash -c 'ss -tlnH sport = :4000 | grep -q .'
exec {conn}<>/dev/tcp/127.0.0.1/4000
within 20 is_accepted 4000
result $? 'somebody accepts'
kill -KILL $nc
wait $nc 2>/dev/null
soon 'a CLOSE_WAIT that is not closed fires' firing TcpCloseWaitLeak '"bash"'
diag "$(ask alerts | jq -c '.alerts[] | [.labels.alertname, .annotations.summary]')"
check 'as many as ss has' [ "$(value 'sum(tcpfsm_stuck_flows%7Bstate="CLOSE_WAIT"%7D)')" = \
	"$(ss -tnH state close-wait | wc -l)" ]
exec {conn}>&-
soon 'closed, it is over' quiet TcpCloseWaitLeak '"bash"'

echo '# the module'
rmmod tcpfsm
soon 'unloaded, it fires' firing TcpfsmModuleMissing
insmod /tcpfsm/tcpfsm.ko
soon 'loaded again, it is over' quiet TcpfsmModuleMissing
diag "scrapes take $(value 'max_over_time(tcpfsm_scrape_duration_seconds%5B5m%5D)') s at most, memory: $(
	awk '/VmHWM/ { print $2, $3 }' /proc/$exporter/status)"
kill $exporter $server
wait $exporter
result $? 'the exporter ends well'
wait $server
rmmod tcpfsm
finish
