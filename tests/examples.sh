#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The page of examples, in a guest: text from here, everything below a $ as it was printed.

here=$(dirname "$0")
. "$here/guest/lib.sh"
. "$here/guest/net.sh"

out=$work/out

# title TEXT / text: a heading, and paragraphs from standard input
title() {
	printf '\n## %s\n\n' "$1"
}

text() {
	cat
	echo
}

# shown COMMAND: a command and what it printed, in $out
shown() {
	printf '```\n'
	echo "\$ $1"
	sed 's/[[:space:]]*$//' "$out"
	printf '```\n\n'
}

# run COMMAND: that ends by itself
run() {
	bash -c "$1" >"$out" 2>&1
	shown "$1"
}

# listening N: so many sockets listen to the module
listening() {
	[ "$(awk '$2 == 16 && $4 != "00000000"' /proc/net/netlink | wc -l)" -ge "$1" ]
}

# live COMMAND WANT STIMULUS...: one that goes on until ^C, which comes when it printed WANT
live() {
	local command=$1 want=$2 live
	shift 2
	bash -c "$command" >"$out" 2>&1 &
	live=$!
	within 20 listening 1
	"$@" >/dev/null 2>&1
	within 300 grep -qE -- "$want" "$out" || echo "NOT SEEN: $want" >&2
	pidof tcpfsm | xargs kill -INT 2>/dev/null
	wait $live
	shown "$command"
}

client() {
	ip netns exec exa "$@"
}

server() {
	ip netns exec exb "$@"
}

get() {
	client wget -q -O /dev/null "http://10.0.0.2$1/"
}

# leak: a client whose server closes, and which never does
leak() {
	printf 'bye\n' | server nc -l -p 25 >/dev/null 2>&1 &
	within 10 server bash -c 'ss -Htln | grep -q :25'
	client "$work/mailer" &
	leaker=$!
}

in_close_wait() {
	tcpfsm stuck -H | grep -q CLOSE_WAIT
}

# screen COMMAND WANT: one that fills an 80x24 terminal, as soon as WANT is on it; q ends it
screen() {
	tmux -u -f /dev/null new-session -d -x 80 -y 24 -s top "$1"
	within 60 on_screen "$2" || echo "NOT SEEN: $2" >&2
	tmux capture-pane -p -t top >"$out"
	tmux send-keys -t top q
	within 20 gone
	shown "$1"
}

on_screen() {
	tmux capture-pane -p -t top 2>/dev/null | grep -qE -- "$1"
}

gone() {
	! tmux has-session -t top 2>/dev/null
}

# served COMMAND SCRAPE: a server, and what it answers
served() {
	local server
	$1 2>"$work/said" &
	server=$!
	within 30 bash -c "$2" >"$out" 2>/dev/null || echo "NOTHING SERVED" >&2
	kill -INT $server
	wait $server
	{
		echo '```'
		echo "\$ $1 &"
		cat "$work/said"
		echo "\$ $2"
		cat "$out"
		printf '```\n\n'
	}
}

cd "$work" || exit
cat >mailer <<'EOF'
#!/bin/bash
exec 5<>/dev/tcp/10.0.0.2/25 {never}<> <(:)
read -r -u 5
read -r -u "$never"
EOF
chmod +x mailer
modprobe -a tun veth
insmod /tcpfsm/tcpfsm.ko || exit
net_up ex
mkdir -p "$work/www"
echo '<p>It works.</p>' >"$work/www/index.html"
server httpd -p 80 -h "$work/www" || exit

cat <<'EOT'
<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- Made by `make examples`, in a guest; do not edit. -->
# Demonstrations of tcpfsm

A web server and its client in two network namespaces of one machine, so that both ends of every connection are seen.
EOT

