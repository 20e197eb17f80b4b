import { existsSync } from 'node:fs';
import { readdirSync } from 'node:fs';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { holdDirectory } from '../permissions/hold-directory.js';
import { lookAtParts } from '../parts/look-at-parts.js';
import { failed, good, skipped, warning, type DoctorCheck, type DoctorFinding } from './doctor-check.js';

const DAY_MS = 86_400_000;
/** A file without a name: it is gone when it is closed. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/** Recordings can be append-only here, and those of today and tomorrow are. */
export const appendOnlyCheck: DoctorCheck = {
  name: 'append-only',
  run({ config, uid, addon, now }) {
    const { artifacts_dir: root } = config;
    if (uid !== 0) return Promise.resolve([skipped('append-only recordings: only root can look at them')]);
    if (!existsSync(root)) return Promise.resolve([failed(`${root} is not there`, 'decnet init')]);
    let fd: number | undefined;
    try {
      fd = openSync(root, O_TMPFILE | constants.O_RDWR, 0o600);
      addon.setAppendOnly(fd, true);
    } catch (error) {
      const why = `files in ${root} cannot be made append-only: ${(error as Error).message}`;
      return Promise.resolve([
        warning(`${why}; root inside a decky can change its recordings`, 'use ext4, xfs or btrfs'),
      ]);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
    const days = [now(), now() + DAY_MS].map((ms) => new Date(ms).toISOString().slice(0, 10));
    const wrong: DoctorFinding[] = [];
    for (const dir of transcriptsDirs(root)) {
      const held = holdDirectory(dir);
      try {
        const { parts } = lookAtParts(held, days, addon);
        for (const { name, kind, day, appendOnly } of parts) {
          if (!days.includes(day) || (kind === 'file' && appendOnly)) continue;
          const what =
            kind === 'file' ? 'is not append-only: the recorder, or somebody inside, made it' : `is a ${kind}`;
          wrong.push(warning(`${join(dir, name)} ${what}`, 'decnet worker agent puts it right'));
        }
        if (!parts.some(({ day }) => day === days[0])) {
          wrong.push(warning(`${dir} has no part for today`, 'decnet worker agent makes it'));
        }
      } finally {
        held.close();
      }
    }
    return Promise.resolve(wrong.length > 0 ? wrong.slice(0, 50) : [good('recordings are append-only')]);
  },
};

function transcriptsDirs(root: string): string[] {
  const below = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(dir, entry.name)] : []));
  const services = below(root).flatMap(below);
  return services.flatMap((service) => below(service).filter((dir) => dir === join(service, 'transcripts')));
}
