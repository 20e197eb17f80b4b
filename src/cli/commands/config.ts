import { CONFIG_KEYS, type Config, type ConfigKey } from '../../config/schema.js';
import type { Verb } from '../cli.js';
import { renderTable } from '../table.js';

/** Every setting, its value and where that is from. */
export const configVerb: Verb = (program, cli) => {
  program
    .command('config')
    .description('print every setting, its value, and where the value is from')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => {
      const { values, origins } = cli.config();
      const settings = CONFIG_KEYS.map((key) => ({ key, value: values[key], origin: origins[key] }));
      if (options.json === true) {
        cli.printJson(Object.fromEntries(settings.map(({ key, value, origin }) => [key, { value, origin }])));
        return;
      }
      const columns = [
        { title: 'SETTING', cell: (row: (typeof settings)[number]) => row.key },
        { title: 'VALUE', cell: (row: (typeof settings)[number]) => shown(row.value), maxCells: Infinity },
        { title: 'FROM', cell: (row: (typeof settings)[number]) => row.origin, maxCells: Infinity },
      ];
      cli.print(renderTable(columns, settings));
    });
};

function shown(value: Config[ConfigKey]): string | number | null {
  if (typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return value;
  return value.every((item) => typeof item === 'number') ? value.join(',') : JSON.stringify(value);
}
