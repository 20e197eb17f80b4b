import { resolve } from 'node:path';
import type { SessionProfile } from '../../contract/session-profile.js';
import { DecnetError } from '../../errors.js';
import { findSession } from '../../services/find-session.js';
import { profileFile } from '../../services/profile-file.js';
import type { Verb } from '../cli.js';
import { profileText } from '../profile-text.js';
import { readIntervalsMs } from '../read-intervals.js';

interface Options {
  readonly file?: string;
  readonly digraphs?: boolean;
  readonly json?: boolean;
}

/** Who typed it: the keystroke profile of a session, or of every session in a shard. */
export const profileVerb: Verb = (program, cli) => {
  program
    .command('profile')
    .description('how a session was typed')
    .argument('[sid]', 'a session, or how its id begins')
    .option('--file <shard>', 'of every session in a shard, without a database')
    .option('--digraphs', 'also the times between pairs of keys, read from the shard and never stored')
    .option('--json', 'as JSON')
    .action(async (sid: string | undefined, options: Options) => {
      if ((sid === undefined) === (options.file === undefined)) {
        throw new DecnetError('E_USAGE', 'profile: give a session or --file, and one of them');
      }
      if (options.file !== undefined) {
        const profiles: SessionProfile[] = await profileFile(resolve(cli.io.cwd, options.file), cli.io.now());
        if (options.json === true) cli.printJson(profiles);
        else
          for (const profile of profiles)
            cli.print(`session     ${profile.sid}\n${profileText(profile, [], cli.io.stdout.columns)}`);
        return;
      }
      const store = await cli.store();
      const row = await findSession(store, sid ?? '');
      const profile = await store.sessionProfile.get(row.sid);
      if (profile === undefined)
        throw new DecnetError('E_NO_SUCH_SESSION', `session ${row.sid} is not profiled yet: it is ${row.state}`);
      if (options.json === true) cli.printJson(profile);
      else cli.print(profileText(profile, await readIntervalsMs(cli, row), cli.io.stdout.columns));
    });
};
