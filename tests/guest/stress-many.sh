#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-many.sh [LONG]: 5,000 flows at once, or 200,000; what they cost; and more than fit.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

connections=$(size 2500 100000)
max_flows=$(size 16384 262144)

# hoard COUNT: connections with both ends here, that stay until hoard_end; its process in $hoard
hoard() {
	netns hoard
	rm -f "$work/go"
	mkfifo "$work/go"
	ip netns exec hoard stim --hoard "$1" <>"$work/go" >"$work/hoarded" 2>&1 &
	hoard=$!
	within 600 grep -q PAUSE "$work/hoarded"
	result $? "$1 connections are open"
	diag "$(grep -v PAUSE "$work/hoarded")"
}

hoard_end() {
	echo go >"$work/go"
	wait $hoard
	ip netns del hoard
	tcpfsm stats >/dev/null 2>&1 || return
	within 300 no_flows
	result $? 'all flows come to their end'
}

# allocated FUNCTION: bytes it has of vmalloc's
allocated() {
	areas "$1" | awk '{ n += $1 } END { printf "%d", n }'
}

# kernel_memory: kB of slabs, vmalloc's and per-CPU memory
kernel_memory() {
	echo 2 >/proc/sys/vm/drop_caches
	awk '$1 ~ /^(SUnreclaim|Percpu|VmallocUsed):/ { n += $2 } END { print n }' /proc/meminfo
}

echo '# what it costs'
idle=$(kernel_memory)
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
loaded=$(kernel_memory)
cpus=$(nproc)
flows=$(allocated tcpfsm_flow_init)
listeners=$(allocated tcpfsm_listener_init)
check 'the module unloads' rmmod tcpfsm
check 'with the smallest rings' insmod /tcpfsm/tcpfsm.ko ring_records=64
rings=$(((loaded - $(kernel_memory)) * 1024))
check 'the module unloads' rmmod tcpfsm
diag "a flow:     $((flows / 65536)) bytes; $((flows / 1024)) kB for max_flows=65536"
diag "a listener: $((listeners / 1024)) bytes; $((listeners / 1024)) kB for max_listeners=1024"
diag "a record:   $((rings / cpus / (16384 - 64))) bytes; $((rings / cpus / 1024)) kB a CPU for ring_records=16384"
diag "all in all: $((loaded - idle)) kB with the defaults and $cpus CPUs"
# docs/limits.md; what is allocated is whole pages
check 'a flow takes what is said of it' [ $((flows / 65536)) -ge 176 -a $((flows / 65536)) -le 184 ]
check 'a listener, too' [ $((listeners / 1024)) -ge 369 -a $((listeners / 1024)) -le 373 ]

echo "# $((connections * 2)) flows at once"
before=$(kernel_memory)
hoard "$connections"
without=$(($(kernel_memory) - before))
hoard_end
check 'the module loads' insmod /tcpfsm/tcpfsm.ko "max_flows=$max_flows" ring_records=65536
before=$(kernel_memory)
readers_start "$work/reader" readers 1 65536
reader=$!
told_before=$(($(stat_of transitions) + $(stat_of segments)))
hoard "$connections"
with=$(($(kernel_memory) - before))
sockets=$(ss -N hoard -tanH | wc -l)
check "the table has all $sockets of them" [ "$(stat_of flows)" -eq "$sockets" ]
check 'and a dump of it too' [ "$(tcpfsm flows -j | grep -c '"event":"flow"')" -eq "$sockets" ]
diag "kernel memory for them: $without kB without the module, $with kB with it"
each=$(((with - without) * 1024 / sockets))
measured "$sockets flows; $((flows / 65536)) bytes each, allocated at load; $((with - without)) kB more than without the module"
diag "each flow takes $each bytes more than what was allocated at load"
# the two differ by a megabyte or two whatever there is in them
check 'a flow takes nothing more' [ $((with - without)) -lt $((2048 + sockets / 64)) ]
hoard_end
check 'none found the table full' [ "$(stat_of overflow)" -eq 0 ]
within 20 all_sent
transitions=$(stat_of transitions)
segments=$(stat_of segments)
kill -TERM $reader
wait $reader
made=$((transitions + segments - told_before))
check 'all was told, or counted as lost' \
	[ "$(read_sum "$work/reader" 0 states segments lost gap)" -eq "$made" ]
diag "$transitions transitions, $segments segments: $(grep READ "$work/reader")"
check 'the module unloads' rmmod tcpfsm

echo '# more than fit'
max_flows=1000
connections=$(size 600 20000)
check 'the module loads' insmod /tcpfsm/tcpfsm.ko "max_flows=$max_flows" ring_records=131072
tcpfsm check -j >"$work/verdicts" 2>"$work/verdicts.err" &
judge=$!
within 30 grep -qs '"event":"start"' "$work/verdicts"
hoard "$connections"
sockets=$(ss -N hoard -tanH | wc -l)
check 'the table is full' [ "$(stat_of flows)" -eq $max_flows ]
check "those beyond are counted: $sockets - $max_flows" \
	[ "$(stat_of overflow)" -eq $((sockets - max_flows)) ]
diag "overflow $(stat_of overflow)"
overflow=$(stat_of overflow)
hoard_end
check 'their end changes nothing of it' [ "$(stat_of overflow)" -eq "$overflow" ]
diag "overflow $(stat_of overflow)"
check 'there were never more than fit' [ "$(stat_of flows_peak)" -eq $max_flows ]

netns after
ip netns exec after stim --churn 200 1
ip netns del after
within 60 no_flows
result $? 'the table is of use again'
within 20 all_sent
check 'and nothing overflows' [ "$(stat_of overflow)" -eq "$overflow" ]
kill -INT $judge
wait $judge
cp "$work/verdicts" /out/
# shellcheck disable=SC2016	# jq's, not the shell's
jq -r 'select(.event == "verdict") | "\(.netns) \(.conformance) \(.untracked // false)"' "$work/verdicts" |
	sort | uniq -c >"$work/kinds"
diag "$(cat "$work/kinds")"
check 'of those that found no room the verdict says that something is missing' \
	[ "$(jq -c 'select(.event == "verdict" and .conformance == "incomplete")' "$work/verdicts" |
	wc -l)" -eq "$overflow" ]
check 'and of nobody that it did wrong' bash -c \
	"! grep -m 1 '\"conformance\":\"violation\"' '$work/verdicts'"
diag "$(cat "$work/verdicts.err")"
check 'the module unloads' rmmod tcpfsm

echo '# more than fit are there when it is loaded'
hoard "$connections"
sockets=$(ss -N hoard -tanH | wc -l)
check 'the module loads' insmod /tcpfsm/tcpfsm.ko "max_flows=$max_flows"
check 'the table is full' [ "$(stat_of flows)" -eq $max_flows ]
check "those beyond are counted once: $sockets - $max_flows" \
	is $((sockets - max_flows)) stat_of overflow
hoard_end
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
