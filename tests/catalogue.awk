# SPDX-License-Identifier: GPL-2.0
# Tables of the scenarios, a section a row: awk -f catalogue.awk tests/scenarios/ROW...

# cell(TEXT): fit for a table
function cell(text) {
	gsub(/\|/, "\\|", text)
	return text
}

function flush_row(	i, n, families, guests) {
	if (row == "")
		return
	printf "\n## %s: %s\n\n", row, field["title"]
	families = field["families"]
	gsub(/4/, "IPv4", families)
	gsub(/6/, "IPv6", families)
	gsub(/m/, "IPv4-mapped", families)
	guests = field["guest"]
	gsub(/ /, ", ", families)
	sub(/fast warp/, "two CPUs, and time-warped", guests)
	sub(/^fast$/, "two CPUs", guests)
	sub(/^warp$/, "time-warped", guests)
	printf "%s; guest: %s", families, guests
	if (field["from"] != "")
		printf "; Linux %s and later", field["from"]
	printf "."
	if (field["note"] != "")
		printf " Note: %s.", field["note"]
	printf "\n\n| | states | segments | cause | verdict |\n|---|---|---|---|---|\n"
	for (i = 1; i <= ends; i++) {
		n = name[i]
		printf "| %s | %s | %s | %s | %s |\n", n, cell(states[n]), cell(segs[n]), why[n], words[n]
	}
	printf "%s", less
}

FNR == 1 {
	flush_row()
	row = FILENAME
	sub(/.*\//, "", row)
	ends = 0
	less = ""
	split("", field)
	split("", states)
	split("", segs)
	split("", why)
	split("", words)
	next
}

/^[a-z]+: / {
	key = $1
	sub(/:$/, "", key)
	sub(/^[a-z]+: +/, "")
	field[key] = $0
	next
}

# where a hook is missing or not given an argument, or on older kernels
/^[A-Z][A-Z0-9]*\*?( [a-z]+( [A-Z_0-9]+)?)? (without|before) [^ :]+: / {
	match($0, / (without|before) [^ :]+:/)
	split(substr($0, RSTART + 1, RLENGTH - 2), part, " ")
	when = part[1] == "before" ? "Before Linux " part[2] : "Without `" part[2] "` ([kernels.md](kernels.md))"
	less = less sprintf("\n%s: %s, `%s`\n", when, substr($0, 1, RSTART - 1), substr($0, RSTART + RLENGTH + 1))
	next
}

/^[A-Z][A-Z0-9]*\*? because/ {
	n = $1
	text = $0
	to = $2 == "because:" ? "" : substr($3, 1, length($3) - 1)
	sub(/^[^:]*: +/, "", text)
	why[n] = why[n] (why[n] == "" ? "" : "; ") (to == "" ? "" : "to " to ": ") text
	next
}

/^[A-Z][A-Z0-9]*\*? segments:/ {
	n = $1
	sub(/^[^:]*: +/, "")
	segs[n] = "`" $0 "`"
	next
}

/^[A-Z][A-Z0-9]*\*? verdict:/ {
	n = $1
	sub(/^[^:]*: +/, "")
	if (!(n in states)) {
		states[n] = "as above"
		name[++ends] = n
	}
	words[n] = $0
	next
}

/^[A-Z][A-Z0-9]*\*?:/ {
	n = $1
	sub(/:$/, "", n)
	sub(/^[^ ]+ +/, "")
	states[n] = $0
	name[++ends] = n
}

END {
	flush_row()
}
