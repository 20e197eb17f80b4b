import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SpoolBatch, SpooledLine } from '../../src/contract/spool-batch.js';
import { formatLogLine } from '../../src/syslog/format.js';
import { PART, START_S, type GeneratedSession } from './shard-lines.js';

type Params = readonly (readonly [string, string | number | boolean | null])[];

/** A recorder's line, so many seconds after the generated sessions begin; without its LF. */
export function statement(msgid: string, params: Params, atS = 0): string {
  return formatLogLine({ timeUs: Math.round((START_S + atS) * 1e6), host: 'omega', msgid, params }).slice(0, -1);
}

const who = [
  ['src_ip', '203.0.113.9'],
  ['user', 'root'],
] as const;

export function startedLine(sid: string, tty: string | null = 'pts/3'): string {
  const params = [
    ['sid', sid],
    ['service', 'ssh'],
    ...who,
    ['tty', tty],
    ['shard', PART],
    ['protected', 'true'],
  ] as const;
  return statement('session_started', params);
}

/** What vouches for the first `count` lines of a session. */
export function anchorFacts({ header, body }: GeneratedSession, count: number): { bytes: number; sha256: string } {
  const text = [header, ...body].slice(0, count).join('');
  return { bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') };
}

export function checkpointLine(session: GeneratedSession, count: number, sha256?: string): string {
  const facts = anchorFacts(session, count);
  const params = [
    ['sid', session.sid],
    ['lines', count],
    ['bytes', facts.bytes],
    ['sha256', sha256 ?? facts.sha256],
    ['shard', PART],
  ] as const;
  return statement('session_checkpoint', params, 10);
}

/** As the recorder states the end that `generateSession` wrote; `changes` lays other values over. */
export function recordedLine(
  session: GeneratedSession,
  changes: Readonly<Record<string, string | number>> = {},
): string {
  const count = session.body.length + 1;
  const facts = anchorFacts(session, count);
  const stated = JSON.parse(session.end) as { t: number; end: Record<string, string | number | null> };
  const { reason, status, signal, bytes_in, bytes_out } = stated.end;
  const params = {
    ...{ sid: session.sid, service: 'ssh', src_ip: '203.0.113.9', duration_s: stated.t.toFixed(6), bytes: facts.bytes },
    ...{ truncated: false, user: 'root', reason, status, signal, bytes_in, bytes_out, lines: count },
    ...{ sha256: facts.sha256, shard: PART },
    ...changes,
  };
  return statement('session_recorded', Object.entries(params) as unknown as Params, stated.t);
}

export function execLine(
  sid: string,
  command: string,
  changes: Readonly<Record<string, string | number>> = {},
): string {
  const sha256 = createHash('sha256').update(command).digest('hex');
  const params = {
    ...{ sid, service: 'ssh', src_ip: '203.0.113.9', user: 'root', command, command_bytes: command.length },
    ...{ command_sha256: sha256, duration_s: '0.250000', bytes_in: null, bytes_out: null, status: 0, ...changes },
  };
  return statement('session_exec', Object.entries(params), 0.25);
}

export function skippedLine(reason: string): string {
  return statement('session_skipped', [['reason', reason], ['service', 'ssh'], ...who]);
}

export interface SpoolOptions {
  readonly decky?: string;
  readonly service?: string | null;
  readonly receivedAt?: number;
}

let batches = 0;
let ids = 0;

/** Appends a batch of lines to a spool, as the collector does. */
export function appendSpool(dir: string, texts: readonly string[], options: SpoolOptions = {}): SpooledLine[] {
  const { decky = 'omega', service = null, receivedAt = (START_S + 5) * 1000 } = options;
  const lines = texts.map((text): SpooledLine => {
    const event_id = createHash('sha256').update(String(ids++)).digest('hex');
    return { event_id, source: `file:${decky}`, decky, service, received_at: receivedAt, text };
  });
  appendBatch(dir, lines);
  return lines;
}

export function appendBatch(dir: string, lines: readonly SpooledLine[]): void {
  mkdirSync(dir, { recursive: true });
  const batch: SpoolBatch = { v: 1, seq: ++batches, at: 0, lines: [...lines], positions: {}, counts: {} };
  appendFileSync(join(dir, 'spool-00000001.jsonl'), `${JSON.stringify(batch)}\n`);
}
