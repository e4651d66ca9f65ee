# SPDX-License-Identifier: GPL-2.0
# Whether a capture (first file, see streams.awk, with acks=1) and what tcpfsm recorded at the same end (second file)
# have the same connections, and in each the same segments in the same order.
#
# tcpdump looks at the device, tcpfsm at TCP: a FIN that comes while TCP sends one is behind it for TCP, and before
# it at the device. Then neither FIN acknowledges the other: two FINs that do not may be in either order. And a RST
# that comes behind the one that ended the connection, while its process has the socket, waits there for a connection
# that is closed: the kernel throws it away, and tcpfsm does not tell of it. Both are counted.

BEGIN {
	FS = "\t"
}

# parse(TEXT): the words of a connection into word[], without what FINs acknowledge, which goes into ack[]
function parse(text,	n, i, part) {
	delete fin
	delete ack
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] !~ /^[<>]F/)
			continue
		split(word[i], part, ",")
		word[i] = part[1]
		fin[substr(word[i], 1, 1)] = substr(word[i], 3)
		ack[substr(word[i], 1, 1)] = part[2]
	}
	return n
}

# all(N), of(N, SIDE): what all said, what one side said
function all(n,	i, text) {
	for (i = 1; i <= n; i++)
		text = text " " word[i]
	return text
}

function of(n, side,	i, text) {
	for (i = 1; i <= n; i++)
		if (substr(word[i], 1, 1) == side)
			text = text " " word[i]
	return text
}

function crossed() {
	return (">" in fin) && ("<" in fin) && ack[">"] == fin["<"] && ack["<"] == fin[">"]
}

# behind(WIRE, OURS): all but RSTs at the end, of the side that ours end with a RST of
function behind(wire, ours,	rest, side) {
	if (substr(wire, 1, length(ours) + 1) != ours " " || ours !~ / [<>]R[0-9]+$/)
		return 0
	side = ours
	sub(/.* /, "", side)
	rest = substr(wire, length(ours) + 1)
	return substr(side, 1, 1) == ">" ? rest ~ /^( >R[0-9]+)+$/ : rest ~ /^( <R[0-9]+)+$/
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
	n = parse($2)
	ours = all(n)
	ours_client = of(n, ">")
	ours_server = of(n, "<")
	n = parse(wire[$1])
	if (all(n) == ours)
		;
	else if (of(n, ">") == ours_client && of(n, "<") == ours_server && crossed())
		crossings++
	else if (behind(all(n), ours))
		late++
	else {
		print $1 ": on the wire" all(n) ", recorded" ours
		bad = 1
	}
	delete wire[$1]
}

END {
	for (s in wire) {
		print s ": not recorded: " wire[s]
		bad = 1
	}
	printf "%d connections; of %d the FINs crossed, and are in another order; of %d RSTs behind the first are not told of\n",
	       total, crossings, late
	exit bad || !total
}
