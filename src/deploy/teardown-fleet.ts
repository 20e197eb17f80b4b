import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DeckyServiceName } from '../contract/fleet.js';
import type { ComposeCli } from './compose-cli.js';
import type { DeployPaths } from './deploy-paths.js';
import type { DeckyContainerSeen, DeckyEngine } from './engine.js';

export interface TeardownOptions {
  readonly paths: DeployPaths;
  /** null: nothing is deployed as far as the files say; containers that are there all the same go, too. */
  readonly compose: ComposeCli | null;
  readonly engine: DeckyEngine;
  /** Images, too. */
  readonly images: boolean;
  readonly onStep: (text: string) => void;
}

export interface TeardownResult {
  readonly containers: readonly string[];
  readonly images: readonly string[];
}

const DOWN_MS = 10 * 60_000;

/** Everything that was deployed goes, except recordings and our own key. Throws E_ENGINE; called again it goes on. */
export async function teardownFleet(options: TeardownOptions): Promise<TeardownResult> {
  const { paths, compose, engine, onStep } = options;
  const before = await engine.containers();
  onStep(`removing ${before.length} containers`);
  if (compose !== null) {
    const down = (): Promise<void> =>
      compose.down({ timeoutMs: DOWN_MS, onLine: (line) => onStep(`removing: ${line}`) });
    // Podman keeps a container whose network another one has joined until that one is gone: it is after the first time.
    await down().catch(down);
  }
  const removed = await removeContainers(before, options);
  for (const path of [paths.fleetFile, paths.composeFile, paths.build, paths.former]) {
    rmSync(path, { recursive: true, force: true });
  }
  return removed;
}

/** Containers that nothing names any more, with what they alone needed. */
export async function removeContainers(
  containers: readonly DeckyContainerSeen[],
  { engine, paths, images, onStep }: Omit<TeardownOptions, 'compose'>,
): Promise<TeardownResult> {
  const left = new Set((await engine.containers()).map(({ id }) => id));
  for (const { id, name } of containers) {
    if (!left.has(id)) continue;
    onStep(`removing ${name}`);
    await engine.removeContainer(id);
  }
  const gone = [...new Set(containers.map(({ image }) => image))];
  if (images) for (const image of gone) await engine.removeImage(image);
  for (const { decky, service } of containers) removeBound(paths, decky, service);
  return { containers: containers.map(({ name }) => name), images: images ? gone : [] };
}

/** What was bound into a container, but for its recordings. */
function removeBound(paths: DeployPaths, decky: string, service: DeckyServiceName): void {
  const { recorder, recorderConfig } = paths.files(decky, service);
  for (const file of [recorder, recorderConfig]) rmSync(dirname(file), { recursive: true, force: true });
}
