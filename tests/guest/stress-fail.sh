#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-fail.sh [LONG]: each allocation of the module fails once: when it is loaded, when it is
# unloaded, in each request, and where messages are made. Hooks have none (stress-memory.sh).

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

failslab=/sys/kernel/debug/failslab
# the rings so large that there is but one way to allocate them
least='max_flows=16 ring_records=65536 max_listeners=1'

# fail FROM TO STEP JOB: what stim says of it
fail() {
	local from=$1 to=$2 step=$3
	shift 3
	stim --stress fail "$from" "$to" "$step" "$@"
}

# failed_in FILE...: where in the module the failed allocations were: its places nearest to each
failed_in() {
	awk '/FAULT_INJECTION: forcing/ { looking = 1 }
	     looking && /\+0x.*\[tcpfsm\]/ && !/\? / {
		sub(/.*\] +/, "")
		print $1
		looking = 0
	     }' "$@"
}

# sites FILE: the same, by function
sites() {
	failed_in "$1" | sed 's/+.*//' | sort | uniq -c
}

# allocated_in COMMAND...: where in the module there are allocations while it runs, by the kernel's
# own account. The module has to be there still: its functions are named when this is read.
tracing=/sys/kernel/tracing/instances/sites
allocated_in() {
	local event
	mkdir $tracing
	echo 100000 >$tracing/buffer_size_kb
	echo 1 >$tracing/options/stacktrace
	echo 1 >$tracing/options/sym-offset
	for event in kmalloc kmalloc_node kmem_cache_alloc kmem_cache_alloc_node; do
		[ ! -e $tracing/events/kmem/$event ] || echo 1 >$tracing/events/kmem/$event/enable
	done
	"$@" >&2
	echo 0 >$tracing/events/enable
	awk '/<stack trace>/ { looking = 1; next }
	     # an interrupt may come meanwhile, and allocates for itself
	     !/^ *=>/ || /softirq|sysvec_/ { looking = 0 }
	     looking && /\[tcpfsm\]/ { print $2; looking = 0 }' $tracing/trace | sort -u
	[ "$(awk '/^overrun:/ { n += $2 } END { print n + 0 }' $tracing/per_cpu/cpu*/stats)" -eq 0 ] ||
		echo 'the trace was too short'
	rmdir $tracing
}

