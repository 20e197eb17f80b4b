import type { DeckyRow } from '../contract/decky-row.js';
import type { Fleet, FleetDecky } from '../contract/fleet.js';
import { DecnetError } from '../errors.js';
import type { ComposeCli } from './compose-cli.js';
import type { DeployFiles } from './deploy-files.js';
import { describeDeckies } from './describe-deckies.js';
import type { DeckyContainerSeen, DeckyEngine } from './engine.js';
import type { DeckyProof } from './health/prove-decky.js';
import type { DeployPlan, PlannedContainer } from './plan-deploy.js';

export interface DeployOptions {
  readonly plan: DeployPlan;
  /** What is deployed; null = nothing. */
  readonly former: Fleet | null;
  /** As it is to be kept. */
  readonly fleetText: string;
  readonly files: DeployFiles;
  readonly compose: ComposeCli;
  readonly engine: DeckyEngine;
  /** Recorder, settings and transcripts of every container. */
  readonly prepare: (containers: readonly PlannedContainer[]) => Promise<void>;
  /** Containers that were there and are not to be, with what they alone needed. */
  readonly removeOthers: (containers: readonly DeckyContainerSeen[]) => Promise<unknown>;
  readonly prove: (decky: FleetDecky) => Promise<DeckyProof>;
  /** Every state that a decky comes to. */
  readonly report: (row: DeckyRow, proof: DeckyProof | null) => Promise<void>;
  readonly recorderSha256: string;
  /** Epoch ms. */
  readonly now: () => number;
  /** What is being done, for a person. */
  readonly onStep: (text: string) => void;
}

export interface DeployResult {
  /** Images that were built now. */
  readonly built: readonly string[];
  /** Containers that were not there, or are other ones than before. */
  readonly changed: readonly string[];
  /** Containers that were there and are not any more. */
  readonly removed: readonly string[];
  readonly proofs: readonly DeckyProof[];
  /** From the containers' start to the first login that was proved, and to the last, ms. */
  readonly firstLoginMs: number;
  readonly allLoginsMs: number;
}

const BUILD_MS = 30 * 60_000;
const UP_MS = 10 * 60_000;
/** Deckies that are logged in to at the same time. */
const PROOFS_AT_ONCE = 4;

/**
 * From what is deployed to what is planned. When it fails, what was there before is there again: files, containers; images that were built
 * for it are gone.
 * @throws DecnetError E_ENGINE; E_DECKY_BLIND when a login of our own is not recorded.
 */
export async function deployFleet(options: DeployOptions): Promise<DeployResult> {
  const { plan, fleetText, files, engine, onStep } = options;
  if (files.wasInterrupted) files.restore();
  const before = await engine.containers();
  const built: string[] = [];
  const isNew = files.fleetText() !== fleetText || files.composeText() !== plan.composeText;
  if (isNew) files.write(plan, fleetText, new Date(options.now()));
  try {
    const started = await bringUp(options, built);
    const proofs = await proveAll(options, started);
    const names = new Set(plan.containers.map(({ name }) => name));
    await options.removeOthers(before.filter(({ name }) => !names.has(name)));
    const after = await engine.containers();
    const known = new Map(before.map(({ name, id }) => [name, id]));
    files.commit();
    await removeImages(
      engine,
      before.map(({ image }) => image),
      plan,
    );
    return {
      built,
      changed: after.filter(({ name, id }) => known.get(name) !== id).map(({ name }) => name),
      removed: before.filter(({ name }) => !after.some((one) => one.name === name)).map(({ name }) => name),
      ...proofs,
    };
  } catch (error) {
    if (isNew) onStep('going back to what was there before');
    await rollBack(options, built, isNew, error);
    throw error;
  }
}

/** Says when the containers began to start, epoch ms. */
async function bringUp(options: DeployOptions, built: string[]): Promise<number> {
  const { plan, engine, compose, prepare, report, onStep, now, recorderSha256 } = options;
  await prepare(plan.containers);
  const missing: PlannedContainer[] = [];
  for (const container of plan.containers) if (!(await engine.hasImage(container.image))) missing.push(container);
  if (missing.length > 0) {
    onStep(`building ${missing.length} of ${plan.containers.length} images`);
    built.push(...missing.map(({ image }) => image));
    const names = missing.map(({ name }) => name);
    await compose.build(names, { timeoutMs: BUILD_MS, onLine: (line) => onStep(`building: ${line}`) });
  }
  const deploying = { state: 'deploying', recorderSha256, now: now() } as const;
  for (const row of describeDeckies(plan.fleet, [], deploying)) await report(row, null);
  onStep(`starting ${plan.containers.length} containers`);
  const started = now();
  await compose.up({ timeoutMs: UP_MS, onLine: (line) => onStep(`starting: ${line}`) });
  return started;
}

