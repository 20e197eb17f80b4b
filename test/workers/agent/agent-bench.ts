import { randomUUID } from 'node:crypto';
import type { DeckyState } from '../../../src/contract/decky-row.js';
import type { Order, OrderState, OrderVerb } from '../../../src/contract/order.js';
import { agentWorker, runAgent } from '../../../src/workers/agent/agent.js';
import { createWorkerBench, type WorkerBench } from '../worker-bench.js';
import { createFakeHost, type FakeHost } from './fake-host.js';

export interface AgentBench extends WorkerBench {
  readonly host: FakeHost;
  order(decky: string, verb: OrderVerb): Promise<string>;
  /** Lets time pass, a poll at a time, until the decky is in that state; says how much did, ms. */
  passUntil(decky: string, state: DeckyState): Promise<number>;
  passUntilOrder(id: string, state: OrderState): Promise<Order>;
  /** Lets so much time pass, with a round at each poll. */
  pass(ms: number): Promise<void>;
}

/** The agent on a machine in memory. */
export async function createAgentBench(names: readonly string[] = ['omega']): Promise<AgentBench> {
  const host = createFakeHost(names);
  const bench = await createWorkerBench({
    ...agentWorker,
    run: (context) => runAgent(context, () => host),
  });
  const poll = bench.config.worker_poll_ms;

  let begun = 0;
  host.onRound = () => begun++;
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  /** A poll later, with its round: each asks for the fleet. One that is at work when the clock moves begins no other. */
  async function step(): Promise<void> {
    const before = begun;
    bench.clock.pass(poll);
    for (let tries = 0; begun === before && tries < 50; tries++) await turns(10);
    await turns(40);
  }

  async function passUntilTrue<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    for (let polls = 0; polls < 2000; polls++) {
      const found = await ask();
      if (found !== undefined) return found;
      await step();
    }
    throw new Error(`waited in vain for ${what}\n${bench.log.join('\n')}`);
  }

  return Object.assign(bench, {
    host,
    async order(decky: string, verb: OrderVerb) {
      const id = randomUUID();
      await bench.store.orders.add({ id, decky, verb, requested_by: 'op', requested_at: bench.clock.nowMs() });
      return id;
    },
    async passUntil(decky: string, state: DeckyState) {
      const from = bench.clock.nowMs();
      await passUntilTrue(`${decky} is ${state}`, async () =>
        (await bench.store.deckies.get(decky))?.state === state ? true : undefined,
      );
      return bench.clock.nowMs() - from;
    },
    passUntilOrder: (id: string, state: OrderState) =>
      passUntilTrue(`order ${state}`, async () => {
        const order = await bench.store.orders.get(id);
        return order?.state === state ? order : undefined;
      }),
    async pass(ms: number) {
      for (let at = 0; at < ms; at += poll) await step();
    },
  });
}
