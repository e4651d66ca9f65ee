# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The tracers that are measured: sourced after tests/guest/lib.sh, by scripts in $here, never run. Each is started as its
# users start it, its output goes to a file.

out=/tmp/bench
mkdir -p $out
tracefs=/sys/kernel/tracing
state_event=$tracefs/events/sock/inet_sock_set_state

# What tcpstates shows, in bpftrace's language
one_liner='tracepoint:sock:inet_sock_set_state /args->protocol == 6/ {
	printf("%-6d %-16s %s:%d %s:%d %d -> %d\n", pid, comm, ntop(args->family, args->saddr),
	       args->sport, ntop(args->family, args->daddr), args->dport, args->oldstate, args->newstate);
}'

# command_of TRACER: what is run, in $command
command_of() {
	case $1 in
	monitor)	command=(tcpfsm monitor) ;;
	monitor-s)	command=(tcpfsm monitor -s) ;;
	monitor-j)	command=(tcpfsm monitor -j) ;;
	monitor-s-j)	command=(tcpfsm monitor -s -j) ;;
	record)		command=(tcpfsm record -w "$out/record") ;;
	check)		command=(tcpfsm check) ;;
	bpftrace)	command=(bpftrace -e "$one_liner") ;;
	perf)		command=(perf record -q -a -e sock:inet_sock_set_state -o "$out/perf") ;;
	trace_pipe)	command=(cat "$tracefs/trace_pipe") ;;
	# the end of tracking, 10 to 120 seconds later, is not that of the connection
	conntrack)	command=(conntrack -E -e NEW,UPDATES -p tcp) ;;
	tcpdump)	command=(tcpdump -Z root -i lo -w "$out/tcpdump"
				'tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0') ;;
	ss)		command=(ss -E -t -n) ;;
	*)		command=("$1") ;;
	esac
}

# give_up TEXT: the measurement is worth nothing
give_up() {
	echo "bench: $1" >&2
	tail -n 5 $out/errors $out/lines >&2 2>/dev/null
	exit 1
}

# file_of TRACER: where its output goes
file_of() {
	case $1 in
	record|perf|tcpdump) echo "$out/$1" ;;
	*)	echo $out/lines ;;
	esac
}

size_of() {
	stat -c %s "$1" 2>/dev/null || echo 0
}

# grown FILE SIZE: connections have made it larger than that
grown() {
	bench connect 50 client >/dev/null
	[ "$(size_of "$1")" -gt "$2" ]
}

# ready FILE: what happens now is in it soon. Twice, as the first may be a header.
ready() {
	within 60 grown "$1" 0 && within 60 grown "$1" "$(size_of "$1")"
}

# need TRACER: what it takes in the kernel
need() {
	case $1 in
	none)	;;
	tcpstates|tcplife|tcptracer|bpftrace|perf|tcpdump|ss) ;;
	trace_pipe)
		echo >$tracefs/trace
		echo 'protocol == 6' >$state_event/filter
		echo 1 >$state_event/enable
		;;
	conntrack)
		modprobe nf_conntrack_netlink
		nft add table inet bench
		nft add chain inet bench in '{ type filter hook input priority 0; }'
		nft add rule inet bench in ct state new counter
		;;
	*)	insmod /tcpfsm/tcpfsm.ko ;;
	esac || give_up "$1: what it needs is not there"
}

# free TRACER: as before need
free() {
	case $1 in
	trace_pipe)
		echo 0 >$state_event/enable
		echo 0 >$state_event/filter
		;;
	conntrack)
		nft delete table inet bench
		modprobe -r nft_ct nf_conntrack_netlink nf_conntrack
		;;
	module|monitor*|record|check)
		rmmod tcpfsm
		;;
	esac
}

# start TRACER: it shows connections when this returns; its process in $tracer, empty when it is none
start() {
	tracer=
	need "$1"
	case $1 in
	none|module) return ;;
	esac
	rm -f $out/*
	command_of "$1"
	"${command[@]}" >$out/lines 2>$out/errors &
	tracer=$!
	ready "$(file_of "$1")" || give_up "$1 shows nothing"
}

# end TRACER: as ^C does
end() {
	if [ -n "$tracer" ]; then
		case $1 in
		# have no handler, and a shell's child in the background ignores SIGINT
		trace_pipe|ss)	kill -TERM "$tracer" ;;
		*)	kill -INT "$tracer" ;;
		esac
		within 300 gone || give_up "$1 does not end"
		wait "$tracer"
	fi
	free "$1"
}

# all_shown FILE: it has not grown for a second
all_shown() {
	local before
	before=$(size_of "$1")
	! within 1 eval "[ \$(size_of '$1') -gt $before ]"
}

# none_left NETNS...: no connection is in TIME_WAIT, in the first namespace and in these
none_left() {
	local ns
	{
		cat /proc/net/sockstat
		for ns; do
			ip netns exec "$ns" cat /proc/net/sockstat
		done
	} | awk '$1 == "TCP:" { for (i = 2; i < NF; i += 2) if ($i == "tw") n += $(i + 1) }
		END { exit n > 0 }'
}

gone() {
	[ ! -e "/proc/$tracer" ] || [ "$(awk '{ print $3 }' "/proc/$tracer/stat" 2>/dev/null)" = Z ]
}

# lines_of TRACER PORT[|PORT]...: how many of its lines are of connections to these listeners
lines_of() {
	case $1 in
	record)	tcpfsm monitor -s -P "${2//|/,}" -r $out/record -H ;;
	perf)	perf script -F event,trace -i $out/perf 2>/dev/null | of_port "$2" ;;
	# other numbers may be as large
	monitor*-j) grep -E "port\":($2)," $out/lines ;;
	tcpdump) tcpdump -Z root -nr $out/tcpdump "port ${2//|/ or port }" 2>/dev/null ;;
	*)	of_port "$2" <$out/lines ;;
	esac | grep -c .
}

# wanted TRACER ENDING: lines of a connection that it has to show, those that come when TIME_WAIT has
# ended, and those of a listener
wanted() {
	awk -v t="$1" -v e="$2" '$1 == t && $2 == e { print $3, $4, $5 }' "${here:?}/lines"
}

# A port is neither part of a longer number nor of a fraction.
of_port() {
	grep -E "(^|[^0-9.])($1)([^0-9.]|\$)"
}
