import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import type { DeckyRow, DeckyState } from '../../../src/contract/decky-row.js';
import type { Order, OrderState, OrderVerb } from '../../../src/contract/order.js';
import { deployPaths } from '../../../src/deploy/deploy-paths.js';
import type { Terminal } from '../../../src/native/terminal.js';
import { startDeployBench, type DeployBench } from './deploy-bench.js';

const ROOT = join(import.meta.dirname, '../../..');
/** What the issue promises; an image's build and a loaded machine are not in it. */
export const WITHIN_A_MINUTE = { timeout: 60_000, interval: 500 };

export interface AgentBench extends DeployBench {
  /** What the agent said. */
  readonly said: () => string;
  /** A new agent, with these settings; the one before is killed. */
  startAgent(...settings: string[]): Promise<void>;
  order(verb: OrderVerb): Promise<string>;
  orderIs(id: string, state: OrderState): Promise<Order>;
  /** The row of `omega`, when it is in that state. */
  stateIs(state: DeckyState): Promise<DeckyRow>;
  /** root, by our own key: not one of our own logins, since nobody registered it. */
  login(): Terminal;
}

/** One deployed decky, `omega`, with ssh, and an agent beside it in the engine's network. */
export async function startAgentBench(): Promise<AgentBench> {
  const bench = await startDeployBench();
  let said = '';
  let stop: () => Promise<void> = () => Promise.resolve();
  async function close(): Promise<void> {
    await stop();
    await bench.close();
  }
  try {
    await bench.json('deploy', '--decky', 'omega', '--service', 'ssh', '--ssh-port', '2222', '--base-image', 'base');
  } catch (error) {
    await close();
    throw error;
  }
  const row = () => bench.store((store) => store.deckies.get('omega'));
  return {
    ...bench,
    close,
    said: () => said,
    async startAgent(...settings) {
      await stop();
      const tsx = ['--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs')];
      const config = ['--config', join(dirname(bench.stateDir), 'decnet.toml')];
      const set = ['bus_enabled=false', ...settings].flatMap((one) => ['--set', one]);
      const words = [process.execPath, ...tsx, join(ROOT, 'src/cli/main.ts'), ...config, ...set, 'worker', 'agent'];
      const [file = '', ...argv] = bench.dockerd.inNetwork(...words);
      const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const exited = once(child, 'exit');
      stop = async () => {
        child.kill('SIGKILL');
        await exited;
      };
    },
    async order(verb) {
      const id = randomUUID();
      const order = { id, decky: 'omega', verb, requested_by: 'test', requested_at: Date.now() };
      await bench.store((store) => store.orders.add(order));
      return id;
    },
    orderIs: (id, state) =>
      vi.waitFor(async () => {
        const order = await bench.store((store) => store.orders.get(id));
        if (order?.state !== state) throw new Error(`${String(order?.state)}: ${String(order?.reason)}\n${said}`);
        return order;
      }, WITHIN_A_MINUTE),
    stateIs: (state) =>
      vi.waitFor(async () => {
        const now = await row();
        if (now?.state !== state) throw new Error(`${String(now?.state)}: ${String(now?.reason)}\n${said}`);
        return now;
      }, WITHIN_A_MINUTE),
    login() {
      const { key } = deployPaths(bench.stateDir, bench.artifactsDir);
      const options = [
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'LogLevel=ERROR',
        `IdentityFile=${key}`,
      ];
      const words = [
        'ssh',
        '-F',
        '/dev/null',
        ...options.flatMap((one) => ['-o', one]),
        '-tt',
        '-p',
        '2222',
        '-l',
        'root',
      ];
      return bench.terminal([...words, '127.0.0.1']);
    },
  };
}
