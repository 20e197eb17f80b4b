/**
 * What holds for a bus over any transport. A transport's own test hands in how to get one:
 * `describeBus('unix', async () => setting)`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUEUE_MAX_EVENTS } from '../../src/bus/limits.js';
import type { Bus, BusMessage } from '../../src/bus/transport.js';
import type { DecnetError } from '../../src/errors.js';

export interface BusSetting {
  /** Another process's end of the same bus. */
  open(name: string): Bus;
  /** The bus goes, and comes back. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** How many lines clients have logged. */
  logCount(): number;
  close(): Promise<void>;
}

/** `carries: false` for a transport on which nobody ever hears anybody. */
export function describeBus(scheme: string, open: () => Promise<BusSetting>, { carries = true } = {}): void {
  let setting: BusSetting;
  beforeEach(async () => {
    setting = await open();
  });
  afterEach(() => setting.close());

  describe(`a bus over ${scheme}`, () => {
    it('tells its scheme', () => {
      expect(setting.open('a').scheme).toBe(scheme);
    });

    it('refuses to publish to what is no topic, and what is no event', async () => {
      const bus = setting.open('a');
      for (const topic of ['', 'a.*', 'a.>', 'a..b', 'a b', '\u00e9']) {
        await expect(bus.publish(topic, { type: 't' })).rejects.toMatchObject({ code: 'E_BUS_TOPIC' });
      }
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      for (const payload of [
        circle,
        { n: 1n },
        { text: 'x'.repeat(1 << 20) },
        [] as unknown as Record<string, unknown>,
      ]) {
        await expect(bus.publish('a', { type: 't', payload })).rejects.toMatchObject({ code: 'E_BUS_EVENT' });
        expect(await bus.publishSafely('a', { type: 't', payload })).toBe(false);
      }
      await expect(bus.publish('a', { type: 't', id: 'mine' })).rejects.toMatchObject({ code: 'E_BUS_EVENT' });
    });

    it('refuses to subscribe to what is no pattern, and to too many', () => {
      const bus = setting.open('a');
      for (const pattern of ['', '>.a', 'a..b', 'a b']) expect(() => bus.subscribe(pattern)).toThrow(/no pattern/);
      for (let n = 0; n < 256; n++) bus.subscribe(`a.${n}`);
      bus.subscribe('a.0');
      expect(() => bus.subscribe('one.more')).toThrow(expect.objectContaining({ code: 'E_BUS_TOPIC' }) as DecnetError);
    });

    it('ends its subscriptions when it is closed, and publishes nothing any more', async () => {
      const bus = setting.open('a');
      const subscription = bus.subscribe('a');
      await subscription.ready;
      const read = subscription.next();
      await bus.close();
      await bus.close();
      expect(await read).toBe(undefined);
      expect(await bus.publishSafely('a', { type: 't' })).toBe(false);
      await expect(bus.publish('a', { type: 't' })).rejects.toMatchObject({ code: 'E_BUS_DOWN' });
      expect(await bus.subscribe('b').ready).toBe(false);
    });

    it('counts what is published while it is away, and drops it', async () => {
      const bus = setting.open('a');
      await bus.subscribe('a').ready;
      await setting.stop();
      while (await bus.publishSafely('a', { type: 't' })) await turn();
      const before = bus.stats().unpublished;
      expect(await bus.publishSafely('a', { type: 't' })).toBe(false);
      await expect(bus.publish('a', { type: 't' })).rejects.toMatchObject({ code: 'E_BUS_DOWN' });
      expect(bus.stats().unpublished).toBe(before + 2);
      expect(bus.stats().trouble).not.toBe(null);
      expect(await bus.subscribe('b').ready).toBe(false);
      expect(setting.logCount()).toBeLessThanOrEqual(1);
    });

    if (carries) describeCarrying(() => setting);
  });
}

