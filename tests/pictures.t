#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pictures for other programs: what draws them takes them, and nothing in them acts.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
tool=$top/build/tcpfsm
mk=$top/build/host/mkrecord
seeds=$top/tests/fuzz/corpus/capture
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# answers STATUS TEXT COMMAND...: it exits with STATUS, says TEXT on stderr, and prints nothing
answers() {
	local want=$1 text=$2 err status
	shift 2
	err=$(timeout 20 "$@" 2>&1 >"$work/out")
	status=$?
	echo "exit status $status, not $want: $err"
	[ "$status" -eq "$want" ] && [[ $err == *"$text"* ]] && [ ! -s "$work/out" ]
}

# well_formed FILE: XML, one document, with elements that only draw
well_formed() {
	python3 - "$1" <<-'EOF'
	import sys, xml.etree.ElementTree as tree
	svg = "{http://www.w3.org/2000/svg}"
	root = tree.parse(sys.argv[1]).getroot()
	assert root.tag == svg + "svg", root.tag
	drawn = {svg + name for name in "title style defs marker path rect line circle text svg".split()}
	for e in root.iter():
	    assert e.tag in drawn, e.tag
	    for key, value in e.attrib.items():
	        assert not key.startswith("on") and "href" not in key, key
	        assert "url(" not in value or value == "url(#tcpfsm-head)", value
	style = "".join(e.text for e in root.iter(svg + "style"))
	assert "url" not in style and "@import" not in style and "@font-face" not in style
	EOF
}

# says FILE WORD...: each of them is text in it
says() {
	local file=$1 word
	shift
	for word; do
		grep -qF -- ">$word" "$file" || { echo "no '$word' in it"; return 1; }
	done
}

# same_words TXT SVG: each state, cause and segment of the one is in the other
same_words() {
	local word
	sed -nE 's/^[0-9. us+ms]*[A-Z0-9_]* +[|:] ([a-zA-Z,]+( [a-zA-Z]+)*).*/\1/p
		s/.*(\[[SFRPUEW.]+\] seq [^-<>?.]*[^-<>?. ]).*/\1/p' "$1" >"$work/words"
	[ "$(wc -l <"$work/words")" -gt 5 ] || { cat "$1"; return 1; }
	while read -r word; do
		grep -qF -- "$word" "$2" || { echo "no '$word' in it"; return 1; }
	done <"$work/words"
}

# draws FILE: as a PNG that is no dot
draws() {
	rsvg-convert "$1" -o "$work/x.png" && [ "$(stat -c %s "$work/x.png")" -gt 2000 ]
}

echo '# ladder --svg'
"$mk" 10 >"$work/ten"
check 'a picture of a recording' "$tool" ladder --svg -r "$work/ten"
"$tool" ladder --svg -r "$work/ten" >"$work/ten.svg"
"$tool" ladder -c 1 -r "$work/ten" >"$work/ten.txt"
check '... is one, and nothing but a picture' well_formed "$work/ten.svg"
check '... says what the text says' same_words "$work/ten.txt" "$work/ten.svg"
check '... and the verdicts' says "$work/ten.svg" 'client: three-way, ' 'server: three-way, '
for f in raw simultaneous reset null6 vlan; do
	"$tool" ladder --svg -r "$seeds/$f" >"$work/$f.svg" 2>"$work/err"
	check "a capture: $f" well_formed "$work/$f.svg"
done
if command -v rsvg-convert >/dev/null; then
	for f in ten raw simultaneous; do
		check "librsvg draws it: $f" draws "$work/$f.svg"
	done
else
	skip 'librsvg draws it' 'RSVG-CONVERT IS MISSING: apt-get install librsvg2-bin'
fi
check 'it is one picture, not several' answers 2 'an SVG file is one picture' \
	"$tool" ladder --svg -c 2 -r "$work/ten"
check 'nothing to draw is no picture' answers 5 'no connection matched' \
	"$tool" ladder --svg -P 1 -r "$work/ten"
check 'a bad file is said to be one' answers 2 'No such file' \
	"$tool" ladder --svg -r "$work/missing"
check 'a full disk' bash -c "'$tool' ladder --svg -r '$work/ten' >/dev/full; [ \$? -eq 5 ]"

# a command for the module says what is wrong with its options before it asks
echo '# stats --dot'
if command -v dot >/dev/null; then
	dot -T svg "$top/tests/unit/golden/totals.dot" >"$work/dot.svg" 2>"$work/err"
	check 'graphviz draws it' [ -s "$work/dot.svg" ]
	check '... and complains of nothing' [ ! -s "$work/err" ]
	check '... with all states, and CLOSED twice' bash -c "
		[ \$(grep -c 'class=\"node\"' '$work/dot.svg') -eq 12 ]"
	check '... and counts and times' says "$work/dot.svg" ' 1.23M' 'median &lt;16ms, p99 &lt;16ms'
else
	skip 'graphviz draws it' 'DOT IS MISSING: apt-get install graphviz'
fi
check 'not with JSON' answers 2 '--dot with -j: ' "$tool" stats --dot -j
check 'not with other parts' answers 2 '--dot with another part: ' "$tool" stats --times --dot

finish
