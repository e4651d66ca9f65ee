#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's dkms takes the module: added, built, installed, signed, upgraded, removed. For the headers
# of Linux 6.1 in the cache, in a mount namespace, so that this machine knows nothing of it.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
[ "${KERNEL:-6.1}" = 6.1 ] || skip_all "the kernel is this machine's own compiler's, 6.1"
command -v dkms >/dev/null || skip_all 'no dkms'
if [ -z "${TCPFSM_INSIDE-}" ]; then
	unshare=(unshare --mount)
	[ "$(id -u)" = 0 ] || unshare+=(--map-root-user)
	"${unshare[@]}" true 2>/dev/null || skip_all 'no mount namespaces here'
	TCPFSM_INSIDE=y exec "${unshare[@]}" "$0"
fi

cd "$top" || exit
PATH=$PATH:/usr/sbin:/sbin
version=$(cat VERSION)
release=$(scripts/kernels release 6.1)
headers=$(readlink -f "$(scripts/kernels dir 6.1)")
work=$(mktemp -d)
trap 'umount -l "$work"; rmdir "$work"' EXIT
mount -t tmpfs tmpfs "$work"
mkdir -p "$work"/{src,lib,tree,conf,old}
mount --bind "$work/src" /usr/src
# /lib may be a link, and a machine without modules have no such directory
mkdir -p "$(readlink -f /lib)/modules" /var/lib/dkms 2>/dev/null
mount --bind "$work/lib" "$(readlink -f /lib)/modules" || skip_all 'no /lib/modules to hide'
mount --bind "$work/tree" /var/lib/dkms
mount --bind "$work/conf" /etc/dkms
mkdir -p "/lib/modules/$release"
ln -s "$headers" "/lib/modules/$release/build"

installed=/lib/modules/$release/updates/dkms/tcpfsm.ko

# dkms_does WHAT [VERSION]: and shows why not
dkms_does() {
	local v=${2:-$version}
	dkms "$1" "tcpfsm/$v" -k "$release" && return
	cat "/var/lib/dkms/tcpfsm/$v/build/make.log"
	return 1
}

# status WORD [VERSION]
status() {
	dkms status "tcpfsm/${2:-$version}" | grep -q "$1"
}

# field NAME: of the module that is installed
field() {
	modinfo -F "$1" "$installed"
}

# sources VERSION: as make install-dkms puts them, of another version than ours
sources() {
	cp -r "/usr/src/tcpfsm-$version" "/usr/src/tcpfsm-$1" &&
		echo "$1" >"/usr/src/tcpfsm-$1/VERSION" &&
		sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" "/usr/src/tcpfsm-$1/dkms.conf"
}

is() {
	echo "'$1' is not '$2'"
	[ "$1" = "$2" ]
}

# kernels OLD: dkms would not try
too_old() {
	local BUILD_EXCLUSIVE_KERNEL
	eval "$(grep '^BUILD_EXCLUSIVE_KERNEL' dkms.conf)"
	! [[ $1 =~ $BUILD_EXCLUSIVE_KERNEL ]]
}

check 'sources where dkms looks' scripts/install dkms
check 'it is added' dkms_does add
check '... and listed' status added
check '... and built' dkms_does build
check '... and installed' dkms_does install
check '... and listed as installed' status installed
check '... of this version' is "$(field version)" "$version"
check '... for that kernel' is "$(field vermagic | cut -d' ' -f1)" "$release"
check '... where modprobe finds it' is "$(modprobe -S "$release" -n --show-depends tcpfsm | tail -n 1)" \
	"insmod $installed "
check '... but not whoever asks for its netlink family' \
	is "$(modprobe -S "$release" -n --show-depends net-pf-16-proto-16-family-tcpfsm 2>&1 | grep insmod)" ''
check '... signed with the key dkms made' is "$(field sig_id)" PKCS#7
sources 99.1
check 'a newer one is built and installed' dkms_does install 99.1
check '... and is the one that is loaded' is "$(field version)" 99.1
check 'the older one is removed' dkms_does remove
check '... and the newer one stays' is "$(field version)" 99.1
check 'it is removed' dkms_does remove 99.1
check '... and nothing is left' [ ! -e "$installed" ]
check '... and none is listed' is "$(dkms status tcpfsm)" ''
for k in 4.19.0-27-amd64 5.4.0-200-generic 5.9.1; do
	check "$k is too old, and passed over" too_old $k
done
for k in 5.10.0-32-amd64 6.1.0-50-cloud-amd64 7.2.12+deb13-amd64 10.0.1; do
	check "$k is not" eval "! too_old $k"
done
check 'uninstall takes the sources' scripts/install --remove dkms
check '... all of them' [ ! -e "/usr/src/tcpfsm-$version" ]

finish
