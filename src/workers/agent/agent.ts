import type { WorkerContext } from '../define-worker.js';
import { defineWorker } from '../define-worker.js';
import type { AgentHost } from './agent-host.js';
import { openAgentHost } from './open-agent-host.js';
import { createRounds } from './round.js';

/**
 * Executes orders on deckies, keeps their recordings whole, and says how they are (docs/agent.md). As root, beside the engine:
 * nobody else needs rights to containers.
 *
 * - Eats: `orders`; the root-owned fleet below `{state_dir}/deploy`; what the engine says of the containers, and their
 *   `/etc/passwd`, read through it.
 * - Makes: deckies that are as ordered; recordings with the right owners, modes and names, and their next parts; logins of our
 *   own; findings of kind `decky_blind`; `audit` rows. After the commit it rings `decky.{id}.state` and `.lifecycle`.
 * - Remembers: `deckies`, and in `orders` how far each one is; an order is taken up by the row that says so.
 * - Loses on kill -9: time. An order that was begun is taken up again, and what the engine has done already is not done twice;
 *   what was known of running deckies is found out again, by a login.
 */
export const agentWorker = defineWorker({
  name: 'agent',
  needs: ['root: engine_socket, artifacts_dir, {state_dir}/deploy'],
  config: [
    ...(['state_dir', 'artifacts_dir', 'engine_socket', 'group', 'login_session'] as const),
    ...(['part_preallocate_bytes', 'worker_poll_ms'] as const),
  ],
  consumes: [],
  emits: ['decky.*.state', 'decky.*.lifecycle'],
  owns: ['deckies', 'orders'],
  run: (context) => runAgent(context, openAgentHost),
});

/** The agent on any machine; `openHost` says that there is none with undefined. */
export async function runAgent(
  context: WorkerContext,
  openHost: (context: WorkerContext) => AgentHost | undefined,
): Promise<void> {
  const host = openHost(context);
  if (host === undefined)
    return context.refuse('nothing configured: no engine_socket is set, and nothing was deployed here');
  try {
    const rounds = createRounds(context, host);
    await context.loop(rounds.round, { pollMs: context.config.worker_poll_ms, until: rounds.ended });
    await rounds.finish();
    // Told to end, it has said enough; asked for one pass (`--once`), what took longer than a round is still to be said.
    if (!context.stopping.aborted) await rounds.round();
  } finally {
    host.close();
  }
}
