import { DecnetError } from '../../errors.js';
import type { Transport } from '../transport.js';

/** `null:`, the bus of those who do without: nothing comes, and what is published is counted and gone. */
export const nullTransport: Transport = {
  scheme: 'null',
  open(address, _options, sink) {
    if (address !== '') throw new DecnetError('E_BUS_ADDRESS', `null:${address}: null: takes no address`);
    return {
      reconnects: 0,
      trouble: 'the bus is switched off',
      send: () => Promise.resolve(false),
      want() {
        sink.away();
        return false;
      },
      unwant: () => undefined,
      close: () => Promise.resolve(),
    };
  },
};
