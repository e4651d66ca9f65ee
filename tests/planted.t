#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A kernel that tells on bugs is silent for a reason only if it speaks up when there is one: each
# fault of tests/planted must fail scripts/vm, with the fault named.

cd "$(dirname "$0")/.." || exit 1

kernel=${KERNEL:-}
if [ "$kernel" != debug ] && [ "$kernel" != kcsan ]; then
	echo '1..0 # SKIP faults are planted on the kernels that tell on them (make check-debug)'
	exit 0
fi
if [[ ${0##*/} != *"${T-}"* ]]; then
	echo "1..0 # SKIP T=$T"
	exit 0
fi

# fault, what scripts/vm must say
faults()
{
	if [ "$kernel" = kcsan ]; then
		echo 'data-race		BUG: KCSAN: data-race in race [planted]'
		return
	fi
	cat <<-EOT
	use-after-free		BUG: KASAN: slab-use-after-free in use_after_free
	beyond-table		BUG: KASAN: vmalloc-out-of-bounds in beyond_table
	leak			kmemleak: 1 new suspected memory leaks
	lock-inversion		WARNING: possible circular locking dependency detected
	sleep-in-atomic		BUG: sleeping function called from invalid context
	unprotected-rcu		WARNING: suspicious RCU usage
	preemptible-cpu		BUG: using smp_processor_id() in preemptible
	free-active-timer	ODEBUG: free active
	add-twice		__list_add_valid_or_report
	shift-too-far		UBSAN: shift-out-of-bounds
	breakpoint		guest died
	EOT
}

OUT=$PWD/build/planted scripts/kernels build "$kernel" tests/planted || exit 1
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

# vm FAULT: the guest's log on stdout, what scripts/vm says in $out/err
vm()
{
	scripts/vm --no-build -s 2 -t 600 -o "$out" -f build/planted/planted.ko:/planted.ko \
		-- sh -c "insmod /planted.ko fault=$1 && rmmod planted" >"$out/log" 2>"$out/err"
}

n=0
status=0
result()
{
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "# $2"
		sed 's/^/# /' "$out/log" "$out/err"
		status=1
	fi
}

echo "1..$(($(faults | wc -l) + 1))"
vm none
got=$?
result 'without a fault there is no complaint' "$([ $got = 0 ] || echo "exit status $got, not 0")"
while read -r fault expected; do
	vm "$fault" </dev/null
	got=$?
	[ "$fault" = breakpoint ] && due=122 || due=121
	if [ "$got" != "$due" ]; then
		wrong="exit status $got, not $due"
	elif ! grep -qF -- "$expected" "$out/err"; then
		wrong="does not say '$expected'"
	else
		wrong=
	fi
	result "$fault" "$wrong"
	# the log of it goes into docs/kernels.md
	[ -n "$wrong" ] || echo "# measured: $fault: $(awk -v e="$expected" '
		at = index($0, e) { $0 = substr($0, at); sub(/ in \/[^ ]*\//, " in "); print; exit }' "$out/err")"
done < <(faults)
exit $status
