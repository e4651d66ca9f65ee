# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by the scripts beside it: where the cache is, how to fail, how to take Debian packages
# from another suite than the machine's own without the machine's package database noticing.

PATH=$PATH:/usr/sbin:/sbin
me=scripts/${0##*/}
# shellcheck disable=SC2034	# used by those who source this
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tcpfsm

say()
{
	echo "$me: $*" >&2
}

die()
{
	say "$@"
	exit 1
}

# usage_error MESSAGE: MESSAGE says what was wrong and what is right.
usage_error()
{
	say "$1 (see $me --help)"
	exit 2
}

# with_lock COMMAND...: one writer in the cache at a time; the lock dies with its holder. With $lock
# set, one writer of what that names.
with_lock()
{
	mkdir -p "$cache"
	(
		flock 9
		"$@" 9>&-
	) 9>"$cache/.lock${lock:+-$lock}"
}

# The address this machine takes its Debian from. It comes from the machine, so that a mirror
# nearby or a snapshot of the archive stays in use.
mirror()
{
	local codename site

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016	# apt expands these
	site=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v c="$codename" '$3 == "main" &&
			($2 == c || $2 ~ /^(old)*stable$/ || $2 ~ /^(testing|unstable|sid)$/) &&
			$1 !~ /security/ { print $1; exit }')
	[ -n "$site" ] || die "no Debian mirror in this machine's apt configuration (deb ... $codename main)"
	echo "$site"
}

# apt_state SUITES: a private apt state for a comma separated list of suites; prints its
# directory. Lists older than a day are fetched again.
apt_state()
{
	local suites=$1 dir=$cache/apt/$1 site suite

	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	: >"$dir/status"	# nothing is installed: dependencies come complete
	# The machine's hooks are for the machine's own package state.
	cat >"$dir/apt.conf" <<-EOF
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	#clear DPkg::Post-Invoke;
	Dir::State "$dir";
	Dir::State::lists "$dir/lists";
	Dir::State::status "$dir/status";
	Dir::Cache "$dir";
	Dir::Cache::archives "$dir/archives";
	Dir::Cache::pkgcache "pkgcache.bin";
	Dir::Cache::srcpkgcache "";
	Dir::Etc::SourceList "$dir/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	Dir::Etc::Preferences "/dev/null";
	Dir::Etc::PreferencesParts "/dev/null";
	APT::Sandbox::User "root";
	APT::Architecture "amd64";
	APT::Architectures { "amd64"; };
	APT::Get::AllowUnauthenticated "false";
	Acquire::Languages "none";
	Acquire::Retries "3";
	EOF
	if [ -z "$(find "$dir/stamp" -mtime -1 2>/dev/null)" ]; then
		site=$(mirror)
		for suite in ${suites//,/ }; do
			echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $suite main"
		done >"$dir/sources.list"
		say "reading package lists of ${suites//,/, }"
		apt-get -qq -c "$dir/apt.conf" update >&2 || die "cannot read Debian's $suites"
		touch "$dir/stamp"
	fi
	echo "$dir"
}

# unpack_closure SUITES DIR PACKAGE...: packages and all they depend on, unpacked below DIR.
# The last suite listed is preferred.
unpack_closure()
{
	local suites=$1 dest=$2 state deb
	shift 2

	state=$(apt_state "$suites")
	say "fetching $*"
	rm -f "$state"/archives/*.deb
	apt-get -qq -y -c "$state/apt.conf" -t "${suites##*,}" --no-install-recommends \
		--download-only install "$@" >/dev/null || die "cannot fetch $* from Debian's $suites"
	mkdir -p "$dest"
	for deb in "$state"/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dest" --no-same-owner --keep-directory-symlink
	done
	rm -f "$state"/archives/*.deb
}
