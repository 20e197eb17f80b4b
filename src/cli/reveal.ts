import type { Cli } from './cli.js';

/** Writes down who looks at what was typed without echo; must have succeeded before it is shown. Throws E_STORE, E_STORE_BUSY. */
export async function auditReveal(cli: Cli, sid: string, reason: string | undefined): Promise<void> {
  const { uid, userName } = cli.io.caller;
  const actor = `uid ${uid} (${userName === '' ? '?' : userName})`;
  const store = await cli.store();
  await store.audit.add({ at: cli.io.now(), actor, action: 'reveal', subject: sid, reason: reason ?? null });
}
