# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests on the host share: sourced, never run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
me=$(basename "$0")

# named: T is empty or part of this file's name
named() {
	[[ $me == *"${T-}"* ]]
}

# only_named: nothing to do when T names something else
only_named() {
	named || {
		echo "1..0 # SKIP T=$T"
		exit 0
	}
}

# boot [OPTION]... -- COMMAND...: in a guest of $KERNEL that has the tests. Where QEMU fails (status 123)
# another one is booted: what is printed waits until it is known which one counts, and tells of the others.
boot() {
	local out status=123 died=0
	out=$(mktemp) || return
	while (cd "$top" && scripts/vm -f tests "$@") >"$out"; status=$?; [ $status = 123 ]; do
		[ $((++died)) -lt 3 ] || break
	done
	cat "$out"
	[ $died = 0 ] || echo "# measured: guests that QEMU let die: $died"
	rm "$out"
	return $status
}

# guest [OPTION]... -- COMMAND...: the tests of a guest, and nothing else
guest() {
	boot "$@"
	exit
}

n=0
failed=0

# guest_checks [OPTION]... -- COMMAND...: the tests of a guest among ours, and one of how it ended
guest_checks() {
	local line status=none
	while IFS= read -r line; do
		case $line in
		1..*)	;;
		'ended with '*) status=${line##* } ;;
		'ok '*|'not ok '*)
			n=$((n + 1))
			[[ $line == ok* ]] || failed=1
			echo "${line%%ok *}ok $n ${line#*ok * }" ;;
		*)	echo "$line" ;;
		esac
	done < <(boot "$@"; echo "ended with $?")
	check 'the guest ends well' [ "$status" = 0 ]
}

# check NAME COMMAND...: a test; what COMMAND prints is shown when it fails
check() {
	local name=$1 log
	shift
	n=$((n + 1))
	if log=$("$@" 2>&1); then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "# ${log//$'\n'/$'\n'# }"
		failed=1
	fi
}

# skip NAME WHY: a test that cannot be done here
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# skip_all WHY: none of them can
skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# finish: the plan, and the exit status
finish() {
	echo "1..$n"
	exit $failed
}
