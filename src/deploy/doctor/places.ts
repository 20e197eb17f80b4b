import { initHost } from '../init/init-host.js';
import type { PlaceStep } from '../init/place.js';
import { failed, good, skipped, type DoctorCheck } from './doctor-check.js';

const SHOWN = 20;

/** Owners and modes of settings, state, artifacts and recordings: what `decnet init` would put right. */
export const placesCheck: DoctorCheck = {
  name: 'places',
  async run({ config, configFile, uid, addon }) {
    if (uid !== 0) return [skipped('owners and modes: only root can look at all of them')];
    const { accounts, steps } = await initHost({
      ...{ values: config, configFile, configText: '', mayMakeAccounts: true, dryRun: true, addon },
      prepareStore: () => Promise.resolve(),
    });
    if (accounts.uid === null || accounts.gid === null) {
      return [failed(`there is no user ${config.user} or no group ${config.group}`, 'decnet init')];
    }
    if (steps.length === 0) return [good('owners and modes are as they should be')];
    const more = steps.length > SHOWN ? [failed(`and ${steps.length - SHOWN} more`, 'decnet init')] : [];
    return [...steps.slice(0, SHOWN).map((step) => failed(stepText(step), 'decnet init')), ...more];
  },
};

function stepText({ path, was, now }: PlaceStep): string {
  const text = ({ uid, gid, mode }: PlaceStep['now']) => `${uid}:${gid} ${mode.toString(8).padStart(4, '0')}`;
  return was === null ? `${path} is not there` : `${path} is ${text(was)}, not ${text(now)}`;
}
