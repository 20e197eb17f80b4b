import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeckyRow, DeckyState } from '../../../src/contract/decky-row.js';
import type { Order, OrderState } from '../../../src/contract/order.js';
import { topics } from '../../../src/contract/topics.js';
import { runUpdater, updaterWorker } from '../../../src/workers/updater/updater.js';
import { createWorkerBench, type WorkerBench } from '../worker-bench.js';

const NEW = 'b'.repeat(64);
const OLD = 'a'.repeat(64);
let bench: WorkerBench;
let target: { sha256: string; version: string } | undefined;
beforeEach(async () => {
  target = { sha256: NEW, version: '2.0.0' };
  bench = await createWorkerBench(
    { ...updaterWorker, run: (context) => runUpdater(context, () => Promise.resolve(target)) },
    { config: { updater_auto: true } },
  );
});
afterEach(() => bench.close());

async function has(decky: string, recorder_sha256: string | null, state: DeckyState = 'healthy'): Promise<void> {
  const row: DeckyRow = {
    ...{
      decky,
      services: ['ssh'],
      hostname: decky,
      state,
      state_since: 1,
      reason: null,
      containers: [],
      addresses: {},
    },
    ...{ recorder_sha256, last_login_at: null, checked_at: 1 },
  };
  await bench.store.deckies.put(row);
}

/** The orders there are once the updater has nothing more to say. */
async function settled(): Promise<Order[]> {
  for (let times = 0; times < 3; times++) {
    await bench.bus.publish(topics.deckyState('omega'), { type: 'healthy', payload: {} });
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return (await bench.store.orders.list({ limit: 99 })).toReversed();
}
const end = (order: Order | undefined, state: OrderState) =>
  bench.store.orders.move(order!.id, order!.state, { state, reason: state === 'done' ? null : 'not proven' });

describe('the updater', () => {
  it('orders one decky after another, each when the one before is done', async () => {
    for (const decky of ['alpha', 'beta', 'gamma']) await has(decky, OLD);
    await has('delta', NEW);
    await bench.start();
    const [first, ...more] = await settled();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ decky: 'alpha', verb: 'update', requested_by: `updater ${NEW.slice(0, 12)}` });
    await end(first, 'done');
    // Until the agent has seen that it runs there.
    expect(await settled()).toHaveLength(1);
    await has('alpha', NEW);
    expect((await settled()).map(({ decky }) => decky)).toEqual(['alpha', 'beta']);
    expect(await bench.store.audit.list('beta')).toMatchObject([{ actor: 'updater', action: 'order update' }]);
  });

  it('stops at the first failure, also after a restart; goes on once that decky has it, or for another recorder', async () => {
    await has('alpha', OLD);
    await has('beta', OLD);
    await bench.start();
    await end((await settled())[0], 'failed');
    expect(await settled()).toHaveLength(1);
    await bench.stop();
    await bench.start();
    expect(await settled()).toHaveLength(1);
    expect(bench.log.join('\n')).toContain('stopped at alpha: not proven');
    target = { sha256: 'c'.repeat(64), version: '2.0.1' };
    expect((await settled()).map(({ decky }) => decky)).toEqual(['alpha', 'alpha']);
    target = { sha256: NEW, version: '2.0.0' };
    await has('alpha', NEW);
    expect((await settled()).map(({ decky }) => decky)).toEqual(['alpha', 'alpha', 'beta']);
  });

  it('leaves alone who is not healthy, and does nothing without a recorder of its own', async () => {
    await has('alpha', OLD, 'blind');
    await has('beta', null, 'stopped');
    await bench.start();
    expect(await settled()).toEqual([]);
    target = undefined;
    await has('gamma', OLD);
    expect(await settled()).toEqual([]);
  });
});

it.each([
  ['nobody asked for it', {}],
  ['another recorder is named', { updater_auto: true, login_session: '/opt/login-session' }],
])('as long as %s, it has nothing configured', async (_, config) => {
  const plain = await createWorkerBench(updaterWorker, { config });
  await plain.start();
  expect((await plain.health())?.state).toBe('unconfigured');
  await plain.close();
});
