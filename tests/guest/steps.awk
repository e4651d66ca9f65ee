# SPDX-License-Identifier: GPL-2.0
# The segments and the verdict of an endpoint, as a scenario has them: for compare.awk.

# note_segment(): the fields of segment_lines
function note_segment(	t, flags, key) {
	t = tuple($3, $4, $5, $6)
	flags = $7
	gsub(/[PUEW]/, "", flags)
	key = $22 SUBSEP t SUBSEP $2 SUBSEP flags SUBSEP $8 (flags ~ /[SF]/ ? "" : SUBSEP $9)
	if (flags == "")
		key = key SUBSEP NR
	if (key in first_sent) {
		repeated[first_sent[key]]++
		return
	}
	first_sent[key] = ++segments
	segment[segments] = $0
	of_tuple[t] = of_tuple[t] " " segments
}

# value(EXPR, PAIR): of x, x+1 and so on in the connection PAIR, or "" where x has none yet
function value(expr, pair,	part, n) {
	if (expr ~ /^[0-9]+$/)
		return expr
	n = split(expr, part, "+")
	if (!((pair, part[1]) in number_of))
		return ""
	return sprintf("%.0f", (number_of[pair, part[1]] + (n > 1 ? part[2] : 0)) % 4294967296)
}

# field_of(WORD): its place in segment_lines
function field_of(word,	i, names, n) {
	n = split("ts dir laddr lport raddr rport flags seq ack win len mss wscale sack_ok ts_ok " \
		  "tsval tsecr cookie_len retrans fate state flow", names, " ")
	for (i = 1; i <= n; i++)
		if (names[i] == word)
			return i
	return 0
}

# step_fits(STEP, RECORD, PAIR): is this the segment; binds a name met for the first time
function step_fits(step, record, pair,	w, n, i, r, kv, got, want, flags) {
	n = split(step, w, " ")
	split(record, r, "\t")
	flags = r[7]
	# a RST of which nothing is known but that it came
	if (r[2] == "in" && flags == "R" && r[8] == "null" && in_list("tcp_reset(skb)", absent))
		return r[21] == "ESTABLISHED" && w[1] ~ /^<R/ && step !~ / fate=/
	if (w[1] !~ /[PU]/)
		gsub(/[PU]/, "", flags)
	if (w[1] != (r[2] == "out" ? ">" : "<") flags)
		return 0
	for (i = 2; i <= n; i++) {
		if (split(w[i], kv, "=") < 2)
			continue
		got = r[field_of(kv[1])]
		gsub(/ /, "_", got)
		if (kv[1] != "seq" && kv[1] != "ack") {
			if (got != kv[2])
				return 0
			continue
		}
		want = value(kv[2], pair)
		if (want == "" && kv[2] ~ /^[a-z]$/) {
			number_of[pair, kv[2]] = got
			want = got
		}
		if (got != want)
			return 0
	}
	# what the step does not tell of is not there
	if (step !~ / ack=/ && r[9] != "null")
		return 0
	if (step !~ / fate=/ && r[20] != "null")
		return 0
	if (step !~ / len=/ && r[11] != "null" && r[11] > 0)
		return 0
	return 1
}

# symbolic(RECORD, PAIR, STATES): a segment in the words of a scenario, with its state or without
function symbolic(record, pair, states,	r, text, i, n, names, j, d) {
	split(record, r, "\t")
	text = (r[2] == "out" ? ">" : "<") r[7]
	n = split("u w x y a b c d", names, " ")
	for (i = 8; i <= 9; i++) {
		if (r[i] == "null")
			continue
		text = text (i == 8 ? " seq=" : " ack=")
		d = ""
		for (j = 1; j <= n && d == ""; j++)
			if ((pair, names[j]) in number_of) {
				d = (r[i] - number_of[pair, names[j]] + 4294967296) % 4294967296
				d = d < 64 ? names[j] (d ? "+" d : "") : ""
			}
		text = text (d == "" ? r[i] : d)
	}
	if (r[11] != "null" && r[11] > 0)
		text = text " len=" r[11]
	if (r[20] != "null") {
		gsub(/ /, "_", r[20])
		text = text " fate=" r[20]
	}
	return text (states ? " state=" r[21] : "")
}