title 'What is happening'
text <<'EOT'
Without a command tcpfsm prints a line for each transition, as it happens. Here is one request for a small page, from its SYN
to the end of TIME_WAIT a minute later:
EOT
live 'tcpfsm -P 80' 'TIME_WAIT +-> CLOSED' get ''
text <<'EOT'
Two flows, as both ends are here: with the remote port 80 it is wget's, with the local one the server's, which is the
listener's until it is accepted. wget closed first, so TIME_WAIT is its own. MS tells how long the state on the left lasted,
CAUSE what ended it.

The segments that did it, with `-s`:
EOT
live 'tcpfsm -P 80 -s' 'LAST_ACK +-> CLOSED' get ''
text <<'EOT'
Only what you ask for: transitions to and from TIME_WAIT, with the time of day and more columns:
EOT
live 'tcpfsm -S time-wait -T -w' 'TIME_WAIT +-> CLOSED' get ''

title 'One connection as a picture'
live 'tcpfsm ladder -P 80 -c 1' '^server: ' get ''

title 'Was it opened and closed properly'
text <<'EOT'
`check` gives a verdict on each connection when it has ended, or at ^C as it stands: a request that is answered, and one
to a port where nobody listens.
EOT
both() {
	get ''
	get :81
}
live 'tcpfsm check' '10.0.0.2 +80 .*three-way' both
text <<'EOT'
For a program: how long it took to open, in nanoseconds.
EOT
live "tcpfsm check -j -P 80 | jq --unbuffered -c 'select(.event == \"verdict\") | {laddr, handshake, teardown, handshake_ns}'" \
	'10.0.0.2' get ''

title 'Who does not close'
text <<'EOT'
A client whose server has closed, and which does not: CLOSE_WAIT for longer than the threshold of that state.
`tcpfsm stuck` says whose it is, with which descriptor, since when and why:
EOT
leak
within 300 in_close_wait
run 'tcpfsm stuck'
text <<'EOT'
All connections and listeners there are, in whatever state:
EOT
run 'tcpfsm flows'
text <<'EOT'
As JSON, for a program; then without waiting for whoever wrote that client:
EOT
run "tcpfsm stuck -j | jq '{state, age_ns, pid, comm, fd, rx_queue, cause, advice}'"
run 'tcpfsm stuck -S close-wait --kill --yes'
kill $leaker 2>/dev/null

title 'What was there'
run 'tcpfsm stats --listeners'
run 'tcpfsm stats --causes'
run 'tcpfsm stats --times'

title 'When is it stuck'
run 'tcpfsm thresholds'
run 'tcpfsm thresholds close-wait=5m flood-rate=5000'

title 'Record now, judge later'
recorded() {
	both
	within 20 test -s trace
	pidof tcpfsm | xargs kill -INT
}
live "tcpfsm record -P 80 -w trace" 'lost' recorded
run "tcpfsm check -r trace"
run "tcpfsm record -r trace -w trace.pcapng"

title 'To look at for longer'
text <<'EOT'
`top` fills the terminal, anew every two seconds; here with such a client again, and under some traffic. Keys are told by h.
EOT
leak
within 300 in_close_wait
ip netns exec exa bash -c 'while wget -q -O /dev/null http://10.0.0.2/; do :; done' &
traffic=$!
screen 'tcpfsm top' 'SYN_SENT +[0-9]+ +[1-9]'
kill $traffic
text <<'EOT'
Of many machines, with Prometheus, see [metrics](metrics.md): `tcpfsm exporter` answers with numbers, of which there are many
more than these.
EOT
served 'tcpfsm exporter' "wget -q -O - http://127.0.0.1:10293/metrics | grep -E '^tcpfsm_(flows.state|stuck_flows|stuck_oldest|verdicts_total)'"
kill $leaker 2>/dev/null

title 'Can I trust it'
run 'tcpfsm doctor | grep -vE "^(hook|sysctl)"'

text <<'EOT'
Hooks and the sysctls that matter are left out here; `tcpfsm doctor` lists them, and what cannot be seen when one is missing.
EOT
net_down ex
rmmod tcpfsm
