import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BODY_MAX_BYTES, CONNECTIONS_MAX, FRAME_TIMEOUT_MS } from '../../src/bus/limits.js';
import type { BusServer } from '../../src/bus/server.js';
import type { Bus, BusMessage, Subscription } from '../../src/bus/transport.js';
import { playOn, SCRIPTS, sendAndEnd } from './hostile-clients.js';
import { createManualClock, type ManualClock } from './manual-clock.js';
import { rawFrame } from './raw-client.js';
import { createTemporaryBus, until, type TemporaryBus } from './temporary-bus.js';

let bus: TemporaryBus;
let clock: ManualClock;
let server: BusServer;
let publisher: Bus;
let subscription: Subscription;

beforeEach(async () => {
  bus = createTemporaryBus();
  clock = createManualClock();
  server = await bus.start({ clock });
  publisher = bus.client('publisher');
  subscription = bus.client('subscriber').subscribe('good.>');
  await publisher.publish('hello', { type: 't' });
  expect(await subscription.ready).toBe(true);
});
afterEach(() => bus.close());

const payloadOf = (message: BusMessage | undefined) => (message?.kind === 'event' ? message.event.payload : message);

const isFence = (payload: unknown) => typeof payload === 'object' && payload !== null && 'fence' in payload;

/** One event from one good client to another. */
async function serveGood(n: number): Promise<void> {
  await publisher.publish('good.n', { type: 't', payload: { n } });
  expect(payloadOf(await subscription.next())).toEqual({ n });
}

/** Heap and buffers, after all garbage is gone. */
function memoryBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('while hostile clients go on and on', () => {
  it.each(Object.entries(SCRIPTS))('two good ones are served, nothing lost: each of six %s', async (_, script) => {
    let isOver = false;
    const players = Array.from({ length: 6 }, (__, n) => playOn(bus.socketPath, script, () => isOver, n % 2 === 0));
    for (let n = 0; n < 12; n++) {
      await serveGood(n);
      clock.pass(100);
    }
    isOver = true;
    for (const connections of await Promise.all(players)) expect(connections).toBeGreaterThan(0);
    await until(() => server.health().connections === 2);
    expect(server.health().patterns).toBe(1);
    await serveGood(12);
  });

  it('two good ones are served, nothing lost: all of them at once', async () => {
    let isOver = false;
    const players = Object.values(SCRIPTS).flatMap((script) =>
      [true, false].map((reads) => playOn(bus.socketPath, script, () => isOver, reads)),
    );
    for (let n = 0; n < 20; n++) {
      await serveGood(n);
      clock.pass(100);
    }
    isOver = true;
    await Promise.all(players);
    await until(() => server.health().connections === 2);
  });
});

describe('a client that ends in the midst of what it says', () => {
  it('has said just what was complete', async () => {
    const body = fc.integer({ min: 0, max: 3000 }).map((length) => ({ n: length, text: 'y'.repeat(length) }));
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 6 }), fc.nat({ max: 4000 }), async (payloads, cut) => {
        const frames = payloads.map((payload) => rawFrame('PUB good.cut', JSON.stringify({ payload })));
        const bytes = Buffer.concat(frames);
        const sent = bytes.subarray(0, Math.max(0, bytes.length - cut));
        await sendAndEnd(bus.socketPath, sent);
        await publisher.publish('good.fence', { type: 't', payload: { fence: true } });
        const got: unknown[] = [];
        while (!isFence(got.at(-1))) got.push(payloadOf(await subscription.next()));
        let end = 0;
        const complete = payloads.filter((__, n) => (end += frames[n]?.length ?? 0) <= sent.length);
        expect(got).toEqual([...complete, { fence: true }]);
      }),
      { numRuns: 60 },
    );
    expect(server.health()).toMatchObject({ malformed: 0, dropped: 0 });
  });
});

describe('the server', () => {
  it('has room again when those have had their time who took every place and said nothing, or half of something', async () => {
    const half = rawFrame('PUB good.x', '{"payload":{}}').subarray(0, 20);
    const loafers = await Promise.all(Array.from({ length: CONNECTIONS_MAX - 2 }, () => bus.raw()));
    for (const [n, loafer] of loafers.entries()) if (n % 2 === 0) loafer.bytes(half);
    await until(() => server.health().connections === CONNECTIONS_MAX);
    const late = await bus.raw();
    await late.closed;
    expect(server.health().turned_away).toBe(1);
    await serveGood(1);
    clock.pass(FRAME_TIMEOUT_MS + 1000);
    await Promise.all(loafers.map((loafer) => loafer.closed));
    await until(() => server.health().connections === 2);
    const next = await bus.raw();
    next.say('HELLO next acks');
    expect(await next.hear()).toMatchObject({ header: 'OK HELLO next acks' });
    await serveGood(2);
  });

  it('holds for a body what has come of it, not what was claimed', async () => {
    const [before, residentBefore] = [memoryBytes(), process.memoryUsage().rss];
    const claimers = await Promise.all(Array.from({ length: 200 }, () => bus.raw()));
    const claim = rawFrame('PUB good.x', 'x'.repeat(BODY_MAX_BYTES)).subarray(0, 2000);
    for (const claimer of claimers) claimer.bytes(claim);
    await until(() => server.health().connections === 202);
    await serveGood(1);
    expect(process.memoryUsage().rss - residentBefore).toBeLessThan(100 * BODY_MAX_BYTES);
    for (const claimer of claimers) claimer.close();
    await until(() => server.health().connections === 2);
    await until(() => memoryBytes() - before < 20 * BODY_MAX_BYTES);
  });

  it('keeps nothing of those who have gone', async () => {
    const round = async (): Promise<number> => {
      const end = Object.values(SCRIPTS).map((script) => {
        const said = Array.from({ length: 5 }, (_, n) => script(n)).filter((bytes) => bytes !== null);
        return sendAndEnd(bus.socketPath, Buffer.concat(said));
      });
      await Promise.all(end);
      await until(() => server.health().connections === 2);
      await serveGood(0);
      // Each is in the log, which is the test's.
      bus.serverLog.length = 0;
      return memoryBytes();
    };
    for (let n = 0; n < 3; n++) await round();
    const early = await round();
    for (let n = 0; n < 4; n++) await round();
    await round();
    await until(() => memoryBytes() - early < 4 * 2 ** 20);
  });
});
