import { randomUUID } from 'node:crypto';
import type { DeckyRow } from '../../contract/decky-row.js';
import type { Order } from '../../contract/order.js';
import type { RoundResult, WorkerContext } from '../define-worker.js';

/** The login-session that deckies are to have. */
export interface UpdateTarget {
  readonly sha256: string;
  readonly version: string;
}

/** Of a decky's orders, newest first, so many are looked at for ours. */
const ORDERS_SEEN = 200;

/** Whose orders these are: of one roll-out, so that the next one asks again. */
export function updaterName({ sha256 }: UpdateTarget): string {
  return `updater ${sha256.slice(0, 12)}`;
}

/**
 * One order after another, for the deckies that are healthy and have another recorder, until one fails: then none more for
 * this recorder, until that decky has it, or another recorder is there. What was ordered stands in `orders`: nothing else is remembered.
 */
export function createUpdaterRound(
  context: WorkerContext,
  findTarget: () => Promise<UpdateTarget | undefined>,
): () => Promise<RoundResult> {
  const { store, now, log } = context;
  let said = '';
  const sayOnce = (text: string): void => {
    if (text !== said) log(text);
    said = text;
  };

  async function ordersOf(decky: string, target: UpdateTarget): Promise<Order[]> {
    const orders = await store.orders.list({ decky, limit: ORDERS_SEEN });
    return orders.filter((order) => order.verb === 'update' && order.requested_by === updaterName(target));
  }

  async function orderUpdate(decky: string, target: UpdateTarget): Promise<void> {
    const at = now();
    const requested_by = updaterName(target);
    await store.transaction(async (tables) => {
      await tables.orders.add({ id: randomUUID(), decky, verb: 'update', requested_by, requested_at: at });
      const reason = `login-session ${target.version} (${target.sha256})`;
      await tables.audit.add({ at, actor: 'updater', action: 'order update', subject: decky, reason });
    });
    log(`ordered for ${decky}: login-session ${target.version}`);
  }

  return async () => {
    const target = await findTarget();
    const rows = await store.deckies.list();
    if (target === undefined) {
      context.report({ reason: 'this package brought no login-session along', deckies: rows.length });
      return { more: false };
    }
    const old = rows.filter(({ recorder_sha256: sha256 }) => sha256 !== target.sha256);
    let state = 'done';
    let next: DeckyRow | undefined;
    for (const row of old) {
      const [last] = await ordersOf(row.decky, target);
      if (last?.state === 'failed' || last?.state === 'refused') {
        state = 'stopped';
        sayOnce(`stopped at ${row.decky}: ${last.reason ?? last.state}; the others keep their login-session`);
        break;
      }
      if (last?.state === 'queued' || last?.state === 'taken') {
        state = 'waiting';
        break;
      }
      // Done, and not seen by the agent yet, is waited for; one that is not healthy would fail whatever it is given.
      if (last?.state === 'done') state = 'waiting';
      else if (row.state === 'healthy') next ??= row;
    }
    if (next !== undefined && state === 'done') {
      await orderUpdate(next.decky, target);
      state = 'rolling';
    }
    if (old.length === 0 && rows.length > 0) sayOnce(`all deckies have login-session ${target.version}`);
    context.report({ version: target.version, state, deckies: rows.length, old: old.length });
    return { more: false };
  };
}
