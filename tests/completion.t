#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What bash offers on TAB: words are those of the tool.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit
. dist/completion.bash
tool=$top/build/tcpfsm

# offered LINE: words bash would offer, the last word of LINE being begun (empty after a blank)
offered() {
	# bash takes = for a word
	read -ra COMP_WORDS <<<"${1//=/ = }"
	[[ $1 != *[\ ] ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMP_LINE=$1
	COMP_POINT=${#1}
	COMPREPLY=()
	_tcpfsm "$tool"
	printf '%s\n' "${COMPREPLY[@]}" | sed '/^$/d' | sort
}

# offers LINE WORD...: these and no others
offers() {
	local line=$1
	shift
	diff <(offered "$line") <(printf '%s\n' "$@" | sed '/^$/d' | sort)
}

# has LINE WORD: that one among others
has() {
	offered "$1" | grep -qxF -- "$2"
}

commands() {
	"$tool" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# options COMMAND
options() {
	"$tool" "$1" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | sed 's/.*--/--/'
}

states() {
	sed -n '/state_names\[\]/,/};/s/.*"\(.*\)",/\L\1/p' user/names.c | tr _ -
}

names() {
	grep -oE '^	\{ TCPFSM_A_CONFIG_[A-Z0-9_]*, UNIT_[A-Z]*, "[a-z0-9-]+"' user/thresholds.c |
		grep -oE '"[^"]+"' | tr -d '"'
}

mapfile -t all < <(commands)
check 'commands' offers 'tcpfsm ' "${all[@]}" help
check 'commands that begin so' offers 'tcpfsm st' stats stuck
check 'help takes a command' offers 'tcpfsm help ' "${all[@]}"
check '... and one only' offers 'tcpfsm help flows ' ''
for c in "${all[@]}"; do
	mapfile -t of < <(options "$c")
	check "$c: its options" offers "tcpfsm $c --" "${of[@]}"
done
mapfile -t of < <(options monitor)
check 'without a command: those of monitor, and --version' offers 'tcpfsm --' "${of[@]}" --version
mapfile -t of < <(states)
check '-S: the states there are' offers 'tcpfsm flows -S ' "${of[@]}"
check '-S: those that begin so' offers 'tcpfsm flows -S clos' closed closing close-wait
check '-S: a list' offers 'tcpfsm -S closed,list' closed,listen
check '-S: in capitals' offers 'tcpfsm -S CLOSE_' CLOSE_WAIT
check '--state the same' offers 'tcpfsm monitor --state last' last-ack
check '--state= the same' offers 'tcpfsm monitor --state=last' last-ack
check '--state= with nothing behind it' offers 'tcpfsm monitor --state=' "${of[@]}"
check 'states it offers are taken' "$tool" check -r tests/fuzz/corpus/record/one -S "$(states | paste -sd,)"
check '-F: formats' offers 'tcpfsm record -F ' tcpfsm pcapng
check '-r: files' offers 'tcpfsm check -r tests/scen' tests/scenarios
check '-w of record: files' offers 'tcpfsm record -w VERS' VERSION
check '-w of monitor takes nothing' offers 'tcpfsm monitor -w ' ''
check '-p: processes' has 'tcpfsm -p ' $$
check '-C: their names' has 'tcpfsm -C ' "$(cat /proc/$$/comm)"
check '-P: nothing, it is a number' offers 'tcpfsm -P ' ''
mapfile -t of < <(names | sed 's/$/=/')
check 'thresholds: names' offers 'tcpfsm thresholds ' "${of[@]}"
check 'thresholds: no name where a value is due' offers 'tcpfsm thresholds close-wait=' ''
check 'thresholds: a second one' offers 'tcpfsm thresholds close-wait=5m flood-r' flood-rate=
check 'a tool that is not there: nothing' eval '! tool=/nonexistent offered "tcpfsm " | grep .'

finish
