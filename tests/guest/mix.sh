#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# mix.sh COUNT SEED: connections of all kinds by two processes, judged live.

here=$(dirname "$0")
. "$here/lib.sh"
. "$here/net.sh"

count=$1
seed=$2

modprobe -a tun veth tcp_diag
check 'the module loads' insmod /tcpfsm/tcpfsm.ko
net_up m1 && net_up m2
tcpfsm monitor -H >"$work/lines" 2>"$work/lines.err" &
monitor=$!
tcpfsm check -j >"$work/verdicts" 2>"$work/verdicts.err" &
judge=$!
within 30 grep -qs '"event":"start"' "$work/verdicts"
# the monitor says nothing before the first event, and needs none of it: count what it has

stim --mix $((count / 2)) "$seed" m1a m1b >"$work/told1" 2>"$work/told1.err" &
one=$!
stim --mix $((count / 2)) $((seed + 1)) m2a m2b >"$work/told2" 2>"$work/told2.err" &
two=$!
wait $one
result $? 'the first generator did what it wanted'
diag "$(cat "$work/told1.err")"
wait $two
result $? 'the second generator did what it wanted'
diag "$(cat "$work/told2.err")"
net_down m1
net_down m2
within 60 no_flows
result $? 'all flows come to their end'
kill -INT $monitor $judge
wait $monitor
wait $judge
cp "$work"/{told1,told2,verdicts,verdicts.err,lines.err} /out/

check "every verdict on $count connections is what the generator did (seed $seed)" \
	awk -f "$here/states.awk" -f "$here/mix.awk" "$work"/{told1,told2,verdicts}
check 'their transitions were shown' [ "$(grep -c -- ' -> ' "$work/lines")" -gt "$count" ]
check 'no cause is unknown' [ "$(grep -c ' unknown$' "$work/lines")" -eq 0 ]
check 'nothing was lost' grep -q ' 0 lost' "$work/verdicts.err"
check 'the module unloads' rmmod tcpfsm
check 'the kernel did not complain' dmesg_clean
finish
