import { PROFILE_SCHEMA_VERSION } from '../../contract/session-profile.js';
import { topics } from '../../contract/topics.js';
import { DecnetError } from '../../errors.js';
import { computeDue, type ComputedDue } from '../../services/compute-due.js';
import { moveOutbox } from '../../services/move-outbox.js';
import { createShardQueue } from '../../services/shard-queue.js';
import { spoolBehindBytes, takeSpool } from '../../services/take-spool.js';
import type { RoundResult, Wake, WorkerContext } from '../define-worker.js';

/** What each kind of work may take of a round before the others have their turn: a line must not wait for a backlog of shards. */
const SHARE_MS = 400;
const DUE_AT_ONCE = 50;

/** One round of the ingester after another: a share of the spool, of the shards, of what is to be computed; then the outbox. */
export function createRound(context: WorkerContext): (wake: Wake) => Promise<RoundResult> {
  const { config, store, now, log, stopping } = context;
  const { artifacts_dir: artifactsDir, spool_dir: spoolDir } = config;
  const shards = createShardQueue({ store, artifactsDir, now });
  const total = { lines: 0, sessions: 0, computed: 0, failed: 0, conflicts: 0 };
  let lookedAt: number | undefined;
  let lagMs = 0;
  /** The decky of the session computed last. */
  let turn = '';

  /** Whether the share that began then is used up; a clock that was set back ends it, too. */
  function shareFrom(began: number): () => boolean {
    return () => now() < began || now() >= began + SHARE_MS;
  }

  /** Does one piece of work after another until there is no more, or the share is used up; says whether there is more. */
  async function inShare(piece: () => Promise<boolean>): Promise<boolean> {
    const isOver = shareFrom(now());
    for (;;) {
      const more = await piece();
      context.gettingOn();
      if (!more || isOver() || stopping.aborted) return more;
    }
  }

  /** What is wrong with a file stops only what needs it. */
  async function orSay(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DecnetError) || error.code.startsWith('E_STORE')) throw error;
      log(`${error.message} (${error.code})`);
      return false;
    }
  }

  async function takeLines(news: News): Promise<boolean> {
    const taken = await takeSpool(store, { dir: spoolDir });
    for (const { segment, offset, bytes } of taken.damaged) {
      log(
        `the spool is damaged: ${String(bytes)} bytes at ${String(offset)} of segment ${String(segment)} passed over`,
      );
    }
    news.lines += taken.lines;
    news.rows += taken.touched.length;
    total.sessions += taken.newSessions;
    total.conflicts += taken.conflicts.length;
    for (const decky of taken.deckies) news.deckies.add(decky);
    if (taken.lastReceivedAt !== null) lagMs = Math.max(0, now() - taken.lastReceivedAt);
    return taken.more;
  }

  async function takeShards(news: News): Promise<boolean> {
    const step = await shards.step();
    if (step === undefined) return false;
    news.rows += step.touched.length;
    total.sessions += step.newSessions;
    total.conflicts += step.conflicts.length;
    for (const { decky, service, part, what } of step.anomalies)
      log(`${decky}/${service}/${part}: ${what}, read again`);
    for (const { error } of step.unreadable) log(`${error}; tried again`);
    return !shards.isEmpty;
  }

  async function compute(news: News): Promise<boolean> {
    const isOver = shareFrom(now());
    const isEnough = (): boolean => {
      context.gettingOn();
      return isOver() || stopping.aborted;
    };
    const options = { store, artifactsDir, now, behind: shards.behind, turn, limit: DUE_AT_ONCE, isEnough };
    const due = await computeDue(options);
    turn = due.turn;
    for (const { sid, error } of due.failed) log(`${sid}: ${error}; tried again later`);
    news.computed.push(...due.computed);
    total.computed += due.computed.length;
    total.failed += due.failed.length;
    return due.more;
  }

  /** Every poll interval at all shards; in between at those of deckies whose log told of sessions. */
  async function look(deckies: ReadonlySet<string>): Promise<boolean> {
    const isDue = lookedAt === undefined || now() < lookedAt || now() - lookedAt >= config.worker_poll_ms;
    if (isDue) {
      lookedAt = now();
      await shards.look();
    } else if (deckies.size > 0) await shards.look(deckies);
    return isDue;
  }

  return async (wake) => {
    const news: News = { lines: 0, rows: 0, deckies: new Set(), computed: [] };
    if (wake === 'start') await store.sessions.requeueOlderProfiles(PROFILE_SCHEMA_VERSION);
    const moreLines = await orSay(() => inShare(() => takeLines(news)));
    const hasLooked = await orSay(() => look(news.deckies));
    const moreShards = await inShare(() => takeShards(news));
    if (hasLooked) {
      const silentBefore = now() - config.abandoned_after_s * 1000;
      news.rows += await store.sessions.abandonSilent(silentBefore, shards.behind);
    }
    const moreDue = await compute(news);
    const outbox = await moveOutbox(store);
    news.lines += outbox.lines;
    total.lines += news.lines;
    await ring(context, news);
    context.report({
      ...total,
      lag_ms: lagMs,
      spool_behind_bytes: await spoolBehindBytes(store, spoolDir),
    });
    return { more: moreLines || moreShards || moreDue || outbox.more };
  };
}

/** What one round committed. */
interface News {
  /** Rows of `logs`. */
  lines: number;
  /** Changed rows of `sessions`. */
  rows: number;
  readonly deckies: Set<string>;
  readonly computed: ComputedDue['computed'][number][];
}

/** After the commit; a round that did nothing rings nothing. */
async function ring({ bus, store }: WorkerContext, { lines, rows, computed }: News): Promise<void> {
  if (lines + rows + computed.length === 0) return;
  const payload = { lines, through: await store.logs.lastId() };
  await bus.publishSafely(topics.systemLog, { type: 'batch_committed', payload });
  for (const { row, profileClass } of computed) {
    if (profileClass === undefined) continue;
    const { sid, decky, service, src_ip } = row;
    const profiled = { sid, decky, service, src_ip, class: profileClass };
    await bus.publishSafely(topics.sessionProfiled, { type: 'profiled', payload: profiled });
  }
}
