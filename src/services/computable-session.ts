import type { RecordedSession } from '../contract/recorded-session.js';
import type { PartSource } from '../shard/part-source.js';
import { readSession } from '../shard/read-session.js';

/** Lines of one session that are held in memory. The recorder stops at `session_cap_bytes`; who forges a shard does not. */
const LINES_MAX_BYTES = 64 * 1024 * 1024;
/** Typed or pasted characters: a second's work or less for what goes through them key by key. Nobody types that in a day. */
const INPUT_MAX_CHARS = 262_144;

/**
 * A session as far as it is computed: how it was typed, what was entered. Whoever logs in decides how much there is, and
 * everybody else's sessions wait meanwhile; so of more only the beginning counts. undefined, throws: as `readSession`.
 */
export async function readComputable(parts: readonly PartSource[], sid: string): Promise<RecordedSession | undefined> {
  const recorded = await readSession(parts, sid, LINES_MAX_BYTES);
  return recorded && { ...recorded, events: beginning(recorded.events) };
}

function beginning(events: RecordedSession['events']): RecordedSession['events'] {
  let chars = 0;
  const over = events.findIndex(({ ch, text }) => ch === 'i' && (chars += text.length) > INPUT_MAX_CHARS);
  return over < 0 ? events : events.slice(0, over);
}
