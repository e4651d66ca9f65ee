#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stress-memory.sh [LONG]: in a small guest, whose memory is taken away. Hooks need none: what they
# saw is complete, and what could not be sent is counted.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/stress-lib.sh"

tracing=/sys/kernel/tracing/instances/allocations
bouts=$(size 40 2000)

# allocations_watch: from now on the stack of each allocation is kept
allocations_watch() {
	local event
	mkdir $tracing && echo 16384 >$tracing/buffer_size_kb || return
	for event in kmalloc kmalloc_node kmem_cache_alloc kmem_cache_alloc_node mm_page_alloc; do
		event=$tracing/events/kmem/$event
		[ ! -d "$event" ] || echo 1 >"$event/enable" || return
	done
	echo 1 >$tracing/options/stacktrace
}

# allocations_end FILE: the stacks of those that are the module's, one a line. What an interrupt does
# that comes when a hook lets interrupts in again is not the hook's.
allocations_end() {
	echo 0 >$tracing/tracing_on
	awk 'FILENAME == "/proc/kallsyms" { if (/tcpfsm/ && $3 ~ /tcpfsm|dispatch|send_records|^on_|^probe_/) of[$3] = 1; next }
	     /<stack trace>/ { if (ours) print stack; stack = ""; ours = 0; interrupt = 0; next }
	     /=>/ { interrupt = interrupt || $2 ~ /softirq|irq_exit|sysvec|interrupt/ }
	     /=>/ && !interrupt { stack = stack " " $2; ours = ours || $2 in of }
	     END { if (ours) print stack }' /proc/kallsyms $tracing/trace >"$1"
	rmdir $tracing
}

# take_memory KB: until so little is free; nobody who is needed is killed for it
take_memory() {
	mount -o remount,size=95% /dev/shm
	while [ "$(meminfo MemFree)" -gt $(($1 + 512)) ]; do
		(
			echo 1000 >/proc/self/oom_score_adj
			exec dd if=/dev/zero bs=128k count=4 status=none
		) >>/dev/shm/taken 2>/dev/null || return
	done
}

# spare: somebody whom the kernel may kill before it gives up, but after all others: a hog has the
# rights of this shell until it has said otherwise. Who takes his place is there at once.
spare() {
	local held
	while [ ! -e "$work/enough" ]; do
		(
			echo 100 >/proc/self/oom_score_adj
			held=$(printf '%2000000s' '')
			while [ -n "$held" ] && [ ! -e "$work/enough" ]; do
				read -rt 1 -u "$never"
			done
		)
	done 2>/dev/null
}

# storm: connections of every kind by processes that the kernel may kill
storm() {
	(
		echo 500 >/proc/self/oom_score_adj
		exec ip netns exec memory stim --stress storm "$bouts" 4
	) 2>/dev/null
}

# hogs: one after the other takes all memory, and is killed for it
hogs() {
	while [ ! -e "$work/enough" ]; do
		(
			echo 1000 >/proc/self/oom_score_adj
			exec stim --stress hog
		)
	done 2>/dev/null
}

echo '# nothing is allocated in a hook'
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
readers_start "$work/reader" readers 1
reader=$!
netns watched
check 'allocations are watched' allocations_watch
ip netns exec watched stim --stress storm 10 2
within 20 all_sent
allocations_end "$work/stacks"
all_over watched
kill -TERM $reader
wait $reader
check 'messages to readers are' grep -qE 'tcpfsm_netlink_publish|send_records' "$work/stacks"
check 'what a hook does is not' bash -c "! grep -m 3 -E 'dispatch|tcpfsm_on_|on_set_state|on_drop|on_retransmit' '$work/stacks'"
diag "$(wc -l <"$work/stacks") allocations of the module's"

echo '# next to no memory'
netns memory
readers_start "$work/reader" readers 2
readers=$!
for proc in /proc/[0-9]*/comm; do
	case $(cat "$proc" 2>/dev/null) in
	stim|*.sh|bash|cat) echo -1000 >"${proc%comm}oom_score_adj" ;;
	esac
done
within 20 all_sent
before=$(($(stat_of transitions) + $(stat_of segments)))
dmesg_take /out/memory.log
result $? 'the kernel did not complain'
rm -f "$work/enough"
spares=()
for i in 1 2 3 4; do
	spare &
	spares+=($!)
done
take_memory 16384
diag "$(meminfo MemAvailable) kB available, $(meminfo MemFree) kB free"
storm
diag "killed $(dmesg | grep -c 'Killed process')"
echo '# none, again and again'
hogs &
hogs=$!
for i in 1 2; do
	storm
	within 60 eval "[ \"\$(dmesg | grep -c 'Killed process')\" -gt $((i * 2)) ]"
	result $? 'the kernel has killed somebody for lack of memory'
done
touch "$work/enough"
wait $hogs "${spares[@]}" 2>/dev/null
rm -f /dev/shm/taken
all_over memory
made=$(($(stat_of transitions) + $(stat_of segments) - before))
readers_stop $readers
for i in 1 2; do
	told=$(read_sum "$work/reader" $i states segments)
	lost=$(read_sum "$work/reader" $i lost gap)
	others=$(read_sum "$work/reader" $i others)
	diag "reader $i: made $made, told $told, lost $lost, others $others"
	check 'what was told and what was lost is what there was' \
		[ $((told + lost)) -ge "$made" -a $((told + lost)) -le $((made + 50)) ]
done
diag "lost_send $(stat_of lost_send), lost_ring $(stat_of lost_ring), killed $(
	dmesg | grep -c 'Killed process'), page allocation failures $(
	dmesg | grep -c 'page allocation failure')"
check 'the module unloads' rmmod tcpfsm
dmesg_take /out/memory.log
result $? 'the kernel did not complain of anything but the lack of memory'
finish
