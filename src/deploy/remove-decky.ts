import { formatToml } from '../config/toml.js';
import type { DeployFiles } from './deploy-files.js';
import type { DeployPaths } from './deploy-paths.js';
import type { DeckyEngine } from './engine.js';
import { parseFleet, resolveFleet } from './fleet.js';
import { planDeploy } from './plan-deploy.js';
import { removeContainers, teardownFleet } from './teardown-fleet.js';

export interface RemoveDeckyOptions {
  readonly paths: DeployPaths;
  readonly files: DeployFiles;
  readonly engine: DeckyEngine;
  readonly publicKey: string;
  readonly readersGid: number;
  readonly now: Date;
}

/**
 * Takes one decky out of what is deployed: its containers and images go, its recordings stay, the others go on. By whoever holds the
 * deploy lock. Called again it goes on. Throws E_ENGINE, E_FLEET; the system's errors.
 */
export async function removeDecky(name: string, options: RemoveDeckyOptions): Promise<void> {
  const { paths, files, engine, publicKey, readersGid, now } = options;
  if (files.wasInterrupted) files.restore();
  const text = files.fleetText();
  if (text === null) return;
  const file = parseFleet(text, paths.fleetFile);
  const rest = { ...file, decky: file.decky.filter((decky) => decky.name !== name) };
  const how = { engine, paths, images: true, onStep: () => undefined };
  if (rest.decky.length === 0) {
    await teardownFleet({ ...how, compose: null });
    return;
  }
  const own = (await engine.containers()).filter(({ decky }) => decky === name);
  await removeContainers(own, how);
  if (rest.decky.length === file.decky.length) return;
  const plan = planDeploy(resolveFleet(rest, paths.fleetFile), { paths, publicKey, readersGid });
  files.write(plan, `${formatToml(rest)}\n`, now);
  files.commit();
}
