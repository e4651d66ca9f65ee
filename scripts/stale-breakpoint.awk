# SPDX-License-Identifier: GPL-2.0
# Of a kernel's log: did it die of a breakpoint that is not in memory? Exit status 0: it did.
#
# QEMU's emulation throws away what it has translated before a store into code, not with it. A CPU that
# translates the same code in between goes on with what was there before. When that is the breakpoint
# by which the kernel patches, and the kernel is done with it, 6.3 and later die of it. Only the
# emulator can do so: the kernel stops all CPUs before it is done.

/Oops: int3:/	{ died = 1 }

# what is in memory there; <> is where the CPU went on, the breakpoint is the byte before
died && / Code: / {
	for (i = 2; i <= NF; i++)
		if ($i ~ /^</)
			stale = $(i - 1) != "cc"
	exit
}

END		{ exit !stale }