async function proveAll(
  options: DeployOptions,
  started: number,
): Promise<Pick<DeployResult, 'proofs' | 'firstLoginMs' | 'allLoginsMs'>> {
  const { plan, engine, prove, now, onStep } = options;
  const waiting = [...plan.fleet.deckies];
  const proofs: DeckyProof[] = [];
  const lane = async (): Promise<void> => {
    for (let decky = waiting.shift(); decky !== undefined; decky = waiting.shift()) {
      onStep(`logging in: ${decky.name} (${proofs.length} of ${plan.fleet.deckies.length} deckies recorded a login)`);
      proofs.push(await prove(decky));
    }
  };
  await Promise.all(Array.from({ length: PROOFS_AT_ONCE }, lane));
  const containers = await engine.containers();
  for (const decky of plan.fleet.deckies) {
    const proof = proofs.find((one) => one.decky === decky.name);
    if (proof !== undefined) await reportProof(options, decky, proof, containers);
  }
  const blind = proofs.filter(({ state }) => state === 'blind');
  if (blind.length > 0) {
    const why = blind.map(({ decky, reason }) => `${decky}: ${reason ?? ''}`).join('; ');
    throw new DecnetError('E_DECKY_BLIND', `a login of our own was not recorded: ${why}`, { next: 'decnet doctor' });
  }
  const times = proofs.map(({ at }) => at - started);
  return { proofs, firstLoginMs: Math.min(...times), allLoginsMs: Math.max(now() - started, ...times) };
}

/** As far as it can be had: what fails here must not hide what failed before. */
async function rollBack(
  options: DeployOptions,
  built: readonly string[],
  isNew: boolean,
  failure: unknown,
): Promise<void> {
  const { plan, former, files, compose, engine, prove, report, now, recorderSha256 } = options;
  const problems: string[] = [];
  const attempt = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push((error as Error).message);
    }
  };
  const isBack = isNew && files.hasFormer;
  if (isNew) {
    // By the new file: it names everything that may have been started.
    if (!isBack) await attempt(() => compose.down({ timeoutMs: UP_MS }));
    await attempt(() => {
      files.restore();
    });
    if (isBack) await attempt(() => compose.up({ timeoutMs: UP_MS }));
  }
  for (const image of built) await attempt(() => engine.removeImage(image));

  // What was to be is what was there: its deckies are as they were told to be.
  if (!isNew) return;
  const reason = failure instanceof Error ? failure.message : String(failure);
  const containers = await engine.containers().catch(() => []);
  const stays = new Set(isBack ? former?.deckies.map(({ name }) => name) : []);
  const failed = { deckies: plan.fleet.deckies.filter(({ name }) => !stays.has(name)) };
  const how = {
    state: 'failed',
    reason: `deploy failed: ${reason.slice(0, 500)}`,
    recorderSha256,
    now: now(),
  } as const;
  for (const row of describeDeckies(failed, containers, how)) await attempt(() => report(row, null));
  for (const decky of isBack ? (former?.deckies ?? []) : []) {
    await attempt(async () => {
      await reportProof(options, decky, await prove(decky), containers);
    });
  }
  if (problems.length === 0) return;
  throw new DecnetError('E_ENGINE', `${reason}; and going back failed: ${problems.join('; ')}`, { cause: failure });
}

async function reportProof(
  { report, recorderSha256 }: DeployOptions,
  decky: FleetDecky,
  proof: DeckyProof,
  containers: readonly DeckyContainerSeen[],
): Promise<void> {
  const { state, reason, at } = proof;
  const how = { state, reason, recorderSha256, now: at, lastLoginAt: state === 'healthy' ? at : null };
  for (const row of describeDeckies({ deckies: [decky] }, containers, how)) await report(row, proof);
}

/** Those that were in use before and are not any more. */
async function removeImages(engine: DeckyEngine, former: readonly string[], plan: DeployPlan): Promise<void> {
  const needed = new Set(plan.containers.map(({ image }) => image));
  for (const image of new Set(former)) if (!needed.has(image)) await engine.removeImage(image);
}
