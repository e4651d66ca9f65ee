# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests in a guest share: sourced, never run. TAP on stdout.

tap_count=0
tap_failed=0
export work=/tmp/work
mkdir -p "$work"
exec {never}<> <(:)

# result STATUS TEXT: one TAP line
result() {
	local word=ok
	tap_count=$((tap_count + 1))
	[ "$1" -eq 0 ] || { word='not ok' tap_failed=$((tap_failed + 1)); }
	echo "$word $tap_count - $2"
}

# check TEXT COMMAND...: a test that is one command
check() {
	local text=$1 out status
	shift
	out=$("$@" 2>&1)
	status=$?
	result $status "$text"
	[ $status -eq 0 ] || diag "$out"
}

# same GOT WANT
same() {
	echo "got '$1', not '$2'"
	[ "$1" = "$2" ]
}

# is WANT COMMAND...: it prints WANT
is() {
	local want=$1
	shift
	same "$("$@")" "$want"
}

diag() {
	[ -z "$1" ] || echo "# ${1//$'\n'/$'\n# '}"
}

# measured TEXT: what the table of kernels is to have (scripts/matrix)
measured() {
	echo "# measured: $1"
}

# What the guest does not have would pass where nothing is to be found: it fails the test, see finish().
command_not_found_handle() {
	echo "$1: command not found" | tee -a "$work/not_found" >&2
	return 127
}
export -f command_not_found_handle

finish() {
	[ ! -s "$work/not_found" ] || { result 1 'the guest has all commands'; diag "$(sort -u "$work/not_found")"; }
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
}

# halt PID: stop it. What sleeps in the kernel is only woken by the signal, and does what it waited
# for before it stops, if that is there by then.
halt() {
	kill -STOP "$1"
	within 10 grep -q '^State:.T' "/proc/$1/status"
}

# within SECONDS COMMAND...: wait until it succeeds, with ever more patience: in a warped guest
# only the looks take real time
within() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000)) step=20
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
		read -rt "$((step / 1000)).$(printf %03d $((step % 1000)))" -u "$never"
		step=$((step < 1000 ? step * 5 / 4 : 1000))
	done
}

# is_ordered FILE: of what monitor -j wrote, as many are behind a younger one as it says came late
is_ordered() {
	same "$(jq -r 'select(.ts and .event != "summary") | .ts' "$1" |
		awk '$1 < last { n++; next } { last = $1 } END { print n + 0 }')" \
		"$(jq -r 'select(.event == "summary") | .late' "$1")"
}

# which version this is
# shellcheck disable=SC2034	# used by those who source this
kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')

