import { expect } from 'vitest';
import type { Pipeline } from './pipeline.js';
import { until } from './pipeline-until.js';

interface Attacker {
  readonly src_ip: string;
  readonly sessions: number;
  readonly deckies: number;
  readonly services: number;
  readonly commands: number;
  readonly classes: string;
  readonly first_seen: number;
  readonly score: number;
  readonly reasons: string;
}

/**
 * What the profiler must have made of the sessions of these addresses: counted here by SQL of the test's own. Waits for it,
 * since the profiler comes after the ingester.
 */
export async function profiled(pipeline: Pipeline, addresses: readonly string[]): Promise<void> {
  const counts = (ip: string) => pipeline.rows<Omit<Attacker, 'classes' | 'score' | 'reasons'>>(COUNTS, ip);
  await until(
    () => {
      for (const ip of addresses) {
        const [want] = counts(ip);
        const [have] = pipeline.rows<Attacker>('select * from attackers where src_ip = ?', ip);
        const part = Object.fromEntries(Object.keys(want ?? {}).map((key) => [key, have?.[key as keyof Attacker]]));
        if (JSON.stringify(part) !== JSON.stringify(want))
          return `${JSON.stringify(have)} is not ${JSON.stringify(want)}`;
      }
      return null;
    },
    { everyMs: 200 },
  );
  expect(pipeline.rows<Attacker>('select * from attackers order by src_ip').map(({ src_ip }) => src_ip)).toEqual(
    [...addresses].sort(),
  );
  for (const ip of addresses) {
    const [attacker] = pipeline.rows<Attacker>('select * from attackers where src_ip = ?', ip);
    const classes = pipeline.rows<{ kd_class: string; n: number }>(CLASSES, ip);
    const stored = JSON.parse(attacker?.classes ?? '{}') as Record<string, number>;
    expect(Object.fromEntries(Object.entries(stored).filter(([, n]) => n > 0))).toEqual(
      Object.fromEntries(classes.map((row) => [row.kd_class, row.n])),
    );
    const reasons = JSON.parse(attacker?.reasons ?? '[]') as { points: number }[];
    expect(attacker?.score).toBe(reasons.reduce((sum, { points }) => sum + points, 0));
  }
}

const COUNTS = `select s.src_ip, count(distinct s.sid) as sessions, count(distinct s.decky) as deckies,
    count(distinct s.service) as services, min(s.started_at) as first_seen,
    (select count(*) from session_commands c join sessions o on o.sid = c.sid
      where o.src_ip = s.src_ip and c.source not in ('hidden', 'unfinished')) as commands
  from sessions s where s.src_ip = ? group by s.src_ip`;

const CLASSES = `select p.kd_class, count(*) as n from session_profile p join sessions s on s.sid = p.sid
  where s.src_ip = ? group by p.kd_class order by p.kd_class`;

/** One traversal for each address, over all of its deckies, with all of its sessions; stated as a fact. */
export function expectTraversals(pipeline: Pipeline, addresses: readonly string[]): void {
  const rows = pipeline.rows<{ src_ip: string; deckies: number; hop_count: number }>(
    'select src_ip, deckies, hop_count from traversals order by src_ip',
  );
  const wanted = pipeline.rows(
    `select src_ip, count(distinct decky) as deckies, count(*) as hop_count from sessions
      where src_ip is not null and started_at is not null group by src_ip having count(distinct decky) > 1 order by src_ip`,
  );
  expect(rows).toEqual(wanted);
  for (const ip of addresses) {
    const stated = pipeline.rows<{ line: string }>(
      `select line from logs where msgid = 'traversal_detected' and line like ?`,
      `%"${ip}"%`,
    );
    expect(stated.length, `traversals of ${ip} that were stated`).toBeGreaterThan(0);
    expect(new Set(stated.map(({ line }) => line)).size).toBe(stated.length);
  }
}

interface Hashes {
  readonly sid: string;
  readonly kd_digraph_simhash: string | null;
  readonly kd_rhythm_simhash: string | null;
}

/** Every pair that is near enough, compared each with each: docs/attackers.md. Gives how many there are. */
export async function similarCompared(pipeline: Pipeline): Promise<number> {
  const typists = pipeline.rows<Hashes>(
    `select sid, kd_digraph_simhash, kd_rhythm_simhash from session_profile where kd_class in ('human', 'jittered') order by sid`,
  );
  const near = new Set<string>();
  for (const [i, a] of typists.entries()) {
    for (const b of typists.slice(i + 1)) {
      const rhythm = bitsApart(a.kd_rhythm_simhash, b.kd_rhythm_simhash);
      const vocabulary = bitsApart(a.kd_digraph_simhash, b.kd_digraph_simhash);
      if ((rhythm ?? vocabulary ?? 64) <= 12) near.add(`${a.sid} ${b.sid}`);
    }
  }
  const stored = (): string[] =>
    pipeline
      .rows<{ sid: string; other_sid: string }>('select sid, other_sid from similar_sessions')
      .map((row) => [row.sid, row.other_sid].sort().join(' '));
  await until(() => ([...near].every((pair) => stored().includes(pair)) ? null : 'similar sessions are missing'));
  expect(new Set(stored())).toEqual(near);
  return near.size;
}

function bitsApart(a: string | null, b: string | null): number | null {
  if (a === null || b === null) return null;
  const apart = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  return [...apart.toString(2)].filter((bit) => bit === '1').length;
}
