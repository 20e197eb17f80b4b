import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/store/open.js';
import { sampleProfile, sampleSession, SID } from './sample-rows.js';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-sessions-'));
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const changed = async (seq: number, limit = 99) =>
  (await store.sessions.changedSince(seq, limit)).map((row) => row.sid);
const seqOf = async (sid: string) => (await store.sessions.get(sid))!.change_seq;

describe('the change feed of sessions', () => {
  it('names a session again after every change of its row or its profile, and nobody else', async () => {
    const other = sampleSession({ sid: 'other' });
    await store.sessions.insert(sampleSession());
    await store.sessions.insert(other);
    expect(await changed(0)).toEqual([SID, 'other']);
    let seq: number;
    const changes = [
      () => store.sessions.update(SID, { lines: 9 }),
      async () => store.sessions.settle(SID, await seqOf(SID), { pending: false }),
      () => store.sessions.putMany([sampleSession({ lines: 10 })]),
      () => store.sessions.forgetPart('omega', 'ssh', 'sessions-2026-11-23.jsonl', 9),
      () => store.sessionProfile.put(sampleProfile()),
      () => store.sessionProfile.put(sampleProfile({ kd_class: 'human' })),
      () => store.sessions.requeueOlderProfiles(2),
    ];
    await store.sessions.update('other', { parts: [], decky: 'psi' });
    seq = await seqOf('other');
    for (const change of changes) {
      await change();
      expect(await changed(seq)).toEqual([SID]);
      seq = await seqOf(SID);
    }
    expect(await changed(seq)).toEqual([]);
  });

  it('gives no two rows the same number, also where one statement changes many', async () => {
    const sids = ['a', 'b', 'c', 'd', 'e'];
    await store.sessions.putMany(sids.map((sid) => sampleSession({ sid, last_line_at: 1 })));
    const seen = await seqOf('e');
    expect(await store.sessions.abandonSilent(100)).toBe(5);
    const paged: string[] = [];
    let seq = seen;
    for (let page = await store.sessions.changedSince(seq, 2); page.length > 0;) {
      paged.push(...page.map((row) => row.sid));
      seq = page.at(-1)!.change_seq;
      page = await store.sessions.changedSince(seq, 2);
    }
    expect(paged.toSorted()).toEqual(sids);
  });

  it('does not change at all when a transaction is undone', async () => {
    await store.sessions.insert(sampleSession());
    const seq = await seqOf(SID);
    const undone = store.transaction(async (tables) => {
      await tables.sessions.update(SID, { lines: 77 });
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await changed(seq)).toEqual([]);
  });

  it('shows a reader that follows it every row, as it is in the end, however it reads', async () => {
    const sids = ['a', 'b', 'c', 'd'];
    await store.sessions.putMany(sids.map((sid) => sampleSession({ sid, lines: 0 })));
    const steps = fc.array(fc.record({ sid: fc.constantFrom(...sids), lines: fc.nat(9), read: fc.nat(2) }));
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const known = new Map<string, number>();
        let seq = 0;
        const read = async (limit: number) => {
          const rows = await store.sessions.changedSince(seq, limit);
          for (const row of rows) known.set(row.sid, row.lines);
          seq = rows.at(-1)?.change_seq ?? seq;
          return rows.length;
        };
        for (const step of all) {
          await store.sessions.update(step.sid, { lines: step.lines });
          if (step.read > 0) await read(step.read);
        }
        while ((await read(3)) > 0);
        const rows = await store.sessions.getMany(sids);
        expect(known).toEqual(new Map([...rows].map(([sid, row]) => [sid, row.lines])));
      }),
      { numRuns: 20 },
    );
  });
});

describe('sessions of a shard that is not read to its end', () => {
  it('are neither abandoned nor computed, unless their end is there', async () => {
    const behind = [{ decky: 'omega', service: 'ssh' }];
    const old = { last_line_at: 1, pending: true, retry_at: 0 };
    await store.sessions.insert(sampleSession({ sid: 'live', last_line_at: 1 }));
    await store.sessions.insert(sampleSession({ sid: 'log', ...old, state: 'ended', end_from: 'log' }));
    await store.sessions.insert(sampleSession({ sid: 'shard', ...old, state: 'ended', end_from: 'shard' }));
    await store.sessions.insert(sampleSession({ sid: 'psi', ...old, state: 'ended', end_from: 'log', decky: 'psi' }));
    const due = async (places: typeof behind, after: string) => (await store.sessions.nextDue(9, after, places))?.sid;
    expect(await store.sessions.abandonSilent(100, behind)).toBe(0);
    expect([await due(behind, ''), await due(behind, 'omega')]).toEqual(['shard', 'psi']);
    expect([await due([], ''), await due([], 'omega')]).toEqual(['log', 'psi']);
    expect(await store.sessions.abandonSilent(100, [])).toBe(1);
  });
});