# older A B: is version A before B
older() {
	[ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# at TEXT: where we are, on the console for whoever finds a guest that hung
at() {
	echo "at $1" >/dev/kmsg
}

# monitor_start FILE [OPTION]...: the stream, live when this returns; its process in $monitor
monitor_start() {
	local file=$1
	shift
	# now, not when the process below gets round to it: what an earlier one wrote looks alike
	: >"$file"
	tcpfsm monitor -j "$@" >"$file" 2>"$file.err" &
	monitor=$!
	within 30 grep -qs '"event":"start"' "$file" || {
		echo "Bail out! no stream: $(cat "$file.err")"
		exit 1
	}
}

# monitor_stop: end it as ^C does, and wait for its summary
monitor_stop() {
	kill -INT "$monitor"
	wait "$monitor"
}

# stat_of NAME: one of the module's numbers
stat_of() {
	tcpfsm stats | awk -v name="$1" '$1 == name { print $2 }'
}

# is_accepted PORT: a process has the connection; what nobody has accepted ends with a RST
is_accepted() {
	ss -tnpH state established "sport = :$1" | grep -q pid=
}

no_flows() {
	[ "$(tcpfsm flows -j | grep -c '"event":"flow"')" -eq 0 ]
}

# state_lines FILE: state records as tab-separated values
state_lines() {
	jq -r 'select(.event == "state") |
	       [.flow, .old, .new, .ns_in_old, .ts, .laddr, .lport, .raddr, .rport, .netns,
		.cause] | @tsv' "$1"
}

# lost_lines FILE: what was lost, where; jq would take its time with a hundred thousand lines
lost_lines() {
	grep '"event":"lost"' "$1"
}

# lost_in FILE: how many records
lost_in() {
	lost_lines "$1" | jq -s 'map(.count) | add // 0'
}

# segment_lines FILE: segment records as tab-separated values, null where a field is null
segment_lines() {
	jq -r 'select(.event == "segment") |
	       [(.time[:19] + "Z" | fromdate | tostring) + .time[19:26], .dir, .laddr, .lport, .raddr, .rport,
		.flags[1:-1], .seq, .ack, .win, .len, .mss, .wscale, .sack_ok, .ts_ok, .tsval,
		.tsecr, .cookie_len, .retrans, .fate, .state, .flow] |
	       map(if . == null then "null" else . end) | @tsv' "$1" |
		sed 's/::ffff:\([0-9.]*\)/\1/g'
}

# verdict_lines FILE: verdicts as tab-separated values; none is a handshake or teardown there was not
verdict_lines() {
	jq -r 'select(.event == "verdict") |
	       [.flow // "null", .laddr, .lport, .raddr, .rport, .handshake // "none",
		.teardown // "none", .conformance, (.violations | map(.rule) | join(", ")),
		(.notes | join(", ")), (.missing | join(", ")), .cause] | @tsv' "$1"
}

# oracle_start KB: the kernel's own record of transitions, in a ring of so much a CPU
oracle=/sys/kernel/tracing/instances/oracle
oracle_start() {
	mkdir -p $oracle &&
	echo mono >$oracle/trace_clock &&
	echo "$1" >$oracle/buffer_size_kb &&
	echo 'protocol == 6' >$oracle/events/sock/inet_sock_set_state/filter &&
	echo 1 >$oracle/events/sock/inet_sock_set_state/enable
}

# oracle_stop FILE: what it recorded
oracle_stop() {
	local overrun
	echo 0 >$oracle/events/sock/inet_sock_set_state/enable
	grep inet_sock_set_state $oracle/trace >"$1"
	overrun=$(awk "/^overrun:/ { n += \$2 } END { print n + 0 }" $oracle/per_cpu/cpu*/stats)
	rmdir $oracle
	check "the ring of the oracle was large enough" [ "$overrun" -eq 0 ]
}

# doctor_content: it finds nothing wrong but what this kernel may lack, see kernel.sh
doctor_content() {
	tcpfsm doctor -j >"$work/doctor"
	jq -r '.problems[]' "$work/doctor" | tee "$work/problems"
	jq -e .access "$work/doctor" >/dev/null || return
	! grep -vxFf <(awk -F '\t' '!/^#/ && $1 !~ /\(/ { print $1 " is missing: " $4 }' "${BASH_SOURCE[0]%/*}/../lacking") \
		"$work/problems"
}

# traces: what the kernel shows of a module that is there, or has left something: functions and CPUs that
# are watched, symbols, areas of vmalloc() whose owner's code is gone
traces() {
	{
		cat /sys/kernel/tracing/enabled_functions /sys/kernel/debug/kprobes/list \
			/sys/devices/system/cpu/hotplug/states
		grep -F '[tcpfsm]' /proc/kallsyms
		# again and again: before Linux 6.9 one that goes may hide another
		awk '$3 ~ /^0x/ { print $1, $3 }' /proc/vmallocinfo{,,,,}
	} | sort -u
}

# traces_begin: what there is before the module is loaded for the first time
traces_begin() {
	traces >"$work/traces"
}

no_traces() {
	[ -s "$work/traces" ] && ! traces | grep -vxFf "$work/traces"
}

# has_traces: the module that is loaded now, as far as this kernel shows them
has_traces() {
	! no_traces
}

# dmesg_begin: what dmesg has from now on is new; what it had is kept for dmesg_clean
dmesg_begin() {
	dmesg -c >>"$work/log"
}

# dmesg_clean: nothing in the kernel's log that should not be there; races that the kernel has with
# itself are the kernel's
dmesg_clean() {
	[ -s "$here/../complaints" ] && ! { cat "$work/log" 2>/dev/null; dmesg; } | grep -v 'KCSAN: [^[]*$' |
		grep -E -f "$here/../complaints"
}
