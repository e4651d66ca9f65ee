#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What cannot be seen on this kernel: the load line, doctor and tests/lacking say the same.
# /out/about tells the host which kernel it was.

here=$(dirname "$0")
. "$here/lib.sh"

# expected: hook and what cannot be seen, of those this kernel lacks; an argument is in parentheses
expected() {
	local hook from before blind
	grep -v '^#' "$here/../lacking" | while IFS=$'\t' read -r hook from before blind _; do
		[ "$from" = - ] || ! older "$kernel" "$from" || continue
		[ "$before" = - ] || older "$kernel" "$before" || continue
		# a stable kernel may have what is hooked in its place
		[ "$hook" != 'reqsk_queue_unlink(from_timer)' ] ||
			! grep -qw __inet_csk_reqsk_queue_drop /proc/kallsyms || continue
		echo "$hook: $blind"
	done | sort
}

logged() {
	dmesg | sed -nE 's/.*tcpfsm: hook (.*) is missing: cannot see (.*)/\1: \2/p
		s/.*tcpfsm: hook (.*) is not given (.*): cannot see (.*)/\1(\2): \3/p' | sort
}

told() {
	jq -r '.hooks[] | if .attached | not then "\(.name): \(.blind)"
		elif .lacks then "\(.name)(\(.lacks)): \(.unknown)" else empty end' "$work/doctor" | sort
}

# remarked: what doctor says of it to people: of what is missing as a problem, of what is not given as a note
remarked() {
	jq -r '(.problems[] | "problem: " + .), (.notes[] | "note: " + .)' "$work/doctor" |
		sed -nE 's/^problem: ([a-z0-9_]*) is missing: /\1: /p
			s/^note: this kernel does not give (.*) its (.*): cannot see /\1(\2): /p' | sort
}

# counted: the load line has as many hooks, and as many of them attached, as doctor
counted() {
	local line all attached
	all=$(jq '.hooks | length' "$work/doctor")
	attached=$(jq '[.hooks[] | select(.attached)] | length' "$work/doctor")
	line=$(dmesg | sed -n 's/.*tcpfsm: version .*, \(.* hooks\) attached$/\1/p')
	echo "load line: $line; doctor: $attached of $all"
	[ "$line" = "$attached of $all hooks" ]
}

# listed: doctor's text marks the hooks that are missing
listed() {
	diff <(told | sed 's/: .*//; /(/d') <(awk '$1 == "hook" && $3 == "MISSING" { print $2 }' "$work/text" | sort)
}

check 'the module loads' insmod /tcpfsm/tcpfsm.ko
tcpfsm doctor -j >"$work/doctor"
status=$?
tcpfsm doctor >"$work/text"
expected >"$work/expected"
check 'the load line has as many hooks as doctor' counted
check 'the kernel log names what is known to be missing on this kernel, and nothing else' \
	diff "$work/expected" <(logged)
check 'doctor names the same' diff "$work/expected" <(told)
check '... each as a problem, or as a note where the hook is there' diff "$work/expected" <(remarked)
check '... and so does its text' listed
check 'its exit status says whether a hook is missing' \
	[ "$status" -eq "$(grep -qv '^[a-z0-9_]*(' "$work/expected" && echo 1 || echo 0)" ]
{
	printf 'release\t%s\n' "$(uname -r)"
	printf 'version\t%s\n' "$(uname -v)"
	printf 'compiler\t%s\n' "$(sed -n 's/.*gcc-\([0-9]*\) (Debian \([^)]*\)).*/gcc \2/p' /proc/version)"
	printf 'hooks\t%s\n' "$(jq -r '"\([.hooks[] | select(.attached)] | length) of \(.hooks | length)"' "$work/doctor")"
	printf 'missing\t%s\n' "$(told | sed 's/: .*//' | paste -sd, | sed 's/,/, /g')"
} >/out/about
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
