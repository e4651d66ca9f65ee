#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# record beside monitor: the file says what the live stream said, in the same order, with what was
# lost; it survives a kill, a full disk and an unloaded module.

here=$(dirname "$0")
. "$here/lib.sh"

# record_start FILE [OPTION]...: once the header is there nothing is missed; its process in $recorder
record_start() {
	local file=$1
	shift
	rm -f "$file"
	tcpfsm record -w "$file" "$@" 2>"$work/record.err" &
	recorder=$!
	within 30 test -s "$file"
}

# record_stop SIGNAL: end it, with its exit status
record_stop() {
	kill "-$1" "$recorder"
	wait "$recorder"
}

# events: transitions and segments without what each stream has of its own
events() {
	jq -c 'select(.event == "state" or .event == "segment") | del(.time)'
}

# same_lines A B: in whatever order; some of those that are in one only
same_lines() {
	diff <(sort "$1") <(sort "$2") >"$work/diff" || {
		head -n 20 "$work/diff"
		return 1
	}
}

no_listener() {
	! awk '$2 == 16 && $4 != "00000000" { found = 1 } END { exit !found }' /proc/net/netlink
}

check 'without the module: status 3' bash -c 'tcpfsm record -w /tmp/no; [ $? -eq 3 ]'
check '... and no file is made' [ ! -e /tmp/no ]
check 'the module loads' insmod /tcpfsm/tcpfsm.ko

ip netns add churn
ip -n churn link set lo up

monitor_start "$work/live" -s
record_start "$work/rec"
check 'connections' ip netns exec churn stim --churn 200 2
ip netns del churn
within 60 no_flows
# a message goes to all who listen
all_told() {
	[ "$(grep -c '"event":"state"' "$work/live")" -ge "$(stat_of transitions)" ]
}
within 30 all_told
record_stop INT
check '^C ends it with status 0' [ $? -eq 0 ]
check '... and a summary' grep -E '^[0-9]+ records, [0-9]+ bytes, 0 lost in ' "$work/record.err"
monitor_stop
events <"$work/live" >"$work/live.events"
tcpfsm monitor -s -j -r "$work/rec" >"$work/read" 2>"$work/read.err"
events <"$work/read" >"$work/rec.events"
check 'there are thousands' [ "$(wc -l <"$work/rec.events")" -gt 2000 ]
check 'the recording says what the live stream said' \
	same_lines "$work/live.events" "$work/rec.events"
# for a processor that is taken away the live stream waits only so long
check '... in order, but for what came too late for its place' is_ordered "$work/live"
check '... and so is what is read' is_ordered "$work/read"
check 'check reads it' bash -c "tcpfsm check -q -r $work/rec 2>&1 | grep connections"
check 'nothing is said to be cut off' bash -c "! grep cut $work/read.err"

record_start "$work/killed"
stim --churn 100 1
within 30 bash -c "[ \$(stat -c %s $work/killed) -gt 20000 ]"
record_stop KILL
check 'killed: read to its last whole record' bash -c "
	tcpfsm monitor -r $work/killed 2>&1 >/dev/null | grep 'cut off at offset'"
check '... which has many' [ "$(tcpfsm monitor -H -r "$work/killed" 2>/dev/null | wc -l)" -gt 100 ]

record_start "$work/few" -c 7
stim --churn 10 1
wait "$recorder"
check '-c 7 keeps 7 records' grep '^7 records' "$work/record.err"

