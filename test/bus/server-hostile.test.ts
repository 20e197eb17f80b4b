import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FRAME_TIMEOUT_MS, QUEUE_MAX_EVENTS } from '../../src/bus/limits.js';
import type { BusServer } from '../../src/bus/server.js';
import type { Bus, Subscription } from '../../src/bus/transport.js';
import { createManualClock, type ManualClock } from './manual-clock.js';
import { rawFrame } from './raw-client.js';
import { createTemporaryBus, until, type TemporaryBus } from './temporary-bus.js';

let bus: TemporaryBus;
let clock: ManualClock;
let server: BusServer;
let good: Bus;
let subscription: Subscription;
let served = 0;

beforeEach(async () => {
  bus = createTemporaryBus();
  clock = createManualClock();
  server = await bus.start({ clock });
  good = bus.client('good');
  subscription = good.subscribe('good.*');
  expect(await subscription.ready).toBe(true);
});
afterEach(() => bus.close());

/** The good client sends and gets, as if it were alone. */
async function serveGood(): Promise<void> {
  const n = served++;
  await good.publish('good.n', { type: 't', payload: { n } });
  expect(await subscription.next()).toMatchObject({ event: { payload: { n } } });
}

describe('a good client is served while another', () => {
  it.each([
    ['sends a header that is not ASCII', Buffer.from('PUB caf\u00e9.x\n\0\0\0\0'), 'header not ASCII'],
    ['sends a control character', 'SUB a\u0007b\n\0\0\0\0', 'header not ASCII'],
    ['sends a header without end', 'A'.repeat(5000), 'header too long'],
    ['claims a body of 4 GiB', 'PUB a.b\n\xff\xff\xff\xff', 'body too long'],
    ['claims a body of 1 MiB and a byte', 'PUB a.b\n\0\x10\0\x01', 'body too long'],
    ['sends an empty header', '\n\0\0\0\0', 'header malformed'],
    ['sends two spaces', rawFrame('SUB  a'), 'header malformed'],
    ['sends a verb that there is not', rawFrame('SHOUT a'), 'unknown verb SHOUT'],
    ['sends what only a server says', rawFrame('EVT a', '{}'), 'unknown verb EVT'],
    ['speaks HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'header not ASCII'],
    ['publishes no JSON', rawFrame('PUB a.b', '{"type":'), 'body is no JSON object'],
    ['publishes a list', rawFrame('PUB a.b', '[1]'), 'body is no JSON object'],
    [
      'publishes bytes that are no UTF-8',
      Buffer.concat([Buffer.from('PUB a\n\0\0\0\x02'), Buffer.from([0xff, 0xfe])]),
      'body is no JSON object',
    ],
    ['publishes to no topic at all', rawFrame('PUB', '{}'), 'PUB takes one topic'],
    ['publishes to two', rawFrame('PUB a b', '{}'), 'PUB takes one topic'],
    ['subscribes to no pattern', rawFrame('SUB a..b'), 'SUB takes one pattern'],
    ['unsubscribes from no pattern', rawFrame('UNSUB >.a'), 'UNSUB takes one pattern'],
    ['has no name', rawFrame('HELLO'), 'HELLO takes a name and flags'],
    ['has a name that is too long', rawFrame(`HELLO ${'x'.repeat(65)}`), 'HELLO with a name or flag that is too long'],
  ])('%s', async (_, bytes, why) => {
    const raw = await bus.raw();
    raw.say('HELLO bad');
    raw.bytes(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    await serveGood();
    await raw.closed;
    expect(bus.serverLog).toEqual([`closed the connection of bad: ${why}`]);
    await serveGood();
    expect(server.health()).toMatchObject({ malformed: 1, connections: 1, dropped: 0 });
  });

  it('sends any bytes, or frames cut anywhere', async () => {
    const topic = fc.constantFrom('good.x', 'a', '*', 'system.good.control');
    const frame = fc
      .tuple(
        fc.constantFrom('HELLO', 'SUB', 'UNSUB', 'PUB', 'EVT', 'OK', 'BYE', 'X'),
        topic,
        fc.oneof(fc.json(), fc.string()),
      )
      .map(([verb, arg, body]) => rawFrame(`${verb} ${arg}`, body));
    const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), frame);
    const garbage = fc.tuple(fc.array(piece, { maxLength: 6 }), fc.nat({ max: 200 }));
    await fc.assert(
      fc.asyncProperty(garbage, async ([pieces, cut]) => {
        const raw = await bus.raw();
        const bytes = Buffer.concat(pieces);
        raw.bytes(bytes.subarray(0, Math.max(0, bytes.length - cut)));
        raw.close();
        await raw.closed;
        await until(() => server.health().connections === 1);
      }),
      { numRuns: 150 },
    );
    // What was garbage may have been an event for us, once in a while.
    const fresh = good.subscribe('fresh');
    await fresh.ready;
    await good.publish('fresh', { type: 't' });
    expect(await fresh.next()).toMatchObject({ event: { topic: 'fresh' } });
  });

  it('says nothing at all, or begins a frame and takes its time', async () => {
    const silent = await bus.raw();
    const slow = await bus.raw();
    slow.say('HELLO slow');
    const begun = Buffer.concat([rawFrame('PUB a', '{}').subarray(0, 12)]);
    const quiet = await bus.raw();
    quiet.say('HELLO quiet acks');
    await quiet.hear();
    await until(() => server.health().connections === 4);
    // A byte a second, and never a frame.
    for (let at = 0; at < begun.length && server.health().malformed < 2; at++) {
      slow.bytes(begun.subarray(at, at + 1));
      await serveGood();
      clock.pass(1000);
    }
    await Promise.all([silent.closed, slow.closed]);
    expect(bus.serverLog.sort()).toEqual([
      'closed the connection of -: frame not complete in time',
      'closed the connection of slow: frame not complete in time',
    ]);
    // Between frames there is all the time in the world.
    clock.pass(100 * FRAME_TIMEOUT_MS);
    quiet.say('SUB a');
    expect(await quiet.hear()).toMatchObject({ header: 'OK SUB a' });
    await serveGood();
  });

  it('says BYE and then stays', async () => {
    const raw = await bus.raw();
    raw.say('SUB good.*');
    raw.stopReading();
    for (let n = 0; n < 400; n++) {
      await good.publish('good.n', { type: 't', payload: { text: 'x'.repeat(2000) } });
      await subscription.next();
    }
    await until(() => server.health().patterns === 2);
    raw.say('BYE');
    await until(() => server.health().patterns === 1);
    await serveGood();
    clock.pass(2 * FRAME_TIMEOUT_MS);
    await until(() => server.health().connections === 1);
    expect(server.health().malformed).toBe(0);
  });

  it('asks and asks, and reads no answer', async () => {
    const raw = await bus.raw();
    raw.say('HELLO deaf acks');
    await raw.hear();
    raw.stopReading();
    const pattern = 'p'.repeat(3900);
    for (let n = 0; n < QUEUE_MAX_EVENTS + 300; n++) raw.say(`SUB ${pattern}`);
    await until(() => server.health().malformed === 1);
    expect(bus.serverLog).toEqual(['closed the connection of deaf: reads no answers']);
    await serveGood();
  });

  it('publishes to ever new topics', async () => {
    const raw = await bus.raw();
    for (let n = 0; n < 3000; n++) raw.say(`PUB flood.${n}`);
    await serveGood();
    await until(() => server.health().published >= 3000);
    expect(server.health().dropped).toBe(0);
  });
});
