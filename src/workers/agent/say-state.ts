import type { DeckyRow } from '../../contract/decky-row.js';
import { topics } from '../../contract/topics.js';
import { putDecky } from '../../services/put-decky.js';
import type { WorkerContext } from '../define-worker.js';

/** How often a row that says nothing new is written: `checked_at` is not older, by much. */
const ROW_MS = 30_000;

/**
 * A decky is so now: its row with what that means, and after the commit the bells.
 * `before` is the row as it is stored; undefined = none.
 */
export async function sayState(context: WorkerContext, before: DeckyRow | undefined, now: DeckyRow): Promise<void> {
  if (before !== undefined && isSame(before, now)) {
    const ageMs = now.checked_at - before.checked_at;
    if (ageMs >= 0 && ageMs < ROW_MS) return;
  }
  const isAnother = before?.state !== now.state;
  await putDecky(context.store, now);
  if (isAnother) {
    const { decky, state, state_since: since, reason } = now;
    context.log(`${decky} is ${state}${reason === null ? '' : `: ${reason}`}`);
    const payload = { decky, state, reason, since, before: before?.state ?? null };
    await context.bus.publishSafely(topics.deckyState(decky), { type: state, payload });
  }
  const event = lifecycleOf(before, now);
  if (event !== undefined) {
    const payload = { decky: now.decky, containers: now.containers };
    await context.bus.publishSafely(topics.deckyLifecycle(now.decky), { type: event, payload });
  }
}

/** What happened to the containers, where something did. */
function lifecycleOf(before: DeckyRow | undefined, now: DeckyRow): 'started' | 'stopped' | 'gone' | undefined {
  if (now.state === 'gone') return before?.state === 'gone' ? undefined : 'gone';
  const was = runningIds(before);
  const is = runningIds(now);
  if (is === was) return undefined;
  return is === '' ? 'stopped' : 'started';
}

function runningIds(row: DeckyRow | undefined): string {
  const running = row?.containers.filter((container) => container.running) ?? [];
  return running.map(({ id }) => id).join(' ');
}

function isSame(a: DeckyRow, b: DeckyRow): boolean {
  const said = ({ state_since: _, checked_at: __, last_login_at: ___, ...rest }: DeckyRow) => JSON.stringify(rest);
  return said(a) === said({ ...b });
}
