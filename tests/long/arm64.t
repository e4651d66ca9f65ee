#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module on arm64, for the table of kernels: `make check-arm64` is the same.

. "$(dirname "$0")/../host.sh"

kernel=${KERNEL:-6.1}
case $kernel in
6.1|6.12|7.2)	exec "$top/scripts/arm64" check "$kernel" ;;
*)		skip_all "arm64 is tested with 6.1, 6.12 and 7.2" ;;
esac
