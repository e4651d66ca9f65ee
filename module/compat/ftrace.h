/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's function tracer, on older ones. */
#ifndef _TCPFSM_COMPAT_FTRACE_H
#define _TCPFSM_COMPAT_FTRACE_H

#include <linux/ftrace.h>
#include <linux/ptrace.h>
#include <linux/version.h>

#if !defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) && !defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
#error "tcpfsm needs CONFIG_DYNAMIC_FTRACE_WITH_ARGS or CONFIG_DYNAMIC_FTRACE_WITH_REGS"
#endif
#ifndef CONFIG_KPROBES
#error "tcpfsm needs CONFIG_KPROBES, to find its hooks by name"
#endif

/*
 * What the hooked functions take was looked at on kernels until this one: what counts where there
 * is no BTF to ask. See tcpfsm_btf_fits().
 */
#define TCPFSM_KERNEL_IS_KNOWN (LINUX_VERSION_CODE < KERNEL_VERSION(7, 4, 0))

/*
 * Where in a function ftrace may have its call: @in bytes from the entry, if it knows of one
 * that covers the byte @asked, which no other does. On x86 it has five bytes, after a landing
 * pad (ENDBR, from 5.18 on) of four if there is one; on arm64 it has four, after a landing
 * pad (BTI), if there is one, and after the instruction that saves the return address.
 */
#ifdef CONFIG_ARM64
#define TCPFSM_FTRACE_CALLS { { .asked = 8, .in = 8 }, { .asked = 4, .in = 4 } }
#else
#define TCPFSM_FTRACE_CALLS { { .asked = 8, .in = 4 }, { .asked = 0, .in = 0 } }
#endif

/*
 * 5.11, d19ad0775dcd ("ftrace: Have the callbacks receive a struct ftrace_regs
 * instead of pt_regs"). In the same version a25d036d939a ("ftrace: Reverse what the
 * RECURSION flag means in the ftrace_ops") turned FTRACE_OPS_FL_RECURSION round: set,
 * it asks for a guard against recursion that tcpfsm does not need, as none of its hooks
 * is called from its own code.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define ftrace_regs pt_regs
#define TCPFSM_OPS_FLAGS (FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_RECURSION_SAFE)
#define ftrace_regs_get_argument(fregs, n) regs_get_kernel_argument(fregs, n)
#else
/*
 * Where the entry saves no arguments all registers are asked for: arm64 before 6.2,
 * 26299b3f6ba2 ("ftrace: arm64: move from REGS to ARGS").
 */
#ifdef CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS
#define TCPFSM_OPS_FLAGS 0
#else
#define TCPFSM_OPS_FLAGS FTRACE_OPS_FL_SAVE_REGS
#endif
/* 6.2, 94d095ffa0e1 ("ftrace: abstract DYNAMIC_FTRACE_WITH_ARGS accesses") */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#ifdef CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS
#define ftrace_regs_get_argument(fregs, n) \
	regs_get_kernel_argument(&(fregs)->regs, n)
#else
#define ftrace_regs_get_argument(fregs, n) \
	regs_get_kernel_argument(ftrace_get_regs(fregs), n)
#endif
#endif
#endif

#endif
