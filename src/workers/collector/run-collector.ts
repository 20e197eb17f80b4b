import { join } from 'node:path';
import { DecnetError } from '../../errors.js';
import { createSpoolWriter } from '../../spool/writer.js';
import type { RoundResult, WorkerContext } from '../define-worker.js';
import { createPlaceFinder } from './find-places.js';
import { gatherBatch, type Gathered } from './gather-batch.js';
import { createIngesterCursor } from './ingester-cursor.js';
import { createQuarantine } from './quarantine.js';
import { createQuota } from './quota.js';
import { ringBatch } from './ring-batch.js';
import type { SourceOpener } from './source.js';
import { createSourceSet } from './source-set.js';
import { createTally } from './tally.js';

/** How often it is looked which sources there are. */
const LOOK_EVERY_MS = 2000;
/** What is read at the end of what streams still hold: a FIFO's bytes are gone with its reader. */
const LAST_ROUNDS_MAX = 16;

/** The collector's work, over sources of any make, until it is to end. */
export async function runCollector(context: WorkerContext, opener: SourceOpener): Promise<void> {
  const { config, store, bus, now, log } = context;
  const cursor = createIngesterCursor(store.workerCursors, log);
  const writer = await createSpoolWriter({ dir: config.spool_dir, now, after: await cursor.fresh() });
  const sources = createSourceSet({ opener, positions: writer.positions, now });
  const finder = createPlaceFinder(config, opener);
  const quarantine = createQuarantine({ dir: join(config.spool_dir, 'quarantine') });
  const tally = createTally();
  const quota = createQuota({
    bytesPerS: config.decky_log_bytes_per_s,
    burstBytes: config.decky_log_burst_bytes,
    now,
    log,
  });
  /** What is read and not spooled yet: no source hands it out again. */
  let pending: Gathered | undefined;
  let lookedAt = -Infinity;
  let isFull = false;

  async function look(): Promise<void> {
    const since = now() - lookedAt;
    if (since >= 0 && since < LOOK_EVERY_MS) return;
    lookedAt = now();
    const { places, trouble } = await finder.find();
    tally.missing(trouble);
    if (trouble !== null) log(trouble);
    await sources.follow(places);
  }

  async function hasRoom(): Promise<boolean> {
    const maxBytes = config.spool_max_bytes;
    let seen = cursor.latest();
    if (writer.waitingBytes(seen) >= maxBytes) seen = await cursor.fresh();
    if (seen !== undefined) await writer.removeRead(seen);
    const waitingBytes = writer.waitingBytes(seen);
    isFull = waitingBytes >= maxBytes;
    tally.waiting(waitingBytes, isFull);
    if (isFull) log('the spool is full: nothing is read until the ingester has got on');
    return !isFull;
  }

  async function spool(gathered: Gathered): Promise<void> {
    if (gathered.draft === undefined) return;
    pending = gathered;
    const batch = await writer.append(gathered.draft);
    pending = undefined;
    context.gettingOn();
    ringBatch(bus, batch, gathered.sessions);
    tally.add(gathered, now());
    await quarantine.keep(gathered.junk).catch(sayFailure);
  }

  async function round(): Promise<RoundResult> {
    if (pending !== undefined) await spool(pending);
    await look();
    let more = false;
    if (await hasRoom()) {
      const gathered = await gatherBatch(sources.inTurn(), { quota, counts: writer.counts });
      sources.passTurns(gathered.visited);
      await spool(gathered);
      more = gathered.more;
    }
    context.report({ ...tally.report(sources.inTurn(), log), seq: writer.seq });
    return { more };
  }

  /** For what costs nobody a line. */
  function sayFailure(error: unknown): void {
    if (!(error instanceof DecnetError)) throw error;
    log(`${error.message} (${error.code})`);
  }

  try {
    await context.loop(round, {
      pollMs: config.worker_poll_ms,
      // With a full spool nothing that a source has can be taken.
      until: (ended) => (isFull ? new Promise(() => undefined) : sources.readable(ended)),
    });
    for (let last = 0; last < LAST_ROUNDS_MAX && (await round().catch(sayFailure))?.more === true; last++);
  } finally {
    await sources.close();
    await writer.close();
    await cursor.fresh();
  }
}
