# SPDX-License-Identifier: GPL-2.0

VERSION := $(shell cat VERSION)
RELEASE := $(shell uname -r)
KDIR ?= /lib/modules/$(RELEASE)/build
PREFIX ?= /usr/local
# what KDIR builds for
TARGET = $(or $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	   '$(KDIR)/include/generated/utsrelease.h' 2>/dev/null),$(RELEASE))
# the kernel of the guests; `make module` without it builds for the running kernel
KERNEL ?=
GUEST_KERNEL := $(or $(KERNEL),6.1)

CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu11 -Wall -Wextra -Werror $(CFLAGS) -MMD -MP
ALL_CPPFLAGS = -D_GNU_SOURCE= -Imodule/uapi -Iuser -DTCPFSM_VERSION='"$(VERSION)"' \
	       $(shell pkg-config --cflags libnl-genl-3.0 libnl-3.0 libpcap ncursesw 2>/dev/null) $(CPPFLAGS)
LIBS = $(shell pkg-config --libs libnl-genl-3.0 libnl-3.0 ncursesw)
# libpcap and libmicrohttpd are loaded when they are needed (user/library.c). A static tool has them inside:
# of the one what reads files, of the other what speaks plain HTTP (user/static/).
STATIC_LIBS = -lpcap -lmicrohttpd $(shell pkg-config --static --libs libnl-genl-3.0 libnl-3.0 ncursesw) -pthread

PLACE = DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' UNITDIR='$(UNITDIR)' RELEASE='$(TARGET)' scripts/install

# V=1: whole commands
SUBMAKE = $(MAKE) --no-print-directory $(if $(V),,-s)
# of files, not of goals: as many at once as make -j says
FILEMAKE = $(SUBMAKE) PARALLEL=1
Q = $(if $(V),,@echo '  $(1)	$@';)

