#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The pages that are contracts: tcpfsm-json(5) has the fields the tool can print, tcpfsm-netlink(7) the
# names of the specification, the numbers of the header, and its structs as a compiler lays them out.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit
json=build/man/tcpfsm-json.5
netlink=build/man/tcpfsm-netlink.7
header=module/uapi/linux/tcpfsm.h
spec=module/spec/tcpfsm.yaml

# ---- JSON ----

# written: fields as the code has them: said to a function, part of a text, or in a table
written() {
	{
		grep -ohE '\b(json_|add_)[a-z_]+\((&?[a-z>.-]+), "[a-z0-9_]+"' user/*.c |
			grep -vE 'json_(alert_)?begin' | grep -oE '"[a-z0-9_]+"$'
		grep -ohE '[{,]\\"[a-z0-9_]+\\":' user/*.c | grep -oE '[a-z0-9_]+'
		sed -n '/names\[.*= {$/,/^};/s/.*= "\(.*\)",$/\1/p' user/stats.c
		sed -n '/skip_keys\[/,/^};/s/.*= "\(.*\)",$/\1/p' user/out_alert.c
		grep -ohE '"[a-z0-9]+_(from|below)_ns"' user/totals.c
	} | tr -d '"' | sort -u
}

# bold: what is bold in lines of roff, one a line
bold() {
	grep -oE '\\fB[^\\]+(\\-[^\\]*)*\\fR' | sed -e 's/^\\fB//' -e 's/\\fR$//' -e 's/\\-/-/g'
}

# tagged: names the page has a paragraph for, apart from those that are values
tagged() {
	awk 'tag { print } { tag = $0 == ".TP" }' "$json" | grep '(\\fI' | bold | sort -u
}

# nested: fields of objects inside objects, which are named in the text of the outer field
nested() {
	bold <"$json" | sort -u
}

all_described() {
	comm -23 <(written) <({ tagged; nested; } | sort -u) | grep . && return 1
	[ "$(written | wc -l)" -gt 100 ]
}

all_printed() {
	comm -13 <(written) <(tagged) | grep . && return 1
	[ "$(tagged | wc -l)" -gt 100 ]
}

# events: kinds of objects, as the code begins them
events() {
	{
		grep -ohE 'json_begin\([^,]*, "[a-z]+"' user/*.c
		grep -ohE '\{\\"event\\":\\"[a-z]+\\"' user/*.c
	} | grep -oE '[a-z]+\\?"$' | tr -d '\\"' | sort -u
}

all_events() {
	diff <({ events; echo alert; } | sort -u) \
		<(grep -A1 '^\\fBevent\\fR' "$json" | tail -n 1 | bold | sort)
}

# words TABLE: what names.c has in a table
words() {
	sed -n "/ $1\[\] = {/,/^};/s/.*= \"\(.*\)\",\$/\1/p" user/names.c
}

all_words() {
	local table=$1 n
	n=$(words "$table" | wc -l)
	[ "$n" -gt 7 ] && words "$table" | while read -r word; do
		bold <"$json" | grep -qxF -- "$word" || { echo "'$word' is missing"; exit 1; }
	done
}

for table in state_names cause_names fate_names; do
	check "tcpfsm-json(5) has the words of $table" all_words $table
done
check 'tcpfsm-json(5) has every field the code prints' all_described
check '... and no other' all_printed
check '... and every kind of object' all_events

# ---- netlink ----

# specified: what the specification has, under the names of the header
specified() {
	python3 - "$spec" <<-'EOF'
		import sys, yaml
		spec = yaml.safe_load(open(sys.argv[1]))
		def name(prefix, word):
		    print((prefix + word).replace("-", "_").upper())
		for s in spec["attribute-sets"]:
		    for a in s["attributes"]:
		        if a["type"] != "pad":
		            name(s["name-prefix"], a["name"])
		for op in spec["operations"]["list"]:
		    name(spec["operations"]["name-prefix"], op["name"])
		for d in spec["definitions"]:
		    for e in d["entries"]:
		        name("tcpfsm-s-", e)
	EOF
}

# rows: numbers and names of the page's tables
rows() {
	sed -n 's/^\([0-9x< ]*\)\t\(TCPFSM_[A-Z_0-9]*\)\(\t.*\|\)$/\2 \1/p' "$netlink"
}

all_specified() {
	[ "$(specified | wc -l)" -gt 50 ] &&
		! comm -23 <(specified | sort -u) <(rows | cut -d' ' -f1 | sort -u) | grep .
}

groups() {
	python3 -c 'import sys, yaml
for g in yaml.safe_load(open(sys.argv[1]))["mcast-groups"]["list"]: print(g["name"])' "$spec" |
		while read -r group; do
			grep -qF "\\(dq $group \\(dq" "$netlink" || { echo "no $group"; exit 1; }
		done
}

# declared: names of the header that mean something on the wire
declared() {
	grep -oE '^(#define )?[[:space:]]*TCPFSM_[A-Z]+(_[A-Z0-9]+)*(,|[[:space:]]+(0x|\(1 <<))' "$header" |
		grep -oE 'TCPFSM_[A-Z0-9_]+' | grep -vE '_(UNSPEC|PAD)$' | sort -u
}

all_declared() {
	[ "$(declared | wc -l)" -gt 130 ] && diff <(declared) <(rows | cut -d' ' -f1 | sort -u)
}

# program: what the tables say, as something that compiles only if it is true
program() {
	echo '#include <stddef.h>'
	echo '#include <linux/tcpfsm.h>'
	rows | sed 's/^\([^ ]*\) \(.*\)/_Static_assert(\1 == (\2), "\1");/'
	awk -F'\t' '
		/^\.SS struct / { split($0, word, /[ :]/); struct = word[3]; end = "0" }
		struct && /^[0-9]+\t[a-z]/ {
			type = $2
			field = $3
			sub(/\[.*/, "", field)
			printf "_Static_assert(offsetof(struct %s, %s) == %s, \"%s\");\n", struct, field, $1, field
			printf "_Static_assert(%s == %s, \"hole\");\n", end, $1
			end = "offsetof(struct " struct ", " field ") + sizeof(((struct " struct " *)0)->" field ")"
			if (type ~ /^u[0-9]+$/ && $3 == field)
				printf "_Static_assert(%s * 8 == %s, \"%s\");\n", \
					"sizeof(((struct " struct " *)0)->" field ")", substr(type, 2), field
		}
		/^\.TE/ && struct { printf "_Static_assert(sizeof(struct %s) == %s, \"%s ends\");\n", \
			struct, end, struct; struct = "" }' "$netlink"
}

laid_out() {
	[ "$(program | grep -c offsetof)" -gt 180 ] && gcc -Imodule/uapi -xc -fsyntax-only - < <(program)
}

check 'tcpfsm-netlink(7) has each name of the specification' all_specified
check '... and its groups' groups
check '... and each name of the header, and no other' all_declared
check '... with their numbers, and the fields of structs where a compiler has them' laid_out

finish
