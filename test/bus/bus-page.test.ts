import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as limits from '../../src/bus/limits.js';
import { topics } from '../../src/contract/topics.js';
import { createTemporaryBus, type TemporaryBus } from './temporary-bus.js';

const page = readFileSync('docs/bus.md', 'utf8');

/** The bytes of the page's example lines that begin with `mark`. */
function example(mark: '>' | '<'): Buffer[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${mark} `))
    .map((line) =>
      line.slice(2).replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    )
    .map((text) => Buffer.from(text.replaceAll('\\n', '\n'), 'latin1'));
}

describe('the page of the bus', () => {
  let bus: TemporaryBus;
  beforeEach(() => {
    bus = createTemporaryBus();
  });
  afterEach(() => bus.close());

  it('has examples that work byte for byte, without acks', async () => {
    await bus.start();
    const [subscribe = Buffer.alloc(0), bye = Buffer.alloc(0), publish = Buffer.alloc(0)] = example('>');
    const [event = Buffer.alloc(0)] = example('<');
    const [watcher, publisher] = [await bus.raw(), await bus.raw()];
    watcher.bytes(subscribe);
    // Without acks the watcher hears of its own subscription by its own event.
    watcher.say('PUB topology.ready');
    expect(await watcher.hear()).toMatchObject({ header: 'EVT topology.ready' });
    publisher.bytes(publish);
    const heard = await watcher.hear();
    expect(heard?.header).toBe('EVT topology.7.status');
    const said = JSON.parse(heard?.body ?? '') as Record<string, unknown>;
    const shown = JSON.parse(event.subarray(event.indexOf(10) + 5).toString()) as Record<string, unknown>;
    expect(Object.keys(said)).toEqual(Object.keys(shown));
    expect(said).toMatchObject({ v: 1, topic: shown['topic'], type: shown['type'], payload: shown['payload'] });
    // The whole envelope as the page has it goes through as it is.
    publisher.bytes(Buffer.concat([Buffer.from('PUB'), event.subarray(3)]));
    expect(await watcher.hear()).toEqual({ header: 'EVT topology.7.status', body: JSON.stringify(shown) });
    watcher.bytes(bye);
    expect(await watcher.hear()).toBe(undefined);
    expect(bus.serverLog).toEqual([]);
  });

  it('is enough for a client without HELLO, without acks, that hears no OK', async () => {
    await bus.start();
    const raw = await bus.raw();
    raw.say('SUB *.b');
    raw.say('UNSUB nothing');
    raw.say('SUB a.>');
    raw.say('PUB a.b', '{"id":"00000000000000000000000000000001","ts":7,"topic":"else.where"}');
    expect(await raw.hear()).toEqual({
      header: 'EVT a.b',
      body: '{"v":1,"id":"00000000000000000000000000000001","topic":"a.b","type":"","ts":7,"payload":{}}',
    });
    raw.say('UNSUB a.>');
    raw.say('PUB a.c', '{}');
    raw.say('PUB x.b', '{"type":"last"}');
    expect(await raw.hear()).toMatchObject({ header: 'EVT x.b' });
  });

  it('is enough to talk with our own client', async () => {
    await bus.start();
    const raw = await bus.raw();
    raw.say('HELLO other-language other-flag');
    raw.say('SUB answer');
    raw.say('PUB fence');
    const ours = bus.client('ours');
    const subscription = ours.subscribe('question');
    await subscription.ready;
    raw.say('PUB question', '{"type":"ask","payload":{"n":1}}');
    expect(await subscription.next()).toMatchObject({ event: { type: 'ask', payload: { n: 1 } } });
    await ours.publish('answer', { type: 'tell', payload: { n: 2 } });
    const heard = await raw.hear();
    expect(JSON.parse(heard?.body ?? '')).toMatchObject({ topic: 'answer', type: 'tell', payload: { n: 2 } });
  });

  it('has the bounds that are kept', () => {
    const row = (what: string) => new RegExp(`^\\| ${what}[^|]*\\| ([^|]*?) *\\|$`, 'm').exec(page)?.[1];
    expect(row('header, body')).toBe(`${limits.HEADER_MAX_BYTES} bytes, ${limits.BODY_MAX_BYTES / 2 ** 20} MiB`);
    expect(row('events waiting')).toContain(`${limits.QUEUE_MAX_EVENTS}, and ${limits.QUEUE_MAX_BYTES / 2 ** 20} MiB`);
    expect(row('connections')).toContain(`${limits.CONNECTIONS_MAX};`);
    expect(row('patterns of')).toBe(String(limits.PATTERNS_MAX));
    expect(row('tokens')).toBe(String(limits.TOKENS_MAX));
    expect(row('objects')).toContain(`${limits.NESTING_MAX},`);
    expect(row('a frame')).toBe(`${limits.FRAME_TIMEOUT_MS / 1000} s`);
    expect(page).toContain(`Every ${limits.HEALTH_EVERY_MS / 1000} s, type \`health\``);
  });

  it('names every topic', () => {
    const built = Object.values(topics).map((topic) =>
      typeof topic === 'string'
        ? topic
        : topic.length === 1
          ? (topic as (id: string) => string)('id')
          : topics.topologyMutation('id', 'applied'),
    );
    const named = [...page.matchAll(/`([a-z_]+(?:\.[a-z_{},]+)+)`/g)].flatMap(([, name = '']) => {
      const steps = /\{(\w+(?:,\w+)+)\}/.exec(name);
      return steps === null ? [name] : (steps[1] ?? '').split(',').map((step) => name.replace(steps[0], step));
    });
    const known = new Set(named.map((name) => name.replace(/\{\w+\}/g, 'id')));
    expect(built.filter((topic) => !known.has(topic))).toEqual([]);
  });
});
