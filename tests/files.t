#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Recordings and captures: what is in them is read, and what is wrong with them is said.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
tool=$top/build/tcpfsm
mk=$top/build/host/mkrecord
peak=$top/build/host/peak
seeds=$top/tests/fuzz/corpus
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# answers STATUS TEXT COMMAND...: it exits with STATUS and says TEXT on stderr, in a line or two
answers() {
	local want=$1 text=$2 err status
	shift 2
	err=$(timeout 20 "$@" 2>&1 >/dev/null)
	status=$?
	echo "exit status $status, not $want: $err"
	[ "$status" -eq "$want" ] && [[ $err == *"$text"* ]] && [ "$(wc -l <<<"$err")" -le 3 ]
}

# reads STATUS TEXT FILE: every command that takes -r does so
reads() {
	local command
	for command in monitor check ladder "record -F pcapng -w $work/out"; do
		# shellcheck disable=SC2086	# words
		answers "$1" "$2" "$tool" $command -r "$3" || return
	done
}

# same GOT WANT
same() {
	echo "got '$1', not '$2'"
	[ "$1" = "$2" ]
}

verdicts() {
	"$tool" check -j -H -r "$1" 2>/dev/null | jq -r 'select(.event == "verdict") | .conformance' |
		sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = ", " }'
}

"$mk" 10 >"$work/ten"
size=$(stat -c %s "$work/ten")

check 'a recording is judged: ten connections, both ends' same "$(verdicts "$work/ten")" '20 ok'
check 'it comes through a pipe as well' same "$(verdicts - <"$work/ten")" '20 ok'
check 'monitor shows it, in order' bash -c "
	'$tool' monitor -j -r '$work/ten' 2>/dev/null | jq -e -s 'map(select(.event == \"state\") | .ts) |
		. == sort and length == 110'"
check 'the time of day is the one of the recording' same \
	"$("$tool" monitor -j -r "$work/ten" 2>/dev/null | jq -r 'select(.event == "state").time' | head -n 1)" \
	2023-11-14T22:13:21.000000000Z
check 'a filter works on it' same \
	"$("$tool" monitor -j -H -L 80 -S time-wait,last-ack -r "$work/ten" 2>/dev/null |
		jq -r 'select(.event == "state").event' | wc -l)" 20
check 'mkrecord repeats a recording' same \
	"$("$mk" 3 "$work/ten" | "$tool" check -j -H -r - 2>/dev/null | tail -n 1 | jq .connections)" 60

