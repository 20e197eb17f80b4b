import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  existsSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, rollOutRecorder, type RecorderPlace } from '../../src/deploy/rollout.js';
import { DecnetError } from '../../src/errors.js';

let dir: string;
let places: RecorderPlace[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-rollout-'));
  places = ['ssh', 'telnet'].map((service) => {
    mkdirSync(join(dir, service));
    writeFileSync(join(dir, service, 'login-session'), 'old', { mode: 0o755 });
    return { path: join(dir, service, 'login-session'), kept: join(dir, 'kept', service) };
  });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const here = () => places.map(({ path }) => readFileSync(path, 'utf8'));
const kept = () => places.filter((place) => existsSync(place.kept)).length;
const rollOut = (text: string, prove: () => string | null) =>
  rollOutRecorder({ places, bytes: Buffer.from(text), version: '2', prove: () => Promise.resolve(prove()) });

describe('rolling out a recorder', () => {
  it('new logins get the new one, set-user-id; who holds the old one keeps it', async () => {
    const holder = openSync(places[0]!.path, 'r');
    let seen: string[] = [];
    const said = await rollOut('new', () => {
      seen = here();
      return null;
    });
    expect(said).toBe('login-session 2');
    expect(seen).toEqual(['new', 'new']);
    expect(here()).toEqual(['new', 'new']);
    expect(statSync(places[1]!.path).mode & 0o7777).toBe(0o4711);
    const old = Buffer.alloc(8);
    expect(old.toString('utf8', 0, readSync(holder, old))).toBe('old');
    closeSync(holder);
    expect(kept()).toBe(0);
  });

  it('one that a login does not prove is taken out again, and the one before is proven', async () => {
    const answers = ['no session appeared', null];
    const failure = rollOut('broken', () => answers.shift() ?? null);
    await expect(failure).rejects.toMatchObject({ code: 'E_DECKY_BLIND' });
    await expect(failure).rejects.toThrow('login-session 2: no session appeared; the one before is back');
    expect(here()).toEqual(['old', 'old']);
    expect(kept()).toBe(0);
    expect(answers).toEqual([]);
  });

  it('a login that could not even be tried proves nothing', async () => {
    let tries = 0;
    const failure = rollOut('new', () => {
      if (tries++ === 0) throw new DecnetError('E_ENGINE', 'gone');
      return null;
    });
    await expect(failure).rejects.toThrow('gone');
    expect(here()).toEqual(['old', 'old']);
  });

  it.each([0, 1, 2])('killed after %i of its two places it goes on, and still knows the way back', async (done) => {
    // As a process that was killed leaves it: both kept, some replaced.
    await rollOut('new', () => {
      throw new Error('killed');
    }).catch(() => undefined);
    for (const { path } of places.slice(done)) writeFileSync(path, 'old');
    expect(kept()).toBe(2);
    await expect(rollOut('newer', () => 'no')).rejects.toThrow('no');
    expect(here()).toEqual(['old', 'old']);
    await rollOut('new', () => null);
    expect(here()).toEqual(['new', 'new']);
    expect(await rollOut('new', () => null)).toBe('login-session 2 was there already');
    expect(kept()).toBe(0);
  });

  it('tells the digest of a program, and of nothing else', () => {
    expect(digestOf(places[0]!.path)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(join(dir, 'ssh'))).toBeNull();
    expect(digestOf(join(dir, 'missing'))).toBeNull();
  });
});
