import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DeckyServiceName } from '../contract/fleet.js';

/** Where one service of a decky has its files on the host. Sources of binds: whoever is inside sees their names. */
export interface DeckyFiles {
  /** The directory of the recorder, `login-session`: new logins get what is renamed into it. */
  readonly recorderDir: string;
  readonly recorder: string;
  readonly recorderConfig: string;
  readonly transcripts: string;
}

/** Where deploying has its things, and what it is called by an engine (docs/deploy.md). */
export interface DeployPaths {
  /** `{state_dir}/deploy`: root's. */
  readonly dir: string;
  readonly fleetFile: string;
  readonly composeFile: string;
  /** A folder for each image. */
  readonly build: string;
  /** The three above as they were, while others are tried. */
  readonly former: string;
  /** The recorder's binary that goes to the deckies. */
  readonly recorder: string;
  /** The private key of our own logins. */
  readonly key: string;
  readonly lock: string;
  /** Tells this install from others on the same engine. */
  readonly install: string;
  /** Of compose. */
  readonly project: string;
  /** The network's name: whoever is inside can ask for it. */
  readonly network: string;
  files(decky: string, service: DeckyServiceName): DeckyFiles;
}

export function deployPaths(stateDir: string, artifactsDir: string): DeployPaths {
  const dir = join(stateDir, 'deploy');
  const install = createHash('sha256').update(stateDir).digest('hex').slice(0, 8);
  return {
    dir,
    fleetFile: join(dir, 'fleet.toml'),
    composeFile: join(dir, 'compose.yaml'),
    build: join(dir, 'build'),
    former: join(dir, 'former'),
    recorder: join(dir, 'bin', 'login-session'),
    key: join(dir, 'id_ed25519'),
    lock: join(dir, 'lock'),
    install,
    project: `decnet-${install}`,
    network: `lan-${install.slice(0, 4)}`,
    files(decky, service) {
      const place = join(artifactsDir, decky, service);
      return {
        recorderDir: join(place, 'lib'),
        recorder: join(place, 'lib', 'login-session'),
        recorderConfig: join(place, 'etc', 'login-session.conf'),
        transcripts: join(place, 'transcripts'),
      };
    },
  };
}
