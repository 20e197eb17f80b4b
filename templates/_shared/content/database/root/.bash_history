mysql
mysqladmin processlist
mysql -e 'show slave hosts'
du -sh /var/lib/mysql
ls -la /var/backups
/root/dump.sh
crontab -l
vi /etc/mysql/conf.d/tuning.cnf
systemctl restart mariadb
tail -n 50 /var/log/mysql/error.log
top
iostat -x 5
df -h
exit
