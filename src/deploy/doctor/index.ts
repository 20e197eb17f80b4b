import { DecnetError } from '../../errors.js';
import { appendOnlyCheck } from './append-only.js';
import { busCheck } from './bus.js';
import { clockCheck } from './clock.js';
import { composeCheck } from './compose.js';
import { deckiesCheck } from './deckies.js';
import { deployFilesCheck } from './deploy-files.js';
import { diskCheck } from './disk.js';
import { failed, type DoctorCheck, type DoctorEnv, type DoctorFinding } from './doctor-check.js';
import { engineCheck } from './engine.js';
import { fileSystemsCheck } from './file-systems.js';
import { heartbeatsCheck } from './heartbeats.js';
import { placesCheck } from './places.js';
import { recorderCheck } from './recorder.js';

/** Every check, in the order in which a person would mend what they find. */
export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  placesCheck,
  deployFilesCheck,
  fileSystemsCheck,
  diskCheck,
  clockCheck,
  recorderCheck,
  appendOnlyCheck,
  engineCheck,
  composeCheck,
  busCheck,
  heartbeatsCheck,
  deckiesCheck,
];

export interface DoctorResult extends DoctorFinding {
  readonly check: string;
}

/** All checks, one after another; what one cannot look at for an expected reason is what it found. */
export async function runDoctor(env: DoctorEnv, checks = DOCTOR_CHECKS): Promise<DoctorResult[]> {
  const results: DoctorResult[] = [];
  for (const { name, run } of checks) {
    const found = await run(env).catch((error: unknown) => [failure(error)]);
    results.push(...found.map((finding) => ({ check: name, ...finding })));
  }
  return results;
}

function failure(error: unknown): DoctorFinding {
  if (error instanceof DecnetError) return failed(`${error.message} (${error.code})`, error.next ?? null);
  const { syscall, code } = error as { syscall?: string; code?: string };
  if (syscall === undefined) throw error;
  return failed((error as Error).message, code === 'EACCES' || code === 'EPERM' ? 'run it as root' : null);
}
