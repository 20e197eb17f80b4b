import { failed, good, skipped, warning, type DoctorCheck } from './doctor-check.js';

/** What the agent last said of each decky. */
export const deckiesCheck: DoctorCheck = {
  name: 'deckies',
  async run({ store }) {
    const rows = (await (await store())?.deckies.list()) ?? [];
    if (rows.length === 0) return [skipped('no decky is deployed')];
    return rows.map(({ decky, state, reason }) => {
      const why = reason === null ? '' : `: ${reason}`;
      if (state === 'healthy') return good(`${decky} is healthy`);
      if (state === 'stopped' || state === 'deploying') return warning(`${decky} is ${state}${why}`, null);
      return failed(`${decky} is ${state}${why}`, 'decnet deploy, with the same fleet, makes it anew');
    });
  },
};
