import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { getBus } from '../../src/bus/get-bus.js';
import { PAYLOAD, type Contender } from './contender.js';

/** `decnet bus` in a process of its own, and our client. */
export async function startOurBus(): Promise<Contender> {
  const directory = mkdtempSync(join(tmpdir(), 'decnet-bench-bus-'));
  const socket = join(directory, 'bus.sock');
  const words = ['--import', 'tsx', 'src/cli/main.ts', 'bus', '--socket', socket];
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface(server.stderr)) if (line.includes('listening')) break;
  const log = ({ message }: { message: string }): void => {
    process.stderr.write(`decnet: ${message}\n`);
  };
  return {
    name: 'decnet',
    async open(subscribers, onEvent) {
      const readers = Array.from({ length: subscribers }, (_, at) =>
        getBus({ address: socket, name: `sub-${at}`, log }),
      );
      const publisher = getBus({ address: socket, name: 'pub', log });
      const subscriptions = readers.map((bus) => bus.subscribe('bench.>'));
      for (const { ready } of subscriptions) if (!(await ready)) throw new Error('our bus is not there');
      const reading = subscriptions.map(async (subscription, at) => {
        for await (const { kind } of subscription) if (kind === 'event') onEvent(at);
      });
      return {
        publish: () => void publisher.publishSafely('bench.a', { type: 'bench', payload: PAYLOAD }),
        async close() {
          await Promise.all([publisher, ...readers].map((bus) => bus.close()));
          await Promise.all(reading);
        },
      };
    },
    async close() {
      server.kill();
      await once(server, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
