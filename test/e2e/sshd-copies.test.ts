import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { createDecky, type Decky } from './support/decky.js';
import { expectSameBytes } from './support/proof.js';
import { runProgram } from './support/run-program.js';
import { startSshd, type Sshd } from './support/sshd.js';

const BIG = 8 * 1024 * 1024;

/** Files of every awkward size, in a folder. */
function writeTree(folder: string): Map<string, Buffer> {
  mkdirSync(join(folder, 'deep'), { recursive: true });
  const files = new Map<string, Buffer>([
    ['empty', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['binary', randomBytes(70_001)],
    ['deep/zeroes', Buffer.alloc(200_000)],
  ]);
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return files;
}

function expectTree(folder: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) expectSameBytes(readFileSync(join(folder, name)), bytes, name);
}

describeGroup('sshd', 'copies over ssh', () => {
  let decky: Decky;
  let sshd: Sshd;
  let big: Buffer;
  beforeAll(async () => {
    decky = await createDecky();
    sshd = await startSshd(decky);
    big = randomBytes(BIG);
    writeFileSync(join(decky.folder, 'big'), big);
  });
  afterAll(() => decky.close());

  test.each([
    ['scp with the old protocol', ['-O'], /^scp .*-t /],
    ['scp over sftp', ['-s'], /sftp-server/],
  ])('%s uploads and downloads', async (name, flags, command) => {
    const known = decky.log.lines().length;
    const there = `/home/ada/${name.replaceAll(' ', '-')}`;
    const up = await runProgram([
      'scp',
      ...sshd.options,
      ...flags,
      join(decky.folder, 'big'),
      `ada@127.0.0.1:${there}`,
    ]);
    expect(up).toMatchObject({ status: 0 });
    expectSameBytes(readFileSync(decky.path(there)), big, 'uploaded');
    const back = join(decky.folder, 'back');
    const down = await runProgram(['scp', ...sshd.options, ...flags, `ada@127.0.0.1:${there}`, back]);
    expect(down).toMatchObject({ status: 0 });
    expectSameBytes(readFileSync(back), big, 'downloaded');
    await decky.log.waitFor('session_exec', () => decky.log.lines().length >= known + 2);
    const news = decky.log.lines().slice(known);
    expect(news.map((line) => line.msgid)).toEqual(['session_exec', 'session_exec']);
    expect(news[0]?.params['command']).toMatch(command);
    expect(news[0]?.params).toMatchObject({ user: 'ada', src_ip: '127.0.0.1', status: '0' });
  });

  test('scp takes a tree there and back', async () => {
    const from = join(decky.folder, 'scp-tree');
    const files = writeTree(from);
    const words = ['scp', ...sshd.options, '-O', '-r'];
    expect(await runProgram([...words, from, 'root@127.0.0.1:/root/tree'])).toMatchObject({ status: 0 });
    expect(await runProgram([...words, 'root@127.0.0.1:/root/tree', `${from}-back`])).toMatchObject({ status: 0 });
    expectTree(`${from}-back`, files);
  });

  test('an sftp batch does what it says, and its failure is a failure', async () => {
    const input = `put ${join(decky.folder, 'big')} copy\nls -l copy\nget copy ${join(decky.folder, 'sftp-back')}\nrm copy\n`;
    const words = ['sftp', ...sshd.options, '-b', '-', 'ada@127.0.0.1'];
    const done = await runProgram(words, { input });
    expect(done).toMatchObject({ status: 0 });
    expect(done.stdout.toString()).toContain(String(BIG));
    expectSameBytes(readFileSync(join(decky.folder, 'sftp-back')), big, 'fetched');
    expect((await runProgram(words, { input: 'get no-such-file\n' })).status).toBe(1);
  });
});

describeGroup('rsync', 'rsync over ssh', () => {
  let decky: Decky;
  let sshd: Sshd;
  beforeAll(async () => {
    decky = await createDecky();
    sshd = await startSshd(decky);
  });
  afterAll(() => decky.close());

  test('a tree goes there and back, and only what changed goes again', async () => {
    const from = join(decky.folder, 'tree');
    const files = writeTree(from);
    const shell = join(decky.folder, 'ssh.sh');
    const quoted = ['ssh', ...sshd.options].map((word) => `'${word}'`).join(' ');
    writeFileSync(shell, `#!/bin/sh\nexec ${quoted} "$@"\n`);
    chmodSync(shell, 0o755);
    const rsync = (...words: string[]) => runProgram(['rsync', '-a', '-i', '-c', '-e', shell, ...words]);
    expect(await rsync(`${from}/`, 'ada@127.0.0.1:tree')).toMatchObject({ status: 0 });
    expect(await rsync('ada@127.0.0.1:tree/', `${from}-back`)).toMatchObject({ status: 0 });
    expectTree(`${from}-back`, files);
    writeFileSync(join(from, 'one byte'), 'y');
    const again = await rsync(`${from}/`, 'ada@127.0.0.1:tree');
    expect(
      again.stdout
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('<f')),
    ).toHaveLength(1);
    const { params } = await decky.log.waitFor('session_exec');
    expect(params['command']).toMatch(/^rsync --server /);
    expect(params).toMatchObject({ user: 'ada', status: '0' });
  });
});
