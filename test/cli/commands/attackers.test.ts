import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.js';
import { attacker } from '../../../src/contract/attacker.js';
import { openStore } from '../../../src/store/open.js';
import { createRounds } from '../../../src/workers/profiler/round.js';
import { addFailures, addSession, HOUR, IP, START } from '../../workers/profiler/rows.js';
import { createFakeIo } from '../fake-io.js';

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-attackers-'));
  const store = await openStore({ path: join(dir, 'decnet.db') });
  const profile = { kd_class: 'human', kd_rhythm_simhash: '0'.repeat(16), kd_digraph_simhash: '1'.repeat(16) } as const;
  await addFailures(store, START, 3);
  await addSession(store, 1, { profile, commands: ['wget x'] });
  await addSession(store, 2, { session: { decky: '\u001b[2Jpsi\u202e' }, profile });
  await addFailures(store, START + HOUR, 1, { src_ip: '2001:db8::1' });
  await createRounds({ store, gettingOn: () => undefined }).run(START);
  await store.close();
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

async function decnet(words: string): Promise<{ status: number; out: string; err: string }> {
  const io = createFakeIo({ cwd: dir, env: { DECNET_STATE_DIR: dir, DECNET_CONFIG: '/dev/null' } });
  const status = await run(words.split(' '), io);
  return { status, out: io.out, err: io.err };
}

/** What would act on a terminal, or hide. */
const RAW = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

describe('decnet attackers', () => {
  it('lists the highest score first, with its reasons', async () => {
    const { status, out } = await decnet('attackers');
    expect(status).toBe(0);
    const [title, first, second] = out.split('\n');
    expect(title).toMatch(/^ADDRESS +FIRST SEEN/);
    expect(first).toMatch(/^203\.0\.113\.9 .* 45 {2}several_deckies, typed_by_hand, fetching_tools, commands$/);
    expect(second).toMatch(/^2001:db8::1 .* 0 {2}-$/);
  });

  it('gives all columns as JSON', async () => {
    const rows = JSON.parse((await decnet('attackers --json')).out) as unknown[];
    expect(rows.map((row) => attacker.parse(row).src_ip)).toEqual([IP, '2001:db8::1']);
  });

  it('says what to do where there are none', async () => {
    rmSync(join(dir, 'decnet.db'));
    const { status, out, err } = await decnet('attackers');
    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err).toContain('worker profiler --once');
  });
});

describe('decnet attacker', () => {
  it('tells score, way, sessions and similar ones, and nothing of it reaches the terminal raw', async () => {
    const { status, out } = await decnet(`attacker ${IP}`);
    expect(status).toBe(0);
    expect(out).toContain('score       45 of 100');
    expect(out).toContain('+15 fetching_tools (1)');
    expect(out).toContain('2 deckies in 2 h 00 min, 3 hops');
    expect(out).toContain('omega, ssh: 3 refused logins');
    expect(out).toContain('session 00000001');
    expect(out).toMatch(/00000001 +00000002 +0 +0\n/);
    expect(out).not.toMatch(RAW);
  });

  it('gives everything as JSON', async () => {
    const found = JSON.parse((await decnet(`attacker ${IP} --json`)).out) as Record<string, unknown[]>;
    expect(found).toMatchObject({ attacker: { src_ip: IP }, traversals: [{ hop_count: 3 }] });
    expect(found['sessions']).toHaveLength(2);
    expect(found['similar']).toHaveLength(2);
  });

  it('knows an address by any of its spellings', async () => {
    const found = JSON.parse((await decnet('attacker 2001:DB8:0::1 --json')).out) as unknown;
    expect(found).toMatchObject({ attacker: { src_ip: '2001:db8::1' } });
  });

  it('fails for an address that nobody came from', async () => {
    const { status, err } = await decnet('attacker 198.51.100.1');
    expect(status).toBe(1);
    expect(err).toContain('nobody came from 198.51.100.1 (E_NO_SUCH_ATTACKER)');
  });
});
