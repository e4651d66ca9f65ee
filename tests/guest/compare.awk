# SPDX-License-Identifier: GPL-2.0
# Compares what tcpfsm told of every endpoint with the catalogue.
#
#   awk -v kind=fast|warp -v kernel=VERSION -v absent=HOOKS -f states.awk -f steps.awk -f compare.awk SCENARIO... ends FS='\t' \
#	events segments judged
#
# ends:     RUN ROW FAMILY NAME COOKIE LADDR LPORT RADDR RPORT
# events:   as state_lines prints them, tabs between the fields
# segments: as segment_lines does
# judged:   as verdict_lines does
# HOOKS:    those the module lacks on this kernel, and HOOK(ARGUMENT), a comma and a blank between them
#
# One line a run: RUN TAB 0 or 1 TAB what was found, a | for each new line.

function complain(run, text) {
	complaints[run] = complaints[run] "|" text
}

function tuple(la, lp, ra, rp) {
	return plain(la) " " lp " " plain(ra) " " rp
}

# version(TEXT): a number to compare
function version(text,	v) {
	split(text, v, ".")
	return v[1] * 1000 + v[2]
}

# named(LINES, ROW, NAME): the key in lines[], exact or by its beginning
function named(lines, row, name,	stem) {
	if ((row, name) in lines)
		return row SUBSEP name
	stem = name
	sub(/[0-9]+$/, "*", stem)
	return (row, stem) in lines ? row SUBSEP stem : ""
}

# length_ok(BOUND, NS): is a state's duration as the scenario has it
function length_ok(bound, ns,	s) {
	s = ns / 1e9
	if (bound ~ /^</)
		return s < substr(bound, 2) + 0
	return kind != "warp" || (s > bound * 0.99 - 0.01 && s < bound * 7 / 6 + 0.3)
}

# judge(RUN, NAME, TUPLE, EXPECTED, KEY, N, FLOW): follow the endpoint's records
function judge(run, name, tup, text, key, n, flow,	w, nw, last, i, st, bound, got, f, bad) {
	last = split(text, w, " ")
	for (i = 1; i <= last; i++)
		if (w[i] == "|")
			last = i - 1
	gsub(/\| /, "", text)
	nw = split(text, w, " ")
	if (text == "none") {
		if (n)
			complain(run, name ": expected nothing, got " n " flows")
		return
	}
	if (n != 1) {
		complain(run, name ": " n " flows instead of one")
		return
	}
	f = flow
	bad = records[f] != nw - 1
	for (i = 1; i <= nw; i++) {
		st = w[i]
		bound = ""
		if (match(st, /\(.*\)/)) {
			bound = substr(st, RSTART + 1, RLENGTH - 2)
			st = substr(st, 1, RSTART - 1)
		}
		if (i == 1 ? old[f, 1] != st : new[f, i - 1] != st)
			bad = 1
		else if (bound != "" && i <= records[f] && !length_ok(bound, spent[f, i]))
			complain(run, sprintf("%s: %s for %.3f s, not %s", name, st,
					      spent[f, i] / 1e9, bound))
	}
	for (i = 1; i <= records[f]; i++) {
		got = cause[f, i]
		if (got == "unknown" && why[key, i == last - 1 ? "" : new[f, i]] != "unknown")
			complain(run, name ": nobody knows the cause of " old[f, i] " to " new[f, i])
		if ((i == last - 1 && (key, "") in why && got != why[key, ""]) ||
		    ((key, new[f, i]) in why && got != why[key, new[f, i]]))
			complain(run, name ": to " new[f, i] " because of \"" got "\"")
	}
	got = old[f, 1]
	for (i = 1; i <= records[f]; i++)
		got = got " " new[f, i]
	if (bad) {
		complain(run, name ": expected " text)
		complain(run, name ":      got " got)
	}
	for (i = 1; i <= records[f]; i++) {
		if (i > 1 && old[f, i] != new[f, i - 1])
			complain(run, name ": " new[f, i - 1] " is followed by one from " old[f, i])
		if (i > 1 && at[f, i] < at[f, i - 1])
			complain(run, name ": goes back in time to " new[f, i])
		if (i > 1 && (spent[f, i] == "" || (spent[f, i] - at[f, i] + at[f, i - 1]) ^ 2 > 1e12))
			complain(run, name ": wrong time in " old[f, i] ": " spent[f, i])
		if (where[f, i] != tup)
			complain(run, name ": record of " where[f, i] ", not of " tup)
	}
}

