# SPDX-License-Identifier: GPL-2.0
# Whether a capture (first file, see streams.awk, with acks=1) and what tcpfsm recorded at the same end (second file)
# have the same connections, and in each the same segments in the same order.
#
# tcpdump looks at the device, tcpfsm at TCP: a FIN that comes while TCP sends one is behind it for TCP, and before
# it at the device. Then neither FIN acknowledges the other, or one of them is sent again. And what comes behind
# the segment that ended the connection, or made a TIME_WAIT of it, while its process has the socket, waits there for
# one that is closed: the kernel throws it away, and tcpfsm does not tell of it, be it a RST or a FIN sent again.
# Both are counted. peer=< says that it is the clients' host, peer=> the servers'.

BEGIN {
	FS = "\t"
	own = peer == "<" ? ">" : "<"
}

# parse(TEXT, WORD, PLACE, ACK): the words of each side into WORD, without what a FIN acknowledges, which goes into
# ACK; where in TEXT they are into PLACE; WORD[side] is how many
function parse(text, word, place, ack,	n, i, all, side, part) {
	delete word
	delete place
	delete ack
	n = split(text, all, " ")
	for (i = 1; i <= n; i++) {
		side = substr(all[i], 1, 1)
		split(all[i], part, ",")
		word[side]++
		word[side, word[side]] = part[1] ~ /^.S/ ? all[i] : part[1]
		place[side, word[side]] = i
		ack[side, word[side]] = part[2]
	}
}

# again(SIDE, N): it has sent this FIN before
function again(side, n,	i) {
	for (i = 1; i < n; i++)
		if (wire_word[side, i] == wire_word[side, n])
			return wire_word[side, n] ~ /^.F/
	return 0
}

# acks(SIDE, N, OTHER, M): its FIN acknowledges the other's
function acks(side, n, other, m) {
	return wire_ack[side, n] != substr(wire_word[other, m], 3)
}

# may_wait(N, M): the peer's Nth, before our Mth on the wire and behind it for TCP
function may_wait(n, m) {
	if (wire_word[peer, n] !~ /^.F/ || wire_word[own, m] !~ /^.F/ || wire_place[peer, n] > wire_place[own, m])
		return 0
	return again(peer, n) || again(own, m) || (!acks(peer, n, own, m) && !acks(own, m, peer, n))
}

# behind(N): the peer's Nth is the same as what ended the connection, or made a TIME_WAIT of it, or as what it
# had sent before, and comes when all that was recorded has come
function behind(n,	last) {
	last = our_word[peer, our_word[peer]]
	return wire_place[peer, n] > wire_place[own, wire_word[own]] && n > our_word[peer] &&
	       (again(peer, n) || last ~ /^.R/ && wire_word[peer, n] ~ /^.R/)
}

# compare(): "" when they are the same, else how they differ: waited, behind, no
function compare(	i, n, m, how) {
	if (our_word[own] != wire_word[own])
		return "no"
	for (i = 1; i <= our_word[own]; i++)
		if (our_word[own, i] != wire_word[own, i])
			return "no"
	for (i = 1; i <= our_word[peer] || i <= wire_word[peer]; i++) {
		if (our_word[peer, i] == wire_word[peer, i])
			continue
		if (!behind(i))
			return "no"
		how = "behind"
	}
	for (n = 1; n <= our_word[peer]; n++) {
		for (m = 1; m <= our_word[own]; m++) {
			if ((our_place[peer, n] < our_place[own, m]) == (wire_place[peer, n] < wire_place[own, m]))
				continue
			if (!may_wait(n, m))
				return "no"
			how = how == "behind" ? how : "waited"
		}
	}
	return how
}

FNR == NR {
	wire[$1] = $2
	next
}

{
	total++
	if (!($1 in wire)) {
		print $1 ": not on the wire: " $2
		bad = 1
		next
	}
	parse($2, our_word, our_place, our_ack)
	parse(wire[$1], wire_word, wire_place, wire_ack)
	how = compare()
	crossings += how == "waited"
	late += how == "behind"
	if (how == "no") {
		print $1 ": on the wire " wire[$1] ", recorded " $2
		bad = 1
	}
	delete wire[$1]
}

END {
	for (s in wire) {
		print s ": not recorded: " wire[s]
		bad = 1
	}
	printf "%d connections; of %d the FINs crossed, and are in another order; of %d what came behind the end is not told of\n",
	       total, crossings, late
	exit bad || !total
}
