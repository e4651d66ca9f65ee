# SPDX-License-Identifier: GPL-2.0
#
# Makes tcpfsm-netlink(7): files are module/uapi/linux/tcpfsm.h, then the page's text, in which
#
#	.@enum NAME	stands for the names of an enum, with their numbers and comments
#	.@flags PREFIX	for the macros that are bits, PREFIX1, PREFIX2, ...
#	.@struct NAME	for the fields of a struct: offset, type, name, meaning
#
# What is not there ends it with exit status 1.

BEGIN {
	size["__u8"] = size["char"] = 1
	size["__u16"] = size["__be16"] = 2
	size["__u32"] = 4
	size["__u64"] = 8
}

# The header

FNR == NR && /^#define TCPFSM_[A-Z_]+\t+[0-9]+$/	{ number[$2] = $3; next }
FNR == NR && /^#define TCPFSM_[A-Z_0-9]+\t+(0x|\()/	{ add_flag(); next }
FNR == NR && /^\/\* .*\*\/$/				{ above = comment_of($0); next }
FNR == NR && /^enum [a-z_]+ \{$/	{ group = $2; value = 0; next }
FNR == NR && /^struct [a-z_]+ \{$/	{ layout = $2; offset = 0; next }
FNR == NR && /^};$/			{ end_block(); next }
FNR == NR && /^ \* @[a-z0-9_]+: /	{ add_doc(); next }
FNR == NR && /^ \*\t/ && field != ""	{ doc[field] = doc[field] " " substr($0, 4); next }
FNR == NR && /^ \*/			{ field = ""; next }
FNR == NR && group && /^\t[A-Z_0-9]+,/	{ add_value(); next }
FNR == NR && layout && /^\t[a-z]*.*;/	{ add_field(); next }
FNR == NR				{ above = ""; next }

# The text

/^\.@enum /	{ print_rows($2, enum[$2], "Number\tName\tMeaning"); next }
/^\.@flags /	{ print_rows($2, flags[$2], "Bit\tName\tMeaning"); next }
/^\.@struct /	{ print_rows($2, struct[$2], "Offset\tType\tField\tMeaning"); next }
		{ print }

END { exit failed }

function comment_of(s)
{
	return sub(/.*\/\* /, "", s) && sub(/ *\*\/.*/, "", s) ? s : ""
}

# TCPFSM_F_OWNER is of TCPFSM_F_. What stands above it in small letters is of it alone.
function add_flag(	bits, text)
{
	match($2, /^TCPFSM_[A-Z]+_/)
	bits = $3 ~ /^\(/ ? $3 " " $4 " " $5 : $3
	gsub(/[()]/, "", bits)
	text = comment_of($0)
	if (text == "" && above ~ /^[a-z]/)
		text = above
	above = ""
	flags[substr($2, 1, RLENGTH)] = flags[substr($2, 1, RLENGTH)] bits "\t" $2 "\t" text "\n"
}

function add_value(	name)
{
	name = $1
	sub(/,.*/, "", name)
	if (name ~ /^__/)
		number[name] = value
	else if (name !~ /_(UNSPEC|PAD)$/)
		enum[group] = enum[group] value "\t" name "\t" comment_of($0) "\n"
	value++
}

function add_doc()
{
	field = $2
	sub(/^@/, "", field)
	sub(/:$/, "", field)
	doc[field] = $0
	sub(/^ \* @[a-z0-9_]+: */, "", doc[field])
}

function add_field(	type, name, count, text, at)
{
	type = $1 == "struct" ? $2 : $1
	name = $NF
	sub(/;$/, "", name)
	text = name
	count = 1
	if (match(name, /\[.*\]/)) {
		count = substr(name, RSTART + 1, RLENGTH - 2)
		if (count in number)
			count = number[count]
		name = substr(name, 1, RSTART - 1)
		text = name "[" count "]"
	}
	at = offset
	offset += size[type] * count
	if (!(type in size)) {
		print "netlink-page.awk: " type " of " layout "." name " has no size" >"/dev/stderr"
		failed = 1
	}
	if (name ~ /^pad/ && !(name in doc))
		doc[name] = "0"
	sub(/^__/, "", type)
	struct[layout] = struct[layout] at "\t" type "\t" text "\t" doc[name] "\n"
}

function end_block()
{
	if (layout)
		size[layout] = offset
	group = layout = field = ""
	split("", doc)
}

function print_rows(name, rows, titles,	line, n, i)
{
	if (rows == "") {
		print "netlink-page.awk: the header has no " name >"/dev/stderr"
		failed = 1
		return
	}
	print ".TS"
	print (titles ~ /Field/ ? "r l l lx." : "r l lx.")
	print titles
	n = split(rows, line, "\n")
	for (i = 1; i < n; i++)
		print_row(line[i])
	print ".TE"
}

# The last column is a paragraph.
function print_row(row,	cell, n, i, out)
{
	gsub(/-/, "\\-", row)
	gsub(/@/, "", row)
	n = split(row, cell, "\t")
	for (i = 1; i < n; i++)
		out = out cell[i] "\t"
	print out (cell[n] == "" ? "" : "T{\n" cell[n] "\nT}")
}
