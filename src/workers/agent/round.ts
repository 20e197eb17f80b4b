import type { DeckyState } from '../../contract/decky-row.js';
import type { Fleet, FleetDecky } from '../../contract/fleet.js';
import { judgeDecky, type SeenContainer } from '../../deploy/judge-decky.js';
import { DecnetError } from '../../errors.js';
import type { RoundResult, WorkerContext } from '../define-worker.js';
import type { AgentHost } from './agent-host.js';
import { createJobs } from './jobs.js';
import { createOrders } from './orders.js';
import { sayState } from './say-state.js';
import {
  CHECK_MS,
  checkFiles,
  evidenceOf,
  isProofWanted,
  newWatched,
  PATROL_MS,
  takeContainers,
  type Watched,
} from './watched.js';

/** Logins of our own and orders that are under way at once. */
const JOBS_AT_ONCE = 4;
/** What whoever is inside can make us write about one decky at once. */
const SAID_AT_ONCE = 5;

export interface AgentRounds {
  readonly round: () => Promise<RoundResult>;
  /** Something that took longer than a round has come to its end. */
  readonly ended: (given: AbortSignal) => Promise<void>;
  /** What is under way is finished, and said. */
  readonly finish: () => Promise<void>;
}

/** The agent's rounds: orders, then each decky in turn; what concerns one decky never stops the others. */
export function createRounds(context: WorkerContext, host: AgentHost): AgentRounds {
  const { store, now, log } = context;
  const jobs = createJobs(JOBS_AT_ONCE);
  const orders = createOrders(context);
  const known = new Map<string, Watched>();
  const watchedOf = (decky: string): Watched => {
    const watched = known.get(decky) ?? newWatched();
    known.set(decky, watched);
    return watched;
  };

  async function prove(decky: FleetDecky): Promise<string | null> {
    const watched = watchedOf(decky.name);
    Object.assign(watched, { isProofDue: false, triedAt: now() });
    const { run } = watched;
    let problem: string | null;
    try {
      problem = await host.prove(decky);
    } catch (error) {
      if (!(error instanceof DecnetError)) throw error;
      problem = `${error.message} (${error.code})`;
    }
    // Of a run that is over it says nothing.
    if (watched.run === run) watched.proof = { at: now(), problem };
    return problem;
  }

  /** Recordings are put right, whatever the decky's state is. */
  async function patrol(decky: FleetDecky, watched: Watched, containers: readonly SeenContainer[]): Promise<void> {
    const sinceMs = now() - watched.patrolledAt;
    if (sinceMs >= 0 && sinceMs < PATROL_MS) return;
    watched.patrolledAt = now();
    const mended = await host.patrol(decky, containers);
    if (mended.length === 0) return;
    const more = mended.length > SAID_AT_ONCE ? `; and ${mended.length - SAID_AT_ONCE} more` : '';
    const reason = `${mended.slice(0, SAID_AT_ONCE).join('; ')}${more}`;
    log(`${decky.name}: put right: ${reason}`);
    await store.audit.add({ at: now(), actor: 'agent', action: 'put right', subject: decky.name, reason });
  }

  async function look(decky: FleetDecky): Promise<DeckyState> {
    const watched = watchedOf(decky.name);
    const containers = await host.containers(decky);
    takeContainers(watched, containers);
    await orSay(decky.name, () => patrol(decky, watched, containers));
    const before = await store.deckies.get(decky.name);
    const sinceMs = now() - watched.checkedAt;
    if (sinceMs >= CHECK_MS || sinceMs < 0) {
      await orSay(decky.name, () => checkFiles(watched, decky, containers, host));
      watched.checkedAt = now();
    }
    if (isProofWanted(watched, containers, now())) {
      jobs.start(`login at ${decky.name}`, async () => {
        await prove(decky);
      });
    }
    const judged = judgeDecky(before ?? null, evidenceOf(watched, containers));
    const at = now();
    const proven = watched.proof?.problem === null ? watched.proof.at : null;
    await sayState(context, before, {
      decky: decky.name,
      services: [...decky.services],
      hostname: decky.hostname,
      state: judged.state,
      state_since: before?.state === judged.state ? before.state_since : at,
      reason: judged.reason,
      containers: containers.map(({ service, id, name, running }) => ({ service, id, name, running })),
      addresses: Object.fromEntries(decky.services.map((one) => [one, `${decky.address}:${decky.ports[one]}`])),
      recorder_sha256: watched.recorder,
      last_login_at: proven ?? before?.last_login_at ?? null,
      checked_at: at,
    });
    return judged.state;
  }

  /** What is wrong with one decky, or with the engine, is said, and tried again. */
  async function orSay<T>(decky: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const isExpected = error instanceof DecnetError && !error.code.startsWith('E_STORE');
      if (!isExpected && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
      log(`${decky}: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Rows of deckies that were deployed once. */
  async function sayGone(fleet: Fleet): Promise<void> {
    const names = new Set(fleet.deckies.map(({ name }) => name));
    for (const row of await store.deckies.list()) {
      if (names.has(row.decky) || jobs.has(row.decky)) continue;
      known.delete(row.decky);
      const at = now();
      await sayState(context, row, {
        ...row,
        state: 'gone',
        state_since: at,
        reason: null,
        containers: [],
        checked_at: at,
      });
    }
  }

  /** Sets what an order makes of a decky before it is carried out, so that a stop is none that happened by itself. */
  async function said(decky: string, what: 'stopped' | 'started'): Promise<void> {
    const row = await store.deckies.get(decky);
    if (row === undefined) return;
    const state: DeckyState = what === 'stopped' ? 'stopped' : 'deploying';
    if (what === 'started' && row.state !== 'stopped') return;
    const reason = what === 'stopped' ? 'by order' : null;
    await sayState(context, row, { ...row, state, state_since: now(), reason });
  }

  async function round(): Promise<RoundResult> {
    jobs.check();
    const fleet = (await host.fleet()) ?? { deckies: [] };
    const deckies = new Map(fleet.deckies.map((decky) => [decky.name, decky]));
    const counts: Partial<Record<DeckyState, number>> = {};
    if (!host.isBeingDeployed()) {
      const settled = (decky: string): void => {
        watchedOf(decky).checkedAt = Number.NEGATIVE_INFINITY;
      };
      await orders.takeUp({ host, jobs, deckies, check: prove, said, settled });
      for (const decky of fleet.deckies) {
        if (context.stopping.aborted) break;
        // Until its order is carried out nothing about it can be told.
        if (jobs.has(decky.name)) continue;
        const state = await orSay(decky.name, () => look(decky));
        if (state !== undefined) counts[state] = (counts[state] ?? 0) + 1;
        context.gettingOn();
      }
      await sayGone(fleet);
    }
    const { healthy = 0, blind = 0, failed = 0 } = counts;
    context.report({ deckies: fleet.deckies.length, healthy, blind, failed });
    return { more: false };
  }
  return { round, ended: jobs.ended, finish: jobs.settled };
}
