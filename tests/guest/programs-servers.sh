# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The servers of programs.sh, on host b, each with a log that names every connection it takes: sourced, never run.
# $net and $never are who sources it's.
# shellcheck disable=SC2154

pg=/usr/lib/postgresql/15/bin
base=/tmp/servers

# serve NAME COMMAND...: on host b; its process in ${server[NAME]}, what it says in $base/NAME.log
declare -A server
serve() {
	local name=$1
	shift
	ip netns exec "${net}b" "$@" >>"$base/$name.log" 2>&1 <&"$never" &
	server[$name]=$!
}

# quit SIGNAL NAME...: end servers
quit() {
	local signal=$1 name
	shift
	for name; do
		kill "-$signal" "${server[$name]}"
		wait "${server[$name]}" 2>/dev/null
	done
}

# listens PORT...: on host b, over both families
listens() {
	local port
	for port; do
		[ "$(ip netns exec "${net}b" ss -tlnH "sport = :$port" | wc -l)" -ge 2 ] || return
	done
}

# 8080 keeps connections; 8081 does not; 8082 for ten requests; 8083 for a second; 8084 takes no more than 1 kB
nginx_start() {
	mkdir -p $base/nginx $base/www
	# more than both sockets hold
	truncate -s 8M $base/www/file
	cat >$base/nginx.conf <<-EOT
	daemon off;
	user nobody nogroup;
	worker_processes 2;
	error_log $base/nginx.log;
	pid $base/nginx.pid;
	events { worker_connections 512; }
	http {
		log_format made '\$pid \$remote_addr \$remote_port \$server_port \$connection';
		access_log $base/nginx.made made;
		client_body_temp_path $base/nginx/1;
		proxy_temp_path $base/nginx/2;
		fastcgi_temp_path $base/nginx/3;
		uwsgi_temp_path $base/nginx/4;
		scgi_temp_path $base/nginx/5;
		root $base/www;
		default_type text/plain;
		keepalive_requests 10000;
		server { listen 8080; listen [::]:8080; location /n { return 200 "hello\n"; } }
		server { listen 8081; listen [::]:8081; location /n { return 200 "hello\n"; } keepalive_timeout 0; }
		server { listen 8082; listen [::]:8082; location /n { return 200 "hello\n"; } keepalive_requests 10; }
		server { listen 8083; listen [::]:8083; location /n { return 200 "hello\n"; } keepalive_timeout 1s; }
		server { listen 8084; listen [::]:8084; client_max_body_size 1k; }
	}
	EOT
	serve nginx nginx -e $base/nginx.log -c $base/nginx.conf
	within 60 listens 8080 8081 8082 8083 8084
}

redis_start() {
	serve redis redis-server --port 6379 --bind 10.0.0.2 fd00::2 --protected-mode no --save '' \
		--loglevel verbose --dir $base
	within 60 listens 6379
}

postgres_start() {
	mkdir -p $base/pg
	chown 1000:1000 $base/pg
	su -s /bin/bash user -c "$pg/initdb -D $base/pg -U postgres -A trust -E UTF8 --no-locale -N" \
		>$base/initdb.log 2>&1 || return
	echo 'host all all all trust' >>$base/pg/pg_hba.conf
	serve postgres setpriv --reuid 1000 --regid 1000 --clear-groups $pg/postgres -D $base/pg \
		-c 'listen_addresses=*' -c unix_socket_directories= -c fsync=off -c log_connections=on \
		-c 'log_line_prefix=%p '
	within 120 listens 5432 && within 60 grep -q 'ready to accept' $base/postgres.log
}

sshd_start() {
	echo 'sshd:x:101:65534::/run/sshd:/bin/false' >>/etc/passwd
	mkdir -p /run/sshd /root/.ssh
	ssh-keygen -q -t ed25519 -N '' -f $base/host &&
	ssh-keygen -q -t ed25519 -N '' -f $base/key &&
	ssh-keygen -q -t ed25519 -N '' -f $base/other || return
	cp $base/key.pub /root/.ssh/authorized_keys
	sed 's/^/10.0.0.2,fd00::2 /' $base/host.pub >/root/.ssh/known_hosts
	chmod 755 /run/sshd
	chmod 700 /root /root/.ssh
	cat >$base/sshd.conf <<-EOT
	HostKey $base/host
	PidFile $base/sshd.pid
	LogLevel VERBOSE
	MaxStartups 100
	PermitRootLogin prohibit-password
	EOT
	serve sshd /usr/sbin/sshd -D -e -f $base/sshd.conf
	within 60 listens 22
}

# accepted: what the servers say they took: program, address and port of the client, port of the server; then
# the process that has it, where the log tells
accepted() {
	sort -u $base/nginx.made | awk '{ print "nginx", $2, $3, $4, $1 }'
	sed -nE 's/.* Accepted (.*):([0-9]+)$/redis \1 \2 6379/p' $base/redis.log
	sed -nE 's/.*connection received: host=(.*) port=([0-9]+)$/postgres \1 \2 5432/p' $base/postgres.log
	sed -nE 's/.*Connection from (.*) port ([0-9]+) on .*/sshd \1 \2 22/p' $base/sshd.log
}

# versions: what was run
versions() {
	uname -r
	nginx -v 2>&1 | sed 's/.*: //'
	curl --version | awk 'NR == 1 { print $1 "/" $2 }'
	redis-server --version | sed -E 's/.* v=([^ ]*).*/redis\/\1/'
	$pg/postgres --version | sed -E 's/.*\) ([0-9.]+).*/PostgreSQL\/\1/'
	ssh -V 2>&1 | sed -E 's/^([^_]*)_([^ ]*).*/\1\/\2/'
}
