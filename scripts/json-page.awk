# SPDX-License-Identifier: GPL-2.0
#
# Makes tcpfsm-json(5) of docs/json.md: of its headings, paragraphs and tables. What is `code` there
# is bold here; of links the text remains, or the file's name when it is another page.

BEGIN {
	print ".\\\" SPDX-License-Identifier: GPL-2.0"
	print ".\\\" Made of docs/json.md; do not edit."
	print ".TH TCPFSM\\-JSON 5 \"\" \"tcpfsm\" \"File Formats\""
	print ".SH NAME"
	print "tcpfsm\\-json \\- what tcpfsm prints with \\-j, field by field"
	print ".SH DESCRIPTION"
	fresh = 1	# right behind a heading: a paragraph needs no .PP
}

/^<!--/ || /^# /	{ next }
/^\|[-|]+$/		{ next }
/^$/			{ flush(); table = 0; next }
/^## /			{ flush(); heading(substr($0, 4)); next }
/^\|/			{ flush(); row($0); next }
			{ text = text (text == "" ? "" : " ") $0 }

END {
	flush()
	print ".SH SEE ALSO"
	print ".BR tcpfsm (8),"
	print ".BR jq (1),"
	print ".BR ss (8)"
}

# A heading in capitals, but for names: they are as they are printed.
function heading(s,	part, n, i, out)
{
	n = split(s, part, "`")
	for (i = 1; i <= n; i++)
		out = out (i % 2 ? toupper(part[i]) : escaped(part[i]))
	print ".SH \"" out "\""
	fresh = 1
}

function flush()
{
	if (text == "")
		return
	if (!fresh)
		print ".PP"
	say(inline(text))
	text = ""
	fresh = 0
}

# A table has a line of titles first: names, perhaps their types, and what they mean.
function row(s,	cell, n)
{
	gsub(/^\| *| *\|$/, "", s)
	n = split(s, cell, / *\| */)
	if (!table++)
		return
	print ".TP"
	if (n == 3) {
		say(inline(cell[1]) " (\\fI" cell[2] "\\fR)")
		say(inline(sentence(cell[3])))
	} else {
		say(inline(cell[1]))
		say(inline(sentence(cell[2])))
	}
	fresh = 0
}

function sentence(s)
{
	return toupper(substr(s, 1, 1)) substr(s, 2) "."
}

# A line that begins as a request does is text all the same.
function say(s)
{
	print (s ~ /^[.']/ ? "\\&" : "") s
}

function escaped(s)
{
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/'/, "\\(aq", s)
	gsub(/"/, "\\(dq", s)
	return s
}

function inline(s,	part, n, i, out)
{
	s = links(s)
	n = split(s, part, "`")
	for (i = 1; i <= n; i++)
		out = out (i % 2 ? plain(part[i]) : "\\fB" escaped(part[i]) "\\fR")
	return out
}

# Text between names, with the manual pages it mentions in bold.
function plain(s,	out, name)
{
	while (match(s, /tcpfsm[-a-z]*\([0-9]\)/)) {
		name = substr(s, RSTART, RLENGTH - 3)
		out = out substr(s, 1, RSTART - 1) "\\fB" escaped(name) "\\fR" \
			substr(s, RSTART + RLENGTH - 3, 3)
		s = substr(s, RSTART + RLENGTH)
	}
	return out s
}

function links(s,	link, to, out)
{
	while (match(s, /\[[^]]*\]\([^)]*\)/)) {
		link = substr(s, RSTART + 1, RLENGTH - 2)
		out = out substr(s, 1, RSTART - 1)
		s = substr(s, RSTART + RLENGTH)
		to = link
		sub(/^[^]]*\]\(/, "", to)
		sub(/#.*/, "", to)
		sub(/\].*/, "", link)
		out = out (link ~ /\.md$/ ? "`docs/" to "`" : link)
	}
	return out s
}
