import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirs } from '../std/make-dirs.js';
import type { DeployPaths } from './deploy-paths.js';
import type { PlannedContainer } from './plan-deploy.js';
import { replaceFile } from './replace-file.js';

export interface PrepareOptions {
  readonly paths: DeployPaths;
  /** The recorder's binary: a file. */
  readonly recorder: string;
  /** Makes a transcripts directory, with its owner, mode and parts, or puts one right; somebody may be inside, or nobody. */
  readonly prepareTranscripts: (dir: string, isRunning: boolean) => Promise<void>;
  /** Names of the containers that run now. */
  readonly running: ReadonlySet<string>;
}

const ROOT = { uid: 0, gid: 0 };

/** Everything on the host that a container binds. What is right already is not touched; a new recorder takes the old one's place whole. */
export async function prepareDeckies(containers: readonly PlannedContainer[], options: PrepareOptions): Promise<void> {
  const { paths, recorder, prepareTranscripts, running } = options;
  const program = readFileSync(recorder);
  for (const { name, decky, service } of containers) {
    const files = paths.files(decky.name, service);
    await prepareTranscripts(files.transcripts, running.has(name));
    for (const file of [files.recorder, files.recorderConfig]) makeDirs(dirname(file), 0o755);
    replaceFile(files.recorder, program, { ...ROOT, mode: 0o4711 });
    replaceFile(files.recorderConfig, recorderSettings(service), { ...ROOT, mode: 0o644 });
  }
}

/** What login-session is told; everything else is as it was built. */
function recorderSettings(service: string): string {
  return `service=${service}\n`;
}
