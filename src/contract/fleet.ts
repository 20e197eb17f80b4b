import { z } from 'zod';

export const deckyService = z.enum(['ssh', 'telnet']);
export type DeckyServiceName = z.infer<typeof deckyService>;

/** What tables, topics, paths and labels call a decky. */
export const deckyName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'a-z, 0-9 and inner hyphens, at most 63' });

const port = z.int().min(1, { error: 'a port is 1 to 65535' }).max(65535, { error: 'a port is 1 to 65535' });
const megabytes = z.int().min(1).max(1_048_576);

export const fleetUser = z.strictObject({
  name: z.string().regex(/^[a-z_][a-z0-9_-]{0,30}$/, { error: 'a-z, 0-9, _ and -, begins with a letter, at most 31' }),
  password: z.string().regex(/^[^\p{Cc}]{1,128}$/u, { error: '1 to 128 characters, none of them a control character' }),
});
export type FleetUser = z.infer<typeof fleetUser>;

/** What every decky has unless it says otherwise itself. */
const shared = {
  /** `FROM`: pinned by digest, so that the same file gives the same decky. */
  base_image: z.string().regex(/^[!-~]{1,255}$/, { error: 'the name of an image' }),
  memory_mb: megabytes.min(32, { error: 'at least 32' }),
  pids: z.int().min(16, { error: 'at least 16' }).max(65_536),
  tmp_mb: megabytes,
  log_mb: megabytes,
  /** Where the host listens. */
  address: z.ipv4({ error: 'an IPv4 address of the host' }),
};

const fleetDefaults = z.strictObject(shared).partial();

const fleetFileDecky = z.strictObject({
  name: deckyName,
  services: z
    .array(deckyService)
    .min(1, { error: 'at least one of ssh, telnet' })
    .refine((services) => new Set(services).size === services.length, { error: 'a service stands twice' }),
  hostname: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/, {
      error: 'letters, digits and inner hyphens, at most 63',
    })
    .optional(),
  ssh_port: port.optional(),
  telnet_port: port.optional(),
  no_new_privileges: z.boolean().optional(),
  user: z.array(fleetUser).min(1, { error: 'at least one login' }).max(16, { error: 'at most 16 logins' }).optional(),
  ...fleetDefaults.shape,
});

/** The fleet file, as TOML says it (docs/deploy.md). */
export const fleetFile = z.strictObject({
  defaults: fleetDefaults.optional(),
  decky: z.array(fleetFileDecky).min(1, { error: 'at least one decky' }).max(256, { error: 'at most 256 deckies' }),
});
export type FleetFile = z.infer<typeof fleetFile>;
export type FleetFileDecky = z.infer<typeof fleetFileDecky>;

/** One decky with nothing left open. */
export interface FleetDecky {
  readonly name: string;
  readonly hostname: string;
  readonly services: readonly DeckyServiceName[];
  /** On the host. */
  readonly ports: Readonly<Record<DeckyServiceName, number>>;
  readonly address: string;
  readonly no_new_privileges: boolean;
  readonly users: readonly FleetUser[];
  readonly base_image: string;
  readonly memory_mb: number;
  readonly pids: number;
  readonly tmp_mb: number;
  readonly log_mb: number;
}

export interface Fleet {
  readonly deckies: readonly FleetDecky[];
}
