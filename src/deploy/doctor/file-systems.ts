import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createEngineAsk } from '../ask-engine.js';
import { findEngineSocket } from '../find-engine-socket.js';
import { good, skipped, warning, type DoctorCheck } from './doctor-check.js';

/** Whoever fills a decky fills the file system of the engine: recordings and database should have others. */
export const fileSystemsCheck: DoctorCheck = {
  name: 'file systems',
  async run({ config }) {
    const { ask, close } = createEngineAsk(config.engine_socket ?? findEngineSocket());
    let engineRoot: string | undefined;
    try {
      engineRoot = (await ask('ask for its folder', (docker) => docker.info() as Promise<{ DockerRootDir?: string }>))
        ?.DockerRootDir;
    } catch {
      // That it does not answer is another check's.
    } finally {
      close();
    }
    const places = [
      { name: 'the recordings', path: config.artifacts_dir },
      { name: 'the database', path: dirname(config.db_path) },
      ...(engineRoot === undefined ? [] : [{ name: 'the engine', path: engineRoot }]),
    ].filter(({ path }) => existsSync(path));
    if (places.length < 2) return [skipped('there is nothing yet that could share a file system')];
    const byDevice = new Map<number, string[]>();
    for (const { name, path } of places) {
      const { dev } = statSync(path);
      byDevice.set(dev, [...(byDevice.get(dev) ?? []), name]);
    }
    const shared = [...byDevice.values()].filter((names) => names.length > 1);
    if (shared.length === 0) return [good('recordings, database and engine have file systems of their own')];
    const next = 'give artifacts_dir, state_dir and the engine file systems of their own';
    return shared.map((names) => warning(`${names.join(' and ')} share a file system: who fills one fills all`, next));
  },
};
