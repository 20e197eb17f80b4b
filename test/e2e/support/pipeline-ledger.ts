import { expect } from 'vitest';
import type { SessionRow } from '../../../src/contract/session-row.js';
import type { Pipeline } from './pipeline.js';
import type { PipelineDecky } from './pipeline-decky.js';
import type { Offline, OfflineSession } from './pipeline-offline.js';
import { readLogLine } from './log-tap.js';
import { until, type UntilOptions } from './pipeline-until.js';

/** As the database has it: JSON and booleans not read yet. */
type StoredSession = Omit<SessionRow, 'pending' | 'anchored' | 'truncated'> & Record<'pending' | 'anchored', 0 | 1>;
type Row = Record<string, unknown>;

const THEIRS = `decky = ? and source not like 'worker:%'`;

/** Waits until everything that these deckies' files hold has come to the tables, and nothing is left to be computed. */
export async function settled(
  pipeline: Pipeline,
  deckies: readonly PipelineDecky[],
  offline: Offline,
  options: UntilOptions = {},
): Promise<void> {
  const look = (): string | null => {
    for (const { name } of deckies) {
      const [row] = pipeline.rows<{ n: number }>(`select count(*) as n from logs where ${THEIRS}`, name);
      const want = offline.lines.get(name)?.length ?? 0;
      if ((row?.n ?? 0) < want) return `${name} has ${row?.n ?? 0} of ${String(want)} log lines`;
    }
    const rows = sessionsOf(pipeline, deckies);
    const want = offline.recorded.size + offline.executed.size;
    if (rows.length < want) return `${String(rows.length)} of ${String(want)} sessions`;
    const open = rows.find((row) => row.pending === 1 || row.state === 'live');
    if (open !== undefined) return `session ${open.sid} of ${open.decky} is ${open.state}: ${JSON.stringify(open)}`;
    // What a log line vouches for may come after the shard.
    const recorded = rows.filter(({ reason }) => reason !== null && reason !== '').length;
    return recorded < [...offline.recorded.values()].filter(ended).length ? 'some end is missing' : null;
  };
  try {
    await until(look, { everyMs: 200, timeoutMs: 60_000, ...options });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${pipeline.report()}`, { cause: error });
  }
}

/** Everything exactly once, and as the deckies' files alone have it. */
export function expectLedger(pipeline: Pipeline, deckies: readonly PipelineDecky[], offline: Offline): void {
  expectSessions(pipeline, deckies, offline);
  expectLines(pipeline, deckies, offline);
  const unanchored = sessionsOf(pipeline, deckies).filter((row) => row.end_from === 'shard' && row.anchored === 0);
  expect(unanchored, 'a line outside the decky vouches for every end').toEqual([]);
}

/** What comes of the shards alone, whatever became of the log. */
export function expectSessions(pipeline: Pipeline, deckies: readonly PipelineDecky[], offline: Offline): void {
  const rows = sessionsOf(pipeline, deckies);
  expect(rows.map(({ sid }) => sid).sort(), 'every session once').toEqual(
    [...offline.recorded.keys(), ...offline.executed.keys()].sort(),
  );
  for (const row of rows) {
    const recorded = offline.recorded.get(row.sid);
    if (recorded !== undefined) expectRecorded(pipeline, row, recorded);
    const executed = offline.executed.get(row.sid);
    if (executed !== undefined) {
      const { service, status } = executed.params;
      expect(row).toMatchObject({ decky: executed.decky, service, kind: 'exec', state: 'ended' });
      expect(String(row.status ?? '-')).toBe(status);
    }
  }
}

function expectLines(pipeline: Pipeline, deckies: readonly PipelineDecky[], offline: Offline): void {
  for (const { name } of deckies) {
    const lines = offline.lines.get(name) ?? [];
    const stored = pipeline.rows<{ line: string }>(`select line from logs where ${THEIRS}`, name);
    expect(
      differences(
        stored.map(({ line }) => line),
        lines,
      ),
      `log lines of ${name}`,
    ).toEqual({ more: [], fewer: [] });
    const anchors = pipeline.rows<{ sid: string; lines: number; sha256: string }>(
      'select sid, lines, sha256 from session_anchors where decky = ?',
      name,
    );
    const stated = lines
      .flatMap((text) => readLogLine(text) ?? [])
      .filter(({ msgid }) => msgid === 'session_recorded' || msgid === 'session_checkpoint')
      .map(({ params }) => `${params['sid'] ?? ''} ${params['lines'] ?? ''} ${params['sha256'] ?? ''}`);
    const kept = anchors.map((anchor) => `${anchor.sid} ${String(anchor.lines)} ${anchor.sha256}`);
    // A checkpoint and the end may vouch for the same lines: one row.
    expect(kept.sort(), `anchors of ${name}`).toEqual([...new Set(stated)].sort());
  }
}

function expectRecorded(pipeline: Pipeline, row: StoredSession, offline: OfflineSession): void {
  const { decky, service, recording, profile, commands } = offline;
  const { end } = recording;
  expect(row, `session ${row.sid}`).toMatchObject({
    ...{ decky, service, lines: recording.lines.length, pending: 0, last_error: null, hidden_typing: 0 },
    ...(end === undefined
      ? { state: 'abandoned', verification: 'unsealed', reason: null }
      : {
          ...{ state: 'ended', verification: 'intact', end_from: 'shard', verified_sha256: end.sha256 },
          ...{ reason: end.reason, status: end.status, signal: end.signal },
          ...{ bytes_in: end.bytes_in, bytes_out: end.bytes_out, undelivered: end.undelivered },
        }),
  });
  const [stored, second] = pipeline.rows<Row>('select * from session_profile where sid = ?', row.sid);
  expect(second).toBeUndefined();
  const bigrams = JSON.parse(String(stored?.['kd_top_bigrams'])) as unknown;
  const { computed_at: _when, ...computed } = profile;
  expect({ ...stored, kd_top_bigrams: bigrams, computed_at: 0 }, `profile of ${row.sid}`).toEqual({
    ...computed,
    computed_at: 0,
  });
  const kept = pipeline.rows<Row>('select * from session_commands where sid = ? order by seq', row.sid);
  expect(kept, `commands of ${row.sid}`).toEqual(commands);
}

function sessionsOf(pipeline: Pipeline, deckies: readonly PipelineDecky[]): StoredSession[] {
  return deckies.flatMap(({ name }) => pipeline.rows<StoredSession>('select * from sessions where decky = ?', name));
}

const ended = ({ recording }: OfflineSession): boolean => recording.end !== undefined;

/** What one list has more and fewer of than the other, as multisets; at most a few of each. */
function differences(actual: readonly string[], expected: readonly string[]): { more: string[]; fewer: string[] } {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  const more = actual.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
  const fewer = [...counts].flatMap(([line, left]) => (left > 0 ? [line] : []));
  return { more: more.slice(0, 5), fewer: fewer.slice(0, 5) };
}
