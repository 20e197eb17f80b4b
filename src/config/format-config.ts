import { stringify } from 'smol-toml';
import type { Config } from './schema.js';

/** Settings as a configuration file has them; null, which a file cannot say, is left out. */
export function formatConfig(values: Partial<Config>): string {
  return `${stringify(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)))}\n`;
}
