import { closeSync, constants, openSync } from 'node:fs';

/**
 * Held while what is deployed changes: one deploy, teardown, removal or update at a time, in any process; the kernel gives it back. undefined =
 * somebody else has it. Throws the system's errors.
 */
export function lockDeploy(path: string, tryLock: (fd: number) => boolean): (() => void) | undefined {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  const unlock = (): void => {
    closeSync(fd);
  };
  if (tryLock(fd)) return unlock;
  unlock();
  return undefined;
}
