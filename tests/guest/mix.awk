# SPDX-License-Identifier: GPL-2.0
# Compares verdicts with what stim --mix did: awk -f states.awk -f mix.awk told... verdicts
#
# told:     the output of stim --mix
# verdicts: lines of tcpfsm check -j
#
# Prints what is wrong, then a line of counts. Exits 1 when something is wrong.

function complain(text) {
	if (wrong++ < 40)
		print text
}

# value(KEY): of a JSON string or number in this line, none for null
function value(key,	text) {
	if (!match($0, "\"" key "\":(\"[^\"]*\"|[0-9]+|null)"))
		return "?"
	text = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
	gsub(/"/, "", text)
	return text == "null" ? "none" : text
}

/^CONN / {
	what = $0
	sub(/^CONN /, "", what)
	conns++
	split("", tuple)
	next
}

/^END / {
	if ($2 == "L")
		next
	tuple[$2] = plain($4) " " $5 " " plain($6) " " $7
	cookie[$2] = $3
	next
}

/^TOLD / {
	n = cookie[$2] == "-" ? FILENAME " " tuple[$2] : cookie[$2]
	want[n] = $3 == "-" ? "-" : $3 " " $4
	text[n] = what ", " $2 " " tuple[$2]
	at[n] = tuple[$2]
	is_open[n] = 1
	ends += want[n] != "-"
	if (cookie[$2] == "-" && want[n] != "-") {
		unseen[tuple[$2]] = unseen[tuple[$2]] " " ++nunseen
		key_of[nunseen] = n
	}
	next
}

/"event":"verdict"/ {
	verdicts++
	flow = value("flow")
	t = plain(value("laddr")) " " value("lport") " " plain(value("raddr")) " " value("rport")
	got = value("handshake") " " value("teardown")
	if (value("cause") == "unknown")
		complain(t ": cause unknown")
	words[got]++
	if (!(flow in want)) {
		# an end that stim never held: any of the two processes may have it
		m = split(unseen[t], k, " ")
		for (i = 1; i <= m; i++)
			if (is_open[key_of[k[i]]] && want[key_of[k[i]]] == got)
				break
		if (i > m) {
			complain(t ": nobody did this: " got)
			next
		}
		flow = key_of[k[i]]
	}
	if (!is_open[flow])
		complain(text[flow] ": a second verdict: " got)
	is_open[flow] = 0
	if (got != want[flow])
		complain(text[flow] ": " got ", not " want[flow])
	if (at[flow] != t)
		complain(text[flow] ": the verdict is on " t)
	if (value("conformance") != "ok")
		complain(text[flow] ": " got " " value("conformance") " " substr($0, index($0, "\"violations\""), 200))
}

END {
	for (n in is_open)
		if (is_open[n] && want[n] != "-")
			complain(text[n] ": no verdict, should be " want[n])
	printf "%d connections, %d ends, %d verdicts of %d kinds, %d wrong\n",
	       conns, ends, verdicts, length_of(words), wrong
	exit wrong > 0 || !verdicts
}

function length_of(a,	i, n) {
	for (i in a)
		n++
	return n
}
