#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packages, in fresh roots of Debian: `make deb` makes them, lintian looks at them, dpkg installs, upgrades
# and purges them, DKMS builds the module, and a guest loads it, with the tool and the kmod of that root,
# and upgrades and removes both while it traces. `make check-deb`, as root; SUITES=bookworm: that one alone.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/../host.sh"

cd "$top" || exit 1
version=$(cat VERSION)
next=$version+next
work=$(mktemp -d -p /var/tmp) || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT

# inside COMMAND...: in the root, with a /proc of its own and without a network
inside() {
	# shellcheck disable=SC2016	# expanded there
	unshare --mount --pid --fork --net sh -c '
		mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# last COMMAND...: when it fails, the last lines it printed
last() {
	"$@" >"$work/log" 2>&1 && return
	tail -n 60 "$work/log"
	return 1
}

unpack_root() {
	local tar f
	tar=$(scripts/deb-root "$suite") && mkdir -p "$root" && tar -x -C "$root" -f "$tar" --exclude='./dev/*' &&
		mkdir -p "$root/build" || return
	# as with a kernel's image, modules and depmod's list of them: where there is none, later DKMS make none
	for f in $(kernels); do
		install -D -t "$root/lib/modules/$f/kernel" "$(scripts/kernels modules "$kernel")"/kernel/drivers/net/dummy.ko* &&
			inside depmod "$f" || return
	done
	# whether a package loads or unloads modules: none is to
	for f in modprobe insmod rmmod; do
		rm -f "$root/usr/sbin/$f"
		# shellcheck disable=SC2016	# expanded there
		printf '#!/bin/sh\necho "${0##*/} $*" >>/build/loaded\n' >"$root/usr/sbin/$f" &&
			chmod 755 "$root/usr/sbin/$f" || return
	done
	# and what they would have systemd do
	mkdir -p "$root/run/systemd/system"
	cat >"$root/usr/bin/systemctl" <<-'END' && chmod 755 "$root/usr/bin/systemctl" || return
	#!/bin/sh
	echo "$*" >>/build/units
	case "$*" in
	*is-enabled*)	[ ! -e /build/enabled ] || echo enabled ;;
	*is-active*)	[ -e /build/enabled ] ;;
	esac
	END
	list_files >"$work/before"
}

# units WORD...: the last thing systemd was to do with those of the packages; without, it was to do nothing
units() {
	local last
	last=$(grep -hE '(start|stop).*tcpfsm' "$root/build/units" | tail -n 1)
	echo "systemd was last to do '$last'; all it was asked: $(cat "$root/build/units")"
	if [ $# -eq 0 ]; then
		[ -z "$last" ]
	else
		[[ $last == *"$*"* ]]
	fi
}

# list_files: all there are, but for what is ours, what is of a moment, what dpkg, dkms and man-db keep for
# themselves: logs, caches, the key modules are signed with
list_files() {
	(cd "$root" && find . -path ./build -prune -o -path ./dev -prune -o -path ./proc -prune -o -path ./tmp -prune \
		-o -path ./var/log -prune -o -path ./var/cache -prune -o -path './var/lib/dpkg/*-old' \
		-o -path './var/lib/dkms/mok.*' -o -path './usr/lib/modules/*/modules.*' -o -print | sort)
}

# make_deb VERSION [OPTIONS]: `make deb` in a copy of the tree, of that version; to /build/VERSION
make_deb() {
	local tree=$root/build/tcpfsm
	rm -rf "$tree"
	mkdir -p "$tree" &&
		git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$tree" || return
	sed -i "1s/(.*)/($1)/" "$tree/debian/changelog"
	echo "$1" >"$tree/VERSION"
	inside env DEB_BUILD_OPTIONS="${2:-}" make -C /build/tcpfsm deb && mv "$tree/build/deb" "$root/build/$1"
}

# but_for: what lintian is not to say. That of Debian 12 wants scripts for another init; to that of 13 the
# policy of 12 is out of date.
but_for() {
	case $suite in
	bookworm)	echo package-supports-alternative-init-but-no-init.d-script ;;
	trixie)		echo out-of-date-standards-version ;;
	esac
}

# lint: errors, warnings, infos and experiments are failures
lint() {
	inside lintian --allow-root --fail-on error,warning,info,experimental -EI --suppress-tags "$(but_for)" \
		"/build/$version/tcpfsm_${version}_amd64.changes" >"$work/lintian"
	local status=$?
	cat "$work/lintian"
	return "$status"
}

verdict() {
	echo "# $suite: $(inside lintian --version | tail -n 1): $(grep -c '^[EWIX]:' "$work/lintian") tags," \
		"not looking for $(but_for)"
}

# put VERSION: its packages in
put() {
	inside dpkg -i "/build/$1/tcpfsm_$1_amd64.deb" "/build/$1/tcpfsm-dkms_$1_all.deb"
}

# kernels: those of the root that have headers
kernels() {
	(cd "$root/lib/modules" && printf '%s\n' */build) | sed 's#/build##'
}

# built VERSION: by DKMS for each of them
built() {
	local k
	for k in $(kernels); do
		inside dkms status tcpfsm/"$1" -k "$k"
		inside dkms status tcpfsm/"$1" -k "$k" | grep -q ' installed' || return
		[ "$(inside modinfo -k "$k" -F version tcpfsm)" = "$1" ] || { echo "modinfo finds another one"; return 1; }
	done
}

