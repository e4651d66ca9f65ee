# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the stress tests share: sourced after lib.sh, never run. LONG is not empty for the long ones.

long=${1-}

# size SHORT LONG
size() {
	[ -n "$long" ] && echo "$2" || echo "$1"
}

# netns NAME: a network namespace with a loopback interface, where thousands may be in TIME_WAIT
netns() {
	ip netns add "$1" && ip -n "$1" link set lo up &&
		ip netns exec "$1" bash -c 'echo 300000 >/proc/sys/net/ipv4/tcp_max_tw_buckets
			echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries
			echo "10000 65000" >/proc/sys/net/ipv4/ip_local_port_range'
}

# all_sent: what was recorded has left the module. No number tells what waits in the rings, and a
# worker may be kept from them for as long as the kernel waits before it tries again to make one.
all_sent() {
	local before
	before=$(tcpfsm stats)
	read -rt 2 -u "$never"
	[ "$(tcpfsm stats)" = "$before" ]
}

# all_over NETNS: it goes, its flows come to their end, and all of it is sent
all_over() {
	ip netns del "$1"
	within 120 no_flows
	result $? 'all flows come to their end'
	within 20 all_sent
}

# areas FUNCTION: the bytes of each area it has of vmalloc's, without the guard page. Before 6.9 a
# read of the list goes on by number, so that an area that anybody frees meanwhile hides another:
# what several readings have between them.
areas() {
	cat /proc/vmallocinfo{,,,,} | awk -v fn="$1" '$3 ~ "^" fn && !seen[$1]++ {
		for (i = 4; i <= NF; i++)
			if ($i ~ /^pages=/) {
				split($i, p, "=")
				print p[2] * 4096
			}
	}'
}

meminfo() {
	awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo
}

# readers_start FILE KIND COUNT [KB]: readers or idlers (stim --stress) with a buffer of so much, or
# the default; they listen when this returns
readers_start() {
	stim --stress "$2" "$3" "${4:-0}" >"$1" 2>&1 &
	within 60 eval "[ \"\$(grep -c START $1)\" -eq $3 ]" && return
	cat "$1"
	echo 'Bail out! no readers'
	exit 1
}

# readers_stop PID
readers_stop() {
	kill -TERM "$1"
	wait "$1"
	result $? 'the readers survived it'
}

# read_sum FILE LINE WORD...: the sum of what is told before these words, in the LINEth READ, 0 for all
read_sum() {
	local file=$1 line=$2
	shift 2
	awk -v line="$line" -v words="$*" '
		BEGIN { split(words, w, " "); for (i in w) wanted[w[i]] = 1 }
		$1 == "READ" && (!line || ++n == line) {
			for (i = 2; i < NF; i += 2)
				if ($(i + 1) in wanted)
					sum += $i
		}
		END { print sum + 0 }' "$file"
}

# dmesg_take FILE: the kernel's log goes to FILE, and is empty then. Fails when it has more
# complaints than those asked for: of allocations that fail.
dmesg_take() {
	dmesg -c >>"$1"
	awk '
		NR == FNR { if (!/^#/) complaints[$0]; next }
		/KCSAN: [^[]*$/ { next }	# of the kernel with itself
		/FAULT_INJECTION: forcing a failure|page allocation failure|invoked oom-killer/ { asked = FNR }
		/vmalloc error|warn_alloc/ { asked = FNR }
		/Call Trace/ && asked && FNR - asked < 40 { asked = 0; next }
		{
			for (complaint in complaints)
				if ($0 ~ complaint) {
					print
					bad = 1
				}
		}
		END { exit bad }' "$here/../complaints" "$1"
}
