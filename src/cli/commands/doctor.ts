import { existsSync } from 'node:fs';
import { SYSTEM_CONFIG_FILE } from '../../config/load-config.js';
import { deployPaths } from '../../deploy/deploy-paths.js';
import type { DoctorState } from '../../deploy/doctor/doctor-check.js';
import { runDoctor, type DoctorResult } from '../../deploy/doctor/index.js';
import { loadAddon } from '../../native/load-addon.js';
import type { Cli, Verb } from '../cli.js';
import { loginSessionPath } from '../login-session-path.js';
import { openBus } from '../open-bus.js';
import { renderTable } from '../table.js';

/** Looks at everything that decnet rests on here, and says what to do; changes nothing. */
export const doctorVerb: Verb = (program, cli) => {
  program
    .command('doctor')
    .description('look at everything that decnet rests on here; exit 1 when something fails')
    .option('--json', 'as JSON')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { config: named } = program.opts<{ config?: string }>();
      const { values: config } = cli.config();
      const results = await runDoctor({
        config,
        configFile: named ?? cli.io.env['DECNET_CONFIG'] ?? SYSTEM_CONFIG_FILE,
        paths: deployPaths(config.state_dir, config.artifacts_dir),
        uid: cli.io.caller.uid,
        env: cli.io.env,
        now: () => cli.io.now(),
        addon: loadAddon(),
        // Opening one makes one.
        store: () => (existsSync(config.db_path) ? cli.store() : Promise.resolve(undefined)),
        isBusThere: () => isBusThere(cli),
        recorder: () => loginSessionPath(config),
      });
      const count = (state: DoctorState): number => results.filter((result) => result.state === state).length;
      const counts = { failed: count('failed'), warnings: count('warning') };
      if (json === true) cli.printJson({ ...counts, checks: results });
      else {
        cli.print(renderTable<DoctorResult>(COLUMNS, results));
        cli.note(`decnet: ${counts.failed} failed, ${counts.warnings} warnings`);
      }
      if (counts.failed > 0) cli.setExitStatus(1);
    });
};

async function isBusThere(cli: Cli): Promise<boolean> {
  const bus = openBus(cli, { name: 'doctor', log: () => undefined });
  try {
    return await bus.subscribe('system.bus.health').ready;
  } finally {
    await bus.close();
  }
}

const COLUMNS = [
  { title: 'CHECK', cell: ({ check }: DoctorResult) => check },
  { title: 'STATE', cell: ({ state }: DoctorResult) => state },
  { title: 'WHAT', cell: ({ what }: DoctorResult) => what, maxCells: 120 },
  { title: 'NEXT', cell: ({ next }: DoctorResult) => next, maxCells: 80 },
];
