import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionAnchorRow } from '../../src/contract/log-row.js';
import { openAnchorBook } from '../../src/services/anchor-book.js';
import { openStore, type Store } from '../../src/store/open.js';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-anchors-'));
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const sidAt = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

function anchor(n: number, lines: number, more: Partial<SessionAnchorRow> = {}): SessionAnchorRow {
  const event_id = `${String(n)} ${String(lines)}`;
  const facts = { lines, bytes: 1, sha256: 'a'.repeat(64), shard: 'sessions-2026-11-23.jsonl' };
  return { event_id, sid: sidAt(n), decky: 'omega', msgid: 'session_checkpoint', received_at: 1, ...facts, ...more };
}

describe('anchors that come', () => {
  it('are weighed where a decky has vouched a hundred and thirty thousand times', { timeout: 60_000 }, async () => {
    const [sids, each] = [65, 2000];
    await store.transaction(async ({ sessionAnchors }) => {
      for (let n = 0; n < sids; n++) {
        await sessionAnchors.insert(Array.from({ length: each }, (_, lines) => anchor(n, lines)));
      }
    });
    const come = Array.from({ length: sids }, (_, n) => anchor(n, each));
    const book = await openAnchorBook(
      store,
      come,
      come.map(({ sid }) => sid),
    );
    expect(come.map((one) => book.weigh(one).isNew)).not.toContain(false);
    expect(book.countsOf(sidAt(3))).toEqual(new Map([['omega', each + 1]]));
  });

  it('count once each, by decky, whether they were there before or come twice at once', async () => {
    await store.sessionAnchors.insert([anchor(1, 5), anchor(1, 5, { decky: 'psi' })]);
    const same = anchor(1, 7);
    const come = [anchor(1, 5), anchor(1, 5, { sha256: 'b'.repeat(64) }), same, same, anchor(1, 5, { decky: 'zen' })];
    const book = await openAnchorBook(store, come, [sidAt(1)]);
    const weighed = come.map((one) => book.weigh(one)).map(({ isNew, conflict }) => conflict?.what ?? isNew);
    expect(weighed).toEqual([false, 'anchors_disagree', true, false, true]);
    expect(Object.fromEntries(book.countsOf(sidAt(1)))).toEqual({ omega: 2, psi: 1, zen: 1 });
    expect(book.added).toHaveLength(2);
  });
});
