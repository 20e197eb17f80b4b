import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { createDecky, RECORDED_SHELL, type Decky } from './support/decky.js';
import { startSshd, type Sshd } from './support/sshd.js';

/**
 * Everything that a shell can tell of how it was started, into the file $1: of itself, and of a child. What must differ
 * between two logins (pids, ports, terminal numbers, times) is left out or written as a relation.
 */
const STATE = `
exec 3>"$1"
{
  echo "argv0 $0"; shopt login_shell; echo "flags $-"; echo "count $#"
  echo "cwd $(pwd)"; umask; ulimit -aS; ulimit -aH; trap
  env | grep -vE '^(_|SSH_CLIENT|SSH_CONNECTION|SSH_TTY)=' | sort
  echo "ssh \${SSH_CLIENT% * *} \${SSH_CONNECTION%% *} \${SSH_TTY:+has a tty}"
  grep -E '^(SigPnd|SigBlk|ShdPnd)' /proc/self/status # the shell's own change while it waits for grep
  for p in $$ self; do
    grep -E '^(Umask|Uid|Gid|Groups|SigIgn|SigCgt|Cap|NoNewPrivs|Seccomp:|Cpus_allowed:)' /proc/$p/status
    cat /proc/$p/limits /proc/$p/oom_score_adj /proc/$p/loginuid /proc/$p/personality 2>&1
  done
  for fd in 0 1 2; do
    target=$(readlink /proc/$$/fd/$fd); echo "fd $fd \${target%%[0-9]*}"; grep flags /proc/$$/fdinfo/$fd
  done
  for fd in /proc/$$/fd/*; do echo "open \${fd##*/} $(readlink "$fd" | tr -d 0-9)"; done
  set -- $(ps -o pgid=,sid=,tpgid=,ni=,cls= -p $$); echo "leader $(($1==$$)) session $(($2==$$)) nice $4 class $5"
  if [ -t 0 ]; then echo "foreground $(($3==$$))"; stty -a; stat -c '%a %U %G' "$(tty)"; fi
} >&3 2>&3
exec 3>&-
`;

const WAYS = {
  'an interactive login': ['tty', undefined],
  'a command with a terminal': ['tty', 'command'],
  'a command': ['pipe', 'command'],
  'a login without a terminal': ['pipe', undefined],
} as const;

describeGroup('sshd', 'a recorded shell starts as a plain one', () => {
  let decky: Decky;
  let sshd: Sshd;
  beforeAll(async () => {
    decky = await createDecky();
    sshd = await startSshd(decky);
    writeFileSync(decky.path('/tmp/state'), STATE, { mode: 0o755 });
  });
  afterAll(() => decky.close());

  /** What a shell of this login says of itself. */
  async function state(user: string, way: keyof typeof WAYS, shell: string): Promise<string[]> {
    decky.setShell(shell);
    const [terminal, command] = WAYS[way];
    const file = `/tmp/state-of-${user}`;
    const words = `set -- ${file}; . /tmp/state; exit 5`;
    const options = command === undefined ? {} : { command: [words] };
    if (terminal === 'pipe') {
      const done = await sshd.run(user, options.command ?? [], command === undefined ? { input: `${words}\n` } : {});
      expect(done.status).toBe(5);
    } else {
      const client = sshd.login(user, options);
      if (command === undefined) client.write(`${words}\r`);
      expect(await client.exited).toEqual({ status: 5, signal: null });
      await client.close();
    }
    return readFileSync(decky.path(file), 'utf8').split('\n');
  }

  for (const user of ['root', 'ada']) {
    for (const way of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
      test(`${way} of ${user}: environment, limits, signals, rights, descriptors and groups`, async () => {
        const plain = await state(user, way, '/bin/bash');
        const recorded = await state(user, way, RECORDED_SHELL);
        expect(plain.length).toBeGreaterThan(80);
        expect(recorded).toEqual(plain);
      });
    }
  }
});
