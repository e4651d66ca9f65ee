#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Instructions of a traced connection, by function, less those of an untraced one.

    profile.py DIR COUNT TOOL...    DIR/{none,traced}.{few,many}: counts by address, as the plugin writes
                                    them; many has COUNT connections more than few
"""
import bisect
import collections
import subprocess
import sys

USER = 1 << 47
PIE = 0x555555554000    # where norandmaps puts a program


class Symbols:
    def __init__(self, rows):
        self.rows = sorted(rows)
        self.addrs = [r[0] for r in self.rows]

    def name(self, addr):
        i = bisect.bisect_right(self.addrs, addr) - 1
        return self.rows[i][1] if i >= 0 else "?"


def kernel_symbols(path):
    with open(path) as f:
        for line in f:
            addr, kind, *name = line.split()
            if kind in "tTwW":
                yield int(addr, 16), " ".join(name)


def tool_symbols(path):
    """With the end of its code, beyond which are others."""
    out = subprocess.run(["nm", "--defined-only", path], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        addr, kind, name = line.split()
        if kind in "tTwW":
            yield PIE + int(addr, 16), name + " [tool]"
        if name == "_etext":
            yield PIE + int(addr, 16), "user space, other"
    yield 0, "user space, other"


def counts(path, kernel, tool):
    sums = collections.Counter()
    with open(path) as f:
        for line in f:
            addr, n = line.split()
            addr = int(addr, 16)
            sums[(tool if addr < USER else kernel).name(addr)] += int(n)
    return sums


def main(argv):
    if len(argv) != 4:
        sys.exit(__doc__)
    where, count, tool = argv[1], int(argv[2]), Symbols(tool_symbols(argv[3]))
    a_connection = {}
    for which in ("none", "traced"):
        kernel = Symbols(kernel_symbols(f"{where}/{which}/kallsyms"))
        few, many = (counts(f"{where}/{which}.{n}", kernel, tool) for n in ("few", "many"))
        a_connection[which] = {k: (many[k] - few[k]) / count for k in many}
    none, traced = a_connection["none"], a_connection["traced"]
    diff = {k: traced.get(k, 0) - none.get(k, 0) for k in none.keys() | traced.keys()}
    print("    added    traced")
    for k, v in sorted(diff.items(), key=lambda x: -abs(x[1])):
        if abs(v) >= 5:
            print(f"{v:9.0f} {traced.get(k, 0):9.0f} {k}")
    for what, of in (("tcpfsm.ko", "[tcpfsm]"), ("tool", "[tool]"), ("all", "")):
        print(f"{sum(v for k, v in diff.items() if of in k):9.0f}"
              f" {sum(v for k, v in traced.items() if of in k):9.0f} = {what}")


main(sys.argv)
