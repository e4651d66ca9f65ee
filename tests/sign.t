#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A module is signed with a key of one's own, as the kernel wants it; what is signed is what was built.

# shellcheck disable=SC2317	# check calls what it is given

. "$(dirname "$0")/host.sh"

only_named
cd "$top" || exit
command -v openssl >/dev/null || skip_all 'no openssl'
# the program that signs comes with a kernel; 5.10's wants a library that is no longer there
built=build/module-6.1/tcpfsm.ko
[ -e "$built" ] || skip_all 'no module for 6.1 was built'
KDIR=$(scripts/kernels dir 6.1)
export KDIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
module=$work/tcpfsm.ko
cp "$built" "$module"

# refused STATUS TEXT ARGUMENT...
refused() {
	local status=$1 text=$2 err
	shift 2
	err=$(scripts/sign-module "$@" 2>&1)
	if [ $? -ne "$status" ] || [[ $err != *"$text"* ]]; then
		echo "$err"
		return 1
	fi
}

# verified FILE: the signature at its end is of what is in front of it, with our key. Behind the
# signature are 12 bytes, the last 4 its length, and the mark.
verified() {
	local size length
	size=$(stat -c %s "$1")
	length=$((16#$(tail -c 32 "$1" | head -c 4 | od -An -tx1 | tr -d ' ')))
	tail -c $((length + 40)) "$1" | head -c "$length" >"$work/sig"
	head -c $((size - length - 40)) "$1" >"$work/content"
	openssl x509 -inform DER -in "$work/keys/MOK.der" -out "$work/cert.pem" &&
		openssl smime -verify -binary -inform DER -in "$work/sig" -content "$work/content" \
			-certfile "$work/cert.pem" -nointern -noverify -out /dev/null
}

changed() {
	cp "$module" "$work/changed.ko"
	printf x | dd of="$work/changed.ko" bs=1 seek=4096 conv=notrunc status=none
	! verified "$work/changed.ko"
}

check 'a key is made' scripts/sign-module --new-key "$work/keys"
check '... which nobody else reads' [ "$(stat -c %a "$work/keys/MOK.priv")" = 600 ]
check '... and a second time it is not overwritten' refused 1 'already' --new-key "$work/keys"
check 'the module is signed' scripts/sign-module --key "$work/keys/MOK.priv" --cert "$work/keys/MOK.der" "$module"
check '... which modinfo sees' [ "$(modinfo -F sig_id "$module")" = PKCS#7 ]
check '... and by whom' [ "$(modinfo -F signer "$module")" = "tcpfsm module signing on $(uname -n)" ]
check '... and the signature is right' verified "$module"
check '... but not that of another module' changed
check 'what is in front of it is what was built' cmp -n "$(stat -c %s "$built")" "$built" "$module"
check 'twice is refused' refused 1 'signed already' --key "$work/keys/MOK.priv" --cert "$work/keys/MOK.der" "$module"
check 'a key without its certificate is refused' refused 2 'go together' --key "$work/keys/MOK.priv" "$module"
check 'no module is refused' refused 2 'no module' --key "$work/keys/MOK.priv" --cert "$work/keys/MOK.der"
check 'what is no module is refused' refused 2 'no .ko' --key "$work/keys/MOK.priv" --cert "$work/keys/MOK.der" VERSION
check 'its state can be asked' scripts/sign-module --state

finish
