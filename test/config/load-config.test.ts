import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type LoadConfigOptions } from '../../src/config/load-config.js';
import { DecnetError } from '../../src/errors.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-config-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function load(options: Partial<LoadConfigOptions> = {}) {
  return loadConfig({
    env: {},
    caller: { uid: 1000, homeDir: '/home/op' },
    cwd: '/somewhere',
    systemFile: join(dir, 'system.toml'),
    ...options,
  });
}

function failure(options: Partial<LoadConfigOptions>): DecnetError {
  try {
    load(options);
  } catch (error) {
    if (error instanceof DecnetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('loadConfig', () => {
  it("keeps root's state in /var/lib/decnet and everybody else's in their home", () => {
    expect(load({ caller: { uid: 0, homeDir: '/root' } }).values).toMatchObject({
      state_dir: '/var/lib/decnet',
      db_path: '/var/lib/decnet/decnet.db',
      artifacts_dir: '/var/lib/decnet/artifacts',
      bus_socket: '/run/decnet/bus.sock',
    });
    expect(load().values).toMatchObject({
      state_dir: '/home/op/.decnet',
      db_path: '/home/op/.decnet/decnet.db',
      bus_socket: '/home/op/.decnet/bus.sock',
    });
  });

  it('lets the environment win over the file and a flag over both, and says where each value is from', () => {
    const file = join(dir, 'system.toml');
    writeFileSync(file, 'busy_timeout_ms = 1\ningest_poll_ms = 2\nabandoned_after_s = 3\n');
    const { values, origins } = load({
      env: { DECNET_INGEST_POLL_MS: '20', DECNET_ABANDONED_AFTER_S: '30' },
      flags: { abandoned_after_s: { name: '--set abandoned_after_s', text: '300' } },
    });
    expect(values).toMatchObject({ busy_timeout_ms: 1, ingest_poll_ms: 20, abandoned_after_s: 300 });
    expect(origins).toMatchObject({
      busy_timeout_ms: `file ${file}`,
      ingest_poll_ms: 'environment DECNET_INGEST_POLL_MS',
      abandoned_after_s: 'flag --set abandoned_after_s',
      state_dir: 'default',
    });
  });

  it('moves the default paths with the state directory', () => {
    const { values, origins } = load({ env: { DECNET_STATE_DIR: 'here' } });
    expect(values.db_path).toBe('/somewhere/here/decnet.db');
    expect(origins.db_path).toBe('default');
  });

  it('does without the system file but not without one that was named', () => {
    expect(load().values.ingest_poll_ms).toBe(1000);
    expect(failure({ env: { DECNET_CONFIG: join(dir, 'gone.toml') } })).toMatchObject({
      code: 'E_CONFIG',
      message: expect.stringContaining('gone.toml') as string,
    });
    expect(failure({ file: join(dir, 'gone.toml') }).code).toBe('E_CONFIG');
  });

  it('reads the file that $DECNET_CONFIG names instead of the system one', () => {
    writeFileSync(join(dir, 'system.toml'), 'busy_timeout_ms = 1\n');
    writeFileSync(join(dir, 'mine.toml'), 'ingest_poll_ms = 7\n');
    const { values } = load({ env: { DECNET_CONFIG: join(dir, 'mine.toml') } });
    expect(values).toMatchObject({ busy_timeout_ms: 5000, ingest_poll_ms: 7 });
  });

  it.each([
    ['a word for a number', { DECNET_INGEST_POLL_MS: 'soon' }, 'ingest_poll_ms', 'environment DECNET_INGEST_POLL_MS'],
    ['a number below what makes sense', { DECNET_ABANDONED_AFTER_S: '0' }, 'abandoned_after_s', 'environment'],
  ])('refuses %s and names the setting and its origin', (_, env, key, origin) => {
    const { code, message } = failure({ env });
    expect(code).toBe('E_CONFIG');
    expect(message).toContain(key);
    expect(message).toContain(origin);
  });

  it('refuses a setting it does not know, a relative path in a file, and a file that is not TOML', () => {
    const file = join(dir, 'system.toml');
    writeFileSync(file, 'statedir = "/x"\n');
    expect(failure({})).toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining('"statedir"') as string });
    writeFileSync(file, 'state_dir = "x"\n');
    expect(failure({})).toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining(file) as string });
    writeFileSync(file, 'state_dir = = "x"\n');
    expect(failure({})).toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining('not TOML') as string });
  });
});

describe('settings of the bus', () => {
  it('are yes or no, and a list, in words too', () => {
    expect(load().values).toMatchObject({ bus_enabled: true, bus_control_uids: [] });
    const env = { DECNET_BUS_ENABLED: 'false', DECNET_BUS_CONTROL_UIDS: '1000,33' };
    expect(load({ env }).values).toMatchObject({ bus_enabled: false, bus_control_uids: [1000, 33] });
    expect(failure({ env: { DECNET_BUS_ENABLED: 'perhaps' } }).message).toContain('bus_enabled');
    expect(failure({ env: { DECNET_BUS_CONTROL_UIDS: 'root' } }).message).toContain('bus_control_uids');
  });
});

describe('log sources', () => {
  const source = { decky: 'omega', service: 'ssh', kind: 'file', path: '/var/log/omega.log' };
  const inFile = (lines: Record<string, string>): void => {
    const texts = Object.entries(lines).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    writeFileSync(join(dir, 'system.toml'), `[[log_sources]]\n${texts.join('')}`);
  };

  it('are tables in the file, and JSON in the environment', () => {
    inFile(source);
    expect(load().values.log_sources).toEqual([source]);
    expect(load({ env: { DECNET_LOG_SOURCES: JSON.stringify([source]) } }).values.log_sources).toEqual([source]);
  });

  it.each([
    ['a decky whose name is a path', { decky: '../omega' }],
    ['a service whose name is a path', { service: 'ssh/x' }],
    ['a relative path', { path: 'omega.log' }],
    ['a kind that there is not', { kind: 'pipe' }],
  ])('are refused with %s', (_, changes) => {
    inFile({ ...source, ...changes });
    const { code, message } = failure({});
    expect(code).toBe('E_CONFIG');
    expect(message).toContain('log_sources');
  });
});