FILENAME ~ /\/scenarios\// {
	if (FNR == 1) {
		row = FILENAME
		sub(/.*\//, "", row)
	}
	if (/^[A-Z][A-Z0-9]*\*?( [a-z]+( [A-Z_0-9]+)?)? (without|before) [^ :]+: /) {
		match($0, / (without|before) [^ :]+:/)
		split(substr($0, RSTART + 1, RLENGTH - 2), part, " ")
		if (part[1] == "before" ? version(kernel) >= version(part[2]) : !in_list(part[2], absent))
			next
		$0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH - 1)
	}
	if (match($0, /^[A-Z][A-Z0-9]*\*? (segments|verdict): +/)) {
		name = $1
		st = $2
		sub(/^[^:]*: +/, "")
		if (st == "verdict:")
			verdict[row, name] = $0
		else
			steps[row, name] = $0
	} else if (match($0, /^[A-Z][A-Z0-9]*\*? because( [A-Z_0-9]+)?: +/)) {
		st = $2 == "because:" ? "" : substr($3, 1, length($3) - 1)
		why[row, $1, st] = substr($0, RLENGTH + 1)
	} else if (/^[A-Z][A-Z0-9]*\*?:/) {
		name = $1
		sub(/:$/, "", name)
		sub(/^[^ ]+ +/, "")
		want[row, name] = $0
	}
	next
}

FILENAME ~ /events$/ {
	f = $1
	i = ++records[f]
	old[f, i] = $2
	new[f, i] = $3
	spent[f, i] = $4
	at[f, i] = $5
	where[f, i] = tuple($6, $7, $8, $9)
	cause[f, i] = $11
	if (!((where[f, i], f) in seen)) {
		seen[where[f, i], f] = 1
		flows_of[where[f, i]]++
		flow_of[where[f, i]] = f
	}
	next
}

FILENAME ~ /segments$/ {
	note_segment()
	next
}

FILENAME ~ /judged$/ {
	note_verdict()
	next
}

{
	ends++
	for (i = 1; i <= 9; i++)
		end[ends, i] = $i
	run_row[$1] = $2
}

END {
	for (e = 1; e <= ends; e++) {
		run = end[e, 1]
		name = end[e, 4]
		key = named(want, end[e, 2], name)
		tup = tuple(end[e, 6], end[e, 7], end[e, 8], end[e, 9])
		if (key == "") {
			complain(run, "the scenario has no endpoint " name)
			continue
		}
		met[run, key] = 1
		if (end[e, 5] == "-")
			judge(run, name, tup, want[key], key, flows_of[tup] + 0, flow_of[tup])
		else
			judge(run, name, tup, want[key], key, records[end[e, 5]] ? 1 : 0, end[e, 5])
		# a listener has no segments and no end
		if (want[key] ~ /^CLOSED LISTEN/)
			continue
		key = named(steps, end[e, 2], name)
		if (key != "")
			compare_segments(run, name, tup, end[e, 5], steps[key])
		else
			complain(run, "the scenario has no segments of " name)
		key = named(verdict, end[e, 2], name)
		if (key != "")
			compare_verdict(run, name, tup, end[e, 5], verdict[key])
		else
			complain(run, "the scenario has no verdict on " name)
	}
	for (run in run_row)
		for (key in want) {
			split(key, part, SUBSEP)
			if (part[1] == run_row[run] && !((run, key) in met))
				complain(run, "the stimulus told of no endpoint " part[2])
		}
	for (run in run_row)
		printf "%s\t%d\t%s\n", run, complaints[run] != "", substr(complaints[run], 2)
}
