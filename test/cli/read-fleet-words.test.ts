import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatFleet, readFleetWords } from '../../src/cli/read-fleet-words.js';
import { parseFleet } from '../../src/deploy/fleet.js';
import { SAMPLE } from '../deploy/sample-fleet.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-words-'));
  writeFileSync(join(dir, 'fleet.toml'), SAMPLE);
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const file = parseFleet(SAMPLE, 'fleet.toml');

describe('the words of deploy', () => {
  it('are a file, or a decky, and not both', () => {
    for (const words of [{ file: undefined }, { file: 'fleet.toml', decky: 'a' }]) {
      expect(() => readFleetWords(words, dir, null)).toThrow(expect.objectContaining({ code: 'E_USAGE' }) as Error);
    }
    expect(readFleetWords({ file: 'fleet.toml' }, dir, null)).toEqual({ file, where: 'fleet.toml', newPassword: null });
  });

  it('name a base image for every decky that has none of its own', () => {
    const asked = readFleetWords({ file: 'fleet.toml', baseImage: 'other:2' }, dir, null);
    expect(asked.file.defaults).toEqual({ base_image: 'other:2' });
  });

  it('add a decky with a password that is shown once', () => {
    const asked = readFleetWords({ file: undefined, decky: 'gamma', service: ['telnet'] }, dir, file);
    expect(asked.file.decky.map(({ name }) => name)).toEqual(['omega', 'beta', 'gamma']);
    expect(asked.newPassword).toMatchObject({ decky: 'gamma', user: 'root' });
    expect(asked.newPassword?.password).toBe(asked.file.decky[2]?.user?.[0]?.password);
  });

  it('said again about a decky that is there change nothing but what they say', () => {
    const again = readFleetWords({ file: undefined, decky: 'omega' }, dir, file);
    expect(again).toMatchObject({ file, newPassword: null });
    const ports = readFleetWords({ file: undefined, decky: 'omega', sshPort: 2200 }, dir, file);
    expect(ports.file.decky[0]).toEqual({ ...file.decky[0], ssh_port: 2200 });
  });

  it('name no decky that is a path', () => {
    const words = { file: undefined, decky: '../etc' };
    expect(() => readFleetWords(words, dir, null)).toThrow(expect.objectContaining({ code: 'E_FLEET' }) as Error);
  });
});

it('a fleet is kept so that it says the same', () => {
  expect(parseFleet(formatFleet(file), 'kept')).toEqual(file);
});
