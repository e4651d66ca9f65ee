# SPDX-License-Identifier: GPL-2.0
# What tcpdump -nn -S -tt -v prints of -i any, a segment a line, tabs between the fields:
#
#   TIME DIR LADDR LPORT RADDR RPORT FLAGS SEQ ACK WIN LEN MSS WSCALE SACK TS TSVAL TSECR COOKIE
#
# as segment_lines has them of the stream: SEQ is that of the FIN, - stands for what is not there,
# SACK and TS are true or false. awk -f states.awk -f capture.awk

# after(WORD): the number that follows it in the text of a segment, or -
function after(word) {
	if (!match(text, "[ ,[]" word " [0-9]+"))
		return "-"
	return substr(text, RSTART + length(word) + 2, RLENGTH - length(word) - 2)
}

# number(N, ADD): sum modulo 2^32
function number(n, add) {
	return sprintf("%.0f", (n + add) % 4294967296)
}

# host(ENDPOINT), port(ENDPOINT): of ADDRESS.PORT
function host(s) {
	sub(/\.[0-9]+:?$/, "", s)
	return plain(s)
}

function port(s) {
	sub(/:$/, "", s)
	sub(/.*\./, "", s)
	return s
}

function print_segment(	w, n, i, at, dir, flags, options, seq, len, cookie) {
	n = split(text, w, " ")
	for (i = 1; i <= n && w[i] != ">"; i++)
		;
	if (i > n || !match(text, /Flags \[[^]]*\]/))
		return
	flags = substr(text, RSTART + 7, RLENGTH - 8)
	at = w[1]
	dir = w[3] == "Out" ? "out" : "in"
	text = substr(text, RSTART + RLENGTH)
	options = match(text, /options \[[^]]*\]/) ? substr(text, RSTART, RLENGTH) : ""
	len = match(text, /, length [0-9]+/) ? substr(text, RSTART + 9, RLENGTH - 9) : 0
	seq = after("seq")
	if (seq != "-" && flags ~ /F/)
		seq = number(seq, len)
	cookie = "-"
	if (options ~ /tfo +cookiereq/)
		cookie = 0
	else if (match(options, /tfo +cookie +[0-9a-f]+/)) {
		cookie = substr(options, RSTART, RLENGTH)
		sub(/.* /, "", cookie)
		cookie = length(cookie) / 2
	}
	printf "%s\t%s\t", at, dir
	if (dir == "out")
		printf "%s\t%s\t%s\t%s\t", host(w[i - 1]), port(w[i - 1]), host(w[i + 1]), port(w[i + 1])
	else
		printf "%s\t%s\t%s\t%s\t", host(w[i + 1]), port(w[i + 1]), host(w[i - 1]), port(w[i - 1])
	printf "%s\t%s\t%s\t%s\t%s", flags, seq, after("ack"), after("win"), len
	text = options
	printf "\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", after("mss"), after("wscale"),
	       options ~ /sackOK/ ? "true" : "false", options ~ /TS val/ ? "true" : "false",
	       after("val"), after("ecr"), cookie
}

/^[ \t]/ {
	text = text " " $0
	next
}

{
	print_segment()
	text = $0
}

END {
	print_segment()
}
