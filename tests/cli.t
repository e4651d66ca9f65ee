#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tool and the module say what is wrong.

. "$(dirname "$0")/host.sh"

only_named
guest -- bash /tests/guest/cli.sh
