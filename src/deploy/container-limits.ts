/**
 * How a decky's container is run: paths inside, rights and limits, for whoever writes a compose file or asks the engine
 * (docs/decky-images.md gives the reasons).
 */

/** Fixed places inside a decky. The recorder's are built into it. */
export const DECKY_PATHS = {
  /** The login shell: in the image a link to `login-session` in the directory below. */
  recorder: '/usr/libexec/login-session',
  /**
   * Read-only bind of a root-owned directory (0755) with nothing in it but the recorder, `login-session`: root:root 4711, from a
   * file system that is not mounted nosuid. A directory of the decky's own: a new recorder renamed into it is what new logins get,
   * and living sessions keep theirs; a bind of the file would keep the old one.
   */
  recorderDir: '/usr/lib/login-session',
  /** Read-only bind of its `key=value` settings: root:root 0644, at least `service=…`. */
  recorderConfig: '/etc/security/login-session.conf',
  /** Read-write bind of `{artifacts_dir}/{decky}/{service}/transcripts`: relay:readers 2750. */
  transcripts: '/var/lib/systemd/coredump/transcripts',
} as const;

/** The port that each service listens on inside. */
export const DECKY_SERVICE_PORTS = { ssh: 22, telnet: 23 } as const;
export type DeckyService = keyof typeof DECKY_SERVICE_PORTS;

/** What the relay becomes (docs/decisions.md); the group is the host's. */
export const RELAY_UID = 64999;

/** All that a decky may do beyond an ordinary user; everything else is dropped. */
export const DECKY_CAPABILITIES = [
  'AUDIT_WRITE', // sshd tells the kernel's audit of each login, and ends where that is refused
  'CHOWN', // terminals change hands
  'DAC_OVERRIDE', // utmp, homes, the recorder's directory
  'FOWNER',
  'FSETID',
  'KILL', // sshd and init end other users' processes
  'NET_BIND_SERVICE',
  'SETGID',
  'SETUID', // logins; the recorder's relay and its user
  'SYS_CHROOT', // sshd's unprivileged half
] as const;

/**
 * Never given, whoever asks: each undoes the recording. SYS_ADMIN mounts over it and opens an exclusive terminal, SYS_PTRACE
 * reads and stops the recorder, LINUX_IMMUTABLE takes `+a` off a shard.
 */
export const REFUSED_CAPABILITIES = ['LINUX_IMMUTABLE', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_PTRACE', 'SYS_RAWIO'] as const;

/** Limits of one container; the keys that a fleet file has too are its defaults. */
export const CONTAINER_LIMITS = {
  /** Memory and swap together. */
  memory_mb: 256,
  pids: 256,
  /** /tmp, a tmpfs: paid from the memory. */
  tmp_mb: 64,
  /** /run, a tmpfs. */
  run_mb: 8,
  /** /dev/shm. */
  shm_mb: 16,
  /** The engine's log (driver json-file), all files of it together. */
  log_mb: 20,
  log_files: 2,
  /** How long a stop may take: sessions write their ends. */
  stop_grace_s: 5,
} as const;

/** Mount options of the sized tmpfs by path. Programs run from /tmp, as on any server. */
export function deckyTmpfs(limits: { readonly tmp_mb: number; readonly run_mb: number }): Record<string, string> {
  return {
    '/tmp': `rw,nosuid,nodev,exec,mode=1777,size=${limits.tmp_mb}m`,
    '/run': `rw,nosuid,nodev,noexec,mode=0755,size=${limits.run_mb}m`,
  };
}
