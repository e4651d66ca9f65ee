#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# scripts/preflight: right about the kernels that are here, and about some that were tampered with. And
# what it and the module take for the hooks' arguments is what the hooks read.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
kernel=${KERNEL:-6.1}
[[ $kernel != debug && $kernel != kcsan ]] || kernel=6.1

# answers STATUS MISSING TEXT... -- [ARGUMENT]...: it exits so, finds that so many hooks are not there, and
# prints each TEXT
answers() {
	local want=$1 hooks=$2 texts=() out status found text
	shift 2
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	out=$(scripts/preflight "$@" 2>&1)
	status=$?
	found=$(grep -cE '^(missing|differs) .*: cannot see ' <<<"$out")
	echo "exit status $status, not $want; $found missing, not $hooks:"
	echo "$out"
	[ "$status" = "$want" ] && [ "$found" = "$hooks" ] || return 1
	for text in ${texts[@]+"${texts[@]}"}; do
		grep -qF -- "$text" <<<"$out" || { echo "not '$text'"; return 1; }
	done
}

# doctored TEXT PROGRAM: a kernel whose BTF went through sed's PROGRAM: TEXT, and nothing else is wrong
doctored() {
	sed -E "$2" "$tmp/dump" >"$tmp/doctored"
	if cmp -s "$tmp/dump" "$tmp/doctored"; then
		echo "there is nothing for $2 in the BTF"
		return 1
	fi
	answers 1 1 "$1" -- "$tmp/doctored"
}

# id FUNCTION: of its prototype
id() {
	sed -nE "s/^\[[0-9]+\] FUNC '$1' type_id=([0-9]+) .*/\1/p" "$tmp/dump"
}

# swap FUNCTION A B: a sed program that exchanges two parameters' names
swap() {
	echo "/^\[$(id "$1")\] /,/^\[$(($(id "$1") + 1))\] / { s/'$2'/'+'/; s/'$3'/'$2'/; s/'\+'/'$3'/ }"
}

# retype FUNCTION PARAMETER TYPE: a sed program that gives a parameter the type with that number
retype() {
	printf '%s\n' "/^\[$(id "$1")\] /,/^\[$(($(id "$1") + 1))\] / s/('$2' type_id=)[0-9]+/\\1$3/"
}

# type_of FUNCTION PARAMETER: its number
type_of() {
	sed -nE "/^\[$(id "$1")\] /,/^\[$(($(id "$1") + 1))\] / s/^\s*'$2' type_id=//p" "$tmp/dump"
}

# reads: "HANDLER INDEX TYPE" for each argument that the hooks read, by their code
reads() {
	awk '
	/^void tcpfsm_on_/ { fn = $2; sub(/\(.*/, "", fn) }
	/^}/ { fn = "" }
	fn && match($0, /struct [a-z_]+ \*[a-z]+ = tcpfsm_arg\(regs, [0-9]/) {
		print fn, substr($0, RSTART + RLENGTH - 1, 1), substr($0, RSTART + 7)
		next
	}
	fn && /tcpfsm_arg\(/ {
		line = $0
		while (match(line, /(\([a-z0-9]+\)\([a-z ]+\)|\([a-z ]+\))?tcpfsm_arg\(regs, [0-9]/)) {
			print fn, substr(line, RSTART + RLENGTH - 1, 1), "other"
			line = substr(line, RSTART + RLENGTH)
		}
	}' module/probe_*.c | awk '{ print $1, $2, $3 }'
}

# declared: the same, by the table in module/hooks.c
declared() {
	awk '/^static struct function_hook functions/,/^};/' module/hooks.c | tr '\n\t' '  ' |
		sed 's/HOOK/\nHOOK/g' | grep ^HOOK |
		grep -oE '"[^"]*", +tcpfsm_on_[a-z0-9_]*' | tr -d '"' |
		awk '{
			fn = $NF
			sub(/, +tcpfsm_on_[a-z0-9_]*$/, "")
			n = split($0, arg, /, /)
			for (i = 1; i <= n; i++) {
				type = arg[i]
				sub(/ .*/, "", type)
				print fn, i - 1, (arg[i] ~ /\*/ ? type : "other")
			}
		}'
}

# read_as_declared: nothing is read that the table does not have, or as something else
read_as_declared() {
	declared | sort -u >"$tmp/declared"
	reads | sort -u >"$tmp/reads"
	[ "$(wc -l <"$tmp/reads")" -gt 50 ] || { echo 'hardly a hook reads anything'; return 1; }
	echo 'read, not declared so (handler, index, type):'
	awk 'NR == FNR { have[$0]; at[$1, $2]; next }
		$3 == "other" ? !(($1, $2) in at) : !($0 in have) { print; bad = 1 }
		END { exit bad }' "$tmp/declared" "$tmp/reads"
}

check 'hooks read what module/hooks.c declares' read_as_declared
for k in $(scripts/kernels list); do
	[ -e "${XDG_CACHE_HOME:-$HOME/.cache}/tcpfsm/kernels/$k/release" ] || {
		skip "the hooks of $k" "it is not in the cache (scripts/kernels fetch $k)"
		continue
	}
	case $k in
	debug|kcsan) check "the $k kernel has no BTF" answers 2 0 'no BTF' -- "$k" ;;
	5.10)	check '5.10 has all hooks but those for challenge ACKs and the reasons for drops' \
			answers 1 2 'missing  tcp_send_challenge_ack: ' 'differs  tracepoint kfree_skb(' -- 5.10 ;;
	*)	check "$k has all hooks" answers 0 0 -- "$k" ;;
	esac
