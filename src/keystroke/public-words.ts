/**
 * Names of commands, and of nothing else: no words of a language, no services, products or accounts, nothing that
 * anybody would take for a password or a part of one; at least three letters each. Only these words have a part in the
 * content columns of a profile (docs/session-profile.md tells why), so that no other word can leave a trace there.
 * A change here changes rows: raise PROFILE_SCHEMA_VERSION with it.
 */
const LIST = `
  addgroup adduser aptitude arp arping atop auditctl augenrules aureport ausearch autoconf automake awk badblocks
  basename blkid blockdev bootctl brctl bunzip busctl bzcat bzgrep bzip cfdisk chacl chage chattr chcon chcpu chfn
  chgpasswd chgrp chkconfig chmod chown chpasswd chroot chrt chsh cksum cmake cmp conntrack coredumpctl cpio crontab
  cryptsetup csplit ctags curl debugfs delgroup deluser depmod devlink dhclient dircolors dirname dmesg dmidecode
  dmsetup dnf dnsdomainname dpkg dumpe2fs ebtables efibootmgr egrep ethtool exportfs faillock faillog fallocate
  fatlabel fdisk ffmpeg fgrep filefrag findfs findmnt fsck fsfreeze fstrim fuser gawk gcc gdb gdisk getcap getconf
  getenforce getent getfacl getfattr getopt gpasswd gpgconf gpgv grep groupadd groupdel groupmod grpck grpconv
  gunzip gzip hdparm hexdump hostnamectl htop hwclock iconv ifconfig ifdown iftop ifup insmod iostat iotop ipcmk
  ipcrm ipcs iptables iwconfig iwlist journalctl kexec killall kmod ldconfig ldd lesspipe localectl lockfile
  loginctl logrotate losetup lsattr lsblk lscpu lshw lsinitramfs lsipc lslocks lslogins lsmem lsmod lsns lsof lspci
  lsusb ltrace lvcreate lvdisplay lvextend lvremove lzcat mdadm mkdir mkdosfs mkfifo mkfs mkinitrd mknod mkswap
  mktemp modinfo modprobe mountpoint mpstat mtr namei nawk ncdu netplan netstat networkctl newgrp nft nmap nmcli
  nohup nproc nsenter nslookup objcopy objdump parted partprobe pathchk pgrep pidof pidstat pkcheck pkexec pkill
  pldd pmap popd printenv printf prlimit pstree pushd pvcreate pvdisplay pvremove pvs pwck pwconv pwdx ranlib
  readelf readlink realpath renice resolvectl restorecon rfkill rmdir rmmod rpcinfo rsync rtcwake scp sed semanage
  sestatus setcap setenforce setfacl setfattr setpriv setsid setterm sfdisk sgdisk shopt showmount shuf slabtop
  smartctl sshfs stat strace stty sudo sudoedit swapoff swapon sysctl systemctl tcpdump tee telinit timedatectl
  tload tput tracepath traceroute tset tty udevadm ufw ulimit umask umount unalias uname uncompress unexpand uniq
  unshare unxz unzip useradd userdel usermod utmpdump vgcreate vgdisplay vgextend vgscan vipw visudo vmstat wget
  whatis whereis whoami wipefs xargs xxd xzcat xzgrep zcat zcmp zdiff zgrep
`;

export const PUBLIC_WORDS: ReadonlySet<string> = new Set(LIST.split(/\s+/).filter((word) => /^[a-z]{3,}$/.test(word)));

/** A digraph that fewer public words hold would tell which word it was. */
const WORDS_MIN = 8;

/** Digraphs (of letters, and of a letter with the space beside a word) that enough public words hold. */
export const PUBLIC_DIGRAPHS: ReadonlySet<string> = new Set(commonDigraphs());

/** The digraphs of a word with a space at both ends, each once. */
export function digraphsOf(word: string): Set<string> {
  const padded = ` ${word} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, at) => padded.slice(at, at + 2)));
}

function commonDigraphs(): string[] {
  const words = new Map<string, number>();
  for (const word of PUBLIC_WORDS) for (const pair of digraphsOf(word)) words.set(pair, (words.get(pair) ?? 0) + 1);
  return [...words].filter(([, count]) => count >= WORDS_MIN).map(([pair]) => pair);
}
