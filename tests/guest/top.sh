#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tcpfsm top in tmux, which is the terminal and tells what is on it.

# shellcheck disable=SC2317	# check calls what it is given

here=$(dirname "$0")
. "$here/lib.sh"

export LC_CTYPE=C.UTF-8
port=4000

# terminal COLUMNS LINES COMMAND: one of that size runs it in a shell
terminal() {
	tmux -u kill-server 2>"$work/tmux" && within 10 no_server
	tmux -u -f /dev/null new-session -d -x "$1" -y "$2" -s top "$3"
}

no_server() {
	! tmux has-session -t top 2>"$work/tmux"
}

screen() {
	tmux capture-pane -p -t top
}

press() {
	tmux send-keys -t top "$@"
}

has() {
	screen 2>&1 | grep -qF -- "$1"
}

has_not() {
	! has "$1"
}

# shows TEXT: the screen does, as soon as it can
shows() {
	within 20 has "$1" && return
	screen
	return 1
}

shows_no() {
	within 20 has_not "$1" && return
	screen
	return 1
}

# refuses STATUS TEXT COMMAND: in a terminal: exits with STATUS, says TEXT, and left the screen alone
refuses() {
	rm -f "$work/status"
	terminal 80 24 "{ $3; } 2>$work/err; echo \$? >$work/status.new; mv $work/status.new $work/status; read -r"
	within 20 test -s "$work/status"
	echo "status $(cat "$work/status"): $(cat "$work/err")"
	[ "$(cat "$work/status")" -eq "$1" ] && [[ $(cat "$work/err") == *"$2"* ]] &&
		[ "$(wc -l <"$work/err")" -eq 1 ]
}

# now STATE: as top has it
now() {
	screen | sed -nE "1,/^STUCK/s/(^|.* )$1 +([0-9]+) .*/\2/p"
}

# as_ss STATE SS: as many as ss lists
as_ss() {
	local n
	n=$(ss -tanH state "$2" | wc -l)
	echo "$1 $(now "$1"), ss $n"
	[ "$(now "$1")" = "$n" ]
}

# as_flows STATE: as many as tcpfsm flows lists
as_flows() {
	local n
	n=$(tcpfsm flows -j -S "$1" | grep -c '"event":"flow"')
	echo "$1 $(now "$1"), flows $n"
	[ "$(now "$1")" = "$n" ]
}

# fits COLUMNS LINES: as large as the terminal, the bar in the last line, and nothing wraps
fits() {
	screen >"$work/page"
	cat "$work/page"
	[ "$(wc -l <"$work/page")" -eq "$2" ] && tail -n 1 "$work/page" | grep -q '^q Quit' &&
		[ "$(wc -L <"$work/page")" -le "$1" ] && [ "$(grep -c '^tcpfsm top' "$work/page")" -eq 1 ]
}

# listener FIELD...: the line of ours, as awk has it
listener() {
	screen | awk -v port=":$port" 'index($1, port) { print '"$1"' }'
}

ended() {
	[ -s "$work/ended" ]
}

# top [OPTION]...: on a screen of 80x24; its exit status comes to $work/ended
top() {
	rm -f "$work/ended"
	terminal "${columns:-80}" "${lines:-24}" \
		"sh -c 'echo \$\$ >$work/pid; exec tcpfsm top $*' 2>$work/top.err; echo \$? >$work/ended"
}

echo '# where it cannot be'
check 'no terminal to write to: 2' refuses 2 'standard output is no terminal' \
	"tcpfsm top >$work/nothing"
check 'none to read keys from: 2' refuses 2 'standard input is no terminal' 'tcpfsm top </dev/null'
check 'TERM is not set: 2' refuses 2 'TERM is not set' 'env -u TERM tcpfsm top'
check 'a dumb terminal: 2' refuses 2 "'dumb' cannot move its cursor" 'TERM=dumb tcpfsm top'
check 'an unknown one: 2' refuses 2 "'no?such' is unknown to terminfo" \
	"TERM=\$(printf 'no\\033such') tcpfsm top"
check 'a bad time: 2' refuses 2 'it is 100ms to 1h' 'tcpfsm top -d 1ms'
check 'without the module: 3' refuses 3 'not loaded' 'tcpfsm top'

modprobe -a tcp_diag inet_diag 2>"$work/modprobe"
insmod /tcpfsm/tcpfsm.ko
tcpfsm thresholds close-wait=500ms unaccepted=500ms >"$work/set"

