#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# privileges.sh KERNEL: what each of several actors may do, and is told: every request of the family's specification, every
# group, and whatever else of the module there is to be had. The table is in /out/privileges.tsv.

here=$(dirname "$0")
. "$here/lib.sh"

# what the documentation calls this kernel
name=$1

# Root; root in another network namespace; unprivileged, with namespaces of one's own; a container
# that was left CAP_NET_ADMIN and one that was left nothing; and with no network namespace of one's own
actors=(root other netns container bare userns user)

# act NAME COMMAND...: with the rights of that actor
act() {
	local name=$1
	shift
	local -a as=(setpriv --reuid 1000 --regid 1000 --clear-groups)
	case $name in
	root)	"$@" ;;
	other)	ip netns exec other "$@" ;;
	user)	"${as[@]}" "$@" ;;
	userns)	"${as[@]}" unshare -Ur "$@" ;;
	netns)	"${as[@]}" unshare -Urn "$@" ;;
	container)
		"${as[@]}" unshare -Urnpmf --mount-proc \
			setpriv --bounding-set=-all,+net_admin --inh-caps=-all,+net_admin "$@"
		;;
	bare)
		# somebody else has set it up: lo is there, what follows has no rights
		"${as[@]}" unshare -Urnpmf --mount-proc bash -c 'ip link set lo up &&
			exec setpriv --bounding-set=-all --inh-caps=-all "$@"' -- "$@"
		;;
	esac
}

# inside DIR: what an actor does
inside() {
	local dir=$1
	stat -Lc %i /proc/self/ns/net >"$dir/inode"
	ip link set lo up 2>/dev/null
	# whatever group may once be the module's
	hostile listen -a <>"$dir/early.in" >"$dir/early" 2>&1 &
	within 100 test -e "$work/loaded"
	stim --churn 3 1
	hostile listen <>"$dir/late.in" >"$dir/late" 2>&1 &
	within 30 grep -qs '^joined' "$dir/late"
	touch "$dir/listens"
	within 100 test -e "$work/all-listen"
	stim --churn 3 1
	# a listener to be told of
	stim --churn 0 1 &
	local churn=$!
	within 30 grep -qs ' 0A ' /proc/self/net/tcp
	hostile ask >"$dir/ask" 2>&1
	echo $? >"$dir/ask.status"
	kill $churn
	cat /sys/module/tcpfsm/parameters/* >"$dir/parameters" 2>&1
	echo 1 2>/dev/null >/sys/module/tcpfsm/parameters/max_flows && echo written >>"$dir/parameters"
	cat /sys/module/tcpfsm/sections/.text >"$dir/sections" 2>&1
	dmesg >"$dir/log" 2>&1
	touch "$dir/asked"
	within 100 test -e "$work/may-kill-${dir##*/}"
	tcpfsm stuck --kill --yes -P 4000 >"$dir/kill" 2>&1
	echo $? >"$dir/kill.status"
	touch "$dir/killed"
	wait
}

if [ "${1-}" = --inside ]; then
	inside "$2"
	exit
fi

# every NAME: there is a file of that name of each actor
every() {
	local a
	for a in "${actors[@]}"; do
		[ -e "$work/$a/$1" ] || return
	done
}

every_but_root() {
	local -a actors=("${actors[@]:1}")
	every "$1"
}

stuck_are() {
	[ "$(tcpfsm stuck -j -P 4000 | grep -c '"event":"stuck"')" -eq "$1" ]
}

# clean FILE: an exit status of hostile, or what it found
clean() {
	cat "$1"
	case $1 in
	*.status) [ "$(cat "$1")" = 0 ] ;;
	*)	grep -q '^addresses 0$' "$1" && grep -q '^padding 0$' "$1" ;;
	esac
}

all_joined_early() {
	local a
	for a in "${actors[@]}"; do
		grep -qs '^joined' "$work/$a/early" || { echo "$a"; return 1; }
	done
}

# of_whom ACTOR INODE...: whose records these are
of_whom() {
	local own inode word=nothing
	own=$(cat "$work/$1/inode")
	shift
	for inode; do
		[ "$inode" = "$own" ] || { echo all; return; }
		word=own
	done
	echo $word
}

