apt update
apt list --upgradable
nginx -t
systemctl reload nginx
tail -n 100 /var/log/nginx/error.log
df -h
ls -la /var/www/html
cd /var/www
chown -R www-data: html
./deploy.sh
cat /root/deploy.sh
vi /root/deploy.sh
openssl x509 -in /etc/ssl/certs/ssl-cert.pem -noout -enddate
ss -tlnp
free -m
exit
