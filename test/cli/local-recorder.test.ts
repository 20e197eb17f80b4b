import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalRecorder, deckyName, type LocalRecorder } from '../../src/cli/local-recorder.js';
import { sidOf } from '../services/shard-lines.js';

let stateDir: string;
let recorder: LocalRecorder;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'decnet-recorder-'));
  const artifactsDir = join(stateDir, 'artifacts');
  recorder = createLocalRecorder({ stateDir, artifactsDir, decky: 'here', service: 'local', shell: '/bin/bash' });
});
afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

/** As the recorder would write to the log that it was given. */
function log(...lines: string[]): void {
  const text = lines.map((line) => `<134>1 2026-11-23T11:35:07.627773+00:00 here sessrec - ${line}\n`).join('');
  writeFileSync(join(dirname(recorder.configPath), 'log'), text);
}

describe('createLocalRecorder', () => {
  it('writes a configuration that others cannot read or change, and a directory for the shard', () => {
    const text = readFileSync(recorder.configPath, 'utf8');
    const settings = new Map(
      text
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
    expect(statSync(recorder.configPath).mode & 0o777).toBe(0o600);
    expect(settings.get('transcripts_dir')).toBe(join(stateDir, 'artifacts/here/local/transcripts'));
    expect([settings.get('host'), settings.get('service'), settings.get('shell')]).toEqual([
      'here',
      'local',
      '/bin/bash',
    ]);
    expect(existsSync(settings.get('transcripts_dir')!)).toBe(true);
    expect(existsSync(settings.get('log_path')!)).toBe(true);
  });

  it('knows which sessions were recorded', () => {
    log(
      `session_started [relay@55555 sid="${sidOf('a')}" service="local"]`,
      `session_recorded [relay@55555 sid="${sidOf('a')}" service="local"]`,
    );
    expect(recorder.recorded()).toEqual([sidOf('a')]);
  });

  it("gives the recorder's reason for recording nothing, and says so where it gave none", () => {
    log('session_skipped [relay@55555 reason="disk_pressure" service="local" src_ip="-" user="op"]');
    expect(() => recorder.recorded()).toThrow('nothing was recorded: disk_pressure');
    log();
    expect(() => recorder.recorded()).toThrow('did not say why');
  });

  it('leaves nothing but the recording behind', () => {
    recorder.close();
    expect(readdirSync(join(stateDir, 'recorder'))).toEqual([]);
  });
});

describe('deckyName', () => {
  it.each([
    ['Web-01.example.ORG', 'web-01-example-org'],
    ['..', 'localhost'],
    ['x'.repeat(80), 'x'.repeat(63)],
    ['bücher', 'b-cher'],
  ])('makes an id of %s', (hostName, name) => {
    expect(deckyName(hostName)).toBe(name);
  });
});
