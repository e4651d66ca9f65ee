#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module refuses to read arguments that are not those it expects. A module whose table is wrong stands
# in for a kernel with other prototypes; the right one misses what scripts/preflight says it will.

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit 1
kernel=${KERNEL:-6.1}
src=build/preflight

# has_btf: Debian's kernels have it, those that are built here do not
has_btf() {
	[[ $kernel != debug && $kernel != kcsan ]]
}

# Two arguments of different types change places, two of the same type, and one is too many.
rm -rf $src/module $src/forecast
mkdir -p $src
cp -r Kbuild VERSION module $src/
sed -i -e '/HOOK("tcp_check_req"/s/sock \*, sk_buff \*/sk_buff *, sock */' \
	-e '/HOOK("tcp_v4_send_ack"/s/u32 seq, u32 ack/u32 ack, u32 seq/' \
	-e '/HOOK("tcp_fin"/s/"sock \*"/"sock *, int"/' $src/module/hooks.c
[ "$(diff module/hooks.c $src/module/hooks.c | grep -c '^>')" = 3 ] || {
	echo 'Bail out! module/hooks.c is not as it was'
	exit 1
}
# where there is no BTF to ask it takes itself for older than the kernel, whatever it is
has_btf || sed -i 's/\(define TCPFSM_KERNEL_IS_KNOWN\) .*/\1 0/' $src/module/compat/ftrace.h
OUT=$PWD/$src/out scripts/kernels build "$kernel" "$PWD/$src" >/dev/null 2>&1 || {
	echo "Bail out! the module with the wrong table does not build for $kernel"
	exit 1
}
! has_btf || scripts/preflight "$kernel" >$src/forecast
touch $src/forecast
guest -f "$src/out/tcpfsm.ko:/wrong.ko" -f $src/forecast:/forecast -- bash /tests/guest/preflight.sh
