import { orderVerb, type Order } from '../../contract/order.js';
import type { FleetDecky } from '../../contract/fleet.js';
import { DecnetError } from '../../errors.js';
import type { WorkerContext } from '../define-worker.js';
import type { AgentHost } from './agent-host.js';
import type { Jobs } from './jobs.js';

const ORDERS_AT_ONCE = 50;

export interface OrderParts {
  readonly host: AgentHost;
  readonly jobs: Jobs;
  /** The root-owned fleet: an order for anybody else is refused. */
  readonly deckies: ReadonlyMap<string, FleetDecky>;
  /** A decky is to be proven by a login, and says what was not recorded. */
  readonly check: (decky: FleetDecky) => Promise<string | null>;
  /** It was stopped on purpose, or is not any more. */
  readonly said: (decky: string, verb: 'stopped' | 'started') => Promise<void>;
  /** It is carried out: what was known of the decky is old. */
  readonly settled: (decky: string) => void;
}

export interface Orders {
  /** Those that wait, and those that a dead agent left. */
  takeUp(parts: OrderParts): Promise<void>;
}

/**
 * Takes up what is ordered, each decky's orders in their turn. An order that was taken by an agent that died is done again:
 * each verb finds what is done already. Nothing of an order but decky and verb is ever looked at.
 */
export function createOrders(context: WorkerContext): Orders {
  const { store, now } = context;
  /** Taken by this process. */
  const own = new Set<string>();

  async function end(order: Order, state: 'done' | 'failed' | 'refused', reason: string | null): Promise<void> {
    const at = now();
    const { id, decky, verb, requested_by: actor } = order;
    await store.transaction(async (tables) => {
      const from = state === 'refused' ? order.state : 'taken';
      if (!(await tables.orders.move(id, from, { state, finished_at: at, reason }))) return;
      const what = `${state}${reason === null ? '' : `: ${reason}`}`;
      await tables.audit.add({ at, actor, action: `order ${verb}`, subject: decky, reason: what });
    });
    context.log(`order ${verb} for ${decky}, by ${actor}: ${state}${reason === null ? '' : `: ${reason}`}`);
  }

  async function carryOut(order: Order, decky: FleetDecky, parts: OrderParts): Promise<void> {
    try {
      const reason = await execute(order, decky, parts);
      await end(order, 'done', reason);
    } catch (error) {
      if (!(error instanceof DecnetError) || error.code.startsWith('E_STORE')) throw error;
      await end(order, 'failed', `${error.message} (${error.code})`);
    } finally {
      own.delete(order.id);
      parts.settled(decky.name);
    }
  }

  return {
    async takeUp(parts: OrderParts): Promise<void> {
      const left = (await store.orders.inState('taken', ORDERS_AT_ONCE)).filter(({ id }) => !own.has(id));
      for (const order of [...left, ...(await store.orders.inState('queued', ORDERS_AT_ONCE))]) {
        const decky = parts.deckies.get(order.decky);
        const why = refusal(order, decky);
        if (why !== null || decky === undefined) {
          await end(order, 'refused', why);
          continue;
        }
        if (parts.jobs.has(decky.name)) continue;
        const taken = order.taken_at ?? now();
        if (
          order.state === 'queued' &&
          !(await store.orders.move(order.id, 'queued', { state: 'taken', taken_at: taken }))
        ) {
          continue;
        }
        const mine: Order = { ...order, state: 'taken', taken_at: taken };
        own.add(order.id);
        // No room now: it is taken, and this process comes back to it.
        if (!parts.jobs.start(decky.name, () => carryOut(mine, decky, parts))) own.delete(order.id);
      }
    },
  };
}

function refusal(order: Order, decky: FleetDecky | undefined): string | null {
  if (!orderVerb.safeParse(order.verb).success) return 'there is no such verb';
  return decky === undefined ? 'no such decky was deployed' : null;
}

/** Says what there is to say; throws DecnetError where it could not be done. */
async function execute(order: Order, decky: FleetDecky, { host, check, said }: OrderParts): Promise<string | null> {
  switch (order.verb) {
    case 'start':
      await said(decky.name, 'started');
      await host.start(decky);
      return null;
    case 'stop':
      await said(decky.name, 'stopped');
      await host.stop(decky);
      return null;
    case 'restart':
      await said(decky.name, 'started');
      await host.restart(decky, order.taken_at ?? 0);
      return null;
    case 'check': {
      const problem = await check(decky);
      if (problem !== null) throw new DecnetError('E_DECKY_BLIND', problem);
      return null;
    }
    case 'remove':
      await host.remove(decky);
      return null;
    case 'update':
      return host.update(decky);
  }
}
