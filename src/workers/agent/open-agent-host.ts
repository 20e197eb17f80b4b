import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findGroup } from '../../bus/find-group.js';
import type { FleetDecky } from '../../contract/fleet.js';
import { prebuildArch } from '../../contract/prebuild-manifest.js';
import { bringRecorder } from '../../deploy/bring-recorder.js';
import { containerName } from '../../deploy/compose-file.js';
import { describeDrift, type SeenMount } from '../../deploy/container-drift.js';
import { DECKY_PATHS } from '../../deploy/container-limits.js';
import { createDeckyControl } from '../../deploy/decky-control.js';
import { openDeployFiles } from '../../deploy/deploy-files.js';
import { deployPaths } from '../../deploy/deploy-paths.js';
import { createDeckyEngine } from '../../deploy/engine.js';
import { findEngineSocket } from '../../deploy/find-engine-socket.js';
import { parseFleet, resolveFleet } from '../../deploy/fleet.js';
import { proveDecky } from '../../deploy/health/prove-decky.js';
import type { SeenContainer } from '../../deploy/judge-decky.js';
import { lockDeploy } from '../../deploy/lock-deploy.js';
import { ensureLoginKey } from '../../deploy/login-key.js';
import { patrolTranscripts } from '../../deploy/patrol-decky.js';
import { readPackageManifest } from '../../deploy/prebuilt/read-manifest.js';
import { removeDecky } from '../../deploy/remove-decky.js';
import { digestOf, rollOutRecorder } from '../../deploy/rollout.js';
import { DecnetError } from '../../errors.js';
import { findLoginSession } from '../../native/find-login-session.js';
import { loadAddon } from '../../native/load-addon.js';
import { PACKAGE_ROOT } from '../../native/package-root.js';
import type { WorkerContext } from '../define-worker.js';
import type { AgentHost } from './agent-host.js';

