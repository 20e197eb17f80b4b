import { existsSync } from 'node:fs';
import { good, warning, type DoctorCheck } from './doctor-check.js';

const EARLIEST = Date.UTC(2026, 0, 1);
/** Made by systemd-timesyncd, and by chrony's and ntpd's units, once the time is known. */
const SYNCHRONISED = '/run/systemd/timesync/synchronized';
const SYNC_PROGRAMS = ['/run/chrony', '/run/ntpd.pid', '/run/ntpsec', '/run/openntpd'];
const AHEAD_MS = 60_000;

/** Recordings are filed by the day, and put beside each other by the time: a clock that is wrong makes them lie. */
export const clockCheck: DoctorCheck = {
  name: 'clock',
  async run({ now, store }) {
    if (now() < EARLIEST)
      return [warning('the clock is years behind', 'set the clock; install systemd-timesyncd or chrony')];
    const rows = (await (await store())?.workerHealth.list()) ?? [];
    const last = Math.max(0, ...rows.map(({ beat_at: at }) => at));
    if (last > now() + AHEAD_MS) return [warning('the clock went back: heartbeats are in the future', 'set the clock')];
    if ([SYNCHRONISED, ...SYNC_PROGRAMS].some((path) => existsSync(path))) return [good('the clock is kept right')];
    return [warning('nothing seems to keep the clock right', 'install systemd-timesyncd or chrony')];
  },
};
