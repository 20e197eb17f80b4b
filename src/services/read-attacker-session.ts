import type { AttackerSession } from '../contract/attacker.js';
import type { SessionCommandRow } from '../contract/session-command-row.js';
import type { SessionProfile } from '../contract/session-profile.js';
import type { SessionRow } from '../contract/session-row.js';
import { markCommand } from '../correlate/command-marks.js';
import type { SessionHashes } from '../correlate/hash-columns.js';
import { COMPARED_CLASSES } from '../correlate/similar-rank.js';
import type { Tables } from '../store/open.js';
import { readIpAddress } from '../syslog/ip-address.js';

/** What a session means for addresses and for its likes; undefined = nothing. */
export interface ReadSession {
  readonly sid: string;
  readonly counted: AttackerSession | undefined;
  readonly compared: SessionHashes | undefined;
}

/** Reads a session with its profile and commands. Throws E_STORE, E_STORE_BUSY. */
export async function readAttackerSession(
  tables: Pick<Tables, 'sessionProfile' | 'sessionCommands'>,
  session: SessionRow,
): Promise<ReadSession> {
  const { sid } = session;
  // Our own logins are nobody's, and like nothing.
  if (session.origin === 'self') return { sid, counted: undefined, compared: undefined };
  const profile = await tables.sessionProfile.get(sid);
  const compared = profile !== undefined && isCompared(profile) ? profile : undefined;
  const srcIp = addressOf(session.src_ip);
  if (srcIp === undefined) return { sid, counted: undefined, compared };
  const commands = await tables.sessionCommands.list(sid);
  return { sid, counted: countSession(session, srcIp, profile, commands), compared };
}

/**
 * Whose it is, in the one spelling that an address has here: undefined for what is no IP address. Whoever wrote the shard
 * chose the text, and could else be many.
 */
export function addressOf(text: string | null): string | undefined {
  return text !== null && text.length <= 64 ? readIpAddress(text) : undefined;
}

function isCompared(profile: SessionProfile): boolean {
  const hasHash = profile.kd_rhythm_simhash !== null || profile.kd_digraph_simhash !== null;
  return hasHash && COMPARED_CLASSES.includes(profile.kd_class);
}

function countSession(
  session: SessionRow,
  srcIp: string,
  profile: SessionProfile | undefined,
  commands: readonly SessionCommandRow[],
): AttackerSession {
  const entered = commands.filter(({ source }) => source !== 'hidden' && source !== 'unfinished');
  const marks = entered.map(({ command }) => markCommand(command));
  const { sid, decky, service, kind, state, started_at: startedAt, last_line_at: lastLineAt } = session;
  return {
    sid,
    src_ip: srcIp,
    decky,
    service,
    kind: state === 'skipped' ? 'skipped' : kind,
    started_at: startedAt,
    // A start that lies ahead of what this host saw is a forged one.
    first_at: Math.min(startedAt ?? lastLineAt, lastLineAt),
    last_at: lastLineAt,
    duration_ms: session.duration_ms,
    class: profile?.kd_class ?? null,
    hidden_typing: session.hidden_typing,
    pasted: profile !== undefined && (profile.paste_count > 0 || profile.kd_class === 'pasted'),
    commands: entered.length,
    fetching: marks.filter(({ isFetching }) => isFetching).length,
    persisting: marks.filter(({ isPersisting }) => isPersisting).length,
    covering: marks.filter(({ isCovering }) => isCovering).length,
  };
}
