import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatToml } from '../config/toml.js';
import { deckyName, fleetFile, type DeckyServiceName, type FleetFile } from '../contract/fleet.js';
import { defaultDecky, withDecky } from '../deploy/default-decky.js';
import { parseFleet } from '../deploy/fleet.js';
import { DecnetError } from '../errors.js';

export interface FleetWords {
  readonly file: string | undefined;
  readonly decky?: string;
  readonly service?: readonly DeckyServiceName[];
  readonly hostname?: string;
  readonly sshPort?: number;
  readonly telnetPort?: number;
  readonly baseImage?: string;
}

export interface AskedFleet {
  readonly file: FleetFile;
  /** For messages: where the fleet was said. */
  readonly where: string;
  /** A password that was made up now, to be shown once. */
  readonly newPassword: { readonly decky: string; readonly user: string; readonly password: string } | null;
}

/** The fleet that the words ask for: a file, or one decky beside what is deployed. Throws E_USAGE, E_FLEET. */
export function readFleetWords(words: FleetWords, cwd: string, deployed: FleetFile | null): AskedFleet {
  const { file: path, decky, baseImage } = words;
  if ((path === undefined) === (decky === undefined)) {
    throw new DecnetError('E_USAGE', 'deploy: give a fleet file, or --decky NAME --service ssh, and one of them');
  }
  if (path !== undefined) {
    if (words.service !== undefined || words.hostname !== undefined) {
      throw new DecnetError('E_USAGE', 'deploy: --service and --hostname go with --decky');
    }
    const file = parseFleet(readText(resolve(cwd, path)), path);
    return { file: withBase(file, baseImage), where: path, newPassword: null };
  }
  return oneDecky(decky ?? '', words, deployed);
}

function oneDecky(name: string, words: FleetWords, deployed: FleetFile | null): AskedFleet {
  const { service: services, hostname, sshPort, telnetPort, baseImage } = words;
  const where = `--decky ${name}`;
  if (!deckyName.safeParse(name).success) {
    throw new DecnetError('E_FLEET', `${where}: a decky is named with a-z, 0-9 and inner hyphens, at most 63`);
  }
  const known = deployed?.decky.find((one) => one.name === name);
  const others = deployed?.decky.filter((one) => one.name !== name) ?? [];
  const fresh = defaultDecky({
    ...{ name, others, hostname, sshPort, telnetPort },
    services: services ?? known?.services ?? ['ssh'],
    random: (below) => randomInt(below),
  });
  // What is deployed stays as it is, but for what is said now.
  const said = {
    ...(services === undefined ? {} : { services: [...services] }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(sshPort === undefined ? {} : { ssh_port: sshPort }),
    ...(telnetPort === undefined ? {} : { telnet_port: telnetPort }),
  };
  const decky = {
    ...fresh,
    ...known,
    ...said,
    ...(baseImage === undefined ? {} : { base_image: baseImage }),
  };
  const checked = fleetFile.safeParse(withDecky(deployed, decky));
  if (!checked.success)
    throw new DecnetError('E_FLEET', `${where}: ${checked.error.issues[0]?.message ?? 'not usable'}`);
  const [user] = known === undefined ? (fresh.user ?? []) : [];
  const newPassword = user === undefined ? null : { decky: name, user: user.name, password: user.password };
  return { file: checked.data, where, newPassword };
}

/** As it is kept: a person may read it, and deploy it again. */
export function formatFleet(file: FleetFile): string {
  return `# The fleet as \`decnet deploy\` last took it.\n\n${formatToml(file)}\n`;
}

function withBase(file: FleetFile, baseImage: string | undefined): FleetFile {
  return baseImage === undefined ? file : { ...file, defaults: { ...file.defaults, base_image: baseImage } };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DecnetError('E_FLEET', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
