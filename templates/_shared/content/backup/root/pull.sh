#!/bin/sh
# Fetches one host, or all of them.
set -e
. /etc/default/backup-pull
for host in ${1:-$HOSTS}; do
	for folder in $FOLDERS; do
		mkdir -p "$TARGET/$host$folder"
		rsync -a --delete "$host:$folder/" "$TARGET/$host$folder/"
	done
	echo "$(date '+%F %T') $host done" >>/var/log/backup-pull.log
done
find "$TARGET" -maxdepth 1 -mtime +"$KEEP_DAYS" -name '*.tar.gz' -delete
