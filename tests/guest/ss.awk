# SPDX-License-Identifier: GPL-2.0
# Lines of ss -tanHe as STATE LADDR LPORT RADDR RPORT COOKIE: awk -f states.awk -f ss.awk

function address(s) {
	return plain(substr(s, 1, match(s, /:[^:]*$/) - 1))
}

function port(s) {
	sub(/.*:/, "", s)
	return s == "*" ? 0 : s
}

{
	cookie = "-"
	for (i = 6; i <= NF; i++)
		if ($i ~ /^sk:/)
			cookie = substr($i, 4)
	print rfc($1), address($4), port($4), address($5), port($5), cookie
}