echo '# what it shows'
busybox nc -l -p $port <&"$never" >"$work/sink" &
server=$!
# shellcheck disable=SC2016	# the inner shell's
within 10 bash -c 'ss -tlnH sport = :'$port' | grep -q .'
(
	# who will be stuck calls itself what a terminal would act on
	printf '\033[2J\342\200\256x\303\251' >/proc/self/comm
	exec {conn}<>/dev/tcp/127.0.0.1/$port
	echo here >"$work/connected"
	read -ru "$never"
) &
client=$!
within 10 test -s "$work/connected"
within 20 is_accepted $port
{ kill -KILL $server; wait $server; } 2>"$work/killed"
top -d 200ms
check 'a page of 80x24' shows 'q Quit'
check 'with who is stuck' shows CLOSE_WAIT
within 10 eval 'screen | grep -q "^ .*CLOSE_WAIT .*127.0.0.1:'$port'"'
result $? '... and with whom'
check '... whose it is, by its process' eval "screen | grep -E ' CLOSE_WAIT +$client '"
check '... by its name, which acts on no terminal' eval "screen | grep -F '?[2J?x' && ! screen | grep -q \$'[\033\u202e]'"
check 'it fits' fits 80 24
diag "$(screen)"
for s in 'CLOSE_WAIT close-wait' 'ESTABLISHED established' 'TIME_WAIT time-wait'; do
	# shellcheck disable=SC2086	# words
	check "as many in ${s% *} as ss has" within 10 as_ss $s
done
for s in FIN_WAIT_2 LISTEN SYN_SENT; do
	check "as many in $s as flows has" within 10 as_flows $s
done
{ kill -KILL $client; wait $client; } 2>"$work/killed"

echo '# a listener'
port=4002
busybox nc -l -p $port <&"$never" >"$work/sink" 2>&1 &
server=$!
# shellcheck disable=SC2016	# the inner shell's
within 10 bash -c 'ss -tlnH sport = :'$port' | grep -q .'
halt $server
exec {a}<>/dev/tcp/127.0.0.1/$port
exec {b}<>/dev/tcp/127.0.0.1/$port
want=$(ss -tlnH "sport = :$port" | awk '{ print $2 "/" $3 }')
check 'waiting and limit as ss has them' within 10 eval "[ \"\$(listener '\$6')\" = $want ]"
check '... which are two' [ "${want%/*}" -eq 2 ]
check '... whose it is' within 10 eval "[ \"\$(listener '\$2 \" \" \$3')\" = '$server busybox' ]"
check 'as many in ESTABLISHED as ss has' within 10 as_ss ESTABLISHED established
check 'those nobody accepts are stuck, with whose listener it is' shows '(busybox)'
diag "$(screen)"
exec {a}>&- {b}>&-
{ kill -KILL $server; wait $server; } 2>"$work/killed"

echo '# rates'
stim --churn 100000 1 >"$work/churn" 2>&1 &
churn=$!
busy() {
	screen | grep -E '^Rate/s .* opened [1-9][0-9.]* +closed [1-9]'
}
check 'connections a second' within 20 busy
in_rate() {
	screen | awk '$1 == "SYN_SENT" && $3 > 1 { found = 1 } END { exit !found }'
}
check '... in a state' within 20 in_rate
# hundredths of a second
uptime_of() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}"
}

passed() {
	[ $(($(uptime_of) - $1)) -gt 200 ]
}

# between half and twice of what stats says meanwhile
close_to_stats() {
	local n0 n1 t0 t1 shown real
	n0=$(stat_of transitions) t0=$(uptime_of)
	within 5 passed "$t0"
	shown=$(screen | sed -nE 's/^Rate.s +transitions ([0-9]+).*/\1/p')
	n1=$(stat_of transitions) t1=$(uptime_of)
	real=$(((n1 - n0) * 100 / (t1 - t0)))
	echo "top says $shown/s, stats $real/s"
	[ "$shown" -gt $((real / 2)) ] && [ "$shown" -lt $((real * 2)) ]
}
check '... as many as stats counts' within 30 close_to_stats
{ kill $churn; wait $churn; } 2>"$work/killed"
check '... and none when nothing happens' shows 'transitions 0.0 '

