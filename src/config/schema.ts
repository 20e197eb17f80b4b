import { z } from 'zod';

const path = z.string().min(1).startsWith('/', { error: 'must be an absolute path' });
const count = z.int().positive();

/**
 * Every setting there is: the key is its name in the file, `DECNET_` and the key in capitals its name in the
 * environment. Units are in the names.
 */
export const configSchema = z.strictObject({
  state_dir: path.describe('where decnet keeps its database and artifacts'),
  db_path: path.describe('the database file'),
  artifacts_dir: path.describe('{artifacts}/{decky}/{service}/transcripts/ holds the shards'),
  bus_socket: path.describe('the bus on this host'),
  bus_enabled: z.boolean().describe('false = no bus: everybody polls'),
  bus_control_uids: z.array(z.int().nonnegative()).describe('who may control workers over the bus, beside uid 0'),
  login_session: path.nullable().describe('the recorder; null = the one that was built with this package'),
  record_shell: path.describe('the shell that `decnet record` starts'),
  ingest_poll_ms: count.describe('how often `ingest --follow` looks at the shards'),
  abandoned_after_s: count.describe('a session without an end that is silent for so long is abandoned'),
  busy_timeout_ms: z.int().nonnegative().describe('how long a locked database is waited for'),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(configSchema.shape) as ConfigKey[];

/** What a key's text is read as: the environment and flags have nothing but text. */
export function textKind(key: ConfigKey): 'number' | 'boolean' | 'numbers' | 'path' {
  if (key.endsWith('_ms') || key.endsWith('_s')) return 'number';
  if (key.endsWith('_enabled')) return 'boolean';
  return key.endsWith('_uids') ? 'numbers' : 'path';
}

/** `busy_timeout_ms` -> `DECNET_BUSY_TIMEOUT_MS`. */
export function environmentName(key: ConfigKey): string {
  return `DECNET_${key.toUpperCase()}`;
}