record_start "$work/some" -S time-wait
stim --churn 10 1
within 90 no_flows
record_stop INT
check 'a filter keeps what matches' bash -c "
	tcpfsm monitor -j -r $work/some 2>/dev/null | jq -e -s 'map(select(.event == \"state\")) |
		length > 0 and all(.old == \"TIME_WAIT\" or .new == \"TIME_WAIT\")'"
check '... and what it leaves out of a connection is missing' bash -c "
	tcpfsm check -j -r $work/some 2>/dev/null | jq -e -s 'map(select(.event == \"verdict\")) |
		length > 0 and all(.missing | index(\"filtered when recorded\") != null)'"

# to a pipe, where nothing more comes for a minute
mkfifo "$work/pipe"
tcpfsm record -w - >"$work/pipe" 2>/dev/null &
recorder=$!
tcpfsm monitor -v -j -r "$work/pipe" >"$work/piped" 2>"$work/piped.err" &
piped=$!
within 30 grep -qs '"event":"start"' "$work/piped"
stim --churn 1 1
check 'through a pipe the latest comes at once' within 20 grep '"old":"LISTEN","new":"CLOSED"' "$work/piped"
check '... and so do verdicts' within 20 grep '"event":"verdict"' "$work/piped"
check '... and nothing else is waited for' kill -0 "$piped"
began=$(jq 'select(.event == "start").ts' "$work/piped")
# it ends with what it has not looked at yet, and the pipe stays open for a moment
exec 9>"$work/pipe"
kill -STOP "$recorder"
stim --churn 1 1
kill -INT "$recorder"
kill -CONT "$recorder"
wait "$recorder"
check '... with what it had not looked at when it ended' \
	within 20 bash -c "[ \$(grep -c '\"old\":\"LISTEN\",\"new\":\"CLOSED\"' $work/piped) -eq 2 ]"
exec 9>&-
wait "$piped"
check '... to the end of it' [ $? -eq 0 ]
check '... which was not long ago' jq -es "map(select(.event == \"summary\"))[0] |
	.ts >= $began and .duration_ns < 600e9 and .late == 0" "$work/piped"
check '... and nobody complains' same "$(grep -vc ' events\?, ' "$work/piped.err")" 0
tcpfsm record -w - 2>/dev/null | tcpfsm check -c 1 -j -r - >"$work/piped" 2>"$work/piped.err" &
piped=$!
within 30 grep -qs '"event":"start"' "$work/piped"
# refused: nothing comes after the one that was asked for
bash -c ': </dev/tcp/127.0.0.1/1' 2>/dev/null
check '... and -c 1 ends it' within 20 bash -c "! kill -0 $piped"
check '... without complaint' bash -c "! grep tcpfsm: $work/piped.err"
wait

mkdir -p "$work/small"
mount -t tmpfs -o size=64k small "$work/small"
record_start "$work/small/rec"
stim --churn 400 1
wait "$recorder"
check 'a full disk: status 5' [ $? -eq 5 ]
check '... and why' grep 'No space left' "$work/record.err"
check '... and what fitted can be read' bash -c "
	[ \$(tcpfsm monitor -H -r $work/small/rec 2>/dev/null | wc -l) -gt 100 ]"

within 30 no_listener
record_start "$work/slow" --buffer 64K
kill -STOP "$recorder"
stim --churn 3000 1
kill -CONT "$recorder"
record_stop INT
check 'a reader that is too slow: the loss is in the file' bash -c "
	tcpfsm monitor -j -r $work/slow 2>/dev/null |
	jq -e -s 'map(select(.event == \"lost\" and .where == \"netlink\").count) | add > 0'"

record_start "$work/live.pcapng"
stim --churn 10 1
within 30 bash -c "[ \$(stat -c %s $work/live.pcapng) -gt 2000 ]"
record_stop INT
check 'pcapng, live: status 0' [ $? -eq 0 ]
check '... and a capture tcpdump reads' bash -c "tcpdump -Z root -nr $work/live.pcapng | grep 'Flags \[S\]'"

record_start "$work/unloaded"
stim --churn 10 1
check 'the module unloads under it' rmmod tcpfsm
wait "$recorder"
check '... status 3' [ $? -eq 3 ]
check '... and the file has its end' bash -c "
	tcpfsm monitor -r $work/unloaded 2>$work/cut >/dev/null && ! grep 'cut off' $work/cut"
check 'the kernel did not complain' dmesg_clean
finish
