# SPDX-License-Identifier: GPL-2.0
# Names and addresses as kernel, ss and tcpfsm have them, made comparable: -f it first.

# plain(ADDRESS): an IPv4-mapped address is its IPv4 address, a wildcard is "any"
function plain(a) {
	gsub(/[][]/, "", a)
	sub(/%.*/, "", a)
	if (a ~ /^::ffff:[0-9.]+$/)
		a = substr(a, 8)
	return a == "*" || a == "::" || a == "0.0.0.0" ? "any" : a
}

# rfc(STATE): as RFC 9293 spells it
function rfc(s) {
	sub(/^TCP_/, "", s)
	gsub(/-/, "_", s)
	if (s == "CLOSE" || s == "UNCONN")
		return "CLOSED"
	if (s == "SYN_RECV" || s == "NEW_SYN_RECV")
		return "SYN_RECEIVED"
	if (s == "ESTAB")
		return "ESTABLISHED"
	sub(/^FIN_WAIT1$/, "FIN_WAIT_1", s)
	sub(/^FIN_WAIT2$/, "FIN_WAIT_2", s)
	return s
}
