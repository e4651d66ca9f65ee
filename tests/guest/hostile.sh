#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# hostile.sh MESSAGES SEED [SECONDS]: requests that are right, wrong, cut short, too large, nested or noise, by
# several threads with rights and without, while connections come and go; then while the module does.
# What answers each is known beforehand where it can be; and the module is what it was afterwards.

here=$(dirname "$0")
. "$here/lib.sh"

messages=$1
seed=$2
most=${3:-100000}
times=$((messages / 20000 < 3 ? 3 : messages / 20000))
times=$((times > 15 ? 15 : times))
report=$work/report

# count WHOSE WORD: the number behind that word in all of its lines of the report
count() {
	awk -v whose="$1" -v word="$2" '$1 == whose {
		for (i = 2; i < NF; i++)
			if ($i == word)
				n += $(i + 1)
	}
	END { printf "%d\n", n }' "$report"
}

# of KIND NAME WORD: the same of a trick, or of an operation
of() {
	awk -v kind="$1" -v name="$2" -v word="$3" '$1 == kind && $2 == name {
		for (i = 3; i < NF; i++)
			if ($i == word)
				print $(i + 1)
	}' "$report"
}

at_least() {
	echo "$1, not $2 at least"
	[ "$1" -ge "$2" ]
}

# fuzz [OPTION]...: what came of it is in the report
fuzz() {
	hostile fuzz -s "$seed" "$@" >"$report" 2>&1
	local status=$?
	[ $status -eq 0 ] || grep -E '^(wrong|address|padding|hostile)' "$report"
	return $status
}

# thresholds: what is set, as arguments that set it again
thresholds() {
	tcpfsm thresholds -j | jq -r 'select(.event == "threshold") |
		"\(.name)=\(if .unit != "ms" then .value elif .value == 0 then "off" else "\(.value)ms" end)"'
}

# set_again: the thresholds that were set before
set_again() {
	# shellcheck disable=SC2086	# words
	tcpfsm thresholds $before >/dev/null && same "$(thresholds)" "$before"
}

# held: the cookies of the connections that are held open, of both ends, as far as ss has them still
held() {
	ss -Htane | grep -o ' sk:[0-9a-f]*' | cut -d : -f 2 >"$work/ss"
	awk '$1 == "HOLD" { print $3 }' "$work/held" | grep -xFf "$work/ss" | sort -u
}

sees_the_held() {
	tcpfsm flows -j -P 4000 | jq -r 'select(.event == "flow" and .state != "LISTEN").flow' >"$work/seen"
	# with nothing to look for, grep of the guest finds nothing else either
	[ -s "$work/seen" ] && [ "$(held | wc -l)" -ge 8 ] && ! held | grep -vxFf "$work/seen" >"$work/unseen"
}

load() {
	insmod /tcpfsm/tcpfsm.ko max_flows=4096
}

unload() {
	within 20 rmmod tcpfsm 2>"$work/rmmod"
}

# come_and_go: unload and load, so many times, once everybody has begun
come_and_go() {
	local n
	within 30 grep -qs ready "$report"
	for ((n = 1; n <= times; n++)); do
		unload && load || echo "time $n: $(cat "$work/rmmod")" >>"$work/failed"
	done
	touch "$work/enough"
}

# well: the module answers as it always does
well() {
	doctor_content || return
	within 30 sees_the_held || { echo 'not seen:'; cat "$work/unseen"; return 1; }
}

# sockets that close wait for RCU
echo 1 >/sys/kernel/rcu_expedited
ip link set lo up
stim --hold 4000 r4,o2,h2 >"$work/held" 2>&1 &
within 60 grep -qs READY "$work/held"
check 'the module loads' load
before=$(thresholds)
check 'it is well' well
ip netns add short
ip -n short link set lo up
# those in TIME_WAIT would fill the table
ip netns exec short bash -c 'echo 50 >/proc/sys/net/ipv4/tcp_max_tw_buckets'
ip netns exec short stim --churn 0 1 &
churn=$!

echo "# $messages messages, seed $seed"
at "$messages messages, seed $seed"
check 'each is answered as it has to be; no address of the kernel, nothing of its memory' \
	fuzz -n "$messages" -t "$most"
diag "$(cat "$report")"
measured "seed $seed: $(count all sent) messages sent, $(count all accepted) accepted, $(count all refused) refused"
check 'all were sent' same "$(count all sent)" "$messages"
for op in get-flow get-stats get-hook get-listener get-totals get-config set-config; do
	check "$op was asked for rightly, and answered" \
		at_least "$(of op $op accepted)" $((messages / 500))
done
check 'and there is no other to ask for' same "$(grep -c '^op ' "$report")" 7
check 'what was right was accepted, but for what nobody read to its end' \
	at_least $(($(of trick valid accepted) * 20)) $(($(of trick valid sent) * 19))
for trick in range length operation; do
	check "nothing wrong was accepted: $trick" same "$(of trick $trick accepted)" 0
	check "and it was sent" at_least "$(of trick $trick sent)" $((messages / 100))
done
for err in EINVAL ERANGE EOPNOTSUPP; do
	check "refused with $err" at_least "$(count root $err)" $((messages / 100))
done
check 'in a namespace of its own some is refused' at_least "$(count own-netns EPERM)" 1
check 'and some is not' at_least "$(count own-netns accepted)" $((messages / 100))
check 'without rights nothing is accepted' same "$(count no-rights accepted)" 0
check 'but all refused' at_least "$(count no-rights refused)" $((messages / 10))
check 'groups were joined' at_least "$(count root joined)" 1
check 'not without rights' same "$(count no-rights joined)" 0
check 'dumps were left in their midst' at_least "$(count root left)" 1
check 'there were records to look into' \
	at_least "$(awk '$1 == "records" { print $2 }' "$report")" $((messages / 10))
check 'the thresholds can be set again as they were' set_again
check 'the module is well' well

echo "# the module goes and comes $times times meanwhile"
at "unloaded and loaded $times times"
: >"$report"	# the last one was ready, too
come_and_go &
moving=$!
# of more senders one would always have a dump under way, which holds the module
check 'nobody is told what he may not know' fuzz -j 3 -m "$work/enough" -n "$((messages / 20))"
diag "$(cat "$report")"
wait $moving
check 'loading and unloading never failed' bash -c "! cat '$work/failed' 2>/dev/null"
check 'some was accepted' at_least "$(count root accepted)" 1
check 'some found nobody' at_least "$(count all ENOENT)" 1
{
	kill "$churn"
	wait "$churn"
} 2>/dev/null
check 'the module is well' well
check 'and unloads' unload
check 'the kernel did not complain' dmesg_clean
finish
