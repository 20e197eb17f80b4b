import { join } from 'node:path';
import { prebuildArch } from '../../contract/prebuild-manifest.js';
import { loginSessionOf, readPackageManifest } from '../../deploy/prebuilt/read-manifest.js';
import { DecnetError } from '../../errors.js';
import { PACKAGE_ROOT } from '../../native/package-root.js';
import { defineWorker, type WorkerContext } from '../define-worker.js';
import { createUpdaterRound, type UpdateTarget } from './rounds.js';

/**
 * Rolls the package's login-session through running deckies, one after another (docs/agent.md). It touches no decky: the agent
 * carries out each order, proves it by a login, and takes the old one back where that fails.
 *
 * - Eats: the manifest of the installed package's prebuilds; what `deckies` says that each runs; how its orders went.
 * - Makes: orders `update` for the agent, the next when the last is done, none after the first that failed; `audit` rows.
 * - Remembers: nothing but its orders; a roll-out goes on where they say that it stopped.
 * - Loses on kill -9: time. A decky has the old file or the new one, never half of it.
 */
export const updaterWorker = defineWorker({
  name: 'updater',
  needs: ['the agent'],
  config: ['updater_auto', 'login_session', 'worker_poll_ms'],
  consumes: ['decky.*.state'],
  emits: [],
  owns: [],
  run: (context) => runUpdater(context, () => packageTarget(join(PACKAGE_ROOT, 'prebuilds'))),
});

export async function runUpdater(
  context: WorkerContext,
  findTarget: () => Promise<UpdateTarget | undefined>,
): Promise<void> {
  if (!context.config.updater_auto) {
    return context.refuse('nothing configured: updater_auto is false; an order `update` is for one decky');
  }
  if (context.config.login_session !== null) {
    return context.refuse(
      'nothing configured: login_session names the recorder; an order `update` brings it to one decky',
    );
  }
  await context.loop(createUpdaterRound(context, findTarget), { pollMs: context.config.worker_poll_ms });
}

/** What this package has for this machine; undefined = nothing. Throws E_PREBUILD_MANIFEST. */
async function packageTarget(prebuilds: string): Promise<UpdateTarget | undefined> {
  const manifest = await readPackageManifest(prebuilds);
  const arch = prebuildArch.safeParse(process.arch);
  if (manifest === null || !arch.success) return undefined;
  try {
    return { sha256: loginSessionOf(manifest, arch.data).sha256, version: manifest.version };
  } catch (error) {
    if (error instanceof DecnetError && error.code === 'E_PREBUILD_MISSING') return undefined;
    throw error;
  }
}
