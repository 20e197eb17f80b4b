import { DecnetError, type ErrorCode } from '../errors.js';

/** How a worker's process ends: its work is done, it would fail again, or it is to be started again. */
export const DONE = 0;
export const DO_NOT_RESTART = 100;
export const RESTART = 111;

export type WorkerExit = typeof DONE | typeof DO_NOT_RESTART | typeof RESTART;

/** What no waiting mends: somebody has to change something first. */
const FOR_A_PERSON: readonly ErrorCode[] = ['E_CONFIG', 'E_NOT_CONFIGURED', 'E_NATIVE_MISSING', 'E_WORKER_RUNNING'];

export function isForAPerson(error: unknown): boolean {
  return error instanceof DecnetError && FOR_A_PERSON.includes(error.code);
}

export function exitStatusOf(error: unknown): WorkerExit {
  return isForAPerson(error) ? DO_NOT_RESTART : RESTART;
}

/** For a log line and for `last_error`: an expected failure by its code, a bug with the place where it happened. */
export function describeFailure(error: unknown): string {
  if (error instanceof DecnetError) return `${error.message} (${error.code})`;
  if (!(error instanceof Error)) return `a bug: ${String(error)}`;
  const place = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return `a bug: ${error.name}: ${error.message}${place === undefined ? '' : `,${place.replace(/^\s+/, ' ')}`}`;
}