echo '# keys'
press h
check 'h explains the keys' shows 'h ? F1 '
press x
check '... and any key goes back' shows 'LISTENERS'
press '>'
check '> sorts by the next column' shows 'by state'
press '<'
check '< by the one before' shows 'by age'
press Tab
press F6
check 'Tab and F6: so does the other panel' shows 'LISTENERS 0, by waiting'
press /
press zz Enter
check '/ leaves rows with a text' shows "with 'zz'"
press Escape
check 'Escape: all' shows_no "with 'zz'"
press Space
check 'Space pauses, and says so' shows 'PAUSED'
before=$(now LISTEN)
busybox nc -l -p 4001 <&"$never" >"$work/sink" &
server=$!
listening() {
	[ "$(ss -tlnH | wc -l)" -eq 1 ]
}
within 10 listening
older() {
	screen | grep -qE 'PAUSED, [1-9][.0-9]*s OLD'
}
check '... what is shown gets old' within 20 older
check '... and stays' [ "$(now LISTEN)" = "$before" ]
press p
check 'p goes on' within 10 eval "[ \"\$(now LISTEN)\" = $((before + 1)) ]"
check '... and it is no longer old' shows_no OLD
press +
check '+ is slower' shows 'every 0.5s'
press -
check '- is faster' shows 'every 0.2s'
{ kill -KILL $server; wait $server; } 2>"$work/killed"

echo '# sizes'
for size in '132 43' '60 16'; do
	read -r columns lines <<<"$size"
	tmux resize-window -t top -x "$columns" -y "$lines"
	# shellcheck disable=SC2086	# words
	check "resized to ${columns}x$lines" within 20 fits $size
done
tmux resize-window -t top -x 40 -y 10
check 'too small is said' shows '40x10 is too small'
tmux resize-window -t top -x 80 -y 24
check '... and it comes back' within 20 fits 80 24

echo '# the module goes, and comes'
# a request that is under way holds it
within 10 rmmod tcpfsm 2>"$work/rmmod"
check 'that it is gone is said' shows 'MODULE NOT LOADED'
check '... and no number is left' shows_no 'STATE'
diag "$(screen)"
insmod /tcpfsm/tcpfsm.ko
check 'it comes back' shows 'STATE'
check '... and is there' shows_no 'NOT LOADED'
press Space
shows PAUSED >"$work/paused"
within 10 rmmod tcpfsm 2>"$work/rmmod"
check 'that it goes is said in a pause, too' shows 'MODULE NOT LOADED'
press q
within 20 ended
check 'q ends it: status 3, as it is gone' [ "$(cat "$work/ended")" -eq 3 ]
check '... and says so once more' grep -q 'the module was unloaded' "$work/top.err"
insmod /tcpfsm/tcpfsm.ko

echo '# how it ends'
for key in q F10; do
	top
	shows STATE >"$work/shown"
	press $key
	within 20 ended
	check "$key: status 0" [ "$(cat "$work/ended")" -eq 0 ]
done
top -c 2 -d 100ms
within 20 ended
check '-c 2: after two' [ "$(cat "$work/ended")" -eq 0 ]
for signal in INT TERM; do
	top
	shows STATE >"$work/shown"
	kill -$signal "$(cat "$work/pid")"
	within 20 ended
	check "SIG$signal: status 0" [ "$(cat "$work/ended")" -eq 0 ]
done
top
shows STATE >"$work/shown"
# who runs it
runs() {
	[ -e "/proc/$(cat "$work/pid")/fd" ]
}
stopped() {
	! runs
}
check 'it runs' runs
tmux kill-server
check 'its terminal goes: so does it' within 20 stopped

echo '# what it costs'
tcpfsm thresholds close-wait=500ms >"$work/set"
busybox nc -l -p $port <&"$never" >"$work/sink" &
server=$!
# shellcheck disable=SC2016	# the inner shell's
within 10 bash -c 'ss -tlnH sport = :'$port' | grep -q .'
exec {conn}<>/dev/tcp/127.0.0.1/$port
within 20 is_accepted $port
{ kill -KILL $server; wait $server; } 2>"$work/killed"
overdue() {
	[ "$(stat_of overdue)" -eq 1 ]
}
within 10 overdue
rm -f "$work/ended"
terminal 80 24 "strace -e trace=openat -o $work/trace tcpfsm top -c 4 -d 100ms; echo \$? >$work/ended"
within 60 ended
check 'processes are looked through once in four refreshes' eval \
	"[ \"\$(grep -c '\"/proc\", ' $work/trace)\" -eq 1 ] || { grep -c proc $work/trace; grep /proc $work/trace | head; false; }"
exec {conn}>&-
check 'the module goes' within 10 rmmod tcpfsm

finish