# end_of FILE: those who listen into FILE have ended
end_of() {
	local a
	for a in "${actors[@]}"; do
		# opened for both, or this would wait for one that is not there any more
		echo 1<>"$work/$a/$1.in"
		within 30 grep -qs '^padding' "$work/$a/$1" || { echo "$a"; cat "$work/$a/$1"; return 1; }
	done
}

listeners_seen() {
	grep -c '"new":"LISTEN"' "$work/stream"
}

more_listeners_than() {
	[ "$(listeners_seen)" -gt "$1" ]
}

# drained: what has happened so far was told to those who listen; records go out in the order of
# their time, namespace by namespace, and no request for numbers is answered in between
drained() {
	local before
	before=$(listeners_seen)
	ip netns exec other stim --churn 1 1
	within 30 more_listeners_than "$before" && tcpfsm stats >/dev/null
}

# heard ACTOR FILE: what a listener was told
heard() {
	local word
	# shellcheck disable=SC2046	# words
	word=$(of_whom "$1" $(awk '$1 == "netns" { print $2 }' "$work/$1/$2"))
	[ "$word" != nothing ] || grep -q '^messages 0$' "$work/$1/$2" || word=something
	echo "$word"
}

# answered ACTOR REQUEST: no, yes, or of whom
answered() {
	local err inodes
	IFS=$'\t' read -r err _ inodes < <(awk -F '\t' -v OFS='\t' -v rq="$2" '$1 == rq {
		$1 = ""
		print substr($0, 2)
	}' "$work/$1/ask")
	case $err in
	EPERM)	echo no ;;
	ok)
		if [ -n "$inodes" ]; then
			# shellcheck disable=SC2086	# words
			of_whom "$1" ${inodes//,/ }
		else
			echo yes
		fi
		;;
	*)	echo "${err:-unanswered}" ;;
	esac
}

# killed ACTOR: what became of what is stuck in the initial namespace
killed() {
	case $(cat "$work/$1/kill.status") in
	3)	echo no ;;
	0)	grep -q destroyed "$work/$1/kill" && echo yes || echo none ;;
	*)	cat "$work/$1/kill" ;;
	esac
}

# seen ACTOR FILE PATTERN: yes when it could be read and has it
seen() {
	grep -q "$3" "$work/$1/$2" && echo yes || echo no
}

# row OPERATION RESULT...: of each actor, in their order, as it has to be; one of several with | between
declare -A got
row() {
	local op=$1 text='' i
	local -a want=("${@:2}")
	for i in "${!actors[@]}"; do
		printf '%s\t%s\t%s\n' "$op" "${actors[i]}" "${got[$op ${actors[i]}]}" \
			>>/out/privileges.tsv
		[[ "|${want[i]}|" == *"|${got[$op ${actors[i]}]}|"* ]] ||
			text+="${actors[i]}: ${got[$op ${actors[i]}]}, not ${want[i]}; "
	done
	check "$op: ${want[*]}" test -z "$text"
	diag "$text"
}

chmod 755 "$work"
ip link set lo up
ip netns add other
ip -n other link set lo up
for a in "${actors[@]}"; do
	mkdir "$work/$a"
	chmod 777 "$work/$a"
	mkfifo -m 666 "$work/$a/early.in" "$work/$a/late.in"
	act "$a" bash "$0" --inside "$work/$a" >"$work/$a/said" 2>&1 &
done
check 'each has joined what it could before there was a module' within 60 all_joined_early
insmod /tcpfsm/tcpfsm.ko || {
	echo 'Bail out! the module does not load'
	exit 1
}
monitor_start "$work/stream"
stim --hold 4000 r3 >"$work/held" 2>&1 &
within 60 grep -qs READY "$work/held"
# one whose name was longer before
cp /bin/bash "$work/long-name-before"
ip netns exec other "$work/long-name-before" -c 'exec stim --hold 5000 h2' >"$work/held-too" 2>&1 &
within 60 grep -qs READY "$work/held-too"
touch "$work/loaded"
within 100 every listens
check 'each listens to what it may' every listens
check 'what is told to those who were there before goes out' drained
check 'they end' end_of early
touch "$work/all-listen"
within 200 every asked
check 'each has asked for everything' every asked
check 'what is told to those who listen goes out' drained
check 'they end' end_of late
monitor_stop

