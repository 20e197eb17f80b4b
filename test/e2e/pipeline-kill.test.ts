import { onTestFinished, expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { startChaos } from './support/pipeline-chaos.js';
import { startChatter } from './support/pipeline-chatter.js';
import { pipelineDecky } from './support/pipeline-decky.js';
import { expectLedger, expectSessions, settled } from './support/pipeline-ledger.js';
import { readOffline } from './support/pipeline-offline.js';
import { expectTraversals, profiled, similarCompared } from './support/pipeline-profiled.js';
import { playSshd } from './support/pipeline-sshd.js';
import { typeLogin, type Login, type Typist } from './support/pipeline-typists.js';
import { openPipeline, pipelinePlace, PIPELINE } from './support/pipeline.js';

const CHAOS_MS = 60_000;
/** Fifty logins; as many at once as a small host has. */
const TYPISTS: readonly Typist[] = [
  ...Array<Typist>(2).fill('chatty'),
  ...Array<Typist>(18).fill('human'),
  ...Array<Typist>(8).fill('scripted'),
  ...Array<Typist>(6).fill('pasted'),
  ...Array<Typist>(4).fill('block'),
  ...Array<Typist>(4).fill('exec'),
  ...Array<Typist>(2).fill('exec-tty'),
  ...Array<Typist>(2).fill('piped'),
  ...Array<Typist>(2).fill('hangup'),
  ...Array<Typist>(2).fill('killed'),
];
const AT_ONCE = 10;
const CHATTER_LINES_PER_S = 2000;
const ATTACKERS = ['127.0.0.11', '127.0.0.12', '127.0.0.13'];

describeGroup('pipeline', 'a pipeline whose processes are killed', () => {
  test('50 sessions while every process is killed at random for a minute: each session and line is there once, each profile as computed offline', async () => {
    const seed = Number(process.env['DECNET_CHAOS_SEED'] ?? Date.now() % 1_000_000);
    console.log(`DECNET_CHAOS_SEED=${String(seed)}`);
    const place = pipelinePlace();
    onTestFinished(() => place.close());
    const clients = await playSshd(place, ATTACKERS);
    const deckies = [
      pipelineDecky(place, 'omega', { services: ['ssh', 'telnet'] }),
      pipelineDecky(place, 'delta'),
      pipelineDecky(place, 'sigma'),
      pipelineDecky(place, 'kappa-7'),
    ];
    // What was in a pipe when its reader was killed is gone: here only the shards are held to be exact.
    const piped = pipelineDecky(place, 'rho', { kind: 'fifo' });
    const pipeline = openPipeline(
      place,
      [piped, ...deckies].map(({ source }) => source),
      { abandoned_after_s: 20 },
    );
    pipeline.start(...PIPELINE);
    await pipeline.ready(...PIPELINE);

    const chaos = startChaos(pipeline, PIPELINE, seed, { least: 300, most: 4500 });
    const chatter = startChatter(deckies, CHATTER_LINES_PER_S);
    place.closers.push(() => chatter.stop());
    const began = performance.now();
    // Mixed, so that the slow and the quick run beside each other.
    const logins = TYPISTS.map((_, n): Login => {
      const typist = TYPISTS[(n * 7) % TYPISTS.length]!;
      const decky = deckies[n % deckies.length]!;
      const service = decky.services[Math.floor(n / deckies.length) % decky.services.length]!;
      const from = clients[n % clients.length];
      return { typist, decky, service, n, ...(service === 'ssh' && from && { from }) };
    });
    const behindPipe = (['human', 'scripted', 'pasted', 'human'] as const).map((typist, n): Login => {
      return { typist, decky: piped, service: 'ssh', n };
    });
    await allAtMost(AT_ONCE, [...logins, ...behindPipe], typeLogin);
    const left = CHAOS_MS - (performance.now() - began);
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    await chaos.stop();
    chatter.stop();
    console.log(`killed: ${JSON.stringify(chaos.kills)}`);
    await pipeline.ready(...PIPELINE);

    const offline = await readOffline(deckies);
    expect(offline.recorded.size + offline.executed.size).toBe(TYPISTS.length);
    const classes = new Set([...offline.recorded.values()].map(({ profile }) => profile.kd_class));
    expect([...classes]).toEqual(expect.arrayContaining(['human', 'scripted', 'pasted']));
    await settled(pipeline, deckies, offline);
    expectLedger(pipeline, deckies, offline);
    const shardsOnly = await readOffline([piped]);
    await settled(pipeline, [piped], shardsOnly);
    expectSessions(pipeline, [piped], shardsOnly);
    const [lines] = pipeline.rows<{ n: number }>(
      'select count(*) as n, count(distinct line) as once from logs where decky = ?',
      'rho',
    );
    expect(lines).toMatchObject({ once: lines?.n });
    await profiled(pipeline, ATTACKERS);
    expectTraversals(pipeline, ATTACKERS);
    expect(await similarCompared(pipeline), 'the two who typed alike').toBeGreaterThan(0);
    expect(pipeline.rows('select * from findings')).toEqual([]);
    expect(pipeline.falls()).toEqual([]);
  }, 240_000);
});

/** All of them, so many at a time. */
async function allAtMost<T>(many: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: many }, lane));
}
