import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../../src/cli/run.js';
import { createFakeIo } from '../fake-io.js';

/** `decnet init` with these words, by a caller with that uid, below a prefix of the test's own. */
async function init(uid: number, ...words: string[]) {
  const prefix = mkdtempSync(join(tmpdir(), 'decnet-init-'));
  onTestFinished(() => rmSync(prefix, { recursive: true, force: true }));
  const io = createFakeIo({ cwd: prefix, uid });
  return { status: await run(['init', '--prefix', '.', ...words], io), io, prefix };
}

test('only root can do it, and is told how', async () => {
  const { status, io } = await init(1000);
  expect(status).toBe(1);
  expect(io.err).toBe('decnet: init makes accounts and gives files away (E_NEEDS_ROOT)\n  next: sudo decnet init\n');
});

test('below a prefix accounts must be there: none are made, and nothing else', async () => {
  const { status, io, prefix } = await init(0, '--user', 'no_such_user', '--group', 'no_such_group');
  expect(status).toBe(1);
  expect(io.err).toMatch(/^decnet: there is no group no_such_group \(E_ACCOUNT\)\n {2}next: .*--user and --group\n$/);
  expect(readdirSync(prefix)).toEqual([]);
});

test('what cannot be meant is a matter of usage', async () => {
  expect((await init(0, '--purge')).io.err).toBe('decnet: init: --purge is for --deinit (E_USAGE)\n');
  expect((await init(0, '--user', '-x')).status).toBe(1);
});

test('a dry run tells every place and makes none', async () => {
  const { status, io, prefix } = await init(0, '--user', 'root', '--group', 'root', '--dry-run', '--json');
  expect(status).toBe(0);
  const { steps } = JSON.parse(io.out) as { steps: { path: string; did: string }[] };
  expect(steps.map(({ path }) => path.slice(prefix.length))).toEqual([
    '/etc/decnet',
    '/etc/decnet/decnet.toml',
    '/etc/decnet/init.json',
    ...['', '/deploy', '/spool', '/run'].map((name) => `/var/lib/decnet${name}`),
    '/run/decnet',
    '/var/lib/svcdata',
    '/var/lib/decnet/decnet.db',
  ]);
  expect(readdirSync(prefix)).toEqual([]);
});