/** This machine, as root; undefined = neither an engine is named nor was anything ever to be deployed here. Throws E_NATIVE_MISSING. */
export function openAgentHost(context: WorkerContext): AgentHost | undefined {
  const { config, now, log, store } = context;
  const paths = deployPaths(config.state_dir, config.artifacts_dir);
  if (config.engine_socket === null && !existsSync(paths.dir)) return undefined;
  const { env } = process;
  const addon = loadAddon();
  const socketPath = config.engine_socket ?? findEngineSocket();
  const engine = createDeckyEngine({ socketPath, install: paths.install });
  const control = createDeckyControl(socketPath);
  let ownLocks = 0;

  function readersGid(): number {
    const gid = findGroup(config.group);
    if (gid !== undefined) return gid;
    throw new DecnetError('E_ACCOUNT', `there is no group ${config.group} here`, { next: 'decnet init' });
  }

  /** What changes files that deploy and teardown change too. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    const unlock = lockDeploy(paths.lock, (fd) => addon.tryLock(fd));
    if (unlock === undefined) throw new DecnetError('E_DEPLOY_BUSY', 'a deploy or teardown is under way');
    ownLocks++;
    try {
      return await work();
    } finally {
      ownLocks--;
      unlock();
    }
  }

  async function prove(decky: FleetDecky): Promise<string | null> {
    const { state, reason } = await proveDecky({ decky, paths, selfLogins: store.selfLogins, env, now });
    return state === 'healthy' ? null : (reason ?? 'a login was not recorded');
  }

  function binds(decky: FleetDecky, service: SeenContainer['service']): SeenMount[] {
    const { recorderDir, recorderConfig, transcripts } = paths.files(decky.name, service);
    return [
      { source: recorderDir, target: DECKY_PATHS.recorderDir, readOnly: true },
      { source: recorderConfig, target: DECKY_PATHS.recorderConfig, readOnly: true },
      { source: transcripts, target: DECKY_PATHS.transcripts, readOnly: false },
    ];
  }

  async function names(decky: FleetDecky): Promise<string[]> {
    const seen = await engine.containers();
    const wanted = decky.services.map((service) => containerName(decky.name, service));
    const missing = wanted.filter((name) => !seen.some((one) => one.name === name));
    if (missing.length === 0) return wanted;
    throw new DecnetError('E_ENGINE', `there is no container ${missing.join(', ')}`, { next: 'decnet deploy' });
  }

  return {
    fleet() {
      const stats = lstatSync(paths.fleetFile, { throwIfNoEntry: false });
      if (stats === undefined) return Promise.resolve(undefined);
      // Whoever can write it decides what runs here.
      if (!stats.isFile() || stats.uid !== (process.getuid?.() ?? 0) || (stats.mode & 0o022) !== 0) {
        throw new DecnetError(
          'E_FLEET',
          `${paths.fleetFile} can be written by others than its owner, or is not root's`,
        );
      }
      const file = parseFleet(readFileSync(paths.fleetFile, 'utf8'), paths.fleetFile);
      return Promise.resolve(resolveFleet(file, paths.fleetFile));
    },
    isBeingDeployed() {
      if (ownLocks > 0 || !existsSync(paths.dir)) return false;
      const unlock = lockDeploy(paths.lock, (fd) => addon.tryLock(fd));
      unlock?.();
      return unlock === undefined;
    },
    async containers(decky) {
      const seen = await engine.containers();
      return Promise.all(
        decky.services.map(async (service): Promise<SeenContainer> => {
          const name = containerName(decky.name, service);
          const one = seen.find((container) => container.name === name);
          const inspected = one === undefined ? undefined : await control.inspect(one.id);
          if (one === undefined || inspected === undefined) {
            return { service, name, id: null, running: false, run: '', drift: null };
          }
          // Nobody but us holds a decky, and we let go at once: whoever did, did not live to.
          if (inspected.frozen) await control.thaw(one.id);
          const { running, run, rights } = inspected;
          return { service, name, id: one.id, running, run, drift: describeDrift(rights, binds(decky, service)) };
        }),
      );
    },
    read: (id, path, bytesMax) => control.read(id, path, bytesMax),
    async patrol(decky, containers) {
      const mended: string[] = [];
      const how = { gid: readersGid(), preallocateBytes: config.part_preallocate_bytes, nowMs: now(), addon };
      for (const { service, id, running } of containers) {
        const { transcripts } = paths.files(decky.name, service);
        const held = running && id !== null ? id : undefined;
        const freeze = held === undefined ? undefined : <T>(work: () => Promise<T>) => control.freeze(held, work);
        const patrolled = await patrolTranscripts(transcripts, { ...how, freeze });
        mended.push(...patrolled.mended);
        for (const wrong of patrolled.wrong) log(`${decky.name}: ${service}: ${wrong}`);
      }
      return mended;
    },
    prove,
    recorderDigest(decky) {
      const digests = new Set(decky.services.map((service) => digestOf(paths.files(decky.name, service).recorder)));
      const [digest = null] = digests;
      return Promise.resolve(digests.size === 1 ? digest : null);
    },
    // The second service is in the network of the first: it starts after it, and stops before.
    async start(decky) {
      for (const name of await names(decky)) await control.start(name);
    },
    async stop(decky) {
      for (const name of (await names(decky)).toReversed()) await control.stop(name);
    },
    async restart(decky, sinceMs) {
      const wanted = await names(decky);
      const [first] = await Promise.all(wanted.map((name) => control.inspect(name)));
      if (first !== undefined && first.running && first.startedAt >= sinceMs) {
        for (const name of wanted) await control.start(name);
        return;
      }
      for (const name of wanted.toReversed()) await control.stop(name);
      for (const name of wanted) await control.start(name);
    },
    remove: (decky) =>
      alone(async () => {
        const gid = readersGid();
        const publicKey = await ensureLoginKey(paths.key, env);
        const files = openDeployFiles(paths, gid);
        await removeDecky(decky.name, { paths, files, engine, publicKey, readersGid: gid, now: new Date(now()) });
      }),
    update: (decky) =>
      alone(async () => {
        const ownPrebuilds = join(PACKAGE_ROOT, 'prebuilds');
        const manifest = await readPackageManifest(ownPrebuilds);
        await bringRecorder({
          ...{ to: paths.recorder, named: config.login_session, prebuilds: undefined, ownPrebuilds },
          ...{ manifestSha256: undefined, packageManifest: manifest, arch: prebuildArch.parse(process.arch) },
          compiled: () => findLoginSession({ env }),
        });
        return rollOutRecorder({
          places: decky.services.map((service) => ({
            path: paths.files(decky.name, service).recorder,
            kept: join(paths.dir, 'kept', containerName(decky.name, service)),
          })),
          bytes: readFileSync(paths.recorder),
          version: manifest?.version ?? 'built here',
          prove: () => prove(decky),
        });
      }),
    close() {
      engine.close();
      control.close();
    },
  };
}
