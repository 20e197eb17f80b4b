#!/bin/sh
# A container engine that leaves nothing behind: PID 1 of its own pid, mount and network namespaces. When this ends, however
# it ends, everything in here ends with it. Told on stdin what to do, a word a line: start, stop; answers each.
#   $1  a folder of its own   $2  the address of a bridge, or none   $3  whether ports are published (true, false), on its own loopback
set -u
folder=$1
publish=${3:-false}
if [ "$publish" = true ]; then busybox ip link set lo up; fi
case $2 in none) bridge='--bridge none' ;; *) bridge="--bip $2" ;; esac
mount -t tmpfs none /run
# The engine makes a key in /etc/docker.
mkdir "$folder/etc"
for file in passwd group nsswitch.conf hosts; do
  if [ -e "/etc/$file" ]; then cp "/etc/$file" "$folder/etc/"; fi
done
mount --bind "$folder/etc" /etc

start() {
  # shellcheck disable=SC2086 # words
  rm -f "$folder/pid"
  dockerd --data-root "$folder/data" --exec-root /run/exec --pidfile "$folder/pid" --host "unix://$folder/engine.sock" \
    $bridge --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --userland-proxy="$publish" \
    --cgroup-parent "/$(basename "$folder")" --live-restore </dev/null >>"$folder/log" 2>&1 &
  engine=$!
}

while read -r word; do
  case $word in
    start) start ;;
    stop) kill "$engine" && wait "$engine" ;;
  esac
  echo "$word"
done
