import type { RecordedSession } from '../contract/recorded-session.js';
import { createSessionAssembly, type SessionAssembly } from './assemble-session.js';
import { decodeLine } from './decode.js';
import { scanOf, type PartSource } from './part-source.js';
import { scanPart } from './scan.js';

/**
 * One session from the parts (paths, in order) that may hold its lines; undefined if none does. Of a part given as a
 * stretch nothing else is read. Holds the session, not the parts, in memory: `maxBytes` of its lines, if that is given, and
 * what comes after them is left. Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function readSession(
  parts: readonly PartSource[],
  sid: string,
  maxBytes = Infinity,
): Promise<RecordedSession | undefined> {
  return (await assemble(parts, sid, maxBytes)).get(sid)?.session();
}

/** Every session of these parts in one pass, in the order of their first lines; all of them are held in memory. */
export async function readSessions(paths: readonly string[]): Promise<RecordedSession[]> {
  return [...(await assemble(paths)).values()].map((assembly) => assembly.session());
}

async function assemble(
  sources: readonly PartSource[],
  sid?: string,
  maxBytes = Infinity,
): Promise<Map<string, SessionAssembly>> {
  const found = new Map<string, SessionAssembly>();
  let bytes = 0;
  for (const source of sources) {
    const { path, part, options } = scanOf(source, sid);
    await scanPart(path, options, (raw) => {
      const line = decodeLine(raw.bytes);
      if (line === undefined) return true;
      bytes += raw.bytes.length + 1;
      if (bytes > maxBytes) return false;
      let assembly = found.get(line.sid);
      if (assembly === undefined) found.set(line.sid, (assembly = createSessionAssembly(line.sid)));
      assembly.add(line, part, raw.bytes.length + 1);
      return true;
    });
    if (bytes > maxBytes) break;
  }
  return found;
}
