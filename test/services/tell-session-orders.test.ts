import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeDue } from '../../src/services/compute-due.js';
import { createShardQueue } from '../../src/services/shard-queue.js';
import { takeSpool } from '../../src/services/take-spool.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendSpool, checkpointLine, execLine, recordedLine, startedLine } from './session-log.js';
import { appendShard, data, generateSession, START_S } from './shard-lines.js';

let dir: string;
let store: Store;
let runs = 0;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-merge-'));
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

interface Story {
  readonly shard: readonly string[];
  readonly log: readonly string[];
}

/** What shard and log tell of one session, each in its order. */
const STORIES: Readonly<Record<string, (sid: string) => Story>> = {
  'a terminal'(sid) {
    const session = generateSession(sid, { typed: 'uname -a\rid\r' });
    const log = [startedLine(sid), checkpointLine(session, 9), checkpointLine(session, 14), recordedLine(session)];
    return { shard: [session.header, ...session.body, session.end], log };
  },
  'a shard without an end'(sid) {
    const session = generateSession(sid);
    return { shard: [session.header, ...session.body], log: [startedLine(sid), recordedLine(session)] };
  },
  'a shard without a header or an end'(sid) {
    const session = generateSession(sid);
    return { shard: session.body, log: [startedLine(sid), recordedLine(session)] };
  },
  'no end at all'(sid) {
    const session = generateSession(sid);
    return { shard: [session.header, ...session.body], log: [startedLine(sid), checkpointLine(session, 7)] };
  },
  'lines after the end'(sid) {
    const session = generateSession(sid);
    const after = data(sid, 90, 'i', 'x') + data(sid, 90.1, 'o', 'x');
    return { shard: [session.header, ...session.body, session.end, after], log: [recordedLine(session)] };
  },
  'a command that the shard holds too'(sid) {
    const session = generateSession(sid, { tty: null, typed: '' });
    const command = data(sid, 0.0001, 'c', 'uptime\n') + data(sid, 0.0001, 'c', 'id');
    return { shard: [session.header, command, session.end], log: [execLine(sid, 'uptimeid')] };
  },
  'a command of which the shard lost the words'(sid) {
    const session = generateSession(sid, { tty: null, typed: '' });
    return { shard: [session.header, session.end], log: [execLine(sid, 'uptime')] };
  },
  'a command'(sid) {
    return { shard: [], log: [execLine(sid, 'uptime')] };
  },
  'a log that disagrees with the shard'(sid) {
    const session = generateSession(sid);
    const forged = checkpointLine(session, 5, 'a'.repeat(64));
    return {
      shard: [session.header, ...session.body, session.end],
      log: [forged, recordedLine(session, { status: 9 })],
    };
  },
};

type Op = 'shard' | 'log' | 'compute';

/** Plays a story in that order, then what is left of it, until nothing is due; returns all that the tables hold of it. */
async function play(story: (sid: string) => Story, ops: readonly Op[], isOnDisk: boolean) {
  const n = ++runs;
  const sid = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const place = { decky: `decky-${n}-`, service: 'ssh' };
  const { artifactsDir, spool } = { artifactsDir: join(dir, String(n)), spool: join(dir, 'spool') };
  let nowMs = (START_S + 20) * 1000;
  const now = () => (nowMs += 10);
  const { shard, log } = story(sid);
  const [shards, logs] = [[...shard], [...log]];
  const queue = createShardQueue({ store, artifactsDir, now, batchBytes: isOnDisk ? 300 : 4096 });
  if (isOnDisk) for (const line of shards) appendShard(artifactsDir, `${place.decky}/ssh`, line);

  const step: Record<Op, () => Promise<unknown>> = {
    async shard() {
      const line = isOnDisk ? undefined : shards.shift();
      if (line !== undefined) appendShard(artifactsDir, `${place.decky}/ssh`, line);
      await queue.look();
      return queue.step();
    },
    async log() {
      const line = logs.shift();
      if (line !== undefined) appendSpool(spool, [line], { decky: place.decky, receivedAt: now() });
      return takeSpool(store, { dir: spool });
    },
    compute: () => computeDue({ store, artifactsDir, now, behind: queue.behind, limit: 9 }),
  };
  for (const op of ops) await step[op]();
  while (logs.length > 0) await step.log();
  while (!isOnDisk && shards.length > 0) await step.shard();
  await queue.look();
  while ((await queue.step()) !== undefined);
  nowMs += 3_600_000;
  await step.compute();
  // What this run never has: others' sessions; nothing of theirs is silent or due.
  await store.sessions.abandonSilent(nowMs - 600_000);
  await step.compute();
  const { last_line_at: _, change_seq: __, ...row } = (await store.sessions.get(sid))!;
  const profile = await store.sessionProfile.get(sid);
  const commands = await store.sessionCommands.list(sid);
  const findings = (await store.findings.list({ sid })).map(({ key }) => key).toSorted();
  const all = { row, profile: profile && { ...profile, computed_at: 0 }, commands, findings };
  // Each play has a sid of its own, and with it its own digests.
  const alike = JSON.stringify(all).replaceAll(sid, 'SID').replaceAll(place.decky, 'DECKY');
  return JSON.parse(alike.replaceAll(/[0-9a-f]{64}/g, 'DIGEST')) as typeof all;
}

const ops = fc.array(fc.constantFrom<Op>('shard', 'log', 'log', 'compute'), { maxLength: 30 });

describe.each(Object.entries(STORIES))('of %s', (_, story) => {
  it('log and shard make one row, whichever is read first, and the same findings', async () => {
    const whole = await play(story, [], true);
    await fc.assert(
      fc.asyncProperty(ops, async (order) => {
        expect(await play(story, order, true)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('they make the same row also where the shard itself is late', async () => {
    const { findings: _findings, ...whole } = await play(story, [], true);
    await fc.assert(
      fc.asyncProperty(ops, async (order) => {
        const { findings: _late, ...rows } = await play(story, order, false);
        expect(rows).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  }, 60_000);
});