done

scripts/kernels fetch "$kernel"
scripts/preflight -d "$kernel" >"$tmp/dump" || exit 1
check 'a dump is as good as the kernel' answers 0 0 "$tmp/dump:" -- "$tmp/dump"
check 'a function that is gone is missing, and what is blind without it' \
	doctored 'missing  tcp_fin: cannot see FINs received in ESTABLISHED, and' "s/(FUNC ')tcp_fin'/\1tcp_done_fin'/"
check 'a tracepoint that is gone, too' \
	doctored 'missing  tracepoint inet_sock_set_state: cannot see' 's/btf_trace_inet_sock_set_state/btf_trace_gone/'
check 'reasons for drops that are not all there' doctored 'differs  tracepoint kfree_skb(sk_buff *, void *, ' \
	's/SKB_DROP_REASON_TCP_INVALID_SYN/SKB_DROP_REASON_NEW/'
check 'arguments of one type change places' \
	doctored 'differs  tcp_v4_send_ack(sock *sk, sk_buff *skb, u32 ack, u32 seq,' "$(swap tcp_v4_send_ack seq ack)"
check 'an argument gets another type: a pointer to something else' \
	doctored 'differs  tcp_rcv_state_process(sk_buff *sk, sk_buff *skb), not (sock *, sk_buff *, ...)' \
	"$(retype tcp_rcv_state_process sk "$(type_of tcp_rcv_state_process skb)")"
check '... a number' doctored 'differs  tcp_disconnect(int sk, int flags)' \
	"$(retype tcp_disconnect sk "$(type_of tcp_disconnect flags)")"
check '... and what was a bool an int' doctored 'differs  tcp_check_req(' \
	"$(retype tcp_check_req fastopen "$(type_of tcp_disconnect flags)")"
check 'an argument is taken away' doctored 'u32 seq, u32 ack, u32 tsval' \
	"/^\[$(id tcp_v6_send_response)\] /,/^\[$(($(id tcp_v6_send_response) + 1))\] / { /'win'/d }"
check 'a kernel that does not exist' answers 2 0 "'6.66' is neither a file nor one of 5.10 " -- 6.66
check 'a file that is no kernel' answers 2 0 'Makefile: no BTF' -- Makefile
head -c 100 module/hooks.c | sed 's/^/[1] /' >"$tmp/text"
check 'a file that is no dump' answers 2 0 'no BTF in' -- "$tmp/text"
check 'an option that does not exist' answers 2 0 "unknown option '-x'" -- -x
check 'two kernels' answers 2 0 'one kernel at a time' -- 6.1 7.2

finish