USER_OBJS := $(patsubst user/%.c,build/user/%.o,$(wildcard user/*.c))
UNITS := $(patsubst tests/unit/%.c,build/unit/%,$(wildcard tests/unit/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
HOST_TOOLS := $(patsubst tests/host/%.c,build/host/%,$(wildcard tests/host/*.c))
STIM_SRCS := $(wildcard tests/guest/*.c)
STIM := $(if $(STIM_SRCS),build/guest/stim)
HOSTILE := $(if $(wildcard tests/hostile/*.c),build/guest/hostile)
MADE_PAGES := build/man/tcpfsm-json.5 build/man/tcpfsm-netlink.7
PAGES := $(wildcard docs/man/*.[578]) $(MADE_PAGES)
TOOL := build/tcpfsm$(if $(STATIC),-static)

# T=pattern: test files whose name has it, or else every file, which find it in the environment
# First of all whether a kernel that should tell on bugs does.
TESTS := tests/planted.t $(filter-out tests/planted.t,$(wildcard tests/unit/*.t tests/*.t))
# ONLY=guest: not those that ask nothing of a guest, and need not run for each kernel
ifeq ($(ONLY),guest)
TESTS := $(filter $(shell grep -lE '^(exec )?guest(_checks)? ' tests/*.t),$(TESTS))
endif
TESTS := $(or $(strip $(if $(T),$(foreach t,$(TESTS),$(if $(findstring $(T),$(t)),$(t))))),$(TESTS))

all: needs-all	## module for the running kernel (or KDIR=) and tool
	+@$(SUBMAKE) module user

help:	## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20
	@echo
	@echo 'KERNEL=$(shell scripts/kernels list | paste -sd"|") takes a kernel from the cache;' \
		'scripts/vm --help tells how to get into a guest'

module: needs-module	## the module; KERNEL=6.1: for a guest's kernel
ifdef KERNEL
	@scripts/kernels build $(KERNEL)
else
	@scripts/build-module '$(KDIR)' build/module
endif

user: needs-user	## the tool, build/tcpfsm; STATIC=1: build/tcpfsm-static, one file to copy
	+@$(FILEMAKE) $(TOOL) $(MADE_PAGES)

demo:	## the main job, shown on real traffic in a guest
	@scripts/setup user guest
	@scripts/demo

run:	## on a test VM, as root: build, load, monitor; unload at ^C
	@scripts/run

unit: needs-user needs-test	## the unit tests' programs, build/unit/
	+@$(FILEMAKE) $(UNITS) $(HOST_TOOLS) $(MADE_PAGES)

bench-judge: needs-user needs-test	## how fast verdicts are given
	+@$(FILEMAKE) build/unit/bench_judge build/tcpfsm
	build/unit/bench_judge
	build/unit/bench_judge --record | (time build/tcpfsm check -q -r -)

bench:	## cost, data path, loss and latency beside other tracers, as a table; QUICK=1
	@scripts/setup user guest
	@QUICK='$(QUICK)' KERNEL=$(GUEST_KERNEL) scripts/bench

bench-docs:	## what make bench found, into docs/performance.md
	@python3 tests/bench/report.py docs build/bench.json docs/performance.md

check:	## the tests: on the host, then in a guest; KERNEL=5.10, T=pattern, ONLY=guest
	@scripts/setup user guest test check preflight $(if $(filter debug kcsan,$(GUEST_KERNEL)),debug)
	+@$(SUBMAKE) unit guest-parts KERNEL=$(GUEST_KERNEL)
	@KERNEL=$(GUEST_KERNEL) T='$(T)' LONG='$(LONG)' prove --timer --failures --comments $(TESTS)

fuzz:	## fuzz what reads files, messages and options; FUZZ_SECONDS=60 each
	@scripts/setup user fuzz
	+@$(FILEMAKE) $(FUZZERS)
	@scripts/fuzz

stress:	## the tests that stress the module, at length; KERNEL=debug, T=pattern
	+@$(SUBMAKE) check KERNEL=$(GUEST_KERNEL) T=$(or $(T),stress-) LONG=1

check-matrix:	## the tests on every kernel of Debian's; KERNELS='5.10 rc', SUITES='cli netns', T=pattern
	@scripts/setup user guest test check preflight $(if $(filter debug kcsan,$(KERNELS)),debug) $(if $(filter arm64,$(SUITES)),arm64)
	@KERNELS='$(KERNELS)' SUITES='$(SUITES)' T='$(T)' scripts/matrix run

check-debug:	## the same on kernels that tell on bugs and on races, built once (10 minutes each)
	+@$(SUBMAKE) check-matrix KERNELS='$(or $(KERNELS),debug kcsan)'

# what takes long, each with as much as is asked of it
LONG_GOALS := 'check-matrix CYCLES=1000' 'check-debug KERNELS=debug MESSAGES=1000000' 'check-debug KERNELS=kcsan' \
	      'stress KERNEL=6.1' 'stress KERNEL=7.2' 'stress KERNEL=debug' privileges \
	      'check-matrix KERNELS=6.1 T=catalogue CC=clang-19' \
	      check-arm64 'check-arm64 KERNEL=6.12' 'check-arm64 KERNEL=7.2' check-programs \
	      check-metrics check-ynl check-deb

check-all:	## the tests that .ci/run leaves out, one after another, which takes days
	+@status=0; for goal in $(LONG_GOALS); do echo "make $$goal"; \
		$(SUBMAKE) $$goal || status=1; done; exit $$status

check-metrics:	## a real Prometheus scrapes the exporter in a guest, the alerts fire
	@scripts/setup user guest test
	+@$(SUBMAKE) guest-parts KERNEL=$(GUEST_KERNEL)
	@KERNEL=$(GUEST_KERNEL) prove --timer --failures --comments tests/long/prometheus.t

check-ynl:	## the kernel's netlink client talks to the module in a guest (fetches the kernel's source)
	@scripts/setup user guest test ynl
	+@$(SUBMAKE) guest-parts KERNEL=$(GUEST_KERNEL)
	@KERNEL=$(GUEST_KERNEL) prove --timer --failures --comments tests/long/ynl.t

check-programs:	## nginx, redis, PostgreSQL and sshd, traced in a guest; tshark agrees
	@scripts/setup user guest test programs
	+@$(SUBMAKE) guest-parts KERNEL=$(GUEST_KERNEL)
	@KERNEL=$(GUEST_KERNEL) prove --timer --failures --comments tests/long/programs.t

programs-docs:	## what make check-programs found, into docs/programs.md
	@scripts/programs

check-deb:	## packages in fresh roots of Debian 12 and 13, and in guests (root; SUITES=trixie)
	@scripts/setup user guest test roots
	@SUITES='$(SUITES)' prove --timer --failures --comments tests/long/deb.t

kernels:	## docs/kernels.md, from tests/lacking and what check-matrix and check-debug found
	@scripts/matrix keep
	@scripts/matrix table >build/kernels.md
	@mv build/kernels.md docs/kernels.md

check-arm64:	## the module on arm64: built across, a connection traced in a guest
	@scripts/setup guest arm64
	@scripts/arm64 check $(or $(KERNEL),6.1)

catalogue:	## docs/catalogue.md, from tests/scenarios
	@scripts/catalogue >docs/catalogue.md

privileges:	## who may do what on each kernel: the table of docs/security.md
	@scripts/setup user guest
	@scripts/privileges

lint:	## checkpatch, sparse, coccinelle, clang-tidy, gcc's analyzer, shellcheck, clang's warnings
	@scripts/setup user guest test lint
	@scripts/lint

install: needs-all	## tool and module onto this machine (DESTDIR, PREFIX)
	+@$(SUBMAKE) module install-tool
	@$(PLACE) module
	$(if $(DESTDIR),,depmod $(TARGET))

install-tool: user	## the tool alone: with manual, completion, units, header and specification
	@$(PLACE) tool

install-dkms:	## the module's sources alone, where DKMS looks for them
	@$(PLACE) dkms

uninstall:	## what install and dkms put there
	$(if $(DESTDIR),,@! command -v dkms >/dev/null || dkms remove tcpfsm/$(VERSION) --all || true)
	@$(PLACE) --remove tool module dkms
	$(if $(DESTDIR),,depmod $(TARGET))

dkms: install-dkms	## the module, rebuilt by DKMS with every kernel
	@command -v dkms >/dev/null || { echo 'make dkms: dkms is missing, install: dkms' >&2; exit 1; }
	dkms install --force tcpfsm/$(VERSION)

deb:	## Debian packages in build/deb: tcpfsm, tcpfsm-dkms
	@scripts/deb

examples:	## docs/examples.md, from what tcpfsm prints in a guest
	@scripts/setup user guest
	@mkdir -p build
	@scripts/examples >build/examples.md
	@mv build/examples.md docs/examples.md

clean:	## what was built (the cache of kernels stays)
	rm -rf build

# What scripts/vm puts into a guest.
guest-parts: needs-user needs-guest
	@$(if $(wildcard Kbuild),scripts/kernels build $(GUEST_KERNEL))
	+@$(FILEMAKE) $(if $(wildcard user/main.c),build/tcpfsm) $(STIM) $(HOSTILE)

# Say what is missing before anything is compiled.
needs-all:
	@scripts/setup --check module user
	+@$(SUBMAKE) needs-module
needs-user:
	@scripts/setup --check user
needs-test:
	@scripts/setup --check test
needs-guest:
	@scripts/setup --check guest
needs-module:
ifdef KERNEL
	@scripts/setup --check guest
else
	@scripts/setup --check module
	@[ -e $(KDIR)/Makefile ] || { \
		echo 'make: no kernel headers in $(KDIR), install: linux-headers-$(RELEASE)' >&2; exit 1; }
endif

build/user/%.o: user/%.c Makefile VERSION
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

build/tcpfsm: $(USER_OBJS)
	$(call Q,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# libnl drags in name look-ups, which the tool does not do and ld warns of.
build/tcpfsm-static: $(filter-out build/user/mhd.o build/user/libpcap.o,$(USER_OBJS)) \
		     $(patsubst user/%.c,build/user/%.o,$(wildcard user/static/*.c))
	$(call Q,LD)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--no-warnings -static -o $@ $^ $(STATIC_LIBS)

# Pages that tell of what is written down elsewhere
build/man/tcpfsm-json.5: scripts/json-page.awk docs/json.md
	@mkdir -p $(@D)
	$(call Q,GEN)awk -f $^ >$@.tmp && mv $@.tmp $@

build/man/tcpfsm-netlink.7: scripts/netlink-page.awk module/uapi/linux/tcpfsm.h docs/man/tcpfsm-netlink.7.in
	@mkdir -p $(@D)
	$(call Q,GEN)awk -f $^ >$@.tmp && mv $@.tmp $@

build/unit/%: tests/unit/%.c $(filter-out build/user/main.o,$(USER_OBJS)) Makefile
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -o $@ $(filter %.c %.o,$^) $(LIBS) -lpcap -lcmocka

# clang looks into the macros of <linux/netlink.h>, which compare int and unsigned
FUZZ_FLAGS = -Wno-sign-compare -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_OBJS := $(patsubst user/%.c,build/fuzz/user/%.o,$(filter-out user/main.c,$(wildcard user/*.c)))

build/fuzz/user/%.o: user/%.c Makefile VERSION
	@mkdir -p $(@D)
	$(call Q,CC)clang $(ALL_CPPFLAGS) $(ALL_CFLAGS) -O1 -fsanitize=fuzzer-no-link $(FUZZ_FLAGS) -c -o $@ $<

build/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(FUZZ_OBJS)
	$(call Q,CC)clang $(ALL_CPPFLAGS) $(ALL_CFLAGS) -O1 -fsanitize=fuzzer $(FUZZ_FLAGS) -o $@ \
		$(filter %.c %.o,$^) $(LIBS)

# the module's parser, without the kernel's headers
build/fuzz/btf.inc: module/btf.c
	@mkdir -p $(@D)
	$(call Q,GEN)sed '/^#include/d' $< >$@

build/fuzz/fuzz_btf: build/fuzz/btf.inc

build/host/%: tests/host/%.c $(filter-out build/user/main.o,$(USER_OBJS)) Makefile
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fno-strict-aliasing -o $@ $(filter %.c %.o,$^) $(LIBS)

build/guest/stim: $(STIM_SRCS) $(wildcard tests/guest/*.h) Makefile
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) -std=gnu11 -Wall -Wextra -Werror $(CFLAGS) -static -o $@ \
		$(filter %.c,$^) -pthread

build/bench/bench: $(wildcard tests/bench/*.c) tests/bench/bench.h Makefile
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) -std=gnu11 -Wall -Wextra -Werror $(CFLAGS) -static -o $@ $(filter %.c,$^) -lutil

build/bench/count.so: tests/bench/plugin/count.c Makefile
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) -std=gnu11 -Wall -Wextra -Werror $(CFLAGS) -fPIC -shared -fvisibility=hidden -o $@ $<

# What the netlink family has comes from its specification.
build/hostile/spec.h: tests/hostile/describe.py module/spec/tcpfsm.yaml
	@mkdir -p $(@D)
	$(call Q,GEN)python3 $^ >$@.tmp && mv $@.tmp $@

build/guest/hostile: $(wildcard tests/hostile/*.c) tests/hostile/hostile.h build/hostile/spec.h Makefile
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) -Ibuild/hostile -Itests/hostile -std=gnu11 -Wall -Wextra -Werror \
		$(CFLAGS) -static -o $@ $(filter %.c,$^) -pthread

-include $(wildcard build/user/*.d build/unit/*.d build/fuzz/user/*.d)

.PHONY: all help module user demo run unit bench bench-docs bench-judge check fuzz stress check-debug check-matrix check-all check-arm64 check-metrics check-ynl check-deb check-programs programs-docs kernels catalogue privileges lint install install-tool install-dkms uninstall dkms deb examples \
	clean guest-parts \
	needs-all needs-user needs-test needs-guest needs-module
.DEFAULT_GOAL := all
# `make -j2 user unit`: goals share files, so they are made one after another
ifndef PARALLEL
.NOTPARALLEL:
endif
