import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { findLoginSession } from '../../src/native/find-login-session.js';
import { describeGroup } from './groups.js';
import { atPrompt, childOf, readNumber } from './support/client.js';
import { prove } from './support/proof.js';
import { recorder } from './support/recorder.js';

describeGroup('bash', 'the terminal that a shell finds', () => {
  test('a new size reaches the program and the recording', async () => {
    const { rec, client } = await atPrompt();
    client.write(
      `bash -c 'trap "stty size" WINCH; echo w"ai"ting; until read -r -t 0.1 _; do :; done'; stty size; exit\r`,
    );
    await client.waitFor('waiting\r\n');
    client.resize(132, 43);
    await client.waitFor('43 132');
    client.write('\r');
    await client.waitFor('43 132');
    const { recording } = await prove(rec, client);
    expect(recording.lines.filter((line) => line.ch === 'r').map((line) => line.d)).toEqual(['132x43']);
  });

  test('`tty`, SSH_TTY and descriptors name the inner terminal, which no other login has', async () => {
    const rec = recorder();
    const { client } = await atPrompt(rec, { env: { SSH_TTY: '/dev/pts/99' } });
    client.write('echo "<$(tty)|$SSH_TTY|$(readlink /proc/self/fd/0)>"; exit\r');
    const { match } = await client.waitFor(/<\/dev\/pts\/\d+\|[^>]*>/);
    const [inner, ...others] = match.slice(1, -1).split('|');
    expect(others).toEqual([inner, inner]);
    expect(inner).not.toBe(client.name);
    const { recording } = await prove(rec, client);
    expect(recording.header).toMatchObject({ login: { tty: inner?.replace('/dev/', '') } });
  });

  test('nobody opens the outer terminal beside the recorder while the shell runs', async () => {
    const without = ['--inh-caps=-sys_admin', '--bounding-set=-sys_admin'];
    const { rec, client } = await atPrompt(recorder(), {
      through: (words) => ({
        file: '/usr/bin/setpriv',
        argv: ['setpriv', ...without, findLoginSession(), ...words.slice(1)],
      }),
      args: ['-l'],
    });
    client.write(`(exec 9<>${client.name ?? ''}) && echo op""en || echo cl""osed\r`);
    await client.waitFor('closed');
    client.write('exit\r');
    await prove(rec, client);
  });

  test('^Z stops, fg continues, bg lets go on, ^C ends the foreground only', async () => {
    const { rec, client } = await atPrompt();
    const shell = childOf(client.pid);
    client.write('sleep 100 & sleep 50\r');
    await hasForeground(shell, 'sleep');
    client.write('\x1a');
    await client.waitFor(/Stopped[^]*ready> $/);
    client.write('fg\r');
    await hasForeground(shell, 'sleep');
    client.write('\x03');
    await client.waitFor('^C');
    client.write('jobs; echo "bg:$!:"\r');
    const background = await readNumber(client, 'bg');
    expect(readFileSync(`/proc/${String(background)}/comm`, 'utf8')).toBe('sleep\n');
    client.write('kill %1; wait; exit 3\r');
    const { exit } = await prove(rec, client);
    expect(exit.status).toBe(3);
  });

  test('what is typed without echo is marked, what a raw program reads is not', async () => {
    const { rec, client } = await atPrompt();
    const lines = [
      'read -rsp "Password: " p; echo; echo len-${#p}',
      'stty -echo; echo quiet-$((1+1)); read -r q; stty echo; echo back-$((2+2))',
      'stty -icanon -echo; head -c 3 >/dev/null; stty sane; echo sane-$((3+3))',
    ];
    client.write(`${lines[0] ?? ''}\r`);
    await client.waitFor(/Password: $/);
    client.write('s3cret\r');
    await client.waitFor('len-6');
    client.write(`${lines[1] ?? ''}\r`);
    await client.waitFor('quiet-2');
    client.write('hidden\r');
    await client.waitFor('back-4');
    client.write(`${lines[2] ?? ''}\r`);
    await client.waitFor(/-\(3\+3\)\)\r\n|sane-\$\(\(3\+3\)\)\r\n/);
    const program = childOf(client.pid);
    await vi.waitFor(
      () => {
        expect(children(program)).toHaveLength(1);
      },
      { interval: 5 },
    );
    client.write('raw');
    await client.waitFor('sane-6');
    client.write('exit\r');
    const { recording } = await prove(rec, client);
    const marked = recording.lines.filter((line) => line.noecho === true).map((line) => line.d);
    expect(marked.join('')).toBe('s3cret\rhidden\r');
  });
});

/** Waits until a program of that name is the foreground of the shell's terminal. */
async function hasForeground(shell: number, name: string): Promise<void> {
  await vi.waitFor(
    () => {
      const group =
        readFileSync(`/proc/${String(shell)}/stat`, 'latin1')
          .split(') ')[1]
          ?.split(' ')[5] ?? '';
      expect(readFileSync(`/proc/${group}/comm`, 'latin1')).toBe(`${name}\n`);
    },
    { interval: 2, timeout: 3000 },
  );
}

function children(pid: number): string[] {
  return readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean);
}
