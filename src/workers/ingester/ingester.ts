import { topics } from '../../contract/topics.js';
import { defineWorker } from '../define-worker.js';
import { createRound } from './round.js';

/**
 * Turns spool and shards into tables and profiles (docs/ledger.md).
 *
 * - Eats: the spool's batches, the shards below `artifacts_dir`, the rows of `outbox`. `system.log` (type `line`) and
 *   `attacker.session.started`, `.ended` wake it.
 * - Makes: `logs`, `login_failures`, `session_anchors`, `sessions`, `session_profile`, `session_commands`; findings of kind
 *   `evidence_conflict` and `hidden_typing`, with their lines. After the commit it rings `system.log` (type
 *   `batch_committed`, what the rows came to) and, for each session computed, `attacker.session.profiled`.
 * - Remembers: how far it has read, in `worker_cursors` (`ingester.spool`) and `shard_cursors`; each moves in the transaction
 *   of the rows that came of what was read.
 * - Loses on kill -9: time. What was read and not committed is read again; what was committed and not rung is found by
 *   those who poll.
 */
export const ingesterWorker = defineWorker({
  name: 'ingester',
  needs: ['to read artifacts_dir and spool_dir'],
  config: ['artifacts_dir', 'spool_dir', 'worker_poll_ms', 'abandoned_after_s'],
  consumes: [topics.systemLog, topics.sessionStarted, topics.sessionEnded],
  // It rings that topic itself.
  wakes: (event) => event.topic !== topics.systemLog || event.type === 'line',
  emits: [topics.systemLog, topics.sessionProfiled],
  owns: [
    ...['logs', 'login_failures', 'session_anchors', 'sessions', 'session_changes', 'session_profile'],
    ...['session_commands', 'shard_cursors'],
  ],
  run: (context) => context.loop(createRound(context), { pollMs: context.config.worker_poll_ms }),
});
