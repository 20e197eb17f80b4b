import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONNECTIONS_MAX, PATTERNS_MAX, QUEUE_MAX_BYTES, QUEUE_MAX_EVENTS } from '../../src/bus/limits.js';
import type { BusHealth } from '../../src/contract/bus-event.js';
import { createManualClock } from './manual-clock.js';
import { createTemporaryBus, until, type TemporaryBus } from './temporary-bus.js';

let bus: TemporaryBus;
beforeEach(() => {
  bus = createTemporaryBus();
});
afterEach(() => bus.close());

const EVENT = { type: 't', payload: { text: 'x'.repeat(2000) } };

describe('the server', () => {
  it('lets uid 0 and the configured uids control workers, and nobody else', async () => {
    const uids = [0, 1000, 1001, 33];
    const server = await bus.start({ controlUids: [1000], peerOf: () => ({ pid: 7, uid: uids.shift() ?? -1 }) });
    const clients = [];
    for (const name of ['root', 'op', 'other', 'web']) {
      const client = bus.client(name);
      await client.subscribe('x').ready;
      clients.push(client);
    }
    const [root, op, other, web] = clients;
    const watch = root!.subscribe('system.>');
    await watch.ready;
    for (const client of [web, other, other, op, root]) {
      expect(
        await client!.publishSafely('system.prober.control', { type: 'stop', payload: { from: client === op } }),
      ).toBe(true);
      await client!.publish('system.fence', { type: 'fence' });
    }
    const types: string[] = [];
    while (types.filter((type) => type === 'fence').length < 5) {
      const message = await watch.next();
      if (message?.kind === 'event') types.push(message.event.type);
    }
    expect(types).toEqual(['fence', 'fence', 'fence', 'stop', 'fence', 'stop', 'fence']);
    expect(server.health().refused).toBe(3);
    expect(bus.serverLog).toEqual([
      'PUB of web (pid 7, uid 33) refused: not let to system.prober.control',
      'PUB of other (pid 7, uid 1001) refused: not let to system.prober.control',
    ]);
  });

  it.each([
    ['was not asked', undefined],
    [
      'does not say',
      () => {
        throw new Error('ENOTCONN');
      },
    ],
  ])('lets nobody control workers where the kernel %s who it is', async (_, peerOf) => {
    const server = await bus.start({ controlUids: [0, 1000], peerOf });
    await bus.client('a').publish('system.prober.control', { type: 'stop' });
    await until(() => server.health().refused === 1);
  });

  it('does not take longer topics that look alike for control', async () => {
    const server = await bus.start();
    const a = bus.client('a');
    for (const topic of ['system.control', 'system.a.b.control', 'system.a.controls'])
      await a.publish(topic, { type: 't' });
    await until(() => server.health().published === 3);
    expect(server.health().refused).toBe(0);
  });

  it('goes on with a client whose PUB it refused, and logs only the first', async () => {
    const server = await bus.start();
    const raw = await bus.raw();
    raw.say('HELLO x acks');
    await raw.hear();
    for (let n = 0; n < 50; n++) raw.say('PUB a.*', '{}');
    raw.say('PUB a..b', '{}');
    raw.say('PUB a', '{"v":2}');
    raw.say('SUB a');
    expect(await raw.hear()).toMatchObject({ header: 'OK SUB a' });
    expect(server.health()).toMatchObject({ refused: 52, malformed: 0, published: 0, connections: 1 });
    expect(bus.serverLog).toEqual(['PUB of x refused: no topic']);
  });

  it('drops the oldest of a subscriber that does not read, counts it, and stalls nobody', async () => {
    const clock = createManualClock();
    const server = await bus.start({ clock });
    const slow = await bus.raw();
    slow.say('HELLO slow acks');
    slow.say('SUB n');
    await slow.hear();
    await slow.hear();
    slow.stopReading();
    const [a, b] = [bus.client('a'), bus.client('b')];
    const [good, health] = [b.subscribe('n'), b.subscribe('system.bus.health')];
    await Promise.all([good.ready, health.ready]);
    const count = QUEUE_MAX_EVENTS + 1000;
    for (let n = 0; n < count; n++) {
      await a.publish('n', { type: 't', payload: { n, ...EVENT.payload } });
      expect(await good.next()).toMatchObject({ event: { payload: { n } } });
    }
    clock.pass(10_000);
    const message = await health.next();
    expect(message).toMatchObject({ event: { topic: 'system.bus.health', type: 'health', ts: clock.nowMs() / 1000 } });
    const said = message?.kind === 'event' ? (message.event.payload as unknown as BusHealth) : undefined;
    expect(said?.dropped).toBeGreaterThan(100);
    expect(said).toMatchObject({ uptime_s: 10, connections: 3, patterns: 3, published: count });
    expect(said?.slow).toEqual([{ name: 'slow', pid: null, uid: null, dropped: said?.dropped }]);
    slow.close();
    await until(() => server.health().connections === 2);
    expect(server.health().dropped).toBe(said?.dropped);
  });

  it('bounds by bytes, too, what waits for a subscriber', async () => {
    const server = await bus.start();
    const slow = await bus.raw();
    slow.say('HELLO slow acks');
    slow.say('SUB n');
    await slow.hear();
    await slow.hear();
    slow.stopReading();
    const a = bus.client('a');
    const text = 'x'.repeat(1_000_000);
    const count = QUEUE_MAX_BYTES / 1_000_000 + 20;
    for (let n = 0; n < count; n++) await a.publish('n', { type: 't', payload: { text } });
    await until(() => server.health().published === Math.ceil(count));
    expect(server.health().dropped).toBeGreaterThan(10);
  });

  it('turns away whom it has no room for, and serves those it has', async () => {
    const server = await bus.start();
    const first = bus.client('first');
    const subscription = first.subscribe('x');
    await subscription.ready;
    const held = await Promise.all(Array.from({ length: CONNECTIONS_MAX - 1 }, () => bus.raw()));
    await until(() => server.health().connections === CONNECTIONS_MAX);
    const more = await Promise.all([bus.raw(), bus.raw()]);
    await Promise.all(more.map(({ closed }) => closed));
    expect(server.health()).toMatchObject({ connections: CONNECTIONS_MAX, turned_away: 2 });
    expect(bus.serverLog).toEqual([`more than ${CONNECTIONS_MAX} connections`]);
    held[0]?.close();
    await until(() => server.health().connections < CONNECTIONS_MAX);
    expect(await bus.client('late').publishSafely('x', { type: 't' })).toBe(true);
    expect(await subscription.next()).toMatchObject({ kind: 'event' });
  });

  it('cuts off a client with more patterns than allowed', async () => {
    await bus.start();
    const raw = await bus.raw();
    for (let n = 0; n < PATTERNS_MAX; n++) raw.say(`SUB a.${n}`);
    for (let n = 0; n < 10; n++) raw.say('SUB a.0');
    raw.say('HELLO x acks');
    expect(await raw.hear()).toMatchObject({ header: 'OK HELLO x acks' });
    raw.say('SUB one.more');
    expect(await raw.hear()).toBe(undefined);
    expect(bus.serverLog).toEqual(['closed the connection of x: too many patterns']);
  });

  it('says BYE after what waits when it closes, and waits a second at most', async () => {
    const clock = createManualClock();
    const server = await bus.start({ clock });
    const raw = await bus.raw();
    raw.say('HELLO x acks');
    raw.say('SUB a');
    await raw.hear();
    await raw.hear();
    // A client that neither reads nor goes.
    const stuck = await bus.raw();
    stuck.say('HELLO stuck acks');
    stuck.say('SUB a');
    await stuck.hear();
    await stuck.hear();
    stuck.stopReading();
    const a = bus.client('a');
    for (let n = 0; n < 500; n++) await a.publish('a', EVENT);
    await until(() => server.health().published === 500);
    const closing = server.close();
    let last = await raw.hear();
    let count = 0;
    for (; last?.header === 'EVT a'; last = await raw.hear()) count++;
    expect(last?.header).toBe('BYE');
    expect(count).toBe(500);
    expect(await raw.hear()).toBe(undefined);
    clock.pass(1000);
    await closing;
    expect(clock.timerCount).toBe(0);
  });

  it('closes when a client says BYE, having answered what came before it', async () => {
    const server = await bus.start();
    const raw = await bus.raw();
    raw.say('HELLO x acks');
    raw.say('SUB a');
    raw.say('BYE');
    raw.say('SUB b');
    expect(await raw.hear()).toMatchObject({ header: 'OK HELLO x acks' });
    expect(await raw.hear()).toMatchObject({ header: 'OK SUB a' });
    expect(await raw.hear()).toBe(undefined);
    await until(() => server.health().connections === 0);
    expect(server.health().malformed).toBe(0);
    expect(bus.serverLog).toEqual([]);
  });
});
