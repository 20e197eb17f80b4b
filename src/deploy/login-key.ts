import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { DecnetError } from '../errors.js';
import { lastLines, runProgram } from './run-program.js';

/** What stands behind the key in a decky's authorized_keys: an administrator's, as many hosts have one. */
const COMMENT = 'root@backup';

/**
 * The key of our own logins: made where it is missing, root's alone. Returns its public line.
 * @throws DecnetError E_PLACE where ssh-keygen is missing or cannot write.
 */
export async function ensureLoginKey(path: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (!existsSync(path) || !existsSync(`${path}.pub`)) {
    // Made beside, so that a killed ssh-keygen leaves no half.
    const fresh = `${path}.new`;
    for (const file of [fresh, `${fresh}.pub`]) rmSync(file, { force: true });
    const argv = ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', COMMENT, '-f', fresh];
    const { failure, said } = await runProgram(argv, { env, timeoutMs: 20_000 });
    if (failure !== null) {
      throw new DecnetError('E_PLACE', `cannot make the key ${path}: ${lastLines(said) || failure}`, {
        next: 'apt-get install openssh-client',
      });
    }
    renameSync(`${fresh}.pub`, `${path}.pub`);
    renameSync(fresh, path);
  }
  return readFileSync(`${path}.pub`, 'utf8').trim();
}
