import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getBus } from '../../src/bus/get-bus.js';
import { createBackoff } from '../../src/bus/backoff.js';
import { FRAME_TIMEOUT_MS, QUEUE_MAX_BYTES } from '../../src/bus/limits.js';
import type { DecnetError } from '../../src/errors.js';
import { createManualClock, type ManualClock } from './manual-clock.js';
import { rawFrame } from './raw-client.js';
import { createTemporaryBus, until, type TemporaryBus } from './temporary-bus.js';

let bus: TemporaryBus;
const servers: Server[] = [];
beforeEach(() => {
  bus = createTemporaryBus();
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await bus.close();
});

/** Something on the socket that is no bus of ours. */
async function serveStrangely(onConnection: (socket: Socket) => void): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  servers.push(server);
  server.listen(bus.socketPath);
  await once(server, 'listening');
  return sockets;
}

/** Waits until the next attempt is so far away, and lets it begin. */
async function nextAttempt(clock: ManualClock, waitMs: number): Promise<void> {
  await until(() => clock.nextInMs() === waitMs);
  clock.pass(waitMs);
}

describe('a client', () => {
  it('connects when it is first used, not before', async () => {
    const sockets = await serveStrangely(() => undefined);
    const client = bus.client('lazy');
    const other = bus.client('other');
    void other.publishSafely('a', { type: 't' });
    await until(() => sockets.length === 1);
    expect(client.stats()).toMatchObject({ published: 0, trouble: null });
    client.subscribe('a');
    await until(() => sockets.length === 2);
    for (const socket of sockets) socket.destroy();
  });

  it('publishes the first event, too, once it is connected', async () => {
    await bus.start();
    const watcher = bus.client('watcher');
    const subscription = watcher.subscribe('a');
    await subscription.ready;
    expect(await bus.client('fresh').publishSafely('a', { type: 'first' })).toBe(true);
    expect(await subscription.next()).toMatchObject({ event: { type: 'first' } });
  });

  it('logs an outage once and its end once, however often it tries', async () => {
    const clock = createManualClock();
    const client = bus.client('a', { clock });
    const subscription = client.subscribe('x');
    expect(await subscription.ready).toBe(false);
    const waits = createBackoff(() => 0);
    for (let attempt = 0; attempt < 20; attempt++) {
      await nextAttempt(clock, waits.nextMs());
      expect(await client.publishSafely('x', { type: 't' })).toBe(false);
    }
    expect(client.stats()).toMatchObject({ unpublished: 20, reconnects: 0 });
    expect(bus.clientLog).toEqual([
      {
        level: 'warning',
        message: expect.stringMatching(/^no bus at .*bus\.sock: .*ENOENT.*; going on without it$/) as string,
      },
    ]);
    await bus.start();
    await nextAttempt(clock, waits.nextMs());
    expect(await subscription.next()).toMatchObject({ kind: 'gap', why: 'reconnected' });
    expect(bus.clientLog.map(({ level }) => level)).toEqual(['warning', 'info']);
  });

  it('waits longer each time while there is no bus, and shortly again after a good long connection', async () => {
    const clock = createManualClock();
    const waits = createBackoff(() => 0);
    const client = bus.client('a', { clock });
    await client.publishSafely('x', { type: 't' });
    for (let attempt = 0; attempt < 6; attempt++) await nextAttempt(clock, waits.nextMs());
    const server = await bus.start();
    await nextAttempt(clock, waits.nextMs());
    await until(() => client.stats().trouble === null);
    clock.pass(60_000);
    await server.close();
    await until(() => client.stats().trouble !== null);
    await bus.start();
    await nextAttempt(clock, 50);
    await until(() => client.stats().trouble === null);
  });

  it('tries again with a server that takes connections and does not answer', async () => {
    const clock = createManualClock();
    const sockets = await serveStrangely(() => undefined);
    const client = bus.client('a', { clock });
    const subscription = client.subscribe('x');
    const publishing = client.publishSafely('x', { type: 't' });
    await until(() => sockets.length === 1);
    clock.pass(FRAME_TIMEOUT_MS);
    expect(await subscription.ready).toBe(false);
    expect(await publishing).toBe(false);
    clock.pass(50);
    await until(() => sockets.length === 2);
    expect(bus.clientLog).toHaveLength(1);
    expect(bus.clientLog[0]?.message).toContain('does not answer');
    for (const socket of sockets) socket.destroy();
  });

  it.each([
    ['garbage', Buffer.from([0, 255, 10, 13])],
    ['a giant length', Buffer.from('EVT x\n\xff\xff\xff\xff', 'latin1')],
    ['nothing, and closes', null],
  ])('does not fall over a server that sends %s', async (_, bytes) => {
    await serveStrangely((socket) => (bytes === null ? socket.destroy() : socket.write(bytes)));
    const client = bus.client('a');
    expect(await client.subscribe('x').ready).toBe(false);
    expect(await client.publishSafely('x', { type: 't' })).toBe(false);
    expect(bus.clientLog).toHaveLength(1);
  });

  it('passes over events that are none, topics it did not ask for, and words it does not know', async () => {
    const sockets = await serveStrangely((socket) => {
      socket.write(
        Buffer.concat([
          rawFrame('OK HELLO a acks'),
          rawFrame('OK SUB x'),
          rawFrame('OK SUB never.asked'),
          rawFrame('NEWS x y'),
        ]),
      );
      for (const body of ['', '[]', '{"v":2}', '{"payload":7}', '\xff']) socket.write(rawFrame('EVT x', body));
      socket.write(rawFrame('EVT other', '{"type":"other"}'));
      socket.write(rawFrame('EVT x', '{"type":"good","topic":"forged"}'));
    });
    const client = bus.client('a');
    const subscription = client.subscribe('x');
    expect(await subscription.ready).toBe(true);
    // No body is an envelope of which everything was left out.
    expect(await subscription.next()).toMatchObject({ event: { topic: 'x', type: '', payload: {} } });
    expect(await subscription.next()).toMatchObject({ event: { topic: 'x', type: 'good' } });
    expect(client.stats().received).toBe(2);
    for (const socket of sockets) socket.destroy();
  });

  it('takes a pattern that it gave up and wants again for ready only at the answer to the second asking', async () => {
    const sockets = await serveStrangely(() => undefined);
    const client = bus.client('a');
    client.subscribe('x').close();
    const [again, fence] = [client.subscribe('x'), client.subscribe('fence')];
    await until(() => sockets.length === 1);
    const answers = ['OK HELLO a acks', 'OK SUB x', 'OK UNSUB x', 'OK SUB fence'];
    sockets[0]?.write(Buffer.concat(answers.map((answer) => rawFrame(answer))));
    expect(await fence.ready).toBe(true);
    expect(await Promise.race([again.ready, Promise.resolve('not yet')])).toBe('not yet');
    sockets[0]?.write(rawFrame('OK SUB x'));
    expect(await again.ready).toBe(true);
    sockets[0]?.destroy();
  });

  it('is not made to hold more than its bound by a server that does not read', async () => {
    const sockets = await serveStrangely((socket) => {
      socket.pause();
      socket.write(rawFrame('OK HELLO a acks'));
    });
    const client = bus.client('a');
    void client.publishSafely('x', { type: 't' });
    await until(() => sockets.length === 1);
    const text = 'x'.repeat(1_000_000);
    const count = QUEUE_MAX_BYTES / 1_000_000 + 10;
    const all = Array.from({ length: count }, () => client.publishSafely('x', { type: 't', payload: { text } }));
    // What is over the bound is dropped at once; the rest waits.
    expect(await Promise.race([all.at(-1), all[0]])).toBe(false);
    expect(client.stats().unpublished).toBeGreaterThan(5);
    expect(client.stats().trouble).toBe(null);
    for (const socket of sockets) socket.destroy();
    expect((await Promise.all(all)).slice(1, 3)).toEqual([false, false]);
  });

  it('never throws from publishSafely, and says a mistake of the caller’s once', async () => {
    await bus.start();
    const client = bus.client('a');
    const trap = {
      type: 't',
      get payload(): Record<string, unknown> {
        throw new Error('boom');
      },
    };
    for (let n = 0; n < 3; n++) {
      expect(await client.publishSafely('a.*', { type: 't' })).toBe(false);
      expect(await client.publishSafely('a', trap)).toBe(false);
      expect(await client.publishSafely(undefined as unknown as string, { type: 't' })).toBe(false);
      expect(await client.publishSafely('a', undefined as unknown as { type: string })).toBe(false);
    }
    expect(bus.clientLog).toHaveLength(2);
  });
});

describe('getBus', () => {
  it('is the null bus where the bus is switched off, and says so once', async () => {
    await bus.start();
    const client = bus.client('a', { enabled: false });
    expect(client.scheme).toBe('null');
    expect(await client.subscribe('x').ready).toBe(false);
    expect(await client.publishSafely('x', { type: 't' })).toBe(false);
    expect(bus.clientLog).toEqual([{ level: 'info', message: 'the bus is switched off; going on without it' }]);
  });

  it('takes addresses of known schemes, and an absolute path', () => {
    const open = (address: string) => getBus({ address, name: 'a', log: () => undefined });
    expect(open('unix:/x/bus.sock').scheme).toBe('unix');
    expect(open('/x/bus.sock').scheme).toBe('unix');
    expect(open('fake:').scheme).toBe('fake');
    expect(open('null:').scheme).toBe('null');
    for (const address of ['', 'bus.sock', 'unix:bus.sock', 'nats://host', 'null:x', ':x']) {
      expect(() => open(address)).toThrow(expect.objectContaining({ code: 'E_BUS_ADDRESS' }) as DecnetError);
    }
  });
});
