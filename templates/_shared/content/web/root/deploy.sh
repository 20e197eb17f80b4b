#!/bin/sh
# Fetches the latest build and puts it in place of the old one.
set -e
release=$(date +%Y%m%d%H%M)
mkdir -p /srv/releases/"$release"
rsync -a builder@10.20.4.9:/srv/builds/frontend/latest/ /srv/releases/"$release"/
ln -sfn /srv/releases/"$release" /srv/current
systemctl reload nginx
ls -1dt /srv/releases/* | tail -n +6 | xargs -r rm -rf
