import type { Bus } from '../../bus/transport.js';
import type { SpoolBatch } from '../../contract/spool-batch.js';
import { topics } from '../../contract/topics.js';
import type { SpooledSession } from './gather-batch.js';

const DECKIES_MAX = 64;
const SESSIONS_MAX = 256;

/**
 * Rings for what is in the spool now. Not waited for: a bus that does not answer must not hold up the streams. Of a batch
 * with very many sessions the first are rung; the spool has them all.
 */
export function ringBatch(
  bus: Pick<Bus, 'publishSafely'>,
  batch: SpoolBatch,
  sessions: readonly SpooledSession[],
): void {
  if (batch.lines.length === 0) return;
  const deckies = [...new Set(batch.lines.map(({ decky }) => decky))].slice(0, DECKIES_MAX);
  void bus.publishSafely(topics.systemLog, {
    type: 'line',
    payload: { lines: batch.lines.length, deckies, seq: batch.seq },
  });
  let rung = 0;
  for (const { line, session } of sessions) {
    if (session.msgid !== 'session_started' && session.msgid !== 'session_recorded') continue;
    if (++rung > SESSIONS_MAX) return;
    const { sid, src_ip } = session;
    const { decky, event_id } = line;
    const payload = { sid, decky, service: line.service ?? session.service, src_ip, event_id };
    if (session.msgid === 'session_started')
      void bus.publishSafely(topics.sessionStarted, { type: 'started', payload });
    else void bus.publishSafely(topics.sessionEnded, { type: 'ended', payload });
  }
}
