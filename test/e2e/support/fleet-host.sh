#!/bin/sh
# A host of the test's own, as a fresh Debian has it: PID 1 of its own pid, mount and network namespaces, with an /etc, a /run and a
# /var/lib of its own, and a container engine that is started as Debian starts it. When this ends, however it ends, everything in
# here ends with it: processes, mounts, bridges, chains.
#   $1  a folder of its own   $2  docker or podman   $3, $4  the host's address, and the address of whoever calls
set -eu
folder=$1
mkdir "$folder/lib" "$folder/etc"
cp -a /etc/. "$folder/etc/"
rm -rf "$folder/etc/decnet" "$folder/etc/docker"
mount -t tmpfs none /run
mount --bind "$folder/lib" /var/lib
mount --bind "$folder/etc" /etc
busybox ip link set lo up
for address in "$3" "$4"; do busybox ip addr add "$address/32" dev lo; done

case $2 in
  docker)
    dockerd --cgroup-parent "/$(basename "$folder")" </dev/null >>"$folder/log" 2>&1 &
    ;;
  podman)
    # A limit that is not the one we have cannot be set without CAP_SYS_RESOURCE, which a container of CI lacks; nor is systemd there.
    cat >/etc/containers/containers.conf <<END
[containers]
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
END
    mkdir /run/podman
    podman system service --time 0 unix:///run/podman/podman.sock </dev/null >>"$folder/log" 2>&1 &
    ;;
esac
echo ready
# Until whoever started this is gone.
cat >/dev/null
