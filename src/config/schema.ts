import { z } from 'zod';
import { DECKY_NAME, SERVICE_NAME } from '../contract/place-names.js';

/** A log stream of a decky, for the collector. Which decky a line is from is said here, never by the line. */
export const logSource = z.strictObject({
  decky: z.string().regex(DECKY_NAME, { error: 'a decky is named with a-z, 0-9 and hyphens' }),
  /** Where the stream belongs to one service; left out = the lines may say. */
  service: z.string().regex(SERVICE_NAME, { error: 'a service is named with a-z, 0-9 and hyphens' }).optional(),
  kind: z.enum(['file', 'fifo', 'socket', 'container']),
  /** Of the file, FIFO or socket. */
  path: z.string().startsWith('/', { error: 'must be an absolute path' }).optional(),
  /** Name or id, for kind `container`. */
  container: z.string().optional(),
});
export type LogSource = z.infer<typeof logSource>;

const path = z.string().min(1).startsWith('/', { error: 'must be an absolute path' });
const count = z.int().positive();
/** As Debian's useradd takes it; anything else would be an option or a path to somebody. */
const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'no name for a user or group' });

/**
 * Every setting there is: the key is its name in the file, `DECNET_` and the key in capitals its name in the
 * environment. Units are in the names.
 */
export const configSchema = z.strictObject({
  user: account.describe('the system user whom the workers run as; made by `decnet init`'),
  group: account.describe('the system group that reads recordings and uses the bus; made by `decnet init`'),
  state_dir: path.describe('where decnet keeps its database and artifacts'),
  db_path: path.describe('the database file'),
  artifacts_dir: path.describe('{artifacts}/{decky}/{service}/transcripts/ holds the shards'),
  part_preallocate_bytes: z.int().nonnegative().describe('room set aside for each part of a shard; 0 = none'),
  bus_socket: path.describe('the bus on this host'),
  bus_enabled: z.boolean().describe('false = no bus: everybody polls'),
  bus_control_uids: z.array(z.int().nonnegative()).describe('who may control workers over the bus, beside uid 0'),
  login_session: path.nullable().describe('the recorder; null = the one that was built with this package'),
  record_shell: path.describe('the shell that `decnet record` starts'),
  log_sources: z
    .array(logSource)
    .describe('log streams for the collector, beside containers with the label decnet.decky'),
  engine_socket: path
    .nullable()
    .describe('the container engine whose labelled containers are collected from; null = none'),
  spool_dir: path.describe('where the collector keeps log lines until they are in the database'),
  spool_max_bytes: count.describe('with so much not yet ingested, the collector waits'),
  decky_log_bytes_per_s: count.describe('what one decky may log in the long run'),
  decky_log_burst_bytes: count.describe('what one decky may log at once'),
  heartbeat_s: count.describe('how often a worker says that it lives'),
  stall_after_s: count.describe('a worker whose loop has not got on for so long is stalled'),
  worker_poll_ms: count.describe('how often a worker looks by itself, when nothing rings'),
  ingest_poll_ms: count.describe('how often `ingest --follow` looks at the shards'),
  abandoned_after_s: count.describe('a session without an end that is silent for so long is abandoned'),
  updater_auto: z.boolean().describe('true = the updater brings the login-session of a new package to every decky'),
  busy_timeout_ms: z.int().nonnegative().describe('how long a locked database is waited for'),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(configSchema.shape) as ConfigKey[];

/** What a key's text is read as: the environment and flags have nothing but text. */
export function textKind(key: ConfigKey): 'number' | 'boolean' | 'numbers' | 'json' | 'text' | 'path' {
  if (/_(ms|s|bytes)$/.test(key)) return 'number';
  if (key === 'log_sources') return 'json';
  if (key === 'user' || key === 'group') return 'text';
  if (key.endsWith('_enabled') || key === 'updater_auto') return 'boolean';
  return key.endsWith('_uids') ? 'numbers' : 'path';
}

/** `busy_timeout_ms` -> `DECNET_BUSY_TIMEOUT_MS`. */
export function environmentName(key: ConfigKey): string {
  return `DECNET_${key.toUpperCase()}`;
}
