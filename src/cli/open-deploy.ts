import { chmodSync, chownSync } from 'node:fs';
import { findGroup } from '../bus/find-group.js';
import type { Fleet, FleetFile } from '../contract/fleet.js';
import { findComposeCli, type ComposeCli, type ComposeProgram } from '../deploy/compose-cli.js';
import { openDeployFiles, type DeployFiles } from '../deploy/deploy-files.js';
import { deployPaths, type DeployPaths } from '../deploy/deploy-paths.js';
import { createDeckyEngine, type DeckyEngine } from '../deploy/engine.js';
import { findEngineSocket } from '../deploy/find-engine-socket.js';
import { parseFleet, resolveFleet } from '../deploy/fleet.js';
import { lockDeploy } from '../deploy/lock-deploy.js';
import { DecnetError } from '../errors.js';
import { loadAddon } from '../native/load-addon.js';
import { makeDirs } from '../std/make-dirs.js';
import type { Cli } from './cli.js';

/** What deploy and teardown work with. */
export interface OpenDeploy {
  readonly paths: DeployPaths;
  readonly files: DeployFiles;
  readonly compose: ComposeCli;
  readonly engine: DeckyEngine;
  /** The group that reads recordings. */
  readonly readersGid: number;
  /** What is deployed, by the root-owned file; null = nothing. */
  readonly deployed: { readonly file: FleetFile; readonly fleet: Fleet } | null;
  close(): void;
}

/**
 * Everything that changes what is deployed: by root, after `decnet init`, one at a time.
 * @throws DecnetError E_NEEDS_ROOT, E_ACCOUNT, E_DEPLOY_BUSY, E_NO_ENGINE.
 */
export async function openDeploy(cli: Cli, program: ComposeProgram | undefined): Promise<OpenDeploy> {
  if (cli.io.caller.uid !== 0) {
    throw new DecnetError('E_NEEDS_ROOT', 'only root can do that: it makes containers and root-owned files');
  }
  const readersGid = readersGroup(cli);
  const paths = pathsOf(cli);
  makeDirs(paths.dir, 0o750);
  chownSync(paths.dir, 0, readersGid);
  chmodSync(paths.dir, 0o750);
  const unlock = lockDeploy(paths.lock, (fd) => loadAddon().tryLock(fd));
  if (unlock === undefined) {
    throw new DecnetError('E_DEPLOY_BUSY', 'another deploy or teardown is under way', {
      next: 'wait until it is done',
    });
  }
  try {
    const compose = await findCompose(cli, program);
    const files = openDeployFiles(paths, readersGid);
    // A deploy died on its way: what was there before it counts.
    if (files.wasInterrupted) files.restore();
    const engine = createDeckyEngine({ socketPath: socketPath(cli, compose.program), install: paths.install });
    return {
      ...{ paths, files, compose, engine, readersGid },
      deployed: readDeployed(files.fleetText(), paths.fleetFile),
      close() {
        engine.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

export function pathsOf(cli: Cli): DeployPaths {
  const { state_dir: stateDir, artifacts_dir: artifactsDir } = cli.config().values;
  return deployPaths(stateDir, artifactsDir);
}

export function findCompose(cli: Cli, program: ComposeProgram | undefined): Promise<ComposeCli> {
  const { project, composeFile: file } = pathsOf(cli);
  return findComposeCli({ program, socketPath: cli.config().values.engine_socket, env: cli.io.env, project, file });
}

/** Throws E_ACCOUNT before `decnet init`. */
export function readersGroup(cli: Cli): number {
  const { group } = cli.config().values;
  const gid = findGroup(group);
  if (gid !== undefined) return gid;
  throw new DecnetError('E_ACCOUNT', `there is no group ${group} here`, { next: cli.command('init') });
}

export function readDeployed(text: string | null, where: string): OpenDeploy['deployed'] {
  if (text === null) return null;
  const file = parseFleet(text, where);
  return { file, fleet: resolveFleet(file, where) };
}

const PODMAN_SOCKET = '/run/podman/podman.sock';

/** The engine that the program talks to. */
function socketPath(cli: Cli, program: ComposeProgram): string {
  const { engine_socket: configured } = cli.config().values;
  return configured ?? (program === 'podman-compose' ? PODMAN_SOCKET : findEngineSocket());
}
