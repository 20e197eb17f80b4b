import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderVerb } from '../../../src/contract/order.js';
import { DecnetError } from '../../../src/errors.js';
import { createAgentBench, type AgentBench } from './agent-bench.js';

let bench: AgentBench;
beforeEach(async () => {
  bench = await createAgentBench(['omega', 'alpha']);
  await bench.start();
  await bench.passUntil('omega', 'healthy');
});
afterEach(() => bench.close());

const audit = (decky = 'omega') => bench.store.audit.list(decky);

describe('orders', () => {
  it('a decky is stopped on purpose, stays so, and is started and proven again', async () => {
    const stop = await bench.order('omega', 'stop');
    expect(await bench.passUntilOrder(stop, 'done')).toMatchObject({
      reason: null,
      taken_at: expect.any(Number) as number,
    });
    await bench.passUntil('omega', 'stopped');
    await bench.pass(40_000);
    expect((await bench.store.deckies.get('omega'))!.state).toBe('stopped');
    const start = await bench.order('omega', 'start');
    await bench.passUntilOrder(start, 'done');
    await bench.passUntil('omega', 'healthy');
    expect(bench.host.done).toEqual(['stop omega', 'start omega']);
    expect(await audit()).toMatchObject([
      { actor: 'op', action: 'order stop', reason: 'done' },
      { actor: 'op', action: 'order start', reason: 'done' },
    ]);
    expect(await bench.store.findings.list()).toEqual([]);
  });

  it.each<[OrderVerb, string | null]>([
    ['restart', null],
    ['update', 'login-session 2'],
    ['check', null],
  ])('%s is done, and said so', async (verb, reason) => {
    const id = await bench.order('omega', verb);
    expect(await bench.passUntilOrder(id, 'done')).toMatchObject({ reason });
    await bench.passUntil('omega', 'healthy');
  });

  it('a check says what is not recorded', async () => {
    bench.host.proof = 'no end line';
    const order = await bench.passUntilOrder(await bench.order('omega', 'check'), 'failed');
    expect(order.reason).toBe('no end line (E_DECKY_BLIND)');
    await bench.passUntil('omega', 'blind');
  });

  it('a removed decky is gone', async () => {
    await bench.passUntilOrder(await bench.order('omega', 'remove'), 'done');
    await bench.passUntil('omega', 'gone');
  });

  it('what fails is said, and the next one is done', async () => {
    bench.host.fail = new DecnetError('E_ENGINE', 'no space');
    const failed = await bench.passUntilOrder(await bench.order('omega', 'restart'), 'failed');
    expect(failed.reason).toBe('no space (E_ENGINE)');
    bench.host.fail = undefined;
    await bench.passUntilOrder(await bench.order('omega', 'restart'), 'done');
  });

  it('an order for what was not deployed, or for what is no verb, is refused and audited, and nothing is touched', async () => {
    const stranger = await bench.order('other', 'stop');
    const odd = await bench.order('omega', 'exec' as OrderVerb);
    await bench.passUntilOrder(stranger, 'refused');
    expect(await bench.passUntilOrder(odd, 'refused')).toMatchObject({
      reason: 'there is no such verb',
      taken_at: null,
    });
    expect(await audit('other')).toMatchObject([
      { actor: 'op', action: 'order stop', reason: 'refused: no such decky was deployed' },
    ]);
    expect(await audit()).toMatchObject([{ action: 'order exec', reason: 'refused: there is no such verb' }]);
    expect(bench.host.done).toEqual([]);
  });

  it('an order that a dead agent had taken is taken up again, with the time at which it was taken', async () => {
    await bench.stop();
    const id = await bench.order('omega', 'restart');
    await bench.store.orders.move(id, 'queued', { state: 'taken', taken_at: 42 });
    await bench.start();
    expect(await bench.passUntilOrder(id, 'done')).toMatchObject({ taken_at: 42 });
    expect(bench.host.done).toEqual(['restart omega']);
  });

  it('orders of one decky are done one after another, and one that hangs holds up nobody else', async () => {
    let release: (value: string | null) => void = () => undefined;
    bench.host.proof = new Promise((resolve) => (release = resolve));
    const hanging = await bench.order('omega', 'check');
    const behind = await bench.order('omega', 'stop');
    await bench.passUntilOrder(hanging, 'taken');
    const other = await bench.order('alpha', 'stop');
    await bench.passUntilOrder(other, 'done');
    expect((await bench.store.orders.get(behind))!.state).toBe('queued');
    release(null);
    await bench.passUntilOrder(hanging, 'done');
    await bench.passUntilOrder(behind, 'done');
    expect(bench.host.done).toEqual(['stop alpha', 'stop omega']);
  });

  it('told to end, it finishes what is under way', async () => {
    let release: (value: string | null) => void = () => undefined;
    bench.host.proof = new Promise((resolve) => (release = resolve));
    const hanging = await bench.order('omega', 'check');
    await bench.passUntilOrder(hanging, 'taken');
    const ended = bench.stop();
    release(null);
    expect(await ended).toBe(0);
    expect((await bench.store.orders.get(hanging))!.state).toBe('done');
  });
});
