import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeGroup } from './groups.js';
import { pipelineDecky } from './support/pipeline-decky.js';
import { hostileDecky } from './support/pipeline-hostile.js';
import { expectLedger, settled } from './support/pipeline-ledger.js';
import { openLurkers } from './support/pipeline-lurkers.js';
import { readOffline } from './support/pipeline-offline.js';
import { playSshd } from './support/pipeline-sshd.js';
import { typeLogin, type Typist } from './support/pipeline-typists.js';
import { until } from './support/pipeline-until.js';
import { openPipeline, pipelinePlace, PIPELINE, type Pipeline } from './support/pipeline.js';
import { readLogLine } from './support/log-tap.js';

const MB = 1024 * 1024;
const FLOOD_BYTES = 256 * MB;
const MEMORY_KB = 400 * 1024;
const TYPISTS: readonly Typist[] = ['human', 'scripted', 'pasted', 'human', 'exec', 'scripted', 'block', 'hangup'];

describeGroup('pipeline', 'a decky in the hands of an attacker', () => {
  test('floods, forgeries and squatted files of one decky change nothing for the others, and are findings that name it', async () => {
    const place = pipelinePlace();
    onTestFinished(() => place.close());
    const [client] = await playSshd(place, ['127.0.0.21']);
    const victims = [pipelineDecky(place, 'omega'), pipelineDecky(place, 'delta')];
    const mallory = pipelineDecky(place, 'mallory');
    const lurking = join(place.folder, 'lurker.sock');
    const hostile = hostileDecky(place, mallory);
    const pipeline = openPipeline(
      place,
      [...[mallory, ...victims].map(({ source }) => source), { decky: 'lurker', kind: 'socket', path: lurking }],
      { decky_log_bytes_per_s: 64 * 1024, decky_log_burst_bytes: 4 * MB, abandoned_after_s: 20 },
    );
    hostile.squat(victims[0]!);
    hostile.babble();
    pipeline.start(...PIPELINE);
    await pipeline.ready(...PIPELINE);
    await until(() => (existsSync(lurking) ? null : 'no socket yet'));
    openLurkers(place, lurking, 200);

    // A session's first line is the victim's; from then on everybody may know its sid.
    const flood = hostile.flood(FLOOD_BYTES);
    const claimed = new Set<string>();
    const claims = setInterval(() => {
      for (const victim of victims) {
        for (const sid of shownSids(pipeline, victim.name)) {
          if (!claimed.has(sid)) hostile.claim(sid, victim.name);
          claimed.add(sid);
        }
      }
    }, 300);
    place.closers.push(() => clearInterval(claims));
    await Promise.all(
      TYPISTS.map((typist, n) =>
        typeLogin({ typist, decky: victims[n % 2]!, service: 'ssh', n, ...(client && { from: client }) }),
      ),
    );

    const offline = await readOffline(victims);
    await settled(pipeline, victims, offline, { timeoutMs: 30_000 });
    const own = randomUUID();
    hostile.contradict(own);
    await flood;
    clearInterval(claims);
    for (const sid of [...offline.recorded.keys(), ...offline.executed.keys()]) {
      if (!claimed.has(sid)) hostile.claim(sid, 'omega');
    }

    // Later than everything that was claimed: what its own contradiction makes is there.
    const about = (sid: string) =>
      pipeline.rows<{ decky: string }>(`select * from findings where kind = 'evidence_conflict' and sid = ?`, sid);
    await until(() => (about(own).length > 0 ? null : 'the contradiction is no finding yet'), { timeoutMs: 60_000 });
    for (const sid of [own, ...offline.recorded.keys(), ...offline.executed.keys()]) {
      await until(() => (about(sid).length > 0 ? null : `no finding about ${sid}`), { timeoutMs: 60_000 });
    }
    const named = pipeline.rows<{ decky: string }>('select distinct decky from findings');
    expect(named).toEqual([{ decky: 'mallory' }]);
    expectLedger(pipeline, victims, await readOffline(victims));
    expect(pipeline.rows(`select line from logs where decky <> 'mallory' and line like '%203.0.113.66%'`)).toEqual([]);
    const [collector] = pipeline.rows<{ progress: string }>(
      `select progress from worker_health where worker = 'collector'`,
    );
    const counted = JSON.parse(collector?.progress ?? '{}') as Record<string, number>;
    expect(counted['over_quota_lines'], 'the flood came, and was dropped').toBeGreaterThan(10_000);
    expect(counted['quarantined'], 'so did what is no line').toBeGreaterThan(10);
    for (const name of PIPELINE) {
      expect(pipeline.process(name).memoryKb('VmHWM'), `memory of ${name}`).toBeLessThan(MEMORY_KB);
    }
    expect(pipeline.falls()).toEqual([]);
  }, 240_000);
});

/** Sids that a decky's own lines have shown so far. */
function shownSids(pipeline: Pipeline, decky: string): string[] {
  const lines = pipeline.rows<{ line: string }>(`select line from logs where decky = ? and sid is not null`, decky);
  return lines.flatMap(({ line }) => readLogLine(line)?.params['sid'] ?? []);
}
