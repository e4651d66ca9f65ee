#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# package.sh OLD NEW: packages of a root of Debian, /deb, are upgraded to those in /next, and removed, while
# they trace. Tool and kmod are those of the root, the modules those DKMS built there. Done by hand is what
# dpkg and the packages' scripts do, which is tested on the host: files are exchanged, nothing is loaded.

here=$(dirname "$0")
. "$here/lib.sh"

old=$1
new=$2
deb=/deb
release=$(uname -r)
updates=lib/modules/$release/updates

for d in bin sbin lib lib64; do
	ln -s usr/$d $deb/$d
done
mkdir -p $deb/proc $deb/sys
mount --bind /proc $deb/proc
mount --bind /sys $deb/sys
# what the tests call is what the package has; full paths, as chroot is busybox, which prefers its own rmmod
mkdir -p /usr/local/bin
printf '#!/bin/bash\nexec chroot %s /usr/sbin/tcpfsm "$@"\n' $deb >/usr/local/bin/tcpfsm
chmod +x /usr/local/bin/tcpfsm

# load / unload: as root does it
load() {
	chroot $deb /sbin/modprobe tcpfsm
}

unload() {
	within 30 chroot $deb /sbin/rmmod tcpfsm
}

# upgrade: as dpkg exchanges files, and DKMS modules
upgrade() {
	cp /next/usr/sbin/tcpfsm $deb/usr/sbin/tcpfsm.dpkg-new &&
		mv $deb/usr/sbin/tcpfsm.dpkg-new $deb/usr/sbin/tcpfsm &&
		rm -r ${deb:?}/"$updates" &&
		cp -r "/next/usr/$updates" "$deb/$updates" &&
		cp "/next/usr/lib/modules/$release"/modules.* "$deb/lib/modules/$release/"
}

purge() {
	rm -r $deb/usr/sbin/tcpfsm "${deb:?}/$updates" "$deb/lib/modules/$release"/modules.*
}

# opened FILE N: as many ends of connections became ESTABLISHED; no fewer and no more
opened() {
	local n
	n=$(grep -c '"new":"ESTABLISHED"' "$1")
	echo "$n ends were opened, not $2"
	[ "$n" -eq "$2" ]
}

# lost_none FILE: what its last line says
lost_none() {
	cat "$1.err"
	grep -q ', 0 lost in ' "$1.err" && ! grep '"event":"lost"' "$1"
}

# told STATUS FILE: it ended with 3 and said why
told() {
	echo "status $1: $(cat "$2.err")"
	[ "$1" -eq 3 ] && grep -q 'unloaded' "$2.err"
}

loaded() {
	same "$(cat /sys/module/tcpfsm/version)" "$1"
}

doctor_says() {
	tcpfsm doctor -j | jq -c '[.tool, .module]'
	[ "$(tcpfsm doctor -j | jq -r '[.tool, .module] | join(" ")')" = "$1 $2" ]
}

# known: both ends of the connection that is held
known() {
	[ "$(tcpfsm flows -j -P 7000 -S established | grep -c '"event":"flow"')" -eq 2 ]
}

# no_module: tcpfsm says that there is none, and what helps
no_module() {
	local said status
	said=$(tcpfsm flows 2>&1)
	status=$?
	echo "status $status: $said"
	[ $status -eq 3 ] && [[ $said == *'modprobe tcpfsm'* ]]
}

busy() {
	[ "$(grep -c ESTABLISHED "$1")" -gt 100 ]
}

listens() {
	ss -Htln | grep -q ":$1 "
}

logged() {
	dmesg | grep "tcpfsm: version $1"
}

no_load() {
	! load
}

echo "# kernel $release, $(chroot $deb /sbin/modprobe --version | head -n 1)"
check 'modprobe loads the module that DKMS built' load
check '... of this version' loaded "$old"
check '... the log has a line of it' logged "$old"
check '... doctor finds nothing wrong' doctor_content
check '... and tells the versions' doctor_says "$old" "$old"

at upgrade
monitor_start "$work/first"
first=$monitor
stim --churn 100 1
check 'monitor shows each connection' within 30 opened "$work/first" 200
stim --churn 300 1 &
traffic=$!
check 'files are exchanged for those of the next version, under traffic' upgrade
check '... the tool is that one' same "$(tcpfsm --version)" "tcpfsm $new"
check '... the module is still the old one' loaded "$old"
check '... which doctor tells' doctor_says "$new" "$old"
wait $traffic
check '... who traced goes on, and sees each connection' within 30 opened "$work/first" 800
monitor_start "$work/second"
second=$monitor
stim --churn 100 1
check 'the new tool sees each with the old module' within 30 opened "$work/second" 200
check '... the old one, too' within 30 opened "$work/first" 1000
monitor=$second
monitor_stop
check '... and lost nothing' lost_none "$work/second"

at exchange
monitor_start "$work/second"
second=$monitor
nc -l -p 7000 >/dev/null <&"$never" &
within 30 listens 7000
exec {held}<>/dev/tcp/127.0.0.1/7000
within 30 known
ip netns add traffic
ip -n traffic link set lo up
ip netns exec traffic stim --churn 0 1 &
traffic=$!
within 60 busy "$work/second"
check 'the old module is unloaded while two trace, under traffic' unload
wait "$first"
check '... the old tool ends with 3, and says why' told $? "$work/first"
wait "$second"
check '... the new one, too' told $? "$work/second"
diag "$(cat "$work/first.err")"
check '... lost nothing until then' lost_none "$work/first"
check '... nor did the new one' lost_none "$work/second"
check 'without it the tool says what helps, with 3' no_module
check 'modprobe loads the new one, under traffic' load
check '... of this version' loaded "$new"
check '... doctor finds nothing wrong' doctor_content
check '... and tells the versions' doctor_says "$new" "$new"
check '... a connection there was before is known' within 30 known
monitor_start "$work/third"
check '... what comes is traced' within 30 grep -q '"new":"ESTABLISHED"' "$work/third"
kill $traffic
wait $traffic 2>/dev/null
exec {held}>&-
monitor_stop
check '... nothing was lost' lost_none "$work/third"

at removal
monitor_start "$work/last"
check 'packages are purged while it traces' purge
stim --churn 100 1
check '... it goes on, and sees each connection' within 30 opened "$work/last" 200
check '... as does the module' loaded "$new"
check 'then it is unloaded' unload
wait "$monitor"
check '... which is told' told $? "$work/last"
check '... and lost nothing' lost_none "$work/last"
check '... there is none any more' no_load
check '... nor a tool' [ ! -e $deb/usr/sbin/tcpfsm ]
check 'the kernel did not complain' dmesg_clean
finish
