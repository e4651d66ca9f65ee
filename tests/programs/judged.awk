# SPDX-License-Identifier: GPL-2.0
# Whether a capture that is judged alone (first file) has the same words for each connection as the recording of that
# end (second file). tcpdump looks at the device, tcpfsm at TCP, and an ACK and a FIN sent behind it may overtake each
# other between these: three-segment for one, four-way for the other; or, where both close at once and the peer's
# ACK overtakes its FIN, four-way for TCP, which was in FIN_WAIT_2, and simultaneous-close by the numbers.
#
# Lines of words: local address, port, remote ones, initial numbers, ours and the peer's, handshake, teardown.

function key() {
	return $1 " " $2 " " $3 " " $4 " " $5 " " $6
}

FNR == 1 {
	file++
}

file == 1 {
	captured[key()] = $7 " " $8
	next
}

{
	recorded[key()] = $7 " " $8
}

END {
	for (k in recorded) {
		total++
		if (captured[k] == recorded[k])
			continue
		pair = recorded[k] ", " captured[k]
		if (pair ~ /^three-way (three-segment|four-way), three-way (three-segment|four-way)$/ ||
		    pair == "three-way four-way, three-way simultaneous-close")
			overtaken++
		else {
			print k ": recorded " recorded[k] ", captured " captured[k]
			bad = 1
		}
	}
	printf "%d ends; of %d an ACK and a FIN overtook each other\n", total, overtaken
	exit bad || !total
}
