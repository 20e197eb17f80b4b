import { createDeckyEngine } from '../engine.js';
import { findEngineSocket } from '../find-engine-socket.js';
import { failed, good, type DoctorCheck } from './doctor-check.js';

/** The container engine answers, and the containers of deckies run. */
export const engineCheck: DoctorCheck = {
  name: 'engine',
  async run({ config, paths }) {
    const socketPath = config.engine_socket ?? findEngineSocket();
    const engine = createDeckyEngine({ socketPath, install: paths.install });
    try {
      const containers = await engine.containers();
      const down = containers.filter(({ running }) => !running);
      if (down.length === 0)
        return [good(`the engine at ${socketPath} has ${containers.length} of our containers, all run`)];
      return down.map(({ name, decky }) =>
        failed(`the container ${name} is not running`, `see decnet status; decky ${decky}`),
      );
    } finally {
      engine.close();
    }
  },
};
