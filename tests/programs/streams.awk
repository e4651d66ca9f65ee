# SPDX-License-Identifier: GPL-2.0
# Of what tshark prints of segments with SYN, FIN or RST, a line for each connection:
#
#   CLIENT>SERVER#ISN TAB who sent what, in which order
#
# with > for what the client sent and < for what the server did, the flags, and the number: of a FIN its own,
# behind the payload of its segment. A SYN,ACK has the one that it acknowledges, too; with acks=1 a FIN as well.

BEGIN {
	FS = "\t"
}

# plus(N, M): modulo 2^32
function plus(n, m) {
	return sprintf("%.0f", (n + m) % 4294967296)
}

# set(FLAG): as older and newer versions of tshark write it
function set(flag) {
	return flag == "1" || flag == "True"
}

# stream, IPv4 and IPv6 source, port, destination, port, SYN, ACK, FIN, RST, sequence number, payload, acknowledgment
{
	from = $2 $3 ":" $4
	if (!($1 in client)) {
		client[$1] = from
		name[$1] = from ">" $5 $6 ":" $7 "#" $12
	}
	word = (from == client[$1] ? ">" : "<")
	word = word (set($8) ? "S" : "") (set($10) ? "F" : "") (set($11) ? "R" : "") plus($12, $13)
	if (set($9) && (set($8) || acks && set($10)))
		word = word "," $14
	said[$1] = said[$1] " " word
}

END {
	for (s in name)
		print name[s] "\t" substr(said[s], 2)
}
