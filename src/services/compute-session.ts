import type { SessionProfile } from '../contract/session-profile.js';
import type { SessionCommandRow } from '../contract/session-command-row.js';
import { DecnetError } from '../errors.js';
import { hasHiddenTyping, markHidden } from '../keystroke/hidden.js';
import { profileSession } from '../keystroke/profile.js';
import type { PartSource } from '../shard/part-source.js';
import { enteredCommands } from '../transcript/commands.js';
import { readComputable } from './computable-session.js';

export interface ComputedSession {
  readonly profile: SessionProfile;
  readonly commands: readonly SessionCommandRow[];
  readonly hiddenTyping: boolean;
}

/** Kept of a session, the first ones. */
const COMMANDS_MAX = 10_000;

/** A session's rows, from the parts (or stretches of them, in order) that hold its lines. Throws E_NO_SHARD, E_SHARD_READ. */
export async function computeSession(
  parts: readonly PartSource[],
  sid: string,
  computedAt: number,
): Promise<ComputedSession> {
  const recorded = await readComputable(parts, sid);
  if (recorded === undefined) throw new DecnetError('E_NO_SHARD', `the shard holds no line of session ${sid}`);
  const session = markHidden(recorded);
  const commands = enteredCommands(session)
    .slice(0, COMMANDS_MAX)
    .map(({ index, tUs, text, source }) => {
      return { sid, seq: index, at_ms: tUs / 1000, command: text, source };
    });
  return { profile: profileSession(session, computedAt), commands, hiddenTyping: hasHiddenTyping(session) };
}