# address_of PLACE: of FUNCTION+OFFSET/LENGTH in the module, as long as it is loaded
address_of() {
	local place=${1%/*} start
	start=$(awk -v name="${place%+*}" '$3 == name && $4 == "[tcpfsm]" { print $1; exit }' /proc/kallsyms)
	[ -n "$start" ] && printf '0x%x\n' $((0x$start + ${place#*+}))
}

# told_or_gone PID: tcpfsm monitor -j, its output in $work/each
told_or_gone() {
	[ -s "$work/each" ] || ! kill -0 "$1"
}

# asked: requests and a reader, whatever becomes of them
asked() {
	local monitor command
	: >"$work/each"
	tcpfsm monitor -s -j >"$work/each" &
	monitor=$!
	within 20 told_or_gone $monitor
	ip netns exec each stim --stress storm 1 1
	for command in flows stats thresholds 'thresholds stray-rate=1000' doctor; do
		# shellcheck disable=SC2086	# words
		tcpfsm $command >/dev/null
	done
	kill $monitor
	wait $monitor
} 2>/dev/null

# fail_at ADDRESS: the first allocation there fails, whether the kernel says so or not. Did one?
fail_at() {
	echo "$1" >$failslab/require-start
	printf '0x%x\n' $(($1 + 1)) >$failslab/require-end
	echo 1 >$failslab/times
	echo 100 >$failslab/probability
	# shellcheck disable=SC2086	# they are several
	insmod /tcpfsm/tcpfsm.ko $least && {
		asked
		within 20 rmmod tcpfsm
	}
	echo 0 >$failslab/probability
	[ "$(cat $failslab/times)" -eq 0 ]
}

# life: all that the module does that needs memory, but unloading
life() {
	# shellcheck disable=SC2086	# they are several
	insmod /tcpfsm/tcpfsm.ko $least
	readers_start "$work/life" readers 1
	reader=$!
	netns life
	ip netns exec life stim --stress storm 1 1
	fail 1 1 1 requests
	all_over life
	readers_stop $reader
}

if [ ! -d $failslab ]; then
	echo '1..0 # SKIP this kernel was built without fault injection (KERNEL=debug has it)'
	exit 0
fi
echo N >$failslab/ignore-gfp-wait
# with a stack for each, in the log alone
echo 2 >$failslab/verbose
echo 0 >$failslab/verbose_ratelimit_interval_ms
echo on >/proc/sys/kernel/printk_devkmsg
dmesg -n 1
# loading and unloading wait for RCU mostly
echo 1 >/sys/kernel/rcu_expedited

echo '# places'
allocated_in life >"$work/places"
diag "$(cat "$work/places")"
check 'places in the module where memory is allocated were found' [ "$(wc -l <"$work/places")" -ge 19 ]
check 'the module unloads' rmmod tcpfsm

echo '# loading'
# what is refused needs those of the kernel's before the module's own
kernels=$(fail 1 1 1 count /tcpfsm/tcpfsm.ko max_flows=1)
all=$(fail 1 1 1 count /tcpfsm/tcpfsm.ko "$least")
diag "$all allocations, $kernels of them before the module is asked"
dmesg_take /out/count.log
result $? 'the kernel did not complain'
# most of what follows is one list of functions, copied with each that is added
many=$((kernels + 160))
last=$((all - 40))
{
	[ -z "$long" ] || fail 1 $((kernels - 5)) 1 load /tcpfsm/tcpfsm.ko "$least"
	fail $((kernels - 4)) $many 1 load /tcpfsm/tcpfsm.ko "$least" &&
	fail $((many + 1)) $last "$(size $(((last - many) / 4)) $(((last - many) / 60)))" load \
		/tcpfsm/tcpfsm.ko "$least" &&
	fail $((last + 1)) $((all + 40)) 1 load /tcpfsm/tcpfsm.ko "$least"
} >"$work/load" 2>&1
result $? 'each failure is survived, and it loads again'
diag "$(cat "$work/load")"
check 'it is for lack of memory that it does not load' bash -c "! grep ERRNO '$work/load'"
dmesg_take /out/load.log
result $? 'the kernel did not complain'
diag "$(sites /out/load.log)"
# One failure is made good for rings, which are tried in another way then, and for counters, as
# per-CPU memory is in chunks that are there. The one of the take-over is among the last, whose number
# differs by some from load to load: it is told of when it was met.
for what in max_flows max_listeners netlink drain tick hooks; do
	check "not loaded as an allocation failed: $what" \
		grep -q "not loaded: $what: error -12" /out/load.log
done
diag "$(sed -n 's/.*tcpfsm: not loaded: /# /p' /out/load.log | sort | uniq -c)"
check 'half a module is none: nothing was left out' bash -c '! grep "hook .* is missing" /out/load.log'

echo '# unloading'
fail 1 1000 "$(size 5 1)" unload /tcpfsm/tcpfsm.ko "$least" >"$work/unload" 2>&1
result $? 'each failure is survived, and it loads again'
diag "$(cat "$work/unload")"
dmesg_take /out/unload.log
result $? 'the kernel did not complain'
diag "$(sites /out/unload.log)"

echo '# requests'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
fail 1 1000 1 requests >"$work/requests" 2>&1
result $? 'each failure is survived, and the request is answered again'
diag "$(cat "$work/requests")"
check 'all of them were tried' [ "$(grep -c SWEEP "$work/requests")" -eq 7 ]
dmesg_take /out/requests.log
result $? 'the kernel did not complain'
diag "$(sites /out/requests.log)"

echo '# messages to readers'
netns fail
readers_start "$work/reader" readers 3
readers=$!
for proc in /proc/[0-9]*/comm; do
	case $(cat "$proc" 2>/dev/null) in
	kworker/u*|kthreadd) echo 1 >"${proc%/comm}/make-it-fail" ;;
	esac
done
before=$(($(stat_of transitions) + $(stat_of segments)))
echo Y >$failslab/task-filter
# The workers' own allocations fail as well: without another worker to take its place the one that
# sends may wait for a second, and a storm be over by then.
for ((try = 0; try < 20; try++)); do
	size 200 5000 >$failslab/times
	echo 30 >$failslab/probability
	ip netns exec fail stim --stress storm "$(size 10 100)" 2
	echo 0 >$failslab/probability
	[ "$(stat_of lost_send)" -eq 0 ] || break
done
all_over fail
made=$(($(stat_of transitions) + $(stat_of segments) - before))
readers_stop $readers
for i in 1 2 3; do
	told=$(read_sum "$work/reader" $i states segments)
	lost=$(read_sum "$work/reader" $i lost gap)
	check 'what was told and what was lost is what there was' [ $((told + lost)) -eq "$made" ]
	diag "reader $i: made $made, told $told, lost $lost: $(sed -n "$((i + 3))p" "$work/reader")"
done
send=$(stat_of lost_send)
check 'records that no message could be made for are counted' [ "$send" -gt 0 ]
diag "lost_send $send"
dmesg_take /out/send.log
result $? 'the kernel did not complain'
diag "$(sites /out/send.log)"
failed_in /out/{load,unload,requests,send}.log | sort -u >"$work/failed"

echo '# places that were not met, or where the kernel says nothing of a failure'
echo N >$failslab/task-filter
grep -vxFf "$work/failed" "$work/places" >"$work/rest"
diag "$(wc -l <"$work/places") places, $(wc -l <"$work/failed") seen to fail, $(wc -l <"$work/rest") to go"
while read -r place; do
	# where it will be again, once it is loaded anew
	echo "$place $(address_of "$place")"
done <"$work/rest" >"$work/addresses"
check 'the module unloads' rmmod tcpfsm
netns each
while read -r place address; do
	fail_at "$address" && echo "$place" >>"$work/failed"
	result $? "one fails at $place"
done <"$work/addresses"
ip netns del each
measured "$(wc -l <"$work/places") places that allocate, $(
	grep -cxFf "$work/failed" "$work/places") of them failed; allocations that failed while it was loaded: $(
	sed -n 's/^SWEEP load \([0-9]*\) failed.*/\1/p' "$work/load" | awk '{ n += $1 } END { print n }')"
