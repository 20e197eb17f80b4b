import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SpoolCounts } from '../../../src/contract/spool-batch.js';
import { BATCH_MAX_BYTES, BATCH_MAX_LINES, gatherBatch } from '../../../src/workers/collector/gather-batch.js';
import { createQuota } from '../../../src/workers/collector/quota.js';
import type { Source } from '../../../src/workers/collector/source.js';
import { createFakeSources, noise, NOW, recordedLine, SID, startedLine } from './fake-sources.js';

function setUp(burstBytes = 1e9) {
  const fakes = createFakeSources();
  const quota = createQuota({ bytesPerS: 1, burstBytes, now: () => NOW, log: () => undefined });
  const open = (name: string, decky = name, service: string | null = null): Source =>
    fakes.opener.open(
      { id: `file:/logs/${name}`, decky, service, kind: 'file', at: `/logs/${name}`, untrusted: false },
      { position: undefined, now: () => NOW },
    );
  const gather = (sources: Source[], counts = new Map<string, SpoolCounts>()) =>
    gatherBatch(sources, { quota, counts });
  return { fakes, open, gather };
}

describe('a batch', () => {
  it('is nothing where nothing has come', async () => {
    const { open, gather } = setUp();
    expect(await gather([open('omega')])).toMatchObject({ draft: undefined, more: false, visited: 1 });
    expect(await gather([])).toMatchObject({ draft: undefined, more: false, visited: 0 });
  });

  it('has each log line, whose it is by its source, and where it stands by its id', async () => {
    const { fakes, open, gather } = setUp();
    fakes.stream('a').write(startedLine());
    const { draft, sessions } = await gather([open('a', 'omega', 'ssh')]);
    expect(draft).toEqual({
      lines: [
        {
          event_id: createHash('sha256').update('file:/logs/a\x000').digest('hex'),
          source: 'file:/logs/a',
          decky: 'omega',
          service: 'ssh',
          received_at: NOW,
          text: startedLine(),
        },
      ],
      positions: { 'file:/logs/a': { next: 1 } },
      counts: { omega: { lines: 1, quarantined: 0, over_quota_lines: 0, over_quota_bytes: 0 } },
    });
    expect(sessions).toMatchObject([{ line: draft?.lines[0], session: { msgid: 'session_started', sid: SID } }]);
  });

  it('puts what is no log line aside and counts it, on top of what was counted before', async () => {
    const { fakes, open, gather } = setUp();
    fakes.stream('omega').write('%%% nothing that anybody logs \x00', noise(1));
    const before = { lines: 7, quarantined: 3, over_quota_lines: 2, over_quota_bytes: 99 };
    const { draft, junk } = await gather([open('omega')], new Map([['omega', before]]));
    expect(draft?.lines.map(({ text }) => text)).toEqual([noise(1)]);
    expect(draft?.counts).toEqual({ omega: { ...before, lines: 8, quarantined: 4 } });
    expect(junk).toMatchObject([{ decky: 'omega', text: '%%% nothing that anybody logs \x00' }]);
  });

  it('moves on over what is dropped, so that it is not read again', async () => {
    const { fakes, open, gather } = setUp(1);
    fakes.stream('omega').write(noise(1), noise(2));
    const { draft, dropped } = await gather([open('omega')]);
    const bytes = noise(1).length * 2 + 2;
    expect(draft).toMatchObject({ lines: [], positions: { 'file:/logs/omega': { next: 2 } } });
    expect(draft?.counts).toMatchObject({ omega: { over_quota_lines: 2, over_quota_bytes: bytes } });
    expect(dropped).toEqual({ lines: 2, bytes });
  });

  it('gives every source a turn, however loud another is, and what they leave to the loud one', async () => {
    const { fakes, open, gather } = setUp();
    const sources = ['loud', 'a', 'b', 'c'].map((name) => open(name));
    fakes.stream('loud').write(...Array.from({ length: 50_000 }, (_, n) => noise(n)));
    for (const name of ['a', 'b', 'c']) fakes.stream(name).write(noise(name));
    const { draft, more, visited } = await gather(sources);
    const from = (decky: string) => draft?.lines.filter((line) => line.decky === decky).length ?? 0;
    expect(['a', 'b', 'c'].map(from)).toEqual([1, 1, 1]);
    expect(from('loud')).toBe(BATCH_MAX_LINES - 3);
    expect([more, visited]).toEqual([true, 4]);
  });

  it('is shared alike by those that are all loud', async () => {
    const { fakes, open, gather } = setUp();
    const sources = ['a', 'b', 'c', 'd'].map((name) => open(name));
    for (const name of ['a', 'b', 'c', 'd']) {
      fakes.stream(name).write(...Array.from({ length: 5000 }, (_, n) => noise(n)));
    }
    const { draft, more } = await gather(sources);
    const from = (decky: string) => draft?.lines.filter((line) => line.decky === decky).length ?? 0;
    expect(['a', 'b', 'c', 'd'].map(from)).toEqual([500, 500, 500, 500]);
    expect(more).toBe(true);
  });

  it('is bounded in lines and bytes, and says how many had their turn', async () => {
    const { fakes, open, gather } = setUp();
    const sources = Array.from({ length: 300 }, (_, n) => open(`s${n}`));
    for (let n = 0; n < 300; n++) fakes.stream(`s${n}`).write(...Array.from({ length: 60 }, (_, i) => noise(i)));
    const { draft, more, visited } = await gather(sources);
    expect([draft?.lines.length, more, visited]).toEqual([BATCH_MAX_LINES, true, 40]);

    const big = Array.from({ length: 30 }, (_, n) => open(`big${n}`));
    for (let n = 0; n < 30; n++)
      fakes.stream(`big${n}`).write(...Array.from({ length: 9 }, () => noise('y'.repeat(60_000))));
    const bytes = (await gather(big)).draft?.lines.reduce((sum, { text }) => sum + text.length, 0) ?? 0;
    expect(bytes).toBeGreaterThan(BATCH_MAX_BYTES / 2);
    expect(bytes).toBeLessThan(BATCH_MAX_BYTES + 30 * 60_100);
  });

  it('keeps the end of a session though junk and refused logins fill all of the quota', async () => {
    const burst = 100_000;
    const { fakes, open, gather } = setUp(burst);
    const sshd = '<38>1 - omega sshd - - - Failed password for root from 203.0.113.9 port 1 ssh2';
    const flood = Array.from({ length: 900 }, (_, n) => [
      `junk ${'z'.repeat(150)} ${n}`,
      noise('n'.repeat(120)),
      sshd,
    ]).flat();
    fakes.stream('junk').write(...flood);
    fakes.stream('log').write(recordedLine());
    const first = await gather([open('junk', 'omega')]);
    const second = await gather([open('junk', 'omega')]);
    expect(first.dropped.lines + second.dropped.lines).toBeGreaterThan(2000);
    const { draft, sessions } = await gather([open('log', 'omega')]);
    expect([draft?.lines.length, sessions.length]).toEqual([1, 1]);
  });
});