# compare_segments(RUN, NAME, TUPLE, COOKIE, STEPS)
function compare_segments(run, name, tup, cookie, steps,	pair, p, n, step, i, m, at, r, j, bad, got) {
	split(tup, p, " ")
	pair = run SUBSEP (p[1] p[2] < p[3] p[4] ? p[1] " " p[2] " " p[3] " " p[4] : p[3] " " p[4] " " p[1] " " p[2])
	n = split(steps, step, / *\| */)
	if (steps == "none")
		n = 0
	m = split(of_tuple[tup], at, " ")
	i = 1
	for (j = 1; j <= m; j++) {
		split(segment[at[j]], r, "\t")
		if (r[22] != "null" && cookie != "-" && r[22] != cookie)
			continue
		while (i <= n && !step_fits(step[i], segment[at[j]], pair) && step[i] ~ / maybe( |$)/)
			i++
		if (i > n || !step_fits(step[i], segment[at[j]], pair))
			bad = 1
		else if (step[i] ~ / again( |$)/ && !repeated[at[j]])
			complain(run, name ": sent only once: " step[i])
		i++
		got = got (got == "" ? "" : " | ") symbolic(segment[at[j]], pair, steps ~ / state=/)
	}
	while (i <= n && step[i] ~ / maybe( |$)/)
		i++
	if (bad || i != n + 1) {
		complain(run, name ": segments expected " steps)
		complain(run, name ":               got " got)
	}
}

# note_verdict(): the fields of verdict_lines
function note_verdict(	t) {
	t = tuple($2, $3, $4, $5)
	verdicts_on[t] = verdicts_on[t] " " ++judged
	said[judged] = $1
	words[judged] = $6 " " $7 " " $8
	rules[judged] = $9
	notes[judged] = $10
	missing[judged] = $11
}

# in_list(WORD, LIST): is it one of those between commas
function in_list(word, list) {
	return index(", " list ", ", ", " word ", ") > 0
}

# of_chance(NOTE): it comes with a slow machine
function of_chance(note) {
	return note ~ /^retransmitted |^half-closed$|^predictable ISN$|^challenge ACK sent$|^destroyed in TIME_WAIT$/
}

# compare_verdict(RUN, NAME, TUPLE, COOKIE, TEXT): TEXT is HANDSHAKE TEARDOWN CONFORMANCE[, NOTE]...
function compare_verdict(run, name, tup, cookie, text,	at, n, m, i, v, part, got) {
	m = split(verdicts_on[tup], at, " ")
	for (i = 1; i <= m; i++)
		if (cookie == "-" || said[at[i]] == "null" || said[at[i]] == cookie) {
			v = at[i]
			n++
		}
	if (text == "none" || n != 1) {
		if (n != (text != "none"))
			complain(run, name ": " n + 0 " verdicts" (n ? ", " words[v] : ""))
		return
	}
	got = words[v] (notes[v] == "" ? "" : ", " notes[v]) (rules[v] == "" ? "" : ", " rules[v])
	if (missing[v] != "")
		got = got " (missing: " missing[v] ")"
	n = split(text, part, /, /)
	if (words[v] != part[1])
		complain(run, name ": verdict \"" got "\", expected \"" text "\"")
	for (i = 2; i <= n; i++)
		if (!in_list(part[i], notes[v] ", " rules[v]))
			complain(run, name ": verdict \"" got "\" lacks \"" part[i] "\"")
	m = split(notes[v] ", " rules[v], part, /, /)
	for (i = 1; i <= m; i++)
		if (part[i] != "" && !in_list(part[i], text) && !of_chance(part[i]))
			complain(run, name ": verdict \"" got "\" has \"" part[i] "\", expected \"" text "\"")
}
