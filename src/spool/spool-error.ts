import { DecnetError } from '../errors.js';

/** E_SPOOL for what the system refused; a DecnetError or a bug comes back as it was. */
export function spoolError(what: string, error: unknown): unknown {
  if (error instanceof DecnetError || !(error instanceof Error)) return error;
  if (typeof (error as NodeJS.ErrnoException).code !== 'string') return error;
  const next = (error as NodeJS.ErrnoException).code === 'ENOSPC' ? { next: 'make room on the disk of the spool' } : {};
  return new DecnetError('E_SPOOL', `cannot ${what}: ${error.message}`, { cause: error, ...next });
}