dmesg_take /out/rest.log
result $? 'the kernel did not complain'

echo '# a processor comes, and there is no memory for its ring'
cpu=/sys/devices/system/cpu/cpu1/online
echo 0 >$cpu
# shellcheck disable=SC2086	# they are several
check 'the module loads' insmod /tcpfsm/tcpfsm.ko $least
address_of ring_prepare_cpu+0x0/0x0 >$failslab/require-start
address_of ring_prepare_cpu+0x200/0x0 >$failslab/require-end
echo -1 >$failslab/times
echo 100 >$failslab/probability
echo 1 >$cpu
echo 0 >$failslab/probability
dmesg_take /out/cpu.log
result $? 'the kernel did not complain'
check 'it comes without one, and that is told' grep -q 'tcpfsm: CPU 1 has no ring' /out/cpu.log
readers_start "$work/reader" readers 1
readers=$!
netns cpu
before=$(($(stat_of transitions) + $(stat_of segments)))
taskset 2 ip netns exec cpu stim --stress storm 1 1
all_over cpu
made=$(($(stat_of transitions) + $(stat_of segments) - before))
readers_stop $readers
told=$(read_sum "$work/reader" 1 states segments)
lost=$(read_sum "$work/reader" 1 lost gap)
ring=$(stat_of lost_ring)
diag "made $made, told $told, lost $lost, of them for want of a ring $ring"
check 'what is made there is counted as lost' [ "$ring" -gt 0 ]
check 'its reader is told how much that was' [ "$lost" -eq "$ring" -a $((told + lost)) -eq "$made" ]
check 'the module unloads' rmmod tcpfsm
# shellcheck disable=SC2086	# they are several
check 'the module loads' insmod /tcpfsm/tcpfsm.ko $least
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
