import type { BusClock } from '../bus/clock.js';

const QUIET_MS = 5 * 60_000;
const MESSAGES_MAX = 256;

/**
 * Says a message, and not again while it keeps coming: what has not come for 5 minutes is not so any more, and is news
 * the next time. At most 256 messages are remembered.
 */
export function createSayOnce(clock: BusClock, say: (message: string) => void): (message: string) => void {
  const lastMs = new Map<string, number>();
  return (message) => {
    const last = lastMs.get(message);
    const now = clock.monotonicMs();
    // Re-inserted, so that the first key is the one that has been silent longest.
    lastMs.delete(message);
    lastMs.set(message, now);
    if (lastMs.size > MESSAGES_MAX) {
      for (const oldest of lastMs.keys()) {
        lastMs.delete(oldest);
        break;
      }
    }
    if (last === undefined || now - last >= QUIET_MS) say(message);
  };
}