# alone VERSION: there are no modules of another one
alone() {
	inside dkms status tcpfsm
	! inside dkms status tcpfsm | grep -v "^tcpfsm/$1,"
}

pages() {
	local page
	# shellcheck disable=SC2046	# words
	for page in $(cd docs/man && printf '%s\n' *.8 | sed 's/\.8$//') tcpfsm-json tcpfsm-netlink; do
		inside man -w "$page" || return
		inside man --warnings "$page" 2>&1 >/dev/null | grep . && return 1
	done
	return 0
}

# completes: bash finds the completion where it looks, and that offers the commands
completes() {
	# shellcheck disable=SC2016	# expanded there
	inside bash -ec '
		. /usr/share/bash-completion/bash_completion
		_comp_load tcpfsm 2>/dev/null || __load_completion tcpfsm
		complete -p tcpfsm
		COMP_WORDS=(tcpfsm moni) COMP_CWORD=1 COMP_LINE="tcpfsm moni" COMP_POINT=11
		_tcpfsm tcpfsm
		[ "${COMPREPLY[*]}" = monitor ]'
}

says() {
	echo "not '$1': $("${@:2}")"
	[ "$("${@:2}")" = "$1" ]
}

# examples: with what reader.py reads
examples() {
	inside ls /usr/share/doc/tcpfsm/examples/{reader.py,modprobe.conf,modules-load.conf} /usr/share/tcpfsm/tcpfsm.yaml &&
		grep '"/usr/share/tcpfsm/tcpfsm.yaml"' "$root/usr/share/doc/tcpfsm/examples/reader.py"
}

nothing_loaded() {
	[ ! -e "$root/build/loaded" ] || { cat "$root/build/loaded"; return 1; }
}

nothing_left() {
	list_files >"$work/after"
	diff "$work/before" "$work/after" || return
	! inside dpkg -l tcpfsm tcpfsm-dkms 2>/dev/null | grep '^[a-z]'
}

# guest_tree DIR: of the root what a guest needs: tool, kmod, what both load, and modules as depmod left them
guest_tree() {
	local f to
	mkdir -p "$1/usr/sbin"
	# shellcheck disable=SC2016	# expanded there
	inside sh -ec 'for f in /usr/sbin/tcpfsm /bin/kmod; do echo "$f"; ldd "$f"; done' |
		grep -o '/[^ ]*' | sed 's/:$//; s#^/usr/#/#' | sort -u | while read -r f; do
		to=$1/usr${f%/*}
		mkdir -p "$to" && cp -L "$root/usr$f" "$to/" || exit
	done || return
	for f in modprobe rmmod; do
		cp "$1/usr/bin/kmod" "$1/usr/sbin/$f"
	done
	mkdir -p "$1/usr/lib/modules/$release" &&
		cp -r "$root/lib/modules/$release"/{updates,modules.*} "$1/usr/lib/modules/$release/"
}

# in_guest: its tests among ours
in_guest() {
	guest_checks -k "$kernel" -o "$top/build/out/deb-$suite" -t 1800 -f "$work/old:/deb" -f "$work/new:/next" \
		-- bash /tests/guest/package.sh "$version" "$next"
}

test_suite() {
	kernel=$(scripts/deb-root kernel "$suite") && release=$(scripts/kernels release "$kernel") || return
	check "$suite: a fresh root" unpack_root
	check "$suite: make deb, with the tests of what it builds" last make_deb "$version"
	[ -e "$root/build/$version" ] || return
	check "$suite: lintian has nothing to say" lint
	verdict
	check "$suite: they are installed" last put "$version"
	check "$suite: ... and their units stay as they are" units
	check "$suite: DKMS built the module for $(kernels | paste -sd,)" built "$version"
	check "$suite: the tool is there" says "tcpfsm $version" inside tcpfsm --version
	check "$suite: ... and its manual, without a warning" pages
	check "$suite: ... and completion" completes
	check "$suite: ... and examples" examples
	rm -rf "$work/old" "$work/new"
	check "$suite: ... all a guest needs" guest_tree "$work/old"
	check "$suite: a next version is built" last make_deb "$next" nocheck
	[ -e "$root/build/$next" ] || return
	touch "$root/build/enabled"
	check "$suite: ... installed over the other" last put "$next"
	check "$suite: ... units that ran are started again" units restart tcpfsm-alerts.service
	check "$suite: ... built by DKMS" built "$next"
	check "$suite: ... and no other is left" alone "$next"
	check "$suite: ... the tool is that one" says "tcpfsm $next" inside tcpfsm --version
	check "$suite: ... all a guest needs" guest_tree "$work/new"
	check "$suite: they are removed" last inside dpkg --remove tcpfsm tcpfsm-dkms
	check "$suite: ... units that ran are stopped" units stop tcpfsm-alerts.service
	check "$suite: ... and purged" last inside dpkg --purge tcpfsm tcpfsm-dkms
	check "$suite: ... and nothing is left" nothing_left
	check "$suite: nothing of that loaded or unloaded a module" nothing_loaded
	rm -rf --one-file-system "$root"
	echo "# $suite: in a guest of $release"
	in_guest
}

for suite in ${SUITES:-bookworm trixie}; do
	root=$work/$suite
	reached=$n
	test_suite || failed=1
	[ -d "$root" ] || continue
	[ "$n" -gt "$reached" ] || echo "not ok $((n += 1)) - $suite: tests"
	failed=1
	rm -rf --one-file-system "$root"
done
finish
