import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/schema.js';
import { INGESTER_SPOOL_CURSOR } from '../../../src/contract/spool-batch.js';
import { readSpool } from '../../../src/spool/read-spool.js';
import { createCollectorBench, type CollectorBench } from './collector-bench.js';
import { fileSource, noise, recordedLine, SID, startedLine } from './fake-sources.js';

const open: CollectorBench[] = [];
afterEach(async () => {
  for (const { bench } of open.splice(0)) await bench.close();
});

async function setUp(config: Partial<Config> = {}) {
  const set = await createCollectorBench({ log_sources: [fileSource('omega')], ...config });
  open.push(set);
  return set;
}

const texts = async (set: CollectorBench) => (await set.lines()).map(({ text }) => text);

describe('the collector', () => {
  it('spools a line as soon as its source has it, and rings when it is in the spool', async () => {
    const set = await setUp();
    await set.bench.start();
    set.fakes.stream('omega').write(startedLine(), noise(1), recordedLine());
    // No time passes: the poll would never come.
    const rung = await set.bench.event('system.log', 'line');
    expect(rung.payload).toEqual({ lines: 3, deckies: ['omega'], seq: 1 });
    const lines = await set.lines();
    expect(lines.map(({ text }) => text)).toEqual([startedLine(), noise(1), recordedLine()]);
    const of = { sid: SID, decky: 'omega', service: 'ssh', src_ip: '203.0.113.9' };
    expect((await set.bench.event('attacker.session.started')).payload).toEqual({
      ...of,
      event_id: lines[0]?.event_id,
    });
    expect((await set.bench.event('attacker.session.ended')).payload).toEqual({ ...of, event_id: lines[2]?.event_id });
  });

  it('goes on after a restart where it stopped: nothing lost, nothing twice', async () => {
    const set = await setUp();
    const stream = set.fakes.stream('omega');
    stream.write(...Array.from({ length: 3000 }, (_, n) => noise(n)));
    await set.bench.start();
    await set.eventually(async () => (await set.lines()).length === 3000);
    expect(await set.bench.stop()).toBe(0);
    stream.write(noise(3000));
    await set.bench.start();
    await set.eventually(async () => (await set.lines()).length > 3000);
    expect(await texts(set)).toEqual(Array.from({ length: 3001 }, (_, n) => noise(n)));
    expect(stream.openedAt).toEqual([undefined, { next: 3000 }]);
    expect((await set.batches()).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('takes at its end what there still is, and not without end', async () => {
    const set = await setUp();
    await set.bench.start();
    const exit = set.bench.stop();
    set.fakes.stream('omega').write(...Array.from({ length: 50_000 }, (_, n) => noise(n)));
    expect(await exit).toBe(0);
    const { length } = await set.lines();
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(50_000);
  });

  it('rings nothing, loses nothing and doubles nothing while the spool cannot be written', async () => {
    const set = await setUp();
    const stream = set.fakes.stream('omega');
    await set.bench.start();
    stream.write(noise(1));
    await set.bench.event('system.log', 'line');
    const rival = join(set.bench.config.spool_dir, 'spool-00000002.jsonl');
    writeFileSync(rival, '');
    stream.write(noise(2), recordedLine());
    await set.eventually(() => set.bench.log.some((line) => line.includes('E_SPOOL')));
    stream.write(noise(3));
    expect(set.bench.events.filter(({ topic }) => topic.startsWith('attacker.'))).toEqual([]);
    expect(stream.handedOut).toBe(3);
    rmSync(rival);
    await set.inTime(async () => (await set.lines()).length === 4);
    expect(await texts(set)).toEqual([noise(1), noise(2), recordedLine(), noise(3)]);
    await set.bench.event('attacker.session.ended');
  });

  it('reads again after its death what it had read and not spooled', async () => {
    const set = await setUp();
    const stream = set.fakes.stream('omega');
    await set.bench.start();
    stream.write(noise(1));
    await set.bench.event('system.log', 'line');
    const rival = join(set.bench.config.spool_dir, 'spool-00000002.jsonl');
    writeFileSync(rival, '');
    stream.write(noise(2));
    await set.eventually(() => stream.handedOut === 2);
    await set.bench.stop();
    expect(await texts(set)).toEqual([noise(1)]);
    await set.bench.start();
    await set.eventually(async () => (await set.lines()).length === 2);
    expect(stream.openedAt).toEqual([undefined, { next: 1 }]);
    expect(await texts(set)).toEqual([noise(1), noise(2)]);
  });

  it('works without a bus', async () => {
    const set = await setUp({ bus_enabled: false });
    await set.bench.start();
    set.fakes.stream('omega').write(noise(1));
    await set.eventually(async () => (await set.lines()).length === 1);
  });

  it('works on while the bus is away, and rings again when it is back', async () => {
    const set = await setUp();
    await set.bench.start();
    set.bench.hub.stop();
    set.fakes.stream('omega').write(noise(1));
    await set.eventually(async () => (await set.lines()).length === 1);
    set.bench.hub.start();
    set.fakes.stream('omega').write(noise(2));
    await set.eventually(() => set.bench.events.some(({ payload }) => payload['seq'] === 2));
  });

  it('stops reading when the spool is full, says so, and goes on when the ingester has got on', async () => {
    const set = await setUp({ spool_max_bytes: 100_000, heartbeat_s: 1 });
    const stream = set.fakes.stream('omega');
    stream.write(...Array.from({ length: 20_000 }, (_, n) => noise(n)));
    await set.bench.start();
    await set.inTime(async () => (await set.bench.health())?.progress['spool_full'] === true);
    const { handedOut } = stream;
    expect(handedOut).toBeLessThan(5000);
    set.bench.clock.pass(60_000);
    await set.inTime(async () => ((await set.bench.health())?.rounds ?? 0) > 5);
    expect(stream.handedOut).toBe(handedOut);
    expect(set.bench.log.filter((line) => line.includes('the spool is full'))).toHaveLength(1);
    const { workerCursors } = set.bench.store;
    let previous: string | undefined;
    await set.inTime(async () => {
      const { cursor } = await readSpool(undefined, { dir: set.bench.config.spool_dir, maxBytes: 1e9 });
      const next = JSON.stringify(cursor);
      await workerCursors.move(INGESTER_SPOOL_CURSOR, previous, next);
      previous = next;
      return stream.handedOut === 20_000;
    });
  });

  it('removes segments that the ingester is done with', async () => {
    const set = await setUp();
    for (let start = 1; start <= 3; start++) {
      set.fakes.stream('omega').write(noise(start));
      await set.bench.start();
      await set.eventually(async () => (await set.lines()).length === start);
      await set.bench.stop();
    }
    const segments = () => readdirSync(set.bench.config.spool_dir).filter((name) => name.startsWith('spool-'));
    expect(segments()).toHaveLength(3);
    await set.bench.store.workerCursors.move(INGESTER_SPOOL_CURSOR, undefined, '{"segment":3,"offset":10}');
    await set.bench.start();
    await set.inTime(() => segments().length === 1);
    expect(segments()).toEqual(['spool-00000003.jsonl']);
  });

  it('puts what is no log line in quarantine, and counts it for good', async () => {
    const set = await setUp({ heartbeat_s: 1 });
    set.fakes.stream('omega').write('\x1b[2J no log line at all', noise(1));
    await set.bench.start();
    await set.eventually(async () => (await set.lines()).length === 1);
    const file = join(set.bench.config.spool_dir, 'quarantine', 'omega.log');
    await set.eventually(() => existsSync(file) && readFileSync(file, 'utf8').includes('\\e[2J no log line at all\n'));
    await set.inTime(async () => (await set.bench.health())?.progress['quarantined'] === 1);
    expect((await set.batches()).at(-1)?.counts).toMatchObject({ omega: { lines: 1, quarantined: 1 } });
  });

  it('collects on though the quarantine cannot be written', async () => {
    const set = await setUp();
    await set.bench.start();
    await set.eventually(() => existsSync(set.bench.config.spool_dir));
    writeFileSync(join(set.bench.config.spool_dir, 'quarantine'), 'a file');
    set.fakes.stream('omega').write('junk');
    await set.eventually(() => set.bench.log.some((line) => line.includes('quarantine')));
    set.fakes.stream('omega').write(noise(1));
    await set.eventually(async () => (await set.lines()).length === 1);
  });

  it('delays nobody for a decky that floods, whose own quota is what it fills', async () => {
    const set = await setUp({
      log_sources: [fileSource('loud-1', 'loud'), fileSource('loud-2', 'loud'), fileSource('quiet')],
      decky_log_burst_bytes: 50_000,
      decky_log_bytes_per_s: 1000,
      heartbeat_s: 1,
    });
    for (const name of ['loud-1', 'loud-2']) {
      set.fakes.stream(name).write(...Array.from({ length: 20_000 }, (_, n) => noise(n)));
    }
    set.fakes.stream('quiet').write(recordedLine());
    await set.bench.start();
    await set.eventually(() => set.fakes.stream('loud-1').handedOut === 20_000);
    const batches = await set.batches();
    expect(batches[0]?.lines.filter(({ decky }) => decky === 'quiet')).toHaveLength(1);
    const loud = batches.flatMap(({ lines }) => lines.filter(({ decky }) => decky === 'loud'));
    const kept = loud.reduce((sum, { text }) => sum + text.length + 1, 0);
    expect(kept).toBeGreaterThan(37_000);
    expect(kept).toBeLessThan(40_000);
    await set.inTime(async () => (await set.bench.health())?.progress['over_quota_lines'] === 40_000 - loud.length);
    expect(set.bench.log.filter((line) => line.includes('loud logs more than its quota'))).toHaveLength(1);
  });

  it('finds sources that come, and lets go of those that are gone', async () => {
    const set = await setUp({ log_sources: [], heartbeat_s: 1 });
    const place = { decky: 'psi', service: null, kind: 'container', at: '/logs/psi', untrusted: false } as const;
    await set.bench.start();
    set.fakes.stream('psi').write(noise(1));
    set.fakes.stream('psi').trouble = 'no permission';
    set.fakes.containers = [{ ...place, id: 'docker:psi' }];
    await set.inTime(async () => (await set.lines()).length === 1);
    await set.inTime(async () => (await set.bench.health())?.progress['sources'] === 1);
    expect((await set.bench.health())?.progress).toMatchObject({
      sources_in_trouble: 1,
      trouble: 'docker:psi: no permission',
    });
    set.fakes.containers = [];
    await set.inTime(() => set.fakes.stream('psi').closed === 1);
  });

  it('is not started again where a source is configured that cannot be meant', async () => {
    const set = await setUp({ log_sources: [{ decky: 'omega', kind: 'file' }] });
    await set.bench.start();
    expect(await set.bench.exit).toBe(100);
  });
});
