ls
cd /srv/current
ls -la
sudo systemctl status nginx
tail -f /var/log/nginx/access.log
grep ' 500 ' /var/log/nginx/access.log | wc -l
curl -sI http://localhost/
cat notes.txt
exit
