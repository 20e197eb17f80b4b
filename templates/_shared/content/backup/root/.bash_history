df -h /srv
ls -lt /srv/backup | head
cat /etc/default/backup-pull
/root/pull.sh 10.20.4.11
tail /var/log/backup-pull.log
rsync -an 10.20.6.11:/var/backups/ /srv/backup/10.20.6.11/var/backups/
find /srv/backup -mtime +21 -maxdepth 2 -ls
smartctl -H /dev/sda
cat /proc/mdstat
ip a
w
exit
