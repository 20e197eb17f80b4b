import { defaultConfig } from '../../config/defaults.js';
import { formatConfig } from '../../config/format-config.js';
import type { LoadedConfig } from '../../config/load-config.js';
import { CONFIG_KEYS, type Config, type ConfigKey } from '../../config/schema.js';

/**
 * What `init` chooses where nobody said otherwise. A bind mount's source can be seen inside (`/proc/self/mountinfo`), so the
 * artifacts lie under a name that says nothing.
 */
const CHOSEN = {
  state_dir: '/var/lib/decnet',
  artifacts_dir: '/var/lib/svcdata',
  bus_socket: '/run/decnet/bus.sock',
} as const satisfies Partial<Config>;

/**
 * The settings of a new installation below `prefix` ('' = the host itself), and the text of its file. `engineSocket`: of the engine that is
 * there, which the collector would else not know of; null = there is none yet.
 */
export function initConfig(
  loaded: LoadedConfig,
  prefix: string,
  engineSocket: string | null,
): { values: Config; text: string } {
  const isChosen = (key: ConfigKey): boolean => loaded.origins[key] === 'default';
  const chosen = Object.entries(CHOSEN).filter(([key]) => isChosen(key as ConfigKey));
  const own = Object.fromEntries(chosen.map(([key, path]) => [key, `${prefix}${path}`])) as Partial<Config>;
  if (engineSocket !== null && isChosen('engine_socket')) own.engine_socket = engineSocket;
  const stateDir = own.state_dir ?? loaded.values.state_dir;
  // Whatever follows the state directory follows the chosen one.
  const defaults = defaultConfig({ uid: 0, homeDir: '/root' }, stateDir);
  const said = Object.fromEntries(CONFIG_KEYS.filter((key) => !isChosen(key)).map((key) => [key, loaded.values[key]]));
  const written = { ...own, ...said };
  return {
    values: { ...defaults, ...written },
    text: `# Written by decnet init. \`decnet config\` prints every setting, its value, and where that is from.\n${formatConfig(written)}`,
  };
}
