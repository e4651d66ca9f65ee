#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Alert rules and dashboard: promtool takes them, they fire when they should, and use metrics there are.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit 1
promtool=$(scripts/guest-root extra prometheus)/usr/bin/promtool || exit 1
rules=$top/dist/prometheus/tcpfsm.rules.yml
board=dist/grafana/tcpfsm.json
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# fires RULES: the unit tests, of these rules
fires() {
	sed "s#\.\./\.\./dist/prometheus/tcpfsm.rules.yml#$1#" tests/prometheus/tcpfsm.test.yml >"$tmp/test.yml"
	"$promtool" test rules "$tmp/test.yml"
}

# notices SED: rules that went through it fail
notices() {
	sed -E "$1" "$rules" >"$tmp/rules.yml"
	! cmp -s "$rules" "$tmp/rules.yml" && ! fires "$tmp/rules.yml"
}

each_tested() {
	diff <(sed -n 's/.*alert: //p' "$rules" | sort) \
		<(sed -n 's/.*alertname: //p' tests/prometheus/tcpfsm.test.yml | sort -u)
}

# expressions of the dashboard, without its variables
# shellcheck disable=SC2016	# Grafana's, not ours
expressions() {
	jq -r '.panels[].targets[]?.expr' "$board" | sed -e 's/\$__rate_interval/5m/g' -e 's/\$instance/.*/g'
}

# the dashboard's, as rules: promtool parses them
expressions_parse() {
	{
		printf 'groups:\n  - name: board\n    rules:\n'
		expressions | awk '{ gsub(/\047/, "\047\047"); printf "      - record: panel%d\n        expr: \047%s\047\n", NR, $0 }'
	} >"$tmp/board.yml"
	"$promtool" check rules "$tmp/board.yml"
}

# metrics FILE: names in it, of families
metrics() {
	grep -oE 'tcpfsm_[a-z_]+' "$1" | sed -E 's/_(total|bucket|sum|count)$//' | sort -u
}

# documented NAMES: in docs/metrics.md
documented() {
	local missing
	missing=$(comm -23 <(metrics "$1") <(metrics docs/metrics.md))
	echo "not in docs/metrics.md: $missing"
	[ -z "$missing" ]
}

check 'promtool check rules' "$promtool" check rules "$rules"
check 'promtool test rules' fires "$rules"
check 'each alert has a test' each_tested
check 'a threshold that is off is noticed' notices 's/> 10$/> 20/'
check 'a label that is wrong is noticed' notices 's/state="CLOSE_WAIT"/state="CLOSEWAIT"/'
check 'a wait that is too short is noticed' notices 's/for: 10m/for: 1m/'
check 'the dashboard is JSON with panels' jq -e '.panels | length > 20' "$board"
check '... each with a number of its own' jq -e '[.panels[].id] | length == (unique | length)' "$board"
check '... none over another' jq -e '[.panels[].gridPos | .x + .w <= 24] | all' "$board"
check '... with expressions that parse' expressions_parse
check 'the rules use metrics there are' documented "$rules"
expressions >"$tmp/expressions"
check 'so does the dashboard' documented "$tmp/expressions"
finish
