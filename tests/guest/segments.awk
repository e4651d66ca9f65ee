# SPDX-License-Identifier: GPL-2.0
# Compares the segments of tcpfsm's stream with a capture made in the same run.
#
#   awk -v FS='\t' -v absent=HOOKS -f states.awk -f segments.awk stops events captured segments
#
# stops:    RUN TAB END OF ITS CAPTURE TAB FIRST PORT
# events:   as state_lines prints them
# captured: RUN TAB what capture.awk prints
# HOOKS:    those the module lacks on this kernel, and HOOK(ARGUMENT), a comma and a blank between them
# segments: as segment_lines prints them
#
# Each captured SYN, FIN and RST, and each segment without a flag of SYN, RST and ACK, has to be
# in the stream, once, with the same numbers, options and flags; each segment of the stream has to
# be in the capture, but for a FIN that was queued and not sent. Where hooks are missing, those that
# none but they see may be missing too. A field that is null in the stream
# is not compared; the last lines say how often which one was.
#
# Prints what is wrong, then lines of counts. Exits 1 when something is wrong.

function complain(run, text) {
	print "run " run ": " text
	wrong++
}

# bare(FLAGS): those that every record knows
function bare(f) {
	gsub(/[PUEW]/, "", f)
	return f
}

# text(KEY, FLAGS, SEQ, ACK): a segment for people
function text(key, flags, seq, ack,	k) {
	split(key, k, SUBSEP)
	return sprintf("%s %s %s - %s %s [%s] seq %s ack %s", k[1], k[2], k[3], k[4], k[5], flags, seq, ack)
}

# run_at(KEY): the run whose ports these are
function run_at(key,	k) {
	split(key, k, SUBSEP)
	return run_of[int(k[3] / 32)] ? run_of[int(k[3] / 32)] : run_of[int(k[5] / 32)]
}

# count_nulls(R): which fields the stream left out
function count_nulls(r,	j, what) {
	what = r[2] " [" bare(r[7]) "] "
	seen[what]++
	for (j = 8; j <= 11; j++)
		if (r[j] == "null" && (j != 9 || r[7] ~ /\./))
			nulls[what name[j]]++
	if (r[14] == "null")
		nulls[what "options"]++
	for (j = 16; j <= 17; j++)
		if (r[15] == "true" && r[j] == "null")
			nulls[what name[j]]++
	if (r[2] == "out" && r[19] == "null")
		nulls[what "retrans"]++
}

# agree(CAPTURED, RECORD, STRICT): is this the record of it; without STRICT by flags and numbers only
function agree(c, r, strict,	a, b, i) {
	split(c, a, "\t")
	split(r, b, "\t")
	# a RST of which nothing is known but that it came
	if (b[2] == "in" && b[7] == "R" && b[8] == "null" && lacks("tcp_reset(skb)"))
		return a[8] ~ /R/
	if (bare(a[8]) != bare(b[7]))
		return 0
	for (i = 8; i <= 9; i++)
		if (b[i] != "null" && a[i + 1] != b[i])
			return 0
	if (!strict)
		return 1
	if (b[7] ~ /[PU]/ && a[8] != b[7])
		return 0
	for (i = 10; i <= 18; i++) {
		if (b[i] != "null") {
			if (a[i + 1] != b[i])
				return 0
		} else if (i >= 12 && b[14] != "null" && a[i + 1] != "-" && i != 16 && i != 17 &&
			   !(i == 18 && b[2] == "out" && a[8] == "S")) {
			# which options there are is known: this one is not; but for a Fast Open
			# cookie we sent
			return 0
		}
	}
	return 1
}

FILENAME ~ /stops$/ {
	stop[$1] = $2
	run_of[int($3 / 32)] = $1
	next
}

FILENAME ~ /events$/ {
	if ($3 == "ESTABLISHED")
		was_open[plain($6) SUBSEP $7 SUBSEP plain($8) SUBSEP $9] = 1
	next
}

FILENAME ~ /captured$/ {
	key = $3 SUBSEP $4 SUBSEP $5 SUBSEP $6 SUBSEP $7
	n = ++captured[key]
	cap[key, n] = $0
	must[key, n] = $8 ~ /[SFR]/ || $8 !~ /\./
	next
}

{
	key = $2 SUBSEP $3 SUBSEP $4 SUBSEP $5 SUBSEP $6
	n = ++recorded[key]
	rec[key, n] = $0
}

# lacks(WHAT): is it one of HOOKS
function lacks(hook) {
	return index(", " absent ", ", ", " hook ", ") > 0
}

# unseen(KEY, FLAGS): nothing but a missing hook sees such a segment, in ESTABLISHED
function unseen(key, flags,	k) {
	split(key, k, SUBSEP)
	if (k[1] != "in" || !((k[2], k[3], k[4], k[5]) in was_open))
		return 0
	return lacks("kfree_skb") && (flags ~ /[SR]/ || flags !~ /\./)
}

# pair(KEY, STRICT): give each captured segment the first record that is its own
function pair(key, strict,	i, j) {
	for (i = 1; i <= captured[key]; i++)
		for (j = 1; !((key, i) in mate) && j <= recorded[key]; j++)
			if (!((key, j) in used) && agree(cap[key, i], rec[key, j], strict)) {
				mate[key, i] = j
				used[key, j] = i
			}
}

END {
	split("time dir laddr lport raddr rport flags seq ack win len mss wscale sack_ok ts_ok " \
	      "tsval tsecr cookie_len retrans", name, " ")
	for (key in captured) {
		pair(key, 1)
		pair(key, 0)
		for (i = 1; i <= captured[key]; i++) {
			split(cap[key, i], c, "\t")
			if (!((key, i) in mate)) {
				if (unseen(key, c[8]))
					dark++
				else if (must[key, i])
					complain(c[1], "not in the stream: " text(key, c[8], c[9], c[10]))
				continue
			}
			controls += must[key, i]
			acks += !must[key, i]
			split(rec[key, mate[key, i]], r, "\t")
			count_nulls(r)
			if (!agree(cap[key, i], rec[key, mate[key, i]], 1)) {
				both = ""
				for (j = 10; j <= 18; j++)
					both = both " " name[j] " " c[j + 1] "/" r[j]
				complain(c[1], "in capture/stream: " text(key, c[8] "/" r[7], c[9], c[10]) both)
			}
			# the first sending is number 0
			if (r[2] == "out" && r[7] !~ /R/ && must[key, i]) {
				again = sends[key, bare(r[7]), r[8]]++
				if (r[19] != "null" && r[19] != again)
					complain(c[1], "retransmission " again " says it is " r[19] ": " \
						 text(key, c[8], c[9], c[10]))
			}
		}
	}
	for (key in recorded)
		for (j = 1; j <= recorded[key]; j++) {
			split(rec[key, j], r, "\t")
			if ((key, j) in used)
				continue
			run = run_at(key)
			if (r[20] == "queued" || r[1] > stop[run])
				spare++
			else
				complain(run, "not in the capture: " text(key, r[7], r[8], r[9]) \
					 " in " r[21] " fate " r[20])
		}
	for (x in nulls) {
		match(x, /.*\] /)
		printf "null: %s, %d of %d\n", x, nulls[x], seen[substr(x, 1, RLENGTH)]
	}
	printf "%d SYN, FIN, RST and illegal segments, and %d others; %d records of what was not captured; " \
	       "%d unseen for want of a hook\n", controls, acks, spare, dark
	exit wrong > 0
}
