/** What an end-to-end group needs from the machine, asked once, with a reason when it is not there. */
import { execFileSync } from 'node:child_process';
import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** A need answers why it is not met, or null. */
type Need = () => string | null;

/** Daemons live in sbin, which is not on every user's PATH. */
const SEARCH_PATH = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The absolute path of a program, or null. */
export function findProgram(name: string): string | null {
  for (const directory of SEARCH_PATH) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next directory may have it.
    }
  }
  return null;
}

function programs(...names: string[]): Need {
  return () => {
    const missing = names.filter((name) => findProgram(name) === null);
    return missing.length === 0 ? null : `not installed: ${missing.join(', ')}`;
  };
}

const root: Need = () => (process.getuid?.() === 0 ? null : 'needs root');

function works(what: string, command: string): Need {
  return () => {
    try {
      execFileSync('sh', ['-c', command], { stdio: 'ignore', timeout: 20_000 });
      return null;
    } catch {
      return `cannot ${what} here`;
    }
  };
}

/** In a mount namespace of its own, so that a probe leaves nothing mounted. */
const mountTmpfs = works(
  'mount a tmpfs',
  'd=$(mktemp -d) && unshare -m sh -c "mount -t tmpfs -o size=1m none $d"; s=$?; rmdir "$d"; exit $s',
);
const mountLoop = works(
  'mount a loop device',
  'd=$(mktemp -d) && truncate -s 4M "$d/i" && mke2fs -q -t ext4 "$d/i" && mkdir "$d/m" && ' +
    'unshare -m sh -c "mount -o loop $d/i $d/m"; s=$?; rm -f "$d/i"; rmdir "$d/m" "$d"; exit $s',
);
/** A decky of its own (test/e2e/support/decky.ts): mounts, pids and a host name that nobody else sees. */
const namespaces = works('make namespaces', 'unshare -m -p -u -f --mount-proc true && nsenter --version');
const becomeUser = works('become uid 1000', 'setpriv --reuid 1000 --regid 1000 --clear-groups true');

const makeCgroup = works(
  'make cgroups',
  'd=$(mktemp -d -p "$(find /sys/fs/cgroup -maxdepth 1 -name memory | grep . || echo /sys/fs/cgroup)") && rmdir "$d"',
);

const NEEDS = {
  /** login-session itself: nothing but bash. */
  bash: [programs('bash')],
  vim: [programs('vim')],
  less: [programs('less')],
  tmux: [programs('tmux')],
  /** A private sshd on a high port, with scp and sftp. */
  sshd: [programs('sshd', 'ssh', 'ssh-keygen', 'scp', 'sftp'), root, namespaces],
  rsync: [programs('rsync', 'sshd', 'ssh', 'ssh-keygen'), root, namespaces],
  telnetd: [programs('telnetd', 'telnet'), root, namespaces],
  rsyslogd: [programs('rsyslogd'), root, namespaces],
  sudo: [programs('sudo'), root, namespaces],
  /** Another user's uid: permissions, signals. */
  uid: [programs('setpriv'), root, becomeUser, namespaces],
  /** A small full tmpfs. */
  disk: [programs('mount', 'unshare'), root, mountTmpfs],
  /** A small full ext4 on a loop device. */
  loop: [programs('mount', 'unshare', 'mke2fs'), root, mountLoop],
  /** SIGKILL at random points. */
  kill: [programs('bash')],
  /** 200 sessions at once into one shard. */
  burst: [programs('bash')],
  /** Bus, collector, ingester and profiler as processes, fed by real recorders. */
  pipeline: [programs('bash', 'mkfifo')],
  /** Each compiler that must take our C; the last makes the static binary that ships. */
  compilers: [programs('gcc', 'clang', 'musl-gcc')],
  /** Cross builds, arm64 programs under an emulator, and the package installed from its tarball. */
  prebuild: [programs('x86_64-linux-gnu-g++', 'aarch64-linux-gnu-g++', 'qemu-aarch64-static', 'file', 'npm', 'tar')],
  /** A private container engine, in namespaces of its own, with an image of nothing but busybox. */
  docker: [programs('dockerd', 'containerd', 'runc', 'busybox', 'unshare', 'tar'), root, namespaces, makeCgroup],
  /** Deckies' images in such an engine, on a base that mmdebstrap makes once and from then on is in a cache; real clients. */
  images: [
    programs('dockerd', 'containerd', 'runc', 'busybox', 'unshare', 'nsenter', 'tar', 'mmdebstrap'),
    programs('ssh', 'ssh-keygen', 'scp', 'sftp', 'telnet', 'strings'),
    root,
    namespaces,
    makeCgroup,
  ],
  /** Deckies deployed to such an engine by a compose program. */
  deploy: [
    programs('dockerd', 'containerd', 'runc', 'docker-compose', 'busybox', 'unshare', 'nsenter', 'mmdebstrap'),
    programs('ssh', 'ssh-keygen'),
    root,
    namespaces,
    makeCgroup,
  ],
  /** A host of its own, from `decnet init` to teardown: an engine as Debian starts it, with chains and bridges; real clients. */
  fleet: [
    programs(
      'dockerd',
      'containerd',
      'runc',
      'docker-compose',
      'iptables',
      'busybox',
      'unshare',
      'nsenter',
      'mmdebstrap',
    ),
    programs('ssh', 'scp', 'sftp', 'telnet', 'setpriv', 'mke2fs'),
    root,
    namespaces,
    makeCgroup,
    mountLoop,
  ],
  /** The same with podman, which speaks the engine's API on a socket of its own. */
  podman: [
    programs('podman', 'conmon', 'runc', 'docker-compose', 'iptables', 'busybox', 'unshare', 'nsenter', 'mmdebstrap'),
    programs('ssh', 'telnet', 'setpriv'),
    root,
    namespaces,
    makeCgroup,
  ],
  /** The README's first command, whole. */
  quickstart: [],
} satisfies Record<string, readonly Need[]>;

export type GroupName = keyof typeof NEEDS;
export const GROUP_NAMES = Object.keys(NEEDS) as GroupName[];

export interface Group {
  readonly name: GroupName;
  readonly available: boolean;
  /** Why it is not available, or null. */
  readonly reason: string | null;
  /** `DECNET_REQUIRE` names it. */
  readonly required: boolean;
}

function isRequired(name: GroupName): boolean {
  const named = (process.env['DECNET_REQUIRE'] ?? '').split(',').map((word) => word.trim());
  return named.includes('all') || named.includes(name);
}

const asked = new Map<GroupName, Group>();

/** Whether this machine can run a group, and why not. */
export function group(name: GroupName): Group {
  const known = asked.get(name);
  if (known !== undefined) return known;
  let reason: string | null = null;
  for (const need of NEEDS[name] as readonly Need[]) reason ??= need();
  const answer: Group = { name, available: reason === null, reason, required: isRequired(name) };
  asked.set(name, answer);
  report(answer);
  return answer;
}

/** One JSON line per answer, for the table that `npm test` prints. */
function report(answer: Group): void {
  const path = process.env['DECNET_GROUP_REPORT'];
  if (path !== undefined && path !== '') appendFileSync(path, `${JSON.stringify(answer)}\n`);
}
