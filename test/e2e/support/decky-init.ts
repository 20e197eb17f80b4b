/**
 * PID 1 of a private decky, run by bash in namespaces of its own (mounts, pids, host name): nothing that is mounted,
 * logged or killed in it is seen outside, and everything in it ends with it. $1 is the folder that the host made for
 * it, $2 the login-session to install. Says "ready", then waits for its stdin to close.
 */
export const DECKY_INIT = `
set -eu
from=$1 program=$2
hostname decky-1
fresh() { mkdir -p "$1" && mount -t tmpfs -o mode=0755 decky "$1"; }

fresh /var/lib/systemd
mkdir -p /var/lib/systemd/coredump/transcripts
mount --bind "$from/transcripts" /var/lib/systemd/coredump/transcripts

# Everything that is in /usr/libexec stays there (sudo loads its modules from it), and login-session comes to it.
mkdir -p "$from/libexec"
mount --bind /usr/libexec "$from/libexec"
fresh /run
mkdir -p /run/sshd /run/lock /run/decky /run/libexec
mount --move "$from/libexec" /run/libexec
fresh /usr/libexec
for entry in /run/libexec/*; do ln -s "$entry" "/usr/libexec/\${entry##*/}"; done
install -m 4755 "$program" /usr/libexec/login-session
[ -L /var/run ] || mount --bind /run /var/run
install -m 0664 /dev/null /run/utmp

cp -a /etc/security "$from/security"
fresh /etc/security
cp -a "$from/security/." /etc/security
install -m 0644 "$from/login-session.conf" /etc/security/login-session.conf
for name in passwd shadow group hosts; do
  [ -e "/etc/$name" ] && mount --bind "$from/$name" "/etc/$name"
done
if [ -d /etc/sudoers.d ]; then fresh /etc/sudoers.d; install -m 0440 "$from/sudoers" /etc/sudoers.d/decky; fi

fresh /var/log
install -m 0664 /dev/null /var/log/wtmp
install -m 0664 /dev/null /var/log/lastlog
install -m 0600 /dev/null /var/log/btmp
fresh /root
chmod 700 /root
fresh /home
install -d -o 1000 -g 1000 -m 0755 /home/ada
# Last: the host's folder is below it.
mount -t tmpfs -o mode=1777 decky /tmp
echo ready
read -r _ || true
`;
