import { describe, expect, it } from 'vitest';
import type { EventDraft } from '../../../src/bus/transport.js';
import { judgeLine } from '../../../src/workers/collector/judge-line.js';
import { ringBatch } from '../../../src/workers/collector/ring-batch.js';
import { spooled } from '../../spool/temporary-spool.js';
import { pagePayload } from '../page-payload.js';
import { noise, recordedLine, SID, startedLine } from './fake-sources.js';

function ring(lines: { text: string; decky?: string; service?: string | null }[], answer = Promise.resolve(true)) {
  const rung: { topic: string; draft: EventDraft }[] = [];
  const bus = {
    publishSafely(topic: string, draft: EventDraft) {
      rung.push({ topic, draft });
      return answer;
    },
  };
  const spooledLines = lines.map(({ text, ...over }, n) => spooled(n, { text, ...over }));
  const sessions = spooledLines.flatMap((line) => {
    const { session } = judgeLine(line.text);
    return session === undefined ? [] : [{ line, session }];
  });
  ringBatch(bus, { v: 1, seq: 7, at: 1, lines: spooledLines, positions: {}, counts: {} }, sessions);
  return rung;
}

describe('what is rung for a batch', () => {
  it('is nothing for one that only moves positions', () => {
    expect(ring([])).toEqual([]);
  });

  it('names the service that the stream is known to belong to, whatever the line says', () => {
    const rung = ring([{ text: startedLine(), service: 'telnet' }, { text: startedLine() }]);
    expect(rung.map(({ draft }) => draft.payload?.['service'])).toEqual([undefined, 'telnet', 'ssh']);
  });

  it('is a start for session_started, an end for session_recorded, and nothing for what only looks so', () => {
    const rung = ring([
      { text: startedLine() },
      { text: recordedLine() },
      { text: recordedLine('not-a-sid') },
      { text: startedLine().replace('sessrec', 'cron') },
      { text: noise(1) },
    ]);
    expect(rung.map(({ topic }) => topic)).toEqual([
      'system.log',
      'attacker.session.started',
      'attacker.session.ended',
    ]);
    expect(rung[2]?.draft.payload).toMatchObject({ sid: SID, decky: 'omega' });
    const [line, started, ended] = rung.map(({ draft }) => Object.keys(draft.payload!));
    expect(line).toEqual(Object.keys(pagePayload('spool', 'system.log', 'line')));
    expect(started).toEqual(Object.keys(pagePayload('spool', 'attacker.session.started', 'started')));
    expect(ended).toEqual(started);
  });

  it('is bounded: 64 deckies named, 256 sessions rung', () => {
    const rung = ring(Array.from({ length: 600 }, (_, n) => ({ text: recordedLine(), decky: `d${n % 100}` })));
    expect(rung).toHaveLength(1 + 256);
    expect(rung[0]?.draft.payload).toMatchObject({ lines: 600, seq: 7 });
    expect(rung[0]?.draft.payload?.['deckies']).toHaveLength(64);
  });

  it('waits for no bus', () => {
    expect(ring([{ text: noise(1) }], new Promise<boolean>(() => undefined))).toHaveLength(1);
  });
});
