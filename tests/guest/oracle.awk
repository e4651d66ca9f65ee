# SPDX-License-Identifier: GPL-2.0
# Compares tcpfsm's stream with what the tracepoint inet_sock_set_state said in the same run.
#
#   awk -f states.awk -f oracle.awk trace events
#
# Walks through both for each 4-tuple. What the tracepoint says has to be in the stream, once
# and in order, but for what is not true:
#   - an event that changes nothing;
#   - LISTEN to SYN_RECEIVED, said by a clone of the listener that has no peer yet; the stream
#     has it from the SYN on, or LISTEN to ESTABLISHED when there was a cookie;
#   - CLOSED when the socket has handed over to a timewait one: the stream has TIME_WAIT, or,
#     from FIN_WAIT_2, nothing as it stays in that.
# The stream may say more, as no tracepoint fires there, but only:
#   - LISTEN to SYN_RECEIVED, and from there to CLOSED;
#   - the lives of timewait sockets: from FIN_WAIT_2 to TIME_WAIT, to CLOSED from either.
#
# Prints what is wrong, and in the end a line of counts. Exits 1 when something is wrong.

function complain(text) {
	print text
	wrong++
}

function step(o, n) {
	return o " -> " n
}

# extra(OLD, NEW): may the stream have this one for itself
function extra(o, n) {
	return (o == "LISTEN" && n == "SYN_RECEIVED") || (o == "SYN_RECEIVED" && n == "CLOSED") ||
	       (o == "FIN_WAIT_2" && n == "TIME_WAIT") || (o == "FIN_WAIT_2" && n == "CLOSED") ||
	       (o == "TIME_WAIT" && n == "CLOSED")
}

# same(O, N, OLD, NEW): does the tracepoint's O to N mean the stream's OLD to NEW
function same(o, n, old, new) {
	if (n == "CLOSED" && new == "TIME_WAIT")
		return o == old
	if (o == "SYN_RECEIVED" && n == "ESTABLISHED" && old == "LISTEN" && new == "ESTABLISHED")
		return 1
	return o == old && n == new
}

FILENAME ~ /trace$/ {
	delete v
	for (i = 1; i <= NF; i++)
		if (split($i, kv, "=") == 2)
			v[kv[1]] = kv[2]
	o = rfc(v["oldstate"])
	n = rfc(v["newstate"])
	events++
	if (o == n || (o == "LISTEN" && n == "SYN_RECEIVED")) {
		untrue++
		next
	}
	six = v["family"] == "AF_INET6"
	la = plain(six ? v["saddrv6"] : v["saddr"])
	ra = plain(six ? v["daddrv6"] : v["daddr"])
	# a port the kernel has yet to choose
	if (v["sport"] == 0 && n == "SYN_SENT") {
		unbound[ra " " v["dport"]]++
		next
	}
	t = la " " v["sport"] " " ra " " v["dport"]
	k = ++told[t]
	from[t, k] = o
	to[t, k] = n
	next
}

{
	t = plain($6) " " $7 " " plain($8) " " $9
	k = ++said[t]
	old[t, k] = $2
	new[t, k] = $3
	ours++
}

END {
	for (t in told) {
		j = 1
		for (i = 1; i <= told[t]; i++) {
			# nothing, as it goes on in a timewait socket
			for (k = j; k <= said[t]; k++) {
				if (same(from[t, i], to[t, i], old[t, k], new[t, k]))
					break
				if (!extra(old[t, k], new[t, k]) && !opens_unbound(t, k))
					break
			}
			if (k <= said[t] && same(from[t, i], to[t, i], old[t, k], new[t, k])) {
				for (; j < k; j++)
					used_extra(t, j)
				j = k + 1
				matched++
				continue
			}
			if (from[t, i] == "FIN_WAIT_2" && to[t, i] == "CLOSED") {
				untrue++
				continue
			}
			complain(t ": the stream lacks " step(from[t, i], to[t, i]))
		}
		for (; j <= said[t]; j++)
			if (extra(old[t, j], new[t, j]) || opens_unbound(t, j))
				used_extra(t, j)
			else
				complain(t ": only the stream has " step(old[t, j], new[t, j]))
		done[t] = 1
	}
	for (t in said)
		for (j = 1; !(t in done) && j <= said[t]; j++)
			if (extra(old[t, j], new[t, j]) || opens_unbound(t, j))
				used_extra(t, j)
			else
				complain(t ": only the stream has " step(old[t, j], new[t, j]))
	for (r in unbound)
		if (unbound[r])
			complain(r ": " unbound[r] " times the stream lacks " step("CLOSED", "SYN_SENT"))
	printf "%d events of the tracepoint, %d of them untrue; %d records, %d of them extra\n",
	       events, untrue, ours, extras
	exit wrong > 0
}

function opens_unbound(t, k,	p) {
	split(t, p, " ")
	return old[t, k] == "CLOSED" && new[t, k] == "SYN_SENT" && unbound[p[3] " " p[4]] > 0
}

function used_extra(t, k,	p) {
	if (old[t, k] == "CLOSED" && new[t, k] == "SYN_SENT") {
		split(t, p, " ")
		unbound[p[3] " " p[4]]--
		matched++
	} else {
		extras++
	}
}
