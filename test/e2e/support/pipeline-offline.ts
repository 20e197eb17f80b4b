import { join } from 'node:path';
import type { SessionCommandRow } from '../../../src/contract/session-command-row.js';
import type { SessionProfile } from '../../../src/contract/session-profile.js';
import { computeSession } from '../../../src/services/compute-session.js';
import { profileFile } from '../../../src/services/profile-file.js';
import type { PipelineDecky } from './pipeline-decky.js';
import { readLogLine, type LogLine } from './log-tap.js';
import { readShards, type Recording } from './shard-reader.js';

/** What a pipeline must have made of some deckies: from their files alone, when they are at rest. */
export interface Offline {
  /** Sessions with lines in a shard, by sid. */
  readonly recorded: ReadonlyMap<string, OfflineSession>;
  /** Commands that only a log line tells of, by sid. */
  readonly executed: ReadonlyMap<string, LogLine & { readonly decky: string }>;
  /** The lines of each decky's log. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
}

export interface OfflineSession {
  readonly decky: string;
  readonly service: string;
  readonly recording: Recording;
  readonly profile: SessionProfile;
  readonly commands: readonly SessionCommandRow[];
  readonly hiddenTyping: boolean;
}

export async function readOffline(deckies: readonly PipelineDecky[]): Promise<Offline> {
  const recorded = new Map<string, OfflineSession>();
  const executed = new Map<string, LogLine & { decky: string }>();
  const lines = new Map<string, string[]>();
  for (const decky of deckies) {
    lines.set(decky.name, decky.logLines());
    for (const service of decky.services) await readService(decky, service, recorded);
    for (const line of decky.logLines().flatMap((text) => readLogLine(text) ?? [])) {
      const sid = line.params['sid'] ?? '';
      if (line.msgid === 'session_exec' && !recorded.has(sid)) executed.set(sid, { ...line, decky: decky.name });
    }
  }
  return { recorded, executed, lines };
}

async function readService(decky: PipelineDecky, service: string, into: Map<string, OfflineSession>): Promise<void> {
  const dir = decky.transcripts(service);
  const recordings = [...readShards(dir).recordings.values()];
  const profiles = new Map<string, SessionProfile>();
  for (const part of new Set(recordings.flatMap(({ parts }) => parts.slice(-1)))) {
    // As `decnet profile --file` does it.
    for await (const { profile } of profileFile(join(dir, part), 0)) profiles.set(profile.sid, profile);
  }
  for (const recording of recordings) {
    const profile = profiles.get(recording.sid);
    if (profile === undefined) throw new Error(`${dir} has no profile of ${recording.sid}`);
    const paths = recording.parts.map((part) => join(dir, part));
    const { commands, hiddenTyping } = await computeSession(paths, recording.sid, 0);
    into.set(recording.sid, { decky: decky.name, service, recording, profile, commands, hiddenTyping });
  }
}
