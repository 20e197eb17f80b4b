import { getBus } from '../../src/bus/get-bus.js';
import type { BusServer } from '../../src/bus/server.js';
import type { Bus } from '../../src/bus/transport.js';
import { fakeHub } from '../../src/bus/transports/fake.js';
import { createTemporaryBus } from '../bus/temporary-bus.js';
import { describeBus, type BusSetting } from './bus.js';

describeBus('unix', async () => {
  const bus = createTemporaryBus();
  let server: BusServer = await bus.start();
  return {
    open: (name) => bus.client(name),
    stop: () => server.close(),
    start: async () => {
      server = await bus.start();
    },
    logCount: () => bus.clientLog.length,
    close: () => bus.close(),
  };
});

let hubCount = 0;

describeBus('fake', () => {
  const address = `conformance-${hubCount++}`;
  const hub = fakeHub(address);
  return Promise.resolve(
    inProcess(`fake:${address}`, {
      stop() {
        hub.stop();
        return Promise.resolve();
      },
      start() {
        hub.start();
        return Promise.resolve();
      },
    }),
  );
});

const nothing = { stop: () => Promise.resolve(), start: () => Promise.resolve() };
describeBus('null', () => Promise.resolve(inProcess('null:', nothing)), { carries: false });

function inProcess(address: string, control: Pick<BusSetting, 'stop' | 'start'>): BusSetting {
  const opened: Bus[] = [];
  let logCount = 0;
  return {
    ...control,
    open(name) {
      const bus = getBus({ address, name, log: () => logCount++ });
      opened.push(bus);
      return bus;
    },
    logCount: () => logCount,
    close: async () => {
      for (const bus of opened) await bus.close();
    },
  };
}
