import { existsSync } from 'node:fs';
import { WORKERS, type WorkerEntry } from '../../contract/workers.js';
import { failed, good, skipped, warning, type DoctorCheck, type DoctorFinding } from './doctor-check.js';

/** After so many heartbeats that did not come, nobody is there to send them. */
const SILENT_AFTER_BEATS = 3;
/** Without these nothing of what happens in a deployed decky is seen. */
const NEEDED = new Set(['collector', 'ingester', 'profiler', 'agent']);

/** The workers live and get on. */
export const heartbeatsCheck: DoctorCheck = {
  name: 'workers',
  async run({ config, now, store, paths }) {
    const opened = await store();
    if (opened === undefined) return [skipped('there is no database yet')];
    const rows = new Map((await opened.workerHealth.list()).map((row) => [row.worker, row]));
    const isDeployed = existsSync(paths.fleetFile);
    const silentMs = SILENT_AFTER_BEATS * config.heartbeat_s * 1000;
    const wrong: DoctorFinding[] = [];
    for (const { name, host } of WORKERS as readonly WorkerEntry[]) {
      const next = `decnet worker ${host ?? name}`;
      const row = rows.get(name);
      const isSilent = row === undefined || row.state === 'stopped' || now() - row.beat_at > silentMs;
      const say = isDeployed && NEEDED.has(name) ? failed : warning;
      if (row?.state === 'failed')
        wrong.push(failed(`${name} has fallen: ${row.last_error ?? 'for no known reason'}`, next));
      else if (isSilent && NEEDED.has(name)) wrong.push(say(`${name} is not running`, next));
      else if (row?.state === 'stalled') wrong.push(failed(`${name} does not get on`, `restart it: ${next}`));
      else if (row?.state === 'unconfigured' && isDeployed && NEEDED.has(name)) {
        wrong.push(failed(`${name} has nothing configured`, 'decnet workers says why'));
      }
    }
    return wrong.length > 0 ? wrong : [good('the workers get on')];
  },
};
