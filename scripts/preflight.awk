# SPDX-License-Identifier: GPL-2.0
#
# Compares hooks with a kernel's BTF: files are module/hooks.c, module/compat/trace.h, /proc/kallsyms
# (or nothing), and what `bpftool btf dump file` prints. Exit status 1 when a hook is not there.

FNR == 1 { table = 0; proto = "" }

# module/hooks.c: the tables; an entry goes on to the next line
/^static struct function_hook functions/	{ table = "function"; next }
/^static struct tracepoint_hook/		{ table = "tracepoint"; next }
table && /^}( tracepoints\[\] = \{|;)$/		{ if (/;/) table = 0; next }
table == "function" && /^\tHOOK/		{ entry = "" }
table == "function" {
	entry = entry " " $0
	if (/\),$/)
		add_function(entry)
	next
}
table == "tracepoint" && /^\t\{ "/ { add_tracepoint($0); next }
table { next }

# what tracepoints call: all definitions of it, for whatever kernel
/^static void (on_|probe_)[a-z_]*\(/ { proto = "" ; defining = 1 }
defining {
	proto = proto " " $0
	if (/\)/) {
		add_probe(proto)
		defining = 0
	}
	next
}

# /proc/kallsyms
/^[0-9a-f]+ [tTwW] / { symbols++; symbol[$3]; next }

# BTF
/^\[[0-9]+\] / {
	id = substr($1, 2) + 0
	kind[id] = $2
	split($0, quoted, "'")
	name[id] = quoted[2]
	if (match($0, /type_id=[0-9]+/))
		type[id] = substr($0, RSTART + 8, RLENGTH - 8) + 0
	if (match($0, / size=[0-9]+/))
		size[id] = substr($0, RSTART + 6, RLENGTH - 6) + 0
	if ($2 == "FUNC") {
		functions++
		funcs[name[id]] = funcs[name[id]] " " type[id]
	} else if ($2 == "TYPEDEF" && sub(/^btf_trace_/, "", quoted[2])) {
		traces[quoted[2]] = id
	}
	next
}
# the last reason that module/compat/trace.h asks for
/'SKB_DROP_REASON_TCP_INVALID_SYN'/ { reasons = 1 }
kind[id] == "FUNC_PROTO" {
	split($0, quoted, "'")
	match($0, /type_id=[0-9]+/)
	n = ++params[id]
	param[id, n] = substr($0, RSTART + 8, RLENGTH - 8) + 0
	param_name[id, n] = quoted[2] == "(anon)" ? "" : quoted[2]
}

END {
	if (!hooks || !functions) {
		print "scripts/preflight: " (hooks ? "no BTF in " kernel : "no table of hooks") >"/dev/stderr"
		exit 2
	}
	for (i = 1; i <= hooks; i++) {
		told = judge(i)
		if (told == "")
			good++
		if (told != "" || verbose)
			lines = lines (told == "" ? "ok       " shown : told ": cannot see " blind[i]) "\n"
	}
	printf "%s: %d of %d hooks\n%s", kernel, good, hooks, lines
	exit good < hooks
}

# strings LINE: what stands between its quotes, in string[1..]; the number of them
function strings(line,	parts, n, i)
{
	n = split(line, parts, "\"")
	for (i = 2; i <= n; i += 2)
		string[i / 2] = parts[i]
	return int(n / 2)
}

# A hook that is in the table twice, for different kernels, is one with alternatives.
function add(what, hook, why)
{
	if (!(hook in number)) {
		number[hook] = ++hooks
		hook_kind[hooks] = what
		blind[hooks] = why
	}
	return number[hook]
}

function alternative(i, hook, args)
{
	alternatives[i]++
	alt_name[i, alternatives[i]] = hook
	alt_args[i, alternatives[i]] = args
}

function add_function(line,	n, i)
{
	n = strings(line)
	if (line !~ /HOOK/)
		return
	i = add("function", string[1], string[n])
	alternative(i, string[1], string[2])
	if (line ~ /HOOK_OR/)
		alternative(i, string[3], string[4])
}

function add_tracepoint(line,	probe)
{
	strings(line)
	add("tracepoint", string[1], string[2])
	probe = line
	sub(/.*, /, "", probe)
	sub(/ .*/, "", probe)
	probe_of[string[1]] = probe
}

# "static void probe_x(void *data, const struct sock *sk, int err)": "sock *, int"
function add_probe(line,	fn, parts, n, i, args)
{
	gsub(/const |struct |[\t{]/, " ", line)
	gsub(/ +/, " ", line)
	fn = line
	sub(/\(.*/, "", fn)
	sub(/.* /, "", fn)
	gsub(/.*\(|\).*/, "", line)
	n = split(line, parts, /, */)
	for (i = 2; i <= n; i++) {
		sub(/[a-z_]+$/, "", parts[i])
		gsub(/^ +| +$/, "", parts[i])
		args = args (i > 2 ? ", " : "") parts[i]
	}
	probes[fn] = probes[fn] "|" args
}

# plain(ID): what is behind const, typedef and the like
function plain(id)
{
	while (kind[id] ~ /^(TYPEDEF|VOLATILE|CONST|RESTRICT|TYPE_TAG)$/)
		id = type[id]
	return id
}

# spell(ID): a type as C has it, without const and struct
function spell(id)
{
	while (kind[id] ~ /^(VOLATILE|CONST|RESTRICT|TYPE_TAG)$/)
		id = type[id]
	if (!id)
		return "void"
	if (kind[id] == "PTR") {
		id = spell(type[id])
		return id (id ~ /\*$/ ? "*" : " *")
	}
	if (kind[id] == "FUNC_PROTO")
		return "function"
	return (kind[id] ~ /^ENUM/ ? "enum " : "") name[id]
}

function prototype(p, from,	n, args)
{
	for (n = from; n <= params[p]; n++) {
		args = args (n > from ? ", " : "") spell(param[p, n])
		if (param_name[p, n] != "")
			args = args (args ~ /\*$/ ? "" : " ") param_name[p, n]
	}
	return args
}

# As param_fits() of module/btf.c.
function param_fits(p, n, want,	id, word, called)
{
	id = plain(param[p, n])
	word = called = want
	sub(/ .*/, "", word)
	if (!sub(/^[^ ]* \*?/, "", called))
		called = ""
	if (want ~ /\*/) {
		if (kind[id] != "PTR")
			return 0
		id = plain(type[id])
		if (kind[id] != "STRUCT" || name[id] != word)
			return 0
	} else if (kind[id] != (word == "enum" ? "ENUM" : "INT") || size[id] != (word == "bool" ? 1 : 4)) {
		return 0
	}
	return called == "" || called == param_name[p, n]
}

function proto_fits(p, args,	want, n, i)
{
	n = split(args, want, /, /)
	for (i = 1; i <= n; i++)
		if (i > params[p] || !param_fits(p, i, want[i]))
			return 0
	return 1
}

# judge(I): nothing, or what is wrong with a hook; what it is like in shown
function judge(i)
{
	return hook_kind[i] == "function" ? judge_function(i) : judge_tracepoint(i)
}

function judge_function(i,	a, fn, p, n, k, told, fits)
{
	told = "missing  " alt_name[i, 1]
	for (a = 1; a <= alternatives[i]; a++) {
		fn = alt_name[i, a]
		n = split(funcs[fn], p, " ")
		if (!n)
			continue
		fits = 1
		for (k = 1; k <= n; k++) {
			shown = fn "(" prototype(p[k], 1) ")"
			if (!proto_fits(p[k], alt_args[i, a])) {
				told = "differs  " shown ", not (" alt_args[i, a] ", ...)"
				fits = 0
			}
		}
		if (fits && symbols && !(fn in symbol)) {
			told = "missing  " fn ", renamed or inlined by the compiler"
			fits = 0
		}
		if (fits)
			return ""
	}
	return told
}

function judge_tracepoint(i,	tp, want, n, k, args, p)
{
	for (tp in probe_of)
		if (number[tp] == i)
			break
	if (!(tp in traces))
		return "missing  tracepoint " tp
	p = type[plain(traces[tp])]
	for (k = 2; k <= params[p]; k++)
		args = args (k > 2 ? ", " : "") spell(param[p, k])
	shown = "tracepoint " tp "(" args ")"
	if (tp == "kfree_skb" && !reasons)
		return "differs  " shown ", not all of whose reasons there are"
	n = split(probes[probe_of[tp]], want, "|")
	for (k = 2; k <= n; k++)
		if (want[k] == args)
			return ""
	return "differs  " shown
}
