import { Document, isMap, isScalar } from 'yaml';
import type { DeckyServiceName, Fleet, FleetDecky } from '../contract/fleet.js';
import {
  CONTAINER_LIMITS,
  DECKY_CAPABILITIES,
  DECKY_PATHS,
  DECKY_SERVICE_PORTS,
  deckyTmpfs,
} from './container-limits.js';
import type { DeployPaths } from './deploy-paths.js';
import { LABELS } from './engine.js';

export interface ComposeFileOptions {
  readonly paths: DeployPaths;
  /** The image of each service, by container name. */
  readonly images: ReadonlyMap<string, string>;
}

const HEAD = ` What \`decnet deploy\` made of fleet.toml beside this file. The next deploy or teardown writes it anew: change the fleet instead.

 One container for each service of a decky. The second one is in the network of the first: to a caller they are one host.
 login-session and its settings are read-only binds; transcripts/ is where the recordings come to lie.`;

/** The container of a decky's service: its name, that of its compose service, and of its build folder. */
export function containerName(decky: string, service: DeckyServiceName): string {
  return `${decky}-${service}`;
}

/** The compose file of a fleet, for people and for every program in compose-cli.ts; the same fleet gives the same text. */
export function formatComposeFile(fleet: Fleet, options: ComposeFileOptions): string {
  const { network, install } = options.paths;
  const services: Record<string, object> = {};
  for (const decky of fleet.deckies) {
    for (const service of decky.services) {
      services[containerName(decky.name, service)] = describeContainer(decky, service, options, install);
    }
  }
  const document = { services, networks: { lan: { name: network } } };
  const text = formatYaml(withoutVariables(document));
  const head = HEAD.split('\n').map((line) => `#${line}`.trimEnd());
  return `${head.join('\n')}\n\n${text}`;
}

function describeContainer(
  decky: FleetDecky,
  service: DeckyServiceName,
  { paths, images }: ComposeFileOptions,
  install: string,
): object {
  const name = containerName(decky.name, service);
  const [first = service] = decky.services;
  const files = paths.files(decky.name, service);
  const ports = decky.services.map((one) => `${decky.address}:${decky.ports[one]}:${DECKY_SERVICE_PORTS[one]}`);
  // A name that others see in the network, as a host has one.
  const joined =
    service === first
      ? { hostname: decky.hostname, ports, networks: { lan: { aliases: [decky.hostname] } } }
      : { network_mode: `service:${containerName(decky.name, first)}`, depends_on: [containerName(decky.name, first)] };
  const { run_mb, shm_mb, log_files, stop_grace_s } = CONTAINER_LIMITS;
  return {
    container_name: name,
    image: images.get(name),
    build: { context: `./build/${name}` },
    labels: { [LABELS.decky]: decky.name, [LABELS.service]: service, [LABELS.install]: install },
    ...joined,
    volumes: [
      bind(files.recorderDir, DECKY_PATHS.recorderDir, true),
      bind(files.recorderConfig, DECKY_PATHS.recorderConfig, true),
      bind(files.transcripts, DECKY_PATHS.transcripts, false),
    ],
    cap_drop: ['ALL'],
    cap_add: [...DECKY_CAPABILITIES],
    ...(decky.no_new_privileges ? { security_opt: ['no-new-privileges:true'] } : {}),
    mem_limit: `${decky.memory_mb}m`,
    memswap_limit: `${decky.memory_mb}m`,
    pids_limit: decky.pids,
    shm_size: `${shm_mb}m`,
    tmpfs: Object.entries(deckyTmpfs({ tmp_mb: decky.tmp_mb, run_mb })).map(([path, how]) => `${path}:${how}`),
    logging: {
      driver: 'json-file',
      options: {
        'max-size': `${Math.max(1, Math.floor((decky.log_mb * 1024) / log_files))}k`,
        'max-file': String(log_files),
      },
    },
    restart: 'unless-stopped',
    stop_grace_period: `${stop_grace_s}s`,
  };
}

/** With room between the services. In YAML 1.1, as docker-compose reads it: there `no` is no name unless it is quoted. */
function formatYaml(value: unknown): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  for (const map of [document.contents, document.get('services')]) {
    if (!isMap(map)) continue;
    for (const { key } of map.items.slice(1)) if (isScalar(key)) key.spaceBefore = true;
  }
  return document.toString({ lineWidth: 0 });
}

/** In the long form a source that is not there is an error; in the short one it becomes a directory. */
function bind(source: string, target: string, isReadOnly: boolean): object {
  return { type: 'bind', source, target, ...(isReadOnly ? { read_only: true } : {}) };
}

/** Compose programs replace `$NAME` wherever it stands. */
function withoutVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(withoutVariables);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutVariables(one)]));
}
