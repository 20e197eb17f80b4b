import type { Knex } from 'knex';
import type { Order, OrderState } from '../contract/order.js';

export interface OrdersTable {
  /** A new order, `queued`. */
  add(order: Pick<Order, 'id' | 'decky' | 'verb' | 'requested_by' | 'requested_at'>): Promise<void>;
  get(id: string): Promise<Order | undefined>;
  /** Newest first. */
  list(filter: { readonly decky?: string; readonly limit: number }): Promise<Order[]>;
  /** Those in that state, oldest first. */
  inState(state: OrderState, limit: number): Promise<Order[]>;
  /** From one state to another; false = it is not in the first any more, and nothing is changed. */
  move(
    id: string,
    from: OrderState,
    changes: Partial<Pick<Order, 'state' | 'taken_at' | 'finished_at' | 'reason'>>,
  ): Promise<boolean>;
}

/** The table `orders`; whoever orders inserts, the agent updates. `db` may be a transaction. */
export function ordersTable(db: Knex): OrdersTable {
  const rows = () => db<Order & { seq: number }>('orders');
  return {
    async add(order) {
      await rows().insert({ ...order, state: 'queued', taken_at: null, finished_at: null, reason: null });
    },

    async get(id) {
      const row = await rows().where({ id }).first();
      return row && withoutSeq(row);
    },

    async list({ decky, limit }) {
      const query = rows().orderBy('seq', 'desc').limit(limit);
      if (decky !== undefined) void query.where({ decky });
      return (await query).map(withoutSeq);
    },

    async inState(state, limit) {
      return (await rows().where({ state }).orderBy('seq').limit(limit)).map(withoutSeq);
    },

    async move(id, from, changes) {
      return (await rows().where({ id, state: from }).update(changes)) === 1;
    },
  };
}

function withoutSeq({ seq: _, ...order }: Order & { seq: number }): Order {
  return order;
}
