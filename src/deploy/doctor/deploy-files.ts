import { existsSync, lstatSync } from 'node:fs';
import { failed, good, skipped, type DoctorCheck } from './doctor-check.js';

/** What deckies are made of is root's alone to write; our key is root's alone to read. */
export const deployFilesCheck: DoctorCheck = {
  name: 'deploy files',
  run({ paths, uid }) {
    if (uid !== 0) return Promise.resolve([skipped('what deckies are made of: only root can look at it')]);
    if (!existsSync(paths.fleetFile)) return Promise.resolve([skipped('nothing is deployed')]);
    const wanted = [
      { path: paths.dir, mask: 0o027 },
      { path: paths.fleetFile, mask: 0o077 },
      { path: paths.composeFile, mask: 0o027 },
      { path: paths.build, mask: 0o077 },
      { path: paths.key, mask: 0o077 },
      { path: paths.recorder, mask: 0o022 },
    ];
    const wrong = wanted.flatMap(({ path, mask }) => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return [failed(`${path} is not there`, 'decnet deploy, with the same fleet')];
      if (stats.uid !== 0) return [failed(`${path} is not root's`, `chown root ${path}`)];
      const mode = stats.mode & 0o7777;
      if ((mode & mask) === 0) return [];
      const right = (mode & ~mask).toString(8);
      return [failed(`${path} is open to others: ${mode.toString(8).padStart(4, '0')}`, `chmod ${right} ${path}`)];
    });
    return Promise.resolve(wrong.length > 0 ? wrong : [good('what deckies are made of is root’s')]);
  },
};
