#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Connections beside a tracer, for the counts of QEMU's plugin: profile.sh COUNT ENDING TRACER.

here=$(dirname "$0")
. "$here/../guest/lib.sh"
. "$here/tracers.sh"

cat /proc/kallsyms >/out/kallsyms
start "$3"
bench connect 200 "$2" >/dev/null
bench connect "$1" "$2" >/dev/null
# what is slow to look
[ "$3" = none ] || [ "$3" = module ] || within 60 all_shown "$(file_of "$3")"
[ "$3" = none ] || cat /proc/kallsyms >/out/kallsyms
