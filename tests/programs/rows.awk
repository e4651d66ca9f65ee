# SPDX-License-Identifier: GPL-2.0
# What became of each connection of programs.sh. Files, tabs between the fields:
#
#   netns     host and inode, a space between
#   clients   case, process and name
#   left      flow, and what it left ESTABLISHED for
#   verdicts  flow, netns, local address and port, remote ones, initial number of who connected, process, name,
#             handshake, teardown, conformance, violations, notes, missing
#
# A line for each: case, handshake, who closed first and how, teardown of client and of server, notes, conformance,
# violations and what is missing; then CLIENT>SERVER#ISN, the client's process and name, the server's; - for none.

BEGIN {
	FS = OFS = "\t"
}

function add(list, s) {
	return s == "" || index(", " list ",", ", " s ",") ? list : list == "" ? s : list ", " s
}

function field(s) {
	return s == "" ? "-" : s
}

# own(CAUSE): our doing
function own(cause) {
	return cause != "" && cause !~ / received$/
}

FILENAME ~ /netns$/ {
	split($0, word, " ")
	host[word[2]] = word[1]
	next
}

FILENAME ~ /clients$/ {
	case_of[$2] = $1
	comm_of[$2] = $3
	next
}

FILENAME ~ /left$/ {
	left[$1] = $2
	next
}

{
	end = host[$2] == "a" ? "client" : "server"
	name = end == "client" ? $3 ":" $4 ">" $5 ":" $6 "#" $7 : $5 ":" $6 ">" $3 ":" $4 "#" $7
	names[name]
	times[name, end]++
	cause[name, end] = left[$1]
	process[name, end] = $8 OFS $9
	handshake[name] = add(handshake[name], $10)
	teardown[name, end] = $11
	conformance[name] = add(conformance[name], $12)
	wrong[name] = add(add(wrong[name], $13), $15)
	n = split($14, word, ", ")
	for (i = 1; i <= n; i++)
		notes[name] = add(notes[name], word[i])
	if (end == "client" && comm_of[$8] == $9)
		whose[name] = case_of[$8]
}

END {
	for (name in names) {
		c = cause[name, "client"]
		s = cause[name, "server"]
		if (own(c) && own(s))
			by = "both: " add(c, s)
		else if (own(c))
			by = "client: " c
		else if (own(s))
			by = "server: " s
		else
			by = "-"
		if (times[name, "client"] > 1 || times[name, "server"] > 1)
			wrong[name] = add(wrong[name], "more than one verdict")
		print field(whose[name]), field(handshake[name]), by, field(teardown[name, "client"]),
		      field(teardown[name, "server"]), field(notes[name]), conformance[name],
		      field(wrong[name]), name,
		      (name, "client") in process ? process[name, "client"] : "-" OFS "-",
		      (name, "server") in process ? process[name, "server"] : "-" OFS "-"
	}
}
