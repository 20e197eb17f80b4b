import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig, type LoadConfigOptions } from '../../../src/config/load-config.js';
import { initConfig } from '../../../src/deploy/init/init-config.js';

const ROOT = { uid: 0, homeDir: '/root' };

function load(options: Partial<LoadConfigOptions> = {}) {
  return loadConfig({ env: {}, caller: ROOT, cwd: '/', systemFile: '/nonexistent/decnet.toml', ...options });
}

/** What another caller then finds in that file. */
function readBack(text: string, caller: LoadConfigOptions['caller']) {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'decnet.toml'), text);
  return load({ file: join(folder, 'decnet.toml'), caller }).values;
}

test('the file says to everybody what it says to root, whatever their own defaults are', () => {
  for (const prefix of ['', '/srv/test']) {
    const { values, text } = initConfig(load(), prefix, null);
    expect(values).toMatchObject({
      state_dir: `${prefix}/var/lib/decnet`,
      db_path: `${prefix}/var/lib/decnet/decnet.db`,
      spool_dir: `${prefix}/var/lib/decnet/spool`,
      artifacts_dir: `${prefix}/var/lib/svcdata`,
      bus_socket: `${prefix}/run/decnet/bus.sock`,
    });
    expect(readBack(text, { uid: 990, homeDir: '/var/lib/decnet' })).toEqual(values);
    expect(readBack(text, ROOT)).toEqual(values);
  }
});

test('what was said in flags and environment is kept, and only that', () => {
  const loaded = load({
    env: { DECNET_GROUP: 'analysts' },
    flags: { state_dir: { name: '--state-dir', text: '/data/decnet' }, heartbeat_s: { name: '--set', text: '10' } },
  });
  const { values, text } = initConfig(loaded, '', '/run/engine.sock');
  expect(values).toMatchObject({ group: 'analysts', state_dir: '/data/decnet', db_path: '/data/decnet/decnet.db' });
  expect(values).toMatchObject({
    heartbeat_s: 10,
    artifacts_dir: '/var/lib/svcdata',
    engine_socket: '/run/engine.sock',
  });
  expect(text.split('\n').filter((line) => line.includes('=')).length).toBe(6);
  expect(readBack(text, { uid: 990, homeDir: '/' })).toEqual(values);
});

test("an account's name is a name, never an option or a path", () => {
  for (const text of ['-o', '../x', 'a b', '', 'x'.repeat(33), 'Root']) {
    expect(() => load({ flags: { user: { name: '--user', text } } })).toThrow(/user: no name for a user or group/);
  }
  expect(load({ flags: { group: { name: '--group', text: 'web_2-x' } } }).values.group).toBe('web_2-x');
});
