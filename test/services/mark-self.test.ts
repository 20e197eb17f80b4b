import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionRow } from '../../src/contract/session-row.js';
import { markSelf } from '../../src/services/mark-self.js';
import type { SessionDelta } from '../../src/services/session-delta.js';
import { newSession } from '../../src/services/tell-session.js';
import { openStore, type Store } from '../../src/store/open.js';

const [SID, OTHER] = ['5f0a1c1e-0000-4000-8000-000000000001', '5f0a1c1e-0000-4000-8000-000000000002'];
const NONCE = '0123456789abcdef';
const NOW = 1_795_440_000_000;

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-self-'));
  store = await openStore({ path: join(dir, 'decnet.db') });
  await store.selfLogins.register({ nonce: NONCE, decky: 'omega', service: 'ssh', user: 'root', registered_at: NOW });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

function row(sid: string, changes: Partial<SessionRow> = {}): SessionRow {
  return { ...newSession(sid, 'omega', 'ssh', NOW), user: 'root', ...changes };
}

function delta(sid: string, term: string): SessionDelta {
  const header = { width: 80, height: 24, timestamp: NOW / 1000, env: { TERM: term }, login: null };
  return { sid, headers: [header], ends: [], parts: new Map(), lastTUs: 0, truncated: false, command: false };
}

async function originOf(
  one: SessionRow,
  term = `xterm-${NONCE}`,
  nowMs = NOW + 900,
  before: SessionRow[] = [],
): Promise<string | undefined> {
  const known = new Map(before.map((was) => [was.sid, was]));
  const [marked] = await store.transaction((tables) => markSelf(tables, [one], [delta(one.sid, term)], known, nowMs));
  return marked?.origin;
}

describe('a session that shows the nonce of a registered login', () => {
  it('is our own, and stays so when its lines are read again', async () => {
    expect(await originOf(row(SID))).toBe('self');
    expect(await originOf(row(SID))).toBe('self');
    expect(await store.selfLogins.find([NONCE])).toMatchObject([{ sid: SID }]);
  });

  it('is somebody who learned it, when another session showed it before', async () => {
    await originOf(row(SID));
    expect(await originOf(row(OTHER))).toBe('attacker');
  });

  it('is somebody who learned it, as another user, in another service, or in another decky', async () => {
    expect(await originOf(row(SID, { user: 'ada' }))).toBe('attacker');
    expect(await originOf(row(SID, { service: 'telnet' }))).toBe('attacker');
    expect(await originOf(row(SID, { decky: 'beta' }))).toBe('attacker');
    expect(await originOf(row(SID))).toBe('self');
  });

  it('is somebody who learned it, when our login came to nothing, or long after', async () => {
    expect(await originOf(row(SID), undefined, NOW + 61_000)).toBe('attacker');
    await store.selfLogins.withdraw(NONCE);
    expect(await originOf(row(SID))).toBe('attacker');
  });

  it('is our own however late it is read, when whoever logged in has said which it was', async () => {
    await store.selfLogins.spend(NONCE, SID);
    expect(await originOf(row(SID), undefined, NOW + 86_400_000)).toBe('self');
    expect(await originOf(row(OTHER), undefined, NOW + 900)).toBe('attacker');
  });

  it('is somebody who learned it, when it began with another header', async () => {
    const header = { user: 'root', src_ip: null, tty: 'pts/0', kind: 'tty', started_at: NOW } as const;
    const before = row(SID, { told: { header } });
    expect(await originOf(before, undefined, undefined, [before])).toBe('attacker');
  });

  it('is nobody of ours without the very nonce', async () => {
    for (const term of ['xterm', 'xterm-256color', 'xterm-fedcba9876543210', `xterm-${NONCE}0`]) {
      expect(await originOf(row(SID), term)).toBe('attacker');
    }
  });
});
