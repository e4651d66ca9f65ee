# SPDX-License-Identifier: GPL-2.0
# Whether a capture (first file, see streams.awk, with acks=1) and what tcpfsm recorded at the same end (second file)
# have the same connections, and in each the same segments in the same order.
#
# tcpdump looks at the device, tcpfsm at TCP: a FIN that comes while TCP sends one is behind it for TCP, and before
# it at the device. Then neither FIN acknowledges the other, or one of them is sent again. And what comes behind
# the segment that ended the connection, or made a TIME_WAIT of it, while its process has the socket, waits there for
# one that is closed: the kernel throws it away, and tcpfsm does not tell of it, be it a RST or a FIN sent again.
# Both are counted.

BEGIN {
	FS = "\t"
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

# may_cross(N, M): the client's Nth and the server's Mth
function may_cross(n, m) {
	if (wire_word[">", n] !~ /^>F/ || wire_word["<", m] !~ /^<F/)
		return 0
	return again(">", n) || again("<", m) || (!acks(">", n, "<", m) && !acks("<", m, ">", n))
}

# compare(): "" when they are the same, else how they differ: crossed, behind, no
function compare(	sides, s, i, n, m, how) {
	split("> <", sides, " ")
	for (s = 1; s <= 2; s++) {
		for (i = 1; i <= our_word[sides[s]] || i <= wire_word[sides[s]]; i++) {
			if (our_word[sides[s], i] == wire_word[sides[s], i])
				continue
			if (i <= our_word[sides[s]] || !again(sides[s], i) &&
			    (our_word[sides[s], our_word[sides[s]]] !~ /^.R/ || wire_word[sides[s], i] !~ /^.R/))
				return "no"
			how = "behind"
		}
	}
	for (n = 1; n <= our_word[">"]; n++) {
		for (m = 1; m <= our_word["<"]; m++) {
			if ((our_place[">", n] < our_place["<", m]) == (wire_place[">", n] < wire_place["<", m]))
				continue
			if (!may_cross(n, m))
				return "no"
			how = how == "behind" ? how : "crossed"
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
	crossings += how == "crossed"
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
	printf "%d connections; of %d the FINs crossed, and are in another order; of %d one that came behind the end is not told of\n",
	       total, crossings, late
	exit bad || !total
}
