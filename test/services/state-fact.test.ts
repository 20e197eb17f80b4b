import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moveOutbox } from '../../src/services/move-outbox.js';
import { factId, FINDINGS_A_DAY, stateFact, stateFacts, type Fact } from '../../src/services/state-fact.js';
import { openStore, type Store } from '../../src/store/open.js';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-fact-'));
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const DAY = 86_400_000;
const AT = 20_000 * DAY + 5;
const conflict = (key: string, changes: Partial<Fact> = {}): Fact => ({
  ...{ worker: 'ingester', msgid: 'evidence_conflict', severity: 4, key, at: AT, decky: 'omega', service: 'ssh' },
  params: [
    ['what', 'second_end'],
    ['decky', 'omega'],
    ['detail', key],
  ],
  finding: { kind: 'evidence_conflict', sid: null, src_ip: null, summary: key, evidence: { n: 1 } },
  ...changes,
});
const { finding: _, ...lineOnly } = conflict('a line', {
  worker: 'profiler',
  msgid: 'traversal_detected',
  severity: 6,
});
const lines = async () => (await store.logs.since(0, 5000)).map(({ line }) => line);

describe('stateFact', () => {
  it('makes a finding and a line that says the same, once', async () => {
    expect(await store.transaction((tables) => stateFact(tables, conflict('k')))).toBe(true);
    expect(await store.transaction((tables) => stateFact(tables, conflict('k', { at: AT + 9 })))).toBe(false);
    expect(await store.findings.list()).toEqual([
      {
        ...{ key: 'k', kind: 'evidence_conflict', at: AT, stated_by: 'ingester', decky: 'omega', service: 'ssh' },
        ...{ sid: null, src_ip: null, summary: 'k', evidence: { n: 1 }, acknowledged_by: null, acknowledged_at: null },
      },
    ]);
    expect(await moveOutbox(store)).toEqual({ lines: 1, more: false });
    expect(await store.logs.get(factId(conflict('k')))).toMatchObject({
      ...{ source: 'worker:ingester', decky: 'omega', service: 'ssh', received_at: AT, severity: 4, app: 'ingester' },
      ...{ msgid: 'evidence_conflict', time_us: AT * 1000 },
      line: '<132>1 2024-10-04T00:00:00.005000+00:00 - ingester - evidence_conflict [relay@55555 what="second_end" decky="omega" detail="k"]',
    });
  });

  it('states a line without a finding once, also when it is in the log already', async () => {
    const state = () => store.transaction((tables) => stateFact(tables, lineOnly));
    expect([await state(), await state()]).toEqual([true, true]);
    expect(await moveOutbox(store)).toMatchObject({ lines: 1 });
    expect(await state()).toBe(false);
    expect(await moveOutbox(store)).toMatchObject({ lines: 0 });
    expect(await lines()).toHaveLength(1);
    expect(await store.findings.list()).toEqual([]);
  });

  it('leaves nothing behind when its transaction is undone', async () => {
    const undone = store.transaction(async (tables) => {
      await stateFact(tables, conflict('k'));
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect([await store.findings.list(), await store.outbox.isEmpty()]).toEqual([[], true]);
  });

  it('keeps no more than a thousand of a decky, kind and day, and one that says so', async () => {
    const many = (decky: string, from: number, count: number, at = AT) =>
      Array.from({ length: count }, (__, n) => conflict(`${decky} ${from + n}`, { decky, at }));
    const state = (facts: readonly Fact[]) => store.transaction((tables) => stateFacts(tables, facts));
    expect(await state(many('omega', 0, FINDINGS_A_DAY - 1))).toBe(FINDINGS_A_DAY - 1);
    expect(await state(many('omega', 5000, 30))).toBe(1);
    expect(await state(many('omega', 6000, 30))).toBe(0);
    const [newest, ...others] = await store.findings.list();
    expect(others).toHaveLength(FINDINGS_A_DAY);
    expect(newest).toMatchObject({ key: 'evidence_conflict/too_many/omega/2024-10-04', service: null });
    // Neither another decky nor the next day pays for it.
    expect(await state(many('psi', 0, 3))).toBe(3);
    expect(await state(many('omega', 7000, 3, AT + DAY))).toBe(3);
    while ((await moveOutbox(store)).more);
    const said = await lines();
    expect(said).toHaveLength(FINDINGS_A_DAY + 1 + 3 + 3);
    expect(said.filter((line) => line.includes('what="too_many" decky="omega" detail="more than 1000'))).toHaveLength(
      1,
    );
  });
});
