import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionHeader } from '../../contract/recorded-session.js';
import { DecnetError } from '../../errors.js';
import { decodeLine } from '../../shard/decode.js';
import { listParts } from '../../shard/list-parts.js';
import { readTail, type TailCursor } from '../../shard/tail.js';
import { verifySession } from '../../shard/verify.js';

/** A session that one of our own logins may have begun. */
export interface SeenSession {
  readonly sid: string;
  readonly header: SessionHeader;
}

/** What comes to a transcripts directory from now on. */
export interface ShardWatch {
  /** The first session with that TERM; undefined when `ended` fires before it is there. Throws E_NO_SHARD, E_SHARD_READ. */
  begun(term: string, ended: AbortSignal): Promise<SeenSession | undefined>;
  /** Waits for its end line, and says why the recording is not whole; null = it is. undefined when `ended` fires before. */
  whole(sid: string, ended: AbortSignal): Promise<string | null | undefined>;
}

const LOOK_EVERY_MS = 40;
/** What may come while we look: somebody may write a lot, and we want a header and an end. */
const LOOK_BYTES = 4 * 1024 * 1024;

/** Begins behind what is in the parts now. Throws E_NO_SHARD, E_SHARD_READ. */
export async function watchShard(dir: string): Promise<ShardWatch> {
  let cursor: TailCursor = await positionsNow(dir);
  const begun = new Map<string, SeenSession>();
  const ends = new Set<string>();

  async function look(): Promise<void> {
    const tail = await readTail(
      dir,
      cursor,
      ({ bytes }) => {
        const line = decodeLine(bytes);
        const term = line?.kind === 'header' ? line.header.env['TERM'] : undefined;
        // The first stands: whoever learns the nonce inside comes later.
        if (line?.kind === 'header' && term !== undefined && !begun.has(term)) {
          begun.set(term, { sid: line.sid, header: line.header });
        }
        if (line?.kind === 'end') ends.add(line.sid);
      },
      { maxBytes: LOOK_BYTES },
    );
    cursor = tail.cursor;
    const [unreadable] = tail.unreadable;
    if (unreadable !== undefined) throw unreadable.error;
  }

  return {
    async begun(term, ended) {
      for (;;) {
        await look();
        const seen = begun.get(term);
        if (seen !== undefined || ended.aborted) return seen;
        await pause(ended);
      }
    },
    async whole(sid, ended) {
      while (!ends.has(sid)) {
        if (ended.aborted) return undefined;
        await pause(ended);
        await look();
      }
      const parts = (await listParts(dir)).filter(({ sealed }) => !sealed).map(({ path }) => path);
      // A login at midnight lies in two parts; older ones hold nothing of it.
      const verification = await verifySession(parts.slice(-3), sid);
      if (verification?.state === 'intact') return null;
      return verification?.reason ?? 'its lines are gone from the shard';
    },
  };
}

async function positionsNow(dir: string): Promise<TailCursor> {
  const parts = await listParts(dir);
  return Object.fromEntries(parts.map(({ name, bytes, inode }) => [name, { offset: bytes, line: 1, inode }]));
}

async function pause(ended: AbortSignal): Promise<void> {
  await sleep(LOOK_EVERY_MS, undefined, { signal: ended }).catch((error: unknown) => {
    if (error instanceof DecnetError) throw error;
  });
}
