import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DecnetError } from '../errors.js';
import { defaultConfig, defaultStateDir, type Caller } from './defaults.js';
import { CONFIG_KEYS, configSchema, environmentName, textKind, type Config, type ConfigKey } from './schema.js';
import { parseToml } from './toml.js';

export const SYSTEM_CONFIG_FILE = '/etc/decnet/decnet.toml';

/** A flag as the caller typed it: the words to name it by, and its text. */
export interface ConfigFlag {
  readonly name: string;
  readonly text: string;
}

export interface LoadConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly caller: Caller;
  /** Relative paths in flags and environment start here. */
  readonly cwd: string;
  readonly flags?: Readonly<Partial<Record<ConfigKey, ConfigFlag>>>;
  /** `--config FILE`: must exist; before `$DECNET_CONFIG`, which must exist too. */
  readonly file?: string | undefined;
  /** Where to look when neither names a file; it need not exist. */
  readonly systemFile?: string;
}

export interface LoadedConfig {
  readonly values: Config;
  /** Where each value is from: `default`, `file PATH`, `environment NAME`, `flag --name`. */
  readonly origins: Readonly<Record<ConfigKey, string>>;
}

interface Source {
  readonly origin: string;
  readonly value: unknown;
}

/** File < environment < flags. Throws E_CONFIG with the key and its origin in the message. */
export function loadConfig(options: LoadConfigOptions): LoadedConfig {
  const file = readConfigFile(options);
  const given = new Map<ConfigKey, Source>();
  for (const key of CONFIG_KEYS) {
    const source = pickSource(key, file, options);
    if (source !== undefined) given.set(key, source);
  }
  const stateDir = given.get('state_dir')?.value ?? defaultStateDir(options.caller);
  // A state_dir that is no text fails its own check below; the defaults need some text until then.
  const defaults = defaultConfig(options.caller, typeof stateDir === 'string' ? stateDir : '/');
  const merged = Object.fromEntries(CONFIG_KEYS.map((key) => [key, given.get(key)?.value ?? defaults[key]]));
  const checked = configSchema.safeParse(merged);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const key = issue?.path[0] as ConfigKey;
    throw new DecnetError('E_CONFIG', `${key}: ${issue?.message ?? 'not usable'} (from ${given.get(key)?.origin})`);
  }
  const origins = Object.fromEntries(CONFIG_KEYS.map((key) => [key, given.get(key)?.origin ?? 'default']));
  return { values: checked.data, origins: origins as Record<ConfigKey, string> };
}

function pickSource(
  key: ConfigKey,
  file: { path: string; values: Record<string, unknown> },
  options: LoadConfigOptions,
): Source | undefined {
  const flag = options.flags?.[key];
  if (flag !== undefined) return { origin: `flag ${flag.name}`, value: fromText(key, flag.text, options.cwd) };
  const name = environmentName(key);
  const text = setText(options.env[name]);
  if (text !== undefined) {
    return { origin: `environment ${name}`, value: fromText(key, text, options.cwd) };
  }
  if (Object.hasOwn(file.values, key)) return { origin: `file ${file.path}`, value: file.values[key] };
  return undefined;
}

/** A variable set to nothing is not set. */
function setText(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Text becomes what the key asks for; what does not fit stays text and fails the check. */
function fromText(key: ConfigKey, text: string, cwd: string): unknown {
  switch (textKind(key)) {
    case 'number':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'boolean':
      return BOOLEANS.get(text.toLowerCase()) ?? text;
    case 'numbers':
      return /^\d+(,\d+)*$/.test(text) ? text.split(',').map(Number) : text;
    case 'json':
      return fromJson(text);
    case 'text':
      return text;
    case 'path':
      return resolve(cwd, text);
  }
}

/** Lists of tables have no other text; what is no JSON stays text and fails the check. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function readConfigFile(options: LoadConfigOptions): { path: string; values: Record<string, unknown> } {
  const named = options.file ?? setText(options.env['DECNET_CONFIG']);
  const path = named === undefined ? (options.systemFile ?? SYSTEM_CONFIG_FILE) : resolve(options.cwd, named);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return { path, values: {} };
    throw new DecnetError('E_CONFIG', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = parseToml(text);
  if ('problem' in parsed) {
    throw new DecnetError('E_CONFIG', `${path} is not TOML: ${parsed.problem}`, { cause: parsed.cause });
  }
  const { values } = parsed;
  const unknown = Object.keys(values).find((key) => !(CONFIG_KEYS as string[]).includes(key));
  if (unknown !== undefined) {
    throw new DecnetError('E_CONFIG', `${path}: there is no setting named ${JSON.stringify(unknown)}`, {
      next: 'see `decnet config` for all settings',
    });
  }
  return { path, values };
}