# one more byte each time, over a whole record and its neighbours' edges
cut_off() {
	local i err
	for i in $(seq $((size - 330)) 1 $((size - 1))); do
		err=$(head -c "$i" "$work/ten" | "$tool" monitor -H -r - 2>&1 >/dev/null) ||
			{ echo "$i: $err"; return 1; }
		[[ $err == *'standard input: cut off at offset '* ]] || { echo "$i: $err"; return 1; }
	done
}
check 'a recording that is cut off is read to its last whole record' cut_off
head -c $((size / 2)) "$work/ten" >"$work/half"
check '... with the usual exit status' reads 0 'cut off at offset' "$work/half"
check '... and what was whole is there' bash -c "
	[ \"\$('$tool' monitor -H -r '$work/half' 2>/dev/null | wc -l)\" -gt 40 ]"

# poke FILE OFFSET BYTE: a copy of the recording with a byte changed
poke() {
	cp "$work/ten" "$work/$1"
	printf '%b' "\\x$3" | dd of="$work/$1" bs=1 seek="$2" conv=notrunc status=none
}

head_size=$(od -A n -t u2 -j 14 -N 2 "$work/ten" | tr -d ' ')
: >"$work/empty"
printf x >"$work/one"
echo 'this is no recording, and no capture either' >"$work/foreign"
{ printf x; head -c 100000 /dev/urandom; } >"$work/random"
gzip -c "$work/ten" >"$work/ten.gz"
head -c 60 "$work/ten" >"$work/head"
poke order 8 ff
poke version 12 63
poke size "$head_size" 03
poke kind $((head_size + 2)) 00
poke family $((head_size + 36)) 63
cat "$work/ten" "$work/ten" >"$work/twice"

check 'no such file' reads 2 'No such file' "$work/missing"
check 'a directory' reads 2 'is a directory' "$work"
check 'an empty file' reads 2 'is empty' "$work/empty"
check 'an empty pipe' answers 2 'standard input: is empty' "$tool" check -r - </dev/null
check 'a single byte' reads 2 'neither a tcpfsm recording' "$work/one"
check 'something else' reads 2 'neither a tcpfsm recording nor a pcap' "$work/foreign"
check 'noise' reads 2 'neither a tcpfsm recording' "$work/random"
check 'a compressed one' reads 2 'compressed' "$work/ten.gz"
check 'cut off in the header' reads 2 'cut off at offset 60, within the header' "$work/head"
check 'a bad byte order' reads 2 'corrupt at offset 8' "$work/order"
check 'another version' reads 2 'version 99' "$work/version"
check 'a bad size of a record' reads 2 "corrupt at offset $head_size" "$work/size"
check 'a bad kind of a record' reads 2 "corrupt at offset $head_size" "$work/kind"
check 'a bad family of addresses' reads 2 "corrupt at offset $head_size" "$work/family"
check 'something behind the end' reads 2 "corrupt at offset $size: something follows" "$work/twice"
check '... and what comes before it is shown' same \
	"$("$tool" monitor -H -r "$work/twice" 2>/dev/null | wc -l)" 110
check 'a file that cannot be read' reads 2 'Input/output error' /proc/self/mem
check 'a path through a file' reads 2 'Not a directory' "$work/ten/x"
check 'a device without end' reads 2 'neither a tcpfsm recording' /dev/zero
head -c "$head_size" "$work/ten" >"$work/huge"
truncate -s 1T "$work/huge"
check 'a file of 1 TB' reads 2 "corrupt at offset $head_size" "$work/huge"
cp "$work/ten" "$work/secret"
chmod 0 "$work/secret"
if [ "$(id -u)" != 0 ]; then
	check 'a file that may not be read' reads 2 'Permission denied' "$work/secret"
elif command -v setpriv >/dev/null; then
	# as root: as somebody else, who gets at nothing but these two files
	cp "$tool" "$work/tcpfsm"
	chmod 711 "$work"
	chmod 755 "$work/tcpfsm"
	check 'a file that may not be read' answers 2 'Permission denied' \
		setpriv --reuid=65534 --regid=65534 --clear-groups "$work/tcpfsm" check -r "$work/secret"
else
	skip 'a file that may not be read' 'root may read everything'
fi

# ladders DRAWN FILE: so many pictures
ladders() {
	same "$(timeout 20 "$tool" ladder -r "$2" 2>/dev/null | grep -c '^seq, ack')" "$1"
}
check 'ladder draws a recording' ladders 10 "$work/ten"
check 'ladder draws what is whole of one' ladders 10 "$work/twice"
check 'ladder draws a capture' ladders 1 "$seeds/capture/raw"

check 'a capture of raw IP' same "$(verdicts "$seeds/capture/raw" | grep -c .)" 1
for f in vlan sll sll2 null6 simultaneous reset; do
	check "a capture: $f" bash -c "'$tool' check -r '$seeds/capture/$f' 2>&1 | grep -q connections"
done
check 'what only the wire knows has no owner' bash -c "
	'$tool' monitor -j -r '$seeds/capture/raw' 2>/dev/null |
	jq -e -s 'map(select(.event == \"state\")) | length == 10 and all(.pid == null)'"
check 'a cut snap length' answers 0 '7 packets skipped: cut before' \
	"$tool" check -r "$seeds/capture/snap"
check 'a link of another type' reads 2 'IEEE802_11' "$seeds/capture/foreign-link"
head -c 70 "$seeds/capture/raw" >"$work/cut.pcap"
check 'a capture that is cut off' answers 0 'cut off within packet 1' "$tool" check -r "$work/cut.pcap"
head -c 20 "$seeds/capture/raw" >"$work/short.pcap"
check 'a capture cut off in its header' reads 2 "$work/short.pcap: " "$work/short.pcap"
cp "$seeds/capture/raw" "$work/huge.pcap"
printf '\xff\xff\xff\x7f' | dd of="$work/huge.pcap" bs=1 seek=32 conv=notrunc status=none
check 'a packet of 2 GB, it says' reads 2 'after packet 0' "$work/huge.pcap"

check 'record: -w is needed' answers 2 '-w FILE is missing' "$tool" record
check 'record: an unknown format' answers 2 "unknown format 'x'" "$tool" record -w x -F x
check 'record: not over the file that is read' answers 2 'is the file that is read' \
	"$tool" record -r "$work/ten" -w "$work/ten" -F pcapng
check 'record: a directory that is missing' answers 2 'No such file' \
	"$tool" record -r "$work/ten" -w "$work/missing/x.pcapng"
check 'record: a full disk' answers 5 'No space left' \
	"$tool" record -r "$work/ten" -w /dev/full -F pcapng
check 'record: a recording becomes pcapng' answers 0 '250 records' \
	"$tool" record -r "$work/ten" -w "$work/x.pcapng"
check 'record: not to the end of the file that is read' answers 2 'is the file that is read' \
	bash -c "'$tool' record -F pcapng -r '$work/x.pcapng' -w - >>'$work/x.pcapng'"
check '... which is a capture again' bash -c "'$tool' check -r '$work/x.pcapng' | grep -q three-way"

# comments: lines of tshark, one a comment
comments() {
	tshark -r "$work/x.pcapng" -Y frame.comment -T fields -e frame.comment 2>/dev/null
}
# same_verdicts FILE: the words on it are those on our pcapng
same_verdicts() {
	diff <("$tool" check -H -j -r "$work/x.pcapng" 2>/dev/null | words) \
		<("$tool" check -H -j -r "$1" 2>/dev/null | words | tee "$work/words") && [ -s "$work/words" ]
}
words() {
	jq -r 'select(.event == "verdict") | "\(.laddr) \(.lport) \(.handshake) \(.teardown) \(.conformance)"'
}

# cut_anywhere FILE: at every offset: read to there, or refused with the reason
cut_anywhere() {
	local i err status
	for i in $(seq 1 $(($(stat -c %s "$1") - 1))); do
		status=0
		err=$(head -c "$i" "$1" | timeout 20 "$tool" monitor -H -r - 2>&1 >/dev/null) || status=$?
		case $status:$err in
		0:*event*connection*|2:*'standard input: '*) ;;
		*) echo "$i: exit status $status: $err"; return 1 ;;
		esac
	done
}
check 'a pcap cut off anywhere' cut_anywhere "$seeds/capture/raw"
"$tool" record -r "$seeds/capture/null6" -w "$work/small.pcapng" 2>/dev/null
check 'a pcapng cut off anywhere' cut_anywhere "$work/small.pcapng"
if command -v tshark >/dev/null; then
	check 'tshark shows a comment for each of the 110 transitions' same \
		"$(comments | grep -o -e '->' | wc -l)" 110
	check 'tshark finds nothing malformed and every checksum right' same "$(tshark -r "$work/x.pcapng" \
		-o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
		-Y '_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0' 2>/dev/null)" ''
	# as Wireshark and tcpdump write them
	for format in pcapng pcap nsecpcap; do
		tshark -r "$work/x.pcapng" -F "$format" -w "$work/x.$format" 2>/dev/null
		check "check judges tshark's $format as it does ours" same_verdicts "$work/x.$format"
	done
	tcpdump -r "$work/x.pcap" -w "$work/x.dump" 2>/dev/null
	check "check judges tcpdump's pcap as it does ours" same_verdicts "$work/x.dump"
else
	skip 'tshark reads the pcapng' 'TSHARK IS MISSING: apt-get install tshark'
fi

# a million connections, both ends of each: half a million a minute of a processor's time, in no
# more memory than thousands take
million() {
	local out kb ms
	out=$("$mk" 1000000 | "$peak" "$work/peak" "$tool" check -q -j -H -r - 2>&1) ||
		{ echo "$out"; return 1; }
	read -r kb ms <"$work/peak"
	echo "# a million connections: $((ms / 1000)).$((ms / 100 % 10)) s, $((60000000000 / ms)) a minute, $kb kB" >&3
	jq -e 'select(.event == "summary") | .connections == 2000000 and .ok == 2000000' \
		<<<"$(grep '^{' <<<"$out" | tail -n 1)" || { echo "$out"; return 1; }
	[ "$ms" -le 120000 ] && [ "$kb" -le 65536 ]
}
exec 3>&1
check 'a million connections: half a million a minute or more, in 64 MB or less' million

finish
