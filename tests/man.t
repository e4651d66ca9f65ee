#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The man pages: one for each command, with the options its --help has and no others.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
tool=$top/build/tcpfsm
pages=$top/docs/man
made=$top/build/man

commands() {
	"$tool" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# page COMMAND
page() {
	echo "$pages/tcpfsm-$1.8"
}

# plain: roff as it is read, without fonts and macros
plain() {
	sed -e 's/\\f[A-Z]//g' -e 's/\\-/-/g' -e 's/"//g' -e 's/^\.[BIR]*  *//'
}

# of_help COMMAND: "-r, --read FILE", an option a line
of_help() {
	"$tool" "$1" --help | sed -n '/^Options:/,$s/^ *\(-[^ ]*\( [^ ]\+\)*\)\( \{2,\}.*\|$\)/\1/p' | sort
}

# of_page COMMAND: the same, of the page's section OPTIONS
of_page() {
	sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' "$(page "$1")" |
		awk 'tp && /^\.BR? / { print } { tp = $1 == ".TP" }' | plain |
		sed -e 's/ , /, /g' -e 's/  */ /g' | sort
}

same_options() {
	diff -u0 --label "$1 --help" --label "tcpfsm-$1.8" <(of_help "$1") <(of_page "$1")
}

# the line of arguments
same_usage() {
	diff <("$tool" "$1" --help | sed -n '1s/^Usage: tcpfsm [a-z]* //p') \
		<(sed -n '/^\.SH SYNOPSIS/,/^\.SH D/p' "$(page "$1")" | grep '^\.[RB]I' |
			plain | sed -e 's/\[ /[/g' -e 's/ \]/]/g' | tr -s ' ' | paste -sd' ')
}

# formats PAGE: without a warning
formats() {
	local log
	log=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l "$1" 2>&1 >/dev/null)
	echo "$log"
	[ -z "$log" ]
}

# points PAGE: at pages there are, of ours
points() {
	local name
	plain <"$1" | grep -oE '\<tcpfsm(-[a-z]+)? \([0-9]\)' | sort -u | while read -r name; do
		name=${name/ (/.}
		[ -e "$pages/${name%)}" ] || [ -e "$made/${name%)}" ] || { echo "there is no ${name%)}"; return 1; }
	done
}

# titled PAGE: by its file's name and section
titled() {
	[ "$(sed -n 's/^\.TH \([^ ]*\) \([0-9]\) .*/\L\1.\2/p' "$1" | plain)" = "${1##*/}" ]
}

exit_statuses() {
	diff <(sed -n 's/^\tSTATUS_[A-Z]*.*= \([0-9]*\),.*/\1/p' "$top/user/exit.h") \
		<(sed -n '/^\.SH EXIT/,/^\.SH S/p' "$pages/tcpfsm.8" | sed -n 's/^\.B \([0-9]*\)$/\1/p')
}

listed() {
	diff <(commands | sort) <(sed -n '/^\.SH DESC/,/^\.SH F/p' "$pages/tcpfsm.8" |
		sed -n 's/^\.BR tcpfsm\\-\([a-z]*\) (8)\.$/\1/p' | sort)
}

check 'there are commands' [ "$(commands | wc -l)" -ge 7 ]
for c in $(commands); do
	check "$c: its page has the options of its --help" same_options "$c"
	check "$c: ... and its arguments" same_usage "$c"
done
check 'tcpfsm(8) points at the page of each command' listed
check 'tcpfsm(8) has the exit statuses of the code' exit_statuses
for p in "$pages"/*.[578] "$made"/*.[578]; do
	check "${p##*/} is formatted without a warning" formats "$p"
	check "${p##*/} is titled as its file is named" titled "$p"
	check "${p##*/} points at pages there are" points "$p"
done

finish
