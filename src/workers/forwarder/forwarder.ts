import { defineWorker } from '../define-worker.js';

/**
 * Hands log lines and findings on to a SIEM. Not filled yet: it refuses, and does nothing.
 *
 * - Will eat: `logs`; `system.log` (type `batch_committed`) wakes it.
 * - Will make: RFC 5424 lines at the receiver, each at least once, with its `event_id`.
 * - Will remember: how far in `logs` the receiver has acknowledged.
 * - Will lose on kill -9: time. What was sent and not acknowledged is sent again.
 */
export const forwarderWorker = defineWorker({
  name: 'forwarder',
  needs: [],
  config: [],
  consumes: [],
  emits: [],
  owns: [],
  run: (context) => context.refuse('nothing configured'),
});
