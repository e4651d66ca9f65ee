# SPDX-License-Identifier: GPL-2.0
# Lines of ss -tanpoeH as COOKIE STATE RECV-Q SEND-Q HOLDERS, tab-separated, the holders as
# PID:FD in order, none for nobody: awk -f states.awk -f holders.awk

$1 == "LISTEN" { next }

{
	cookie = holders = ""
	for (i = 6; i <= NF; i++)
		if ($i ~ /^sk:/)
			cookie = substr($i, 4)
	line = $0
	n = 0
	while (match(line, /pid=[0-9]+,fd=[0-9]+/)) {
		split(substr(line, RSTART, RLENGTH), at, /[=,]/)
		held[++n] = at[2] ":" at[4]
		line = substr(line, RSTART + RLENGTH)
	}
	# few each: the simplest sort
	for (i = 1; i < n; i++)
		for (j = i + 1; j <= n; j++)
			if (before(held[j], held[i])) {
				swap = held[i]
				held[i] = held[j]
				held[j] = swap
			}
	for (i = 1; i <= n; i++)
		holders = holders (i > 1 ? "," : "") held[i]
	print cookie "\t" rfc($1) "\t" $2 "\t" $3 "\t" (n ? holders : "none")
}

function before(a, b,	x, y) {
	split(a, x, ":")
	split(b, y, ":")
	return x[1] + 0 < y[1] + 0 || (x[1] == y[1] && x[2] + 0 < y[2] + 0)
}
