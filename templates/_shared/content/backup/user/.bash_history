ls /srv/backup
ls -la /srv/backup/10.20.4.11/etc | head -30
du -sh /srv/backup/*
cat restore.txt
mkdir restore
cp -a /srv/backup/10.20.4.12/etc/nginx restore/
diff -r restore/nginx /srv/backup/10.20.4.11/etc/nginx
exit
