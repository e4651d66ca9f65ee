#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a traced connection costs, in instructions, is no more than tests/bench/bounds allows. They are
# counted, so a busy machine changes nothing.

. "$(dirname "$0")/host.sh"

only_named
[ "${KERNEL:-6.1}" = 6.1 ] || skip_all 'the bounds are those of Linux 6.1'
cd "$top" || exit
bounds=tests/bench/bounds
log=build/bench/cost-check
figures=$log.figures
mkdir -p build/bench
make -s build/bench/bench || exit
check 'it is measured' scripts/vm --warp -o build/bench/check -f tests -f build/bench/bench:/usr/bin/bench -- \
	bash -c "bash /tests/bench/cost.sh 5 300 client none module record monitor >/out/samples"
# tracer, what, instructions a connection, but for those of a connection untraced: kernel is with a reader
# that is stopped, all is with one that writes to a file. The least of five: how often the worker comes to 50
# connections is by chance, makes a hundredth, and only adds.
jq -rs 'def cost: map(.all / .count) | min;
	def stopped: map(.stopped / .stopped_count) | min;
	map(select(.tracer == "none")) as $none | "none all \($none | cost | floor)",
	(["module", "record", "monitor"][] as $t | map(select(.tracer == $t)) |
	 "\($t) kernel \(stopped - ($none | stopped) | floor)",
	 "\($t) all \(cost - ($none | cost) | floor)")' build/bench/check/samples |
	tr ' ' '\t' >$figures
if [ -n "${RENEW-}" ]; then
	{ grep '^#' $bounds; cat $figures; } >$log.new && mv $log.new $bounds
fi
tolerance=$(($(awk '$1 == "none" { print $3 }' "$figures") / 100))

# bound TRACER WHAT: no more than it was
# shellcheck disable=SC2317	# check calls it
bound() {
	local is was
	is=$(awk -v t="$1" -v w="$2" '$1 == t && $2 == w { print $3 }' "$figures")
	was=$(awk -v t="$1" -v w="$2" '$1 == t && $2 == w { print $3 }' "$bounds")
	echo "$is instructions; bound $was and $tolerance"
	[ "$is" -le $((was + tolerance)) ]
}

while read -r tracer what _; do
	[ "$tracer" = none ] || check "$tracer, $what, is within its bound" bound "$tracer" "$what"
done < <(grep -v '^#' $bounds)
sed 's/^/# /' $figures
finish
