import { describe, expect, it } from 'vitest';
import { createEvent } from '../../src/bus/envelope.js';
import { QUEUE_MAX_EVENTS } from '../../src/bus/limits.js';
import { createSubscription } from '../../src/bus/subscription.js';

const event = (n: number) => ({ kind: 'event', event: createEvent('a', { type: 't', payload: { n } }, 0) }) as const;

function open() {
  let [overflowed, closed] = [0, 0];
  const subscription = createSubscription(
    'a',
    () => overflowed++,
    () => closed++,
  );
  return { subscription, counts: () => ({ overflowed, closed }) };
}

describe('a subscription', () => {
  it('loses its oldest when it is read too slowly, and says how many before it goes on', async () => {
    const { subscription, counts } = open();
    for (let n = 0; n < QUEUE_MAX_EVENTS + 10; n++) subscription.push(event(n));
    expect(await subscription.next()).toEqual({ kind: 'gap', why: 'overflow', dropped: 10 });
    expect(await subscription.next()).toMatchObject({ event: { payload: { n: 10 } } });
    expect(counts().overflowed).toBe(10);
  });

  it('remembers that the bus was away when that message itself fell out', async () => {
    const { subscription } = open();
    subscription.inForce();
    subscription.inForce();
    for (let n = 0; n < QUEUE_MAX_EVENTS + 5; n++) subscription.push(event(n));
    expect(await subscription.next()).toEqual({ kind: 'gap', why: 'reconnected', dropped: null });
    expect(await subscription.next()).toMatchObject({ event: { payload: { n: 5 } } });
  });

  it('is ready once, and has a gap each time that it is in force again', async () => {
    const { subscription } = open();
    subscription.inForce();
    expect(await subscription.ready).toBe(true);
    subscription.away();
    subscription.inForce();
    expect(await subscription.next()).toMatchObject({ kind: 'gap', why: 'reconnected' });
  });

  it('that never had a bus says so, and has a gap when there is one', async () => {
    const { subscription } = open();
    subscription.away();
    expect(await subscription.ready).toBe(false);
    subscription.inForce();
    expect(await subscription.next()).toMatchObject({ kind: 'gap', why: 'reconnected' });
  });

  it('ends for all its readers when it is closed, and takes nothing more', async () => {
    const { subscription, counts } = open();
    const reads = [subscription.next(), subscription.next()];
    subscription.close();
    subscription.close();
    subscription.push(event(1));
    expect(await Promise.all([...reads, subscription.next(), subscription.ready])).toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
    expect(counts().closed).toBe(1);
  });

  it('is closed by leaving its loop', async () => {
    const { subscription, counts } = open();
    subscription.push(event(1));
    subscription.push(event(2));
    for await (const message of subscription) {
      expect(message).toMatchObject({ event: { payload: { n: 1 } } });
      break;
    }
    expect(counts().closed).toBe(1);
    expect(await subscription.next()).toBe(undefined);
  });
});
