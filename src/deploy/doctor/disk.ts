import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { failed, good, warning, type DoctorCheck } from './doctor-check.js';

const MIB = 1024 ** 2;
/** The recorder's own bound: with less it records nothing (`min_free_bytes`); and where one should think of it. */
const LEAST_BYTES = 64 * MIB;
const LITTLE_BYTES = 1024 * MIB;

/** Room for recordings and database. */
export const diskCheck: DoctorCheck = {
  name: 'disk',
  run({ config }) {
    const places = [config.artifacts_dir, dirname(config.db_path), config.spool_dir].filter((path) => existsSync(path));
    const found = places.map((path) => {
      const { bavail, bsize } = statfsSync(path);
      const free = bavail * bsize;
      const what = `${Math.floor(free / MIB)} MiB free at ${path}`;
      const next = 'make room: decnet does not remove recordings by itself';
      if (free < LEAST_BYTES) return failed(`${what}: too little to record`, next);
      return free < LITTLE_BYTES ? warning(what, next) : good(what);
    });
    return Promise.resolve(found);
  },
};
