import { Argument } from 'commander';
import type { Verb } from '../cli.js';
import { loginSessionPath } from '../login-session-path.js';

const THINGS = ['login-session', 'db', 'artifacts', 'bus'] as const;
type Thing = (typeof THINGS)[number];

/** Where a thing is, one absolute path. */
export const pathVerb: Verb = (program, cli) => {
  program
    .command('path')
    .description('print where a thing is')
    .addArgument(new Argument('<thing>', 'what').choices(THINGS))
    .option('--json', 'as JSON')
    .action((thing: Thing, options: { json?: boolean }) => {
      const path = pathOf(thing);
      if (options.json === true) cli.printJson({ thing, path });
      else cli.print(path);
    });

  function pathOf(thing: Thing): string {
    const { values } = cli.config();
    switch (thing) {
      case 'login-session':
        return loginSessionPath(values);
      case 'db':
        return values.db_path;
      case 'artifacts':
        return values.artifacts_dir;
      case 'bus':
        return values.bus_socket;
    }
  }
};