function describeCarrying(setting: () => BusSetting): void {
  it('brings an event to whoever subscribed to its topic, the publisher too, once, and to nobody else', async () => {
    const [a, b] = [setting().open('a'), setting().open('b')];
    const wanted = ['x.y', 'x.*', 'x.>', '>'].map((pattern) => b.subscribe(pattern));
    const own = a.subscribe('x.y');
    const twin = a.subscribe('x.y');
    const other = b.subscribe('x');
    for (const subscription of [...wanted, own, twin, other]) expect(await subscription.ready).toBe(true);
    await a.publish('x.y', { type: 't', payload: { n: 1 } });
    await a.publish('x', { type: 'end' });
    for (const subscription of [...wanted, own, twin]) {
      expect(await payloadOf(subscription.next())).toEqual({ n: 1 });
    }
    expect(await other.next()).toMatchObject({ event: { topic: 'x', type: 'end' } });
    expect(await wanted[3]?.next()).toMatchObject({ event: { topic: 'x' } });
    expect(a.stats()).toMatchObject({ published: 2, unpublished: 0, received: 1, reconnects: 0, trouble: null });
  });

  it('brings each publisher’s events in their order', async () => {
    const [a, b] = [setting().open('a'), setting().open('b')];
    const subscription = b.subscribe('n');
    await subscription.ready;
    void Promise.all(Array.from({ length: 500 }, (_, n) => a.publish('n', { type: 't', payload: { n } })));
    for (let n = 0; n < 500; n++) expect(await payloadOf(subscription.next())).toEqual({ n });
  });

  it('keeps the publisher’s id and ts, and makes them where there are none', async () => {
    const bus = setting().open('a');
    const subscription = bus.subscribe('a');
    await subscription.ready;
    const id = '0123456789abcdef0123456789abcdef';
    await bus.publish('a', { type: 't', id, ts: 12.5 });
    await bus.publish('a', { type: 't' });
    expect(await subscription.next()).toEqual({
      kind: 'event',
      event: { v: 1, id, topic: 'a', type: 't', ts: 12.5, payload: {} },
    });
    const message = await subscription.next();
    expect(message).toMatchObject({ event: { id: expect.stringMatching(/^[0-9a-f]{32}$/) as string } });
    expect(message).toMatchObject({ event: { ts: expect.any(Number) as number } });
  });

  it('hands out events of its own, not the publisher’s objects', async () => {
    const bus = setting().open('a');
    const [one, two] = [bus.subscribe('a'), bus.subscribe('*')];
    await Promise.all([one.ready, two.ready]);
    const payload = { list: [1] };
    const publishing = bus.publish('a', { type: 't', payload });
    payload.list.push(2);
    await publishing;
    expect(await payloadOf(one.next())).toEqual({ list: [1] });
    expect(await payloadOf(two.next())).toEqual({ list: [1] });
  });

  it('brings nothing more for a pattern that nobody here wants any more', async () => {
    const [a, b] = [setting().open('a'), setting().open('b')];
    const [gone, stays, fence] = [b.subscribe('x'), b.subscribe('x'), b.subscribe('fence')];
    await Promise.all([gone.ready, stays.ready, fence.ready]);
    gone.close();
    await a.publish('x', { type: 'first' });
    expect(await stays.next()).toMatchObject({ event: { type: 'first' } });
    stays.close();
    const again = b.subscribe('x');
    expect(await again.ready).toBe(true);
    await a.publish('x', { type: 'second' });
    expect(await again.next()).toMatchObject({ event: { type: 'second' } });
    again.close();
    await b.publish('fence', { type: 'before' });
    await fence.next();
    const { received } = b.stats();
    await a.publish('x', { type: 'third' });
    await a.publish('fence', { type: 'after' });
    await fence.next();
    expect(b.stats().received).toBe(received + 1);
  });

  it('lets a reader that is too slow lose its oldest, tells it, and holds up nobody', async () => {
    const [a, b] = [setting().open('a'), setting().open('b')];
    const [slow, quick] = [b.subscribe('n'), b.subscribe('n')];
    await Promise.all([slow.ready, quick.ready]);
    for (let n = 0; n < QUEUE_MAX_EVENTS + 100; n++) {
      await a.publish('n', { type: 't', payload: { n } });
      expect(await payloadOf(quick.next())).toEqual({ n });
    }
    expect(await slow.next()).toEqual({ kind: 'gap', why: 'overflow', dropped: 100 });
    expect(await payloadOf(slow.next())).toEqual({ n: 100 });
    expect(b.stats().overflowed).toBe(100);
  });

  it('goes on after the bus was away, and says that events may be missing', async () => {
    const [a, b] = [setting().open('a'), setting().open('b')];
    const subscription = b.subscribe('x');
    expect(await subscription.ready).toBe(true);
    await a.publish('x', { type: 'before' });
    expect(await subscription.next()).toMatchObject({ event: { type: 'before' } });
    await setting().stop();
    while (b.stats().trouble === null) await turn();
    const late = b.subscribe('y');
    expect(await late.ready).toBe(false);
    await setting().start();
    expect(await subscription.next()).toEqual({ kind: 'gap', why: 'reconnected', dropped: null });
    expect(await late.next()).toEqual({ kind: 'gap', why: 'reconnected', dropped: null });
    while (!(await a.publishSafely('x', { type: 'after' }))) await turn();
    expect(await subscription.next()).toMatchObject({ event: { type: 'after' } });
    expect(b.stats()).toMatchObject({ reconnects: 1, trouble: null });
  });

  it('delivers what was published before it is closed', async () => {
    const [a, b] = [setting().open('a'), setting().open('b')];
    const subscription = b.subscribe('n');
    await subscription.ready;
    const all = Array.from({ length: 200 }, (_, n) => a.publish('n', { type: 't', payload: { n } }));
    await Promise.all([...all, a.close()]);
    for (let n = 0; n < 200; n++) expect(await payloadOf(subscription.next())).toEqual({ n });
  });
}

async function payloadOf(message: Promise<BusMessage | undefined>): Promise<unknown> {
  const got = await message;
  return got?.kind === 'event' ? got.event.payload : got;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
