#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make install puts everything where such things are looked for, below DESTDIR and PREFIX and nowhere
# else, and make uninstall leaves nothing of it.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Make this project's variables must not reach: they say what is tested.
run_make() {
	env -u KERNEL -u T -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s --no-print-directory "$@"
}

# a module there is, whatever kernel it is for
module=$(printf '%s\n' build/module-*/tcpfsm.ko | head -n 1)
export MODULE=$module RELEASE=1.2.3-test

# dest PREFIX: what stands for /
dest() {
	echo "$work/root${1//\//-}"
}

install_all() {
	run_make install-tool install-dkms DESTDIR="$(dest "$1")" PREFIX="$1" &&
		if [ -e "$module" ]; then DESTDIR=$(dest "$1") scripts/install module; fi
}

# below PREFIX FILE...: they are there
below() {
	local f root
	root=$(dest "$1")$1
	shift
	for f; do
		[ -s "$root/$f" ] || { echo "$root/$f is missing"; return 1; }
	done
}

# same FILE FILE
same() {
	cmp "$1" "$2"
}

# parameters_of FILE: that a configuration of modprobe sets
parameters_of() {
	sed -n 's/^#\{0,1\}options tcpfsm //p' "$1" | tr ' ' '\n' | sed 's/=.*//' | sort -u
}

sets_what_there_is() {
	local p
	[ "$(parameters_of "$1" | wc -l)" -gt 2 ] || return
	for p in $(parameters_of "$1"); do
		grep -q "^module_param.*($p," module/main.c || { echo "no parameter $p"; return 1; }
	done
}

hooks_there_are() {
	local h
	for h in $(sed -n 's/.*without=//p' "$1" | tr , ' '); do
		grep -q "HOOK.*(\"$h\"," module/hooks.c || { echo "no hook $h"; return 1; }
	done
}

# units: without a complaint, each runs the tool that was installed
units() {
	local unit
	for unit in "$(dest "$1")$1"/lib/systemd/system/*.service; do
		grep -q "^ExecStart=$1/sbin/tcpfsm " "$unit" || { cat "$unit"; return 1; }
		! grep '@' <(grep -v 'modprobe@\|~@\|=@' "$unit") || return
		command -v systemd-analyze >/dev/null || continue
		# in a copy that runs a program there is
		sed "s#^ExecStart=$1/sbin/tcpfsm#ExecStart=$top/build/tcpfsm#" "$unit" >"$work/${unit##*/}"
		! systemd-analyze verify --man=no "$work/${unit##*/}" 2>&1 | grep "${unit##*/}" || return
	done
}

# reader_finds PREFIX: the example reads the specification that was installed, none of ours
reader_finds() {
	local reader
	reader=$(dest "$1")$1/share/doc/tcpfsm/examples/reader.py
	[ -x "$reader" ] && grep -F "\"$1/share/tcpfsm/tcpfsm.yaml\"" "$reader" && ! grep 'module/spec' "$reader"
}

dkms_version() {
	local conf
	conf=$(echo "$(dest /usr)/usr/src"/tcpfsm-*/dkms.conf)
	grep -q "^PACKAGE_VERSION=\"$(cat VERSION)\"" "$conf" && ! grep MODULE_VERSION "$conf"
}

gone() {
	run_make uninstall DESTDIR="$(dest "$1")" PREFIX="$1" RELEASE="$RELEASE" && ! find "$(dest "$1")" ! -type d | grep .
}

check 'it installs below /usr' install_all /usr
check '... the tool and its manual' below /usr sbin/tcpfsm share/man/man8/tcpfsm.8 \
	share/man/man8/tcpfsm-monitor.8 share/man/man5/tcpfsm-json.5 share/man/man7/tcpfsm-netlink.7
for page in docs/man/*.8; do
	check "... $page" below /usr "share/man/man8/${page##*/}"
done
check '... completion under the name of the tool' \
	same dist/completion.bash "$(dest /usr)/usr/share/bash-completion/completions/tcpfsm"
check '... header and specification' below /usr include/linux/tcpfsm.h share/tcpfsm/tcpfsm.yaml
check '... examples' below /usr share/doc/tcpfsm/examples/modprobe.conf \
	share/doc/tcpfsm/examples/modules-load.conf share/doc/tcpfsm/examples/prometheus/tcpfsm.rules.yml \
	share/doc/tcpfsm/examples/grafana/tcpfsm.json share/doc/tcpfsm/examples/reader.py
check '... whose reader finds the specification' reader_finds /usr
check '... units that run it' units /usr
check '... sources for DKMS' [ -e "$(dest /usr)/usr/src/tcpfsm-$(cat VERSION)/module/main.c" ]
check '... with their version' dkms_version
if [ -e "$module" ]; then
	check '... the module' same "$module" "$(dest /usr)/lib/modules/$RELEASE/updates/tcpfsm.ko"
fi
check 'the tool runs from there' "$(dest /usr)/usr/sbin/tcpfsm" --version
check 'what modprobe.conf sets are parameters' sets_what_there_is dist/modprobe.conf
check '... and hooks' hooks_there_are dist/modprobe.conf
check 'it installs below /usr/local too' install_all /usr/local
check '... units that run that one' units /usr/local
check '... a reader of that specification' reader_finds /usr/local
check 'uninstall leaves nothing below /usr' gone /usr
check '... and below /usr/local' gone /usr/local

finish
