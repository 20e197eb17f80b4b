import { good, warning, type DoctorCheck } from './doctor-check.js';

/** The doorbell; without it everybody polls. */
export const busCheck: DoctorCheck = {
  name: 'bus',
  async run({ config, isBusThere }) {
    if (!config.bus_enabled) return [warning('the bus is switched off: everybody polls', 'bus_enabled = true')];
    if (await isBusThere()) return [good(`the bus answers at ${config.bus_socket}`)];
    return [warning(`nobody answers at ${config.bus_socket}: everybody polls`, 'decnet bus')];
  },
};
