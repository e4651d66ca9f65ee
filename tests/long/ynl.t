#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The specification is what the kernel's schema wants, and the kernel's own client (ynl) talks to the
# module with it, in a guest with Python. `make check-ynl`.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/../host.sh"

cd "$top" || exit 1
python=$(scripts/guest-root extra python) || exit 1
ynl=$(scripts/guest-root extra ynl) || exit 1
spec=module/spec/tcpfsm.yaml

# valid [SED]: the specification, perhaps changed, by the kernel's schema
valid() {
	sed -E "${1:-}" "$spec" >build/spec.yaml
	PYTHONPATH=$ynl/ynl/tools/net/ynl python3 -c '
import sys
from lib import SpecFamily
SpecFamily(sys.argv[1], sys.argv[2])' build/spec.yaml "$ynl/ynl/Documentation/netlink/genetlink.yaml"
}

invalid() {
	! valid "$1"
}

mkdir -p build
check 'the schema takes the specification' valid
check '... and would not take a type there is not' invalid 's/type: u64/type: u63/'
check '... nor a flag there is not' invalid 's/^( *)(attribute-set: main)/\1\2\n\1flags: [uns-admin-perm]/'

guest_checks -t 900 -m 2048 -f "$python:/" -f "$ynl/ynl:/ynl" -f examples -f "$spec:/tcpfsm.yaml" \
	-- bash /tests/guest/ynl.sh
finish
