# SPDX-License-Identifier: GPL-2.0
# Whether a capture that is judged alone (first file) has the same words for each connection as the recording of that
# end (second file), and the wire (third file, see streams.awk) that explains where it has not:
#
# - tcpdump looks at the device, tcpfsm at TCP, and an ACK and a FIN sent behind it may overtake each other between
#   these: three-segment for one, four-way for the other.
# - A RST with the number of its own side's FIN ends a connection for Linux (departure rst-at-fin); of a capture
#   it is not believed, and the connection stays open.
#
# Lines of words: local address, port, remote ones, initial numbers, ours and the peer's, handshake, teardown.

function key() {
	return $1 " " $2 " " $3 " " $4 " " $5 " " $6
}

# at_fin(TEXT): one side's last RST has the number of its FIN
function at_fin(text,	n, i, word, fin, last, side) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) {
		side = substr(word[i], 1, 1)
		if (word[i] ~ /^.F/)
			fin[side] = substr(word[i], 3) + 0
		else if (word[i] ~ /^.R/)
			last[side] = substr(word[i], 3) + 0
	}
	for (side in last)
		if (side in fin && fin[side] == last[side])
			return 1
	return 0
}

FNR == 1 {
	file++
}

file == 1 {
	captured[key()] = $7 " " $8
	next
}

file == 2 {
	recorded[key()] = $7 " " $8
	next
}

{
	split($1, end, /[>#]/)
	wire[end[1], end[3]] = substr($0, length($1) + 2)
}

END {
	for (k in recorded) {
		total++
		if (captured[k] == recorded[k])
			continue
		pair = recorded[k] ", " captured[k]
		split(k, part, " ")
		text = wire[part[1] ":" part[2], part[5]] wire[part[3] ":" part[4], part[6]]
		if (pair ~ /^three-way (three-segment|four-way), three-way (three-segment|four-way)$/)
			overtaken++
		else if (captured[k] == "three-way open" && at_fin(text))
			open++
		else {
			print k ": recorded " recorded[k] ", captured " captured[k]
			bad = 1
		}
	}
	printf "%d ends; of %d an ACK and a FIN overtook each other; %d stay open in the capture, after a RST at the FIN\n",
	       total, overtaken, open
	exit bad || !total
}