tcpfsm thresholds close-wait=100ms >/dev/null
check 'three connections are stuck' within 30 stuck_are 3
for a in other netns container bare userns user; do
	touch "$work/may-kill-$a"
done
within 100 every_but_root killed
result $? 'each but root has tried to destroy them'
check 'they are still there' stuck_are 3
touch "$work/may-kill-root"
within 60 every killed
result $? 'root has tried it too'
check 'they are gone' stuck_are 0

for a in "${actors[@]}"; do
	for rq in get-flow get-listener get-stats get-hook get-totals get-config set-config \
		'join events' 'join alerts' 'bind events' 'bind alerts'; do
		got[$rq $a]=$(answered "$a" "$rq")
	done
	got['told, joined '$a]=$(heard "$a" late)
	got['told, joined before the module was loaded '$a]=$(heard "$a" early)
	got['stuck --kill '$a]=$(killed "$a")
	got['read parameters '$a]=$(seen "$a" parameters '^16384$')
	got['write parameters '$a]=$(seen "$a" parameters '^written$')
	got['read where the module is '$a]=$(seen "$a" sections '^0x0*[1-9a-f]')
	got['read the log '$a]=$(seen "$a" log 'tcpfsm:')
	for file in ask.status early late; do
		check "$a is told no address of the kernel, and nothing of its memory: $file" \
			clean "$work/$a/$file"
	done
done
:>/out/privileges.tsv
#                    root other netns container bare userns user
row get-flow         all own own own no no no
row get-listener     all own own own no no no
row get-stats        yes yes yes yes no no no
row get-hook         yes yes yes yes no no no
row get-totals       yes no no no no no no
row get-config       yes yes yes yes no no no
row set-config       yes no no no no no no
row 'join events'    yes yes yes yes no no no
row 'join alerts'    yes yes yes yes no no no
row 'bind events'    yes yes yes yes no no no
row 'bind alerts'    yes yes yes yes no no no
row 'told, joined'   all own own own nothing nothing nothing
# where the kernel cannot tell them apart all of them are thrown out when the module is loaded
row 'told, joined before the module was loaded' 'all|nothing' 'own|nothing' 'own|nothing' 'own|nothing' \
	nothing nothing nothing
row 'stuck --kill'   yes none none none no no no
row 'read parameters' yes yes yes yes yes yes yes
row 'write parameters' no no no no no no no
row 'read where the module is' yes yes no no no no no
row 'read the log'   yes yes no no no no no
check 'the log has no address of the kernel' bash -c \
	"dmesg | grep -F tcpfsm | grep -iE 'ffff[0-9a-f]{12}'; [ \$? -ne 0 ]"
check 'every operation of the specification has been asked for' \
	[ "$(awk -F '\t' 'NF > 1 && !/^(join|bind|bytes)/' "$work/root/ask" | wc -l)" -eq 7 ]
# as_documented TABLE: the table says of this kernel what was found
as_documented() {
	awk -F '\t' -v kernel="$name" -v doc="$1" '
	BEGIN {
		while ((getline line <doc) > 0) {
			if (line ~ /^<!-- end -->/)
				inside = 0
			if (inside && line ~ /^\|/) {
				n = split(line, cell, / *\| */)
				for (i = 3; i < n; i++)
					said[cell[2], i] = cell[i]
				if (cell[2] == "")
					for (i = 3; i < n; i++)
						column[cell[i]] = i
			}
			if (line ~ /^<!-- privileges -->/)
				inside = 1
		}
	}
	{
		text = said[$1, column[$2]]
		if (match(text, kernel ": [a-z]+"))
			text = substr(text, RSTART + length(kernel) + 2, RLENGTH - length(kernel) - 2)
		else
			sub(/,.*/, "", text)
		if (text != $3) {
			print $1 ", " $2 ": documented as \"" text "\", found: " $3
			bad = 1
		}
	}
	END { exit bad || !NR }' /out/privileges.tsv
}

[ ! -e /security.md ] || check 'docs/security.md says the same' as_documented /security.md
{
	kill %%
} 2>/dev/null
check 'the kernel did not complain' dmesg_clean
finish
