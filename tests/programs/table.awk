# SPDX-License-Identifier: GPL-2.0
# The explanations (first file, see why) and the lines of rows.awk (second file). With docs=1 the tables of
# docs/programs.md; else what is not explained, exit status 1 when there is such.

# trim(TEXT)
function trim(s) {
	sub(/^[ \t]+/, "", s)
	sub(/[ \t]+$/, "", s)
	return s
}

# kind(HANDSHAKE, CLIENT, SERVER): how it ends; each word of a teardown by FINs goes with each
function kind(handshake, client, server) {
	if (handshake == "refused" && client == "-" && server == "-")
		return "refused"
	if (handshake != "three-way")
		return "?"
	if (client " " server ~ /^(reset-local reset-remote|reset-remote reset-local)$/)
		return "reset"
	# in FIN_WAIT_2, where the ACK overtook the FIN
	if (client " " server ~ /^(simultaneous-close ?|four-way ?)+$/)
		return "finish"
	return client " " server ~ /^(three-segment ?|four-way ?)+$/ ? "finish" : "?"
}

# after(LINE): what comes behind the first colon and a space
function after(s) {
	return substr(s, index(s, ": ") + 2)
}

FNR == 1 {
	file++
}

/^#/ || /^$/ {
	next
}

file == 1 && /^case / {
	now = substr($0, 6, index($0, ": ") - 6)
	order[++cases] = now
	ran[now] = after($0)
	next
}

file == 1 && /^any$/ {
	now = "*"
	next
}

file == 1 && /^note / {
	note = substr($0, 6, index($0, ": ") - 6)
	notes[++nnotes] = note
	meaning[note] = after($0)
	next
}

file == 1 {
	split($0, part, "|")
	why[now, trim(part[1]), trim(part[2])] = trim(part[3])
	next
}

file == 2 && FNR == 1 {
	FS = "\t"
	$0 = $0
}

# case, handshake, who closed first and how, teardown of client and server, notes, conformance, what is wrong
{
	total++
	k = kind($2, $4, $5)
	reason = ($1, $3, k) in why ? why[$1, $3, k] : ("*", $3, k) in why ? why["*", $3, k] : ""
	bad = ""
	if (!($1 in ran))
		bad = "no such case"
	else if (reason == "")
		bad = "not explained"
	else if ($7 != "ok" || $8 != "-")
		bad = "not ok"
	n = $6 == "-" ? 0 : split($6, word, ", ")
	for (i = 1; i <= n; i++) {
		if (word[i] in meaning)
			noted[word[i]]++
		else
			bad = "a note that is not explained"
	}
	if (bad != "") {
		print bad ": " $0
		failed = 1
		next
	}
	row = $3 " | " $2
	if (!(($1, row) in text)) {
		rows[$1] = rows[$1] "\n" row
		text[$1, row] = $7 " | " reason
	}
	count[$1, row]++
	if ($4 != "-" || $5 != "-")
		tally(ends, $1 SUBSEP row, $4 == $5 ? $4 : $4 " / " $5)
	for (i = 1; i <= n; i++)
		tally(said, $1 SUBSEP row, word[i])
}

# tally(WHAT, ROW, WORD): one more of these
function tally(what, row, w) {
	if (!((row, w) in times))
		what[row] = what[row] "\n" w
	times[row, w]++
}

# most_first(LIST, ROW): its words with how many there are of each
function most_first(list, row,	n, w, i, best, done, out) {
	n = split(substr(list, 2), w, "\n")
	for (done = 0; done < n; done++) {
		best = 0
		for (i = 1; i <= n; i++)
			if (w[i] != "" && (!best || times[row, w[i]] > times[row, w[best]]))
				best = i
		out = out (done ? ", " : "") times[row, w[best]] " " w[best]
		w[best] = ""
	}
	return n ? out : "-"
}

# lines(CASE): of the table, the one with most connections first
function lines(c,	n, row, i, best, done, key) {
	n = split(substr(rows[c], 2), row, "\n")
	for (done = 0; done < n; done++) {
		best = 0
		for (i = 1; i <= n; i++)
			if (row[i] != "" && (!best || count[c, row[i]] > count[c, row[best]]))
				best = i
		key = c SUBSEP row[best]
		printf "| %s | %d | %s | %s | %s | %s |\n", done ? "" : ran[c], count[key], row[best],
		       most_first(ends[key], key), most_first(said[key], key), text[key]
		row[best] = ""
	}
}

function page(	i, program, last) {
	print "| note | connections | why |"
	print "|---|---|---|"
	for (i = 1; i <= nnotes; i++)
		printf "| %s | %d | %s |\n", notes[i], noted[notes[i]], meaning[notes[i]]
	for (i = 1; i <= cases; i++) {
		program = order[i]
		sub(/-.*/, "", program)
		if (program != last) {
			printf "\n## %s\n\n", title[program]
			print "| what was run | connections | closed first by | handshake | teardown | notes | conformance | why |"
			print "|---|---|---|---|---|---|---|---|"
		}
		last = program
		lines(order[i])
	}
}

END {
	if (docs)
		page()
	exit failed || !total
}

BEGIN {
	title["nginx"] = "nginx and curl"
	title["redis"] = "redis"
	title["pg"] = "PostgreSQL"
	title["ssh"] = "OpenSSH"
}
