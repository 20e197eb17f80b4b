import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** What `init` made here that `--deinit` may take away: nobody else's account, and no file that somebody has edited. */
export interface InitRecord {
  readonly user: boolean;
  readonly group: boolean;
  /** Of the configuration file as it was written; null = it was there before. */
  readonly configSha256: string | null;
}

const record = z.object({ user: z.boolean(), group: z.boolean(), config_sha256: z.string().nullable() });

export function recordPath(configFile: string): string {
  return join(dirname(configFile), 'init.json');
}

export function formatRecord({ user, group, configSha256 }: InitRecord): string {
  return `${JSON.stringify({ user, group, config_sha256: configSha256 })}\n`;
}

/** What is no record, or not there, says that nothing was made. */
export function readRecord(configFile: string): InitRecord {
  try {
    const { user, group, config_sha256 } = record.parse(JSON.parse(readFileSync(recordPath(configFile), 'utf8')));
    return { user, group, configSha256: config_sha256 };
  } catch {
    return { user: false, group: false, configSha256: null };
  }
}
