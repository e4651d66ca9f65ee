#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The rows of the scenario catalogue for a fast guest; T=C1 or T='C1?' narrows them.

. "$(dirname "$0")/host.sh"

named && rows='*' || rows=$T
grep -l "^guest:.*fast" "$top"/tests/scenarios/[A-Z]* | while read -r row; do
	# shellcheck disable=SC2053	# a pattern
	[[ ${row##*/} == $rows ]] && echo "$row"
done | grep -q . || only_named
guest -s 2 -- bash /tests/guest/catalogue.sh fast "$rows"
