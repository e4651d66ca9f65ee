# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# bash completion for tcpfsm(8). Commands, options and what they take come from --help, so
# that they are those of the tool at hand; what options take is known here by its name there.

_tcpfsm_states='closed listen syn-sent syn-received established fin-wait-1 fin-wait-2 close-wait
	closing last-ack time-wait'
_tcpfsm_thresholds='syn-sent syn-received unaccepted fin-wait-1 fin-wait-2 close-wait closing
	last-ack flood-rate flood-percent stray-rate'
_tcpfsm_formats='tcpfsm pcapng'

# _tcpfsm_reply WORDS CURRENT [PREFIX]: those of WORDS that go on from CURRENT
_tcpfsm_reply()
{
	mapfile -t COMPREPLY < <(compgen ${3:+-P "$3"} -W "$1" -- "$2")
}

# _tcpfsm_plain: of names that others chose, those without anything the shell would expand
_tcpfsm_plain()
{
	grep -vE '[^A-Za-z0-9_.:-]' | sort -u
}

# _tcpfsm_takes TOOL COMMAND OPTION: the name of what the option takes, as --help has it
_tcpfsm_takes()
{
	"$1" "$2" --help 2>/dev/null | awk -v want="$3" '
		/^  / {
			sub(/^ */, "")
			split($0, part, /  +/)
			n = split(part[1], word, /,? /)
			for (i = 1; i <= n; i++)
				if (word[i] == want && word[n] !~ /^-/)
					print word[n]
		}'
}

# A list with commas, in the case in which it was begun
_tcpfsm_list()
{
	local words=$_tcpfsm_states current=$1 before=

	if [[ $current == *[A-Z]* ]]; then
		words=${words^^}
		words=${words//-/_}
	fi
	if [[ $current == *,* ]]; then
		before=${current%,*},
	fi
	_tcpfsm_reply "$words" "${current##*,}" "$before"
	compopt -o nospace 2>/dev/null
}

# _tcpfsm_value KIND CURRENT
_tcpfsm_value()
{
	case $1 in
	STATE*)	_tcpfsm_list "$2" ;;
	FORMAT)	_tcpfsm_reply "$_tcpfsm_formats" "$2" ;;
	FILE)	compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
	NETNS)	_tcpfsm_reply "$(find /run/netns -mindepth 1 -printf '%f\n' 2>/dev/null | _tcpfsm_plain)" \
			"$2" ;;
	PID)	_tcpfsm_reply "$(find /proc -maxdepth 1 -name '[0-9]*' -printf '%f\n')" "$2" ;;
	COMM)	_tcpfsm_reply "$(cat /proc/[0-9]*/comm 2>/dev/null | _tcpfsm_plain)" "$2" ;;
	esac
}

_tcpfsm()
{
	local tool=$1 cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=monitor commands kind

	COMPREPLY=()
	# --state=x comes as three words
	if [ "$cur" = = ]; then
		cur=
	elif [ "$prev" = = ] && [ "$COMP_CWORD" -gt 2 ]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi

	commands=$("$tool" --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
	[ -n "$commands" ] || return 0
	if [ "$COMP_CWORD" -eq 1 ] && [[ $cur != -* ]]; then
		_tcpfsm_reply "$commands help" "$cur"
		return
	fi
	if [ "${COMP_WORDS[1]}" = help ]; then
		[ "$COMP_CWORD" -ne 2 ] || _tcpfsm_reply "$commands" "$cur"
		return
	fi
	[[ ${COMP_WORDS[1]} == -* ]] || command=${COMP_WORDS[1]}

	if [[ $prev == -* ]]; then
		kind=$(_tcpfsm_takes "$tool" "$command" "$prev")
		if [ -n "$kind" ]; then
			_tcpfsm_value "$kind" "$cur"
			return
		fi
	fi
	if [[ $cur == -* ]]; then
		_tcpfsm_reply "$("$tool" "$command" --help 2>/dev/null |
			grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -- '--.*')
			$([ "$COMP_CWORD" -ne 1 ] || echo --version)" "$cur"
	elif [ "$command" = thresholds ] && [[ $prev != *=* && ${COMP_WORDS[COMP_CWORD]} != = ]]; then
		mapfile -t COMPREPLY < <(compgen -S = -W "$_tcpfsm_thresholds" -- "$cur")
		compopt -o nospace 2>/dev/null
	fi
}

complete -F _tcpfsm tcpfsm
