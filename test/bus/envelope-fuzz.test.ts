import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BODY_MAX_BYTES, NESTING_MAX } from '../../src/bus/limits.js';
import type { BusServer } from '../../src/bus/server.js';
import { createTemporaryBus, type TemporaryBus } from './temporary-bus.js';

let bus: TemporaryBus;
let server: BusServer;

beforeEach(async () => {
  bus = createTemporaryBus();
  server = await bus.start();
});
afterEach(() => bus.close());

const nested = (depth: number) => '['.repeat(depth - 2) + ']'.repeat(depth - 2);
const id = 'ab'.repeat(16);

/** Complete, so that the server passes it on as it is. */
const complete = (payload: string) => `{"v":1,"id":"${id}","topic":"a","type":"","ts":1,"payload":${payload}}`;

describe('an event that nobody could pass on', () => {
  it.each([
    ['is nested as deep as a body is long', `{"payload":{"a":${nested(500_000)}}}`],
    ['is complete, and nested too deep for whoever gets it', complete(`{"a":${nested(NESTING_MAX + 1)}}`)],
    ['is too long once it has its envelope', `{"payload":{"a":"${'x'.repeat(BODY_MAX_BYTES - 40)}"}}`],
    ['grows as its numbers are written out', `{"payload":{"a":[${'1e20,'.repeat(200_000)}1]}}`],
  ])('is dropped and counted, and its connection goes on: it %s', async (_, body) => {
    const raw = await bus.raw();
    raw.say('HELLO wild acks');
    raw.say('SUB a');
    raw.say('PUB a', body);
    raw.say('PUB a', complete('{"n":1}'));
    const headers = [];
    for (let n = 0; n < 3; n++) headers.push((await raw.hear())?.header);
    expect(headers).toEqual(['OK HELLO wild acks', 'OK SUB a', 'EVT a']);
    expect(server.health()).toMatchObject({ refused: 1, malformed: 0, published: 1, connections: 1 });
    expect(bus.serverLog).toHaveLength(1);
  });

  it('is not refused for brackets in its text, nor where it is just nested deep enough', async () => {
    const good = bus.client('good');
    const subscription = good.subscribe('a');
    await subscription.ready;
    const payload = { text: '[{"\\"'.repeat(1000), deep: JSON.parse(nested(NESTING_MAX)) as unknown };
    await good.publish('a', { type: 't', payload });
    expect(await subscription.next()).toMatchObject({ event: { payload } });
    expect(server.health()).toMatchObject({ refused: 0, published: 1 });
  });

  it('is not taken by the client either', async () => {
    const payload = { deep: JSON.parse(nested(NESTING_MAX + 1)) as unknown };
    await expect(bus.client('deep').publish('a', { type: 't', payload })).rejects.toMatchObject({
      code: 'E_BUS_EVENT',
    });
  });
});
