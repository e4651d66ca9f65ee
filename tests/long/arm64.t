#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module on arm64, for the table of kernels: `make check-arm64` is the same.

exec "$(dirname "$0")/../../scripts/arm64" check "${KERNEL:-6.1}"
