import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/**
 * Waits until `look` gives null; what it gives instead is why not yet, and what the error says after `timeoutMs`
 * (20 s). For benches and tests alike.
 */
export async function until(look: () => string | null, options: UntilOptions = {}): Promise<void> {
  const { timeoutMs = 20_000, everyMs = 50 } = options;
  const end = performance.now() + timeoutMs;
  for (let why = look(); why !== null; why = look()) {
    if (performance.now() > end) throw new Error(`after ${String(timeoutMs)} ms: ${why}`);
    await sleep(everyMs);
  }
}
