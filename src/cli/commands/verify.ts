import { basename, resolve } from 'node:path';
import type { SessionRow } from '../../contract/session-row.js';
import type { Verification } from '../../contract/verification.js';
import { DecnetError } from '../../errors.js';
import { claimsRecording } from '../../services/claims-recording.js';
import { findSession } from '../../services/find-session.js';
import { verifyFile } from '../../services/verify-file.js';
import { ownAnchors, verifyRecording } from '../../services/verify-recording.js';
import type { Cli, Verb } from '../cli.js';
import { formatCount } from '../format.js';
import { createProgress } from '../progress.js';
import { escapeCell } from '../../transcript/escape-cell.js';

interface Options {
  readonly all?: boolean;
  readonly file?: string;
  readonly json?: boolean;
}

/** Recomputes digests: is the recording what was recorded? */
export const verifyVerb: Verb = (program, cli) => {
  program
    .command('verify')
    .description('recompute the digest of recordings; exit 1 when one is not intact')
    .argument('[sid]', 'a session, or how its id begins')
    .option('--all', 'every recorded session in the database')
    .option('--file <shard>', 'every session in a shard, without a database')
    .option('--json', 'as JSON')
    .action(async (sid: string | undefined, options: Options) => {
      const asked = [sid, options.all === true ? 'all' : undefined, options.file].filter((word) => word !== undefined);
      if (asked.length !== 1)
        throw new DecnetError('E_USAGE', 'verify: give a session, --all, or --file, and one of them');
      const verifications = await verifyAsked(cli, sid, options);
      if (options.json === true) cli.printJson(sid === undefined ? verifications : verifications[0]);
      else for (const verification of verifications) cli.print(describe(verification));
      if (verifications.length === 0) cli.note('there is no session to verify');
      const broken = verifications.filter(isBroken).length;
      if (broken > 0) {
        throw new DecnetError(
          'E_NOT_INTACT',
          `${broken} of ${formatCount(verifications.length, 'recording')} not intact`,
        );
      }
      if (verifications.some(({ state }) => state !== 'intact')) cli.setExitStatus(1);
    });
};

async function verifyAsked(cli: Cli, sid: string | undefined, options: Options): Promise<Verification[]> {
  if (options.file !== undefined) return verifyFile(resolve(cli.io.cwd, options.file));
  const { artifacts_dir: artifactsDir } = cli.config().values;
  const store = await cli.store();
  const verify = async (row: SessionRow) => verifyRecording(artifactsDir, row, await ownAnchors(store, row));
  if (sid !== undefined) {
    const row = await findSession(store, sid);
    if (!claimsRecording(row)) {
      throw new DecnetError(
        'E_NO_SHARD',
        `${row.sid}: of a command without a terminal the log tells, and nothing is recorded`,
      );
    }
    return [await verify(row)];
  }
  const progress = createProgress(cli.io.stderr);
  const verifications: Verification[] = [];
  try {
    for (const row of await store.sessions.list({ self: true })) {
      if (!claimsRecording(row)) continue;
      verifications.push(await verify(row));
      progress.show(`${formatCount(verifications.length, 'recording')} verified`);
    }
  } finally {
    progress.clear();
  }
  return verifications;
}

/** Without an end line there is nothing to hold it against: not intact, and nobody's fault yet. */
function isBroken({ state }: Verification): boolean {
  return state !== 'intact' && state !== 'unsealed';
}

export function describe({ sid, state, reason, places }: Verification): string {
  const lines = [
    `${sid}  ${state}: ${reason}`,
    ...places.map(({ part, line, what }) => `  ${basename(part)}:${line}  ${what}`),
  ];
  return lines.map((line) => escapeCell(line)).join('\n');
}
