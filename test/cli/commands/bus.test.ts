import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.js';
import { until } from '../../bus/temporary-bus.js';
import { createFakeIo, type FakeIo } from '../fake-io.js';

let dir: string;
let socket: string;
const running: { io: FakeIo; done: Promise<number> }[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-cli-bus-'));
  socket = join(dir, '.decnet', 'bus.sock');
  writeFileSync(join(dir, 'decnet.toml'), '');
});
afterEach(async () => {
  for (const { io } of running) io.interrupt();
  await Promise.all(running.splice(0).map(({ done }) => done));
  rmSync(dir, { recursive: true, force: true });
});

/** Begins a command; `done` is its exit status. */
function start(words: readonly string[], env: Record<string, string> = {}): { io: FakeIo; done: Promise<number> } {
  const io = createFakeIo({ cwd: dir });
  const whole = { DECNET_CONFIG: join(dir, 'decnet.toml'), ...env };
  const begun = { io, done: run(words, Object.assign(Object.create(io) as FakeIo, { env: whole })) };
  running.push(begun);
  return begun;
}

async function startBus(...words: string[]) {
  const server = start(['bus', ...words]);
  await until(() => server.io.err.includes('listening'));
  return server;
}

async function startSub(...words: string[]) {
  const sub = start(['sub', ...words]);
  await until(() => sub.io.err.includes('subscribed'));
  return sub;
}

describe('decnet bus, pub and sub', () => {
  it('bring an event from one to the other on the configured socket', async () => {
    const server = await startBus();
    expect(server.io.err).toBe(`decnet: bus: listening on ${socket}\n`);
    expect(statSync(socket).mode & 0o777).toBe(0o660);
    const sub = await startSub('topology.>', '--json', '--count', '2');
    expect(await start(['pub', 'topology.7.status', '{"to":"active"}']).done).toBe(0);
    expect(await start(['pub', 'topology.7.mutation.applied', '--type', 'x']).done).toBe(0);
    expect(await sub.done).toBe(0);
    const events = sub.io.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(events).toMatchObject([
      { v: 1, topic: 'topology.7.status', type: 'status', payload: { to: 'active' } },
      { v: 1, topic: 'topology.7.mutation.applied', type: 'x', payload: {} },
    ]);
    server.io.interrupt();
    expect(await server.done).toBe(0);
    expect(() => statSync(socket)).toThrow('ENOENT');
  });

  it('show on a terminal nothing that an event holds as it is', async () => {
    await startBus('--socket', 'other.sock');
    const sub = await startSub('a', '--count', '1', '--socket', 'other.sock');
    const evil = '\u001b]0;owned\u0007\u202e';
    expect(await start(['pub', 'a', JSON.stringify({ evil }), '--type', evil, '--socket', 'other.sock']).done).toBe(0);
    expect(await sub.done).toBe(0);
    expect(sub.io.out).not.toMatch(/[^\P{C}\n]/u);
    expect(sub.io.out).toContain('  a  \\u001b]0;owned\\u0007\\u202e  {"evil":"\\u001b]0;');
  });

  it('let us control workers where the kernel says that we are root, and only then', async () => {
    const server = await startBus();
    const sub = await startSub('>', '--json', '--count', '1');
    expect(await start(['pub', 'system.prober.control', '--type', 'stop']).done).toBe(0);
    expect(await start(['pub', 'fence']).done).toBe(0);
    await sub.done;
    const isRoot = process.getuid?.() === 0;
    expect(JSON.parse(sub.io.out)).toMatchObject({ topic: isRoot ? 'system.prober.control' : 'fence' });
    expect(server.io.err.includes(`pid ${process.pid}, uid ${process.getuid?.()}) refused`)).toBe(!isRoot);
  });

  it('say in one line why they cannot', async () => {
    const failed = async (words: string[], env = {}) => {
      const { io, done } = start(words, env);
      return { status: await done, err: io.err };
    };
    expect(await failed(['pub', 'a'])).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^decnet: cannot publish "a": no bus at .*ENOENT.* \(E_BUS_DOWN\)\n$/) as string,
    });
    expect(await failed(['sub', 'a'])).toMatchObject({
      status: 1,
      err: expect.stringMatching(
        /^decnet: cannot subscribe: no bus at .* \(E_BUS_DOWN\)\n {2}next: decnet bus\n$/,
      ) as string,
    });
    await startBus();
    expect(await failed(['bus'])).toMatchObject({
      status: 1,
      err: expect.stringMatching(/\(E_BUS_IN_USE\)\n {2}next: .*\n$/) as string,
    });
    expect(await failed(['pub', 'a.*'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('E_BUS_TOPIC') as string,
    });
    expect(await failed(['sub', 'a..b'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('E_BUS_TOPIC') as string,
    });
    expect(await failed(['pub', 'a', '[1]'])).toMatchObject({
      status: 2,
      err: expect.stringContaining('E_USAGE') as string,
    });
    expect(await failed(['sub', 'a', '--count', '0'])).toMatchObject({ status: 2 });
    const off = { DECNET_BUS_ENABLED: 'false' };
    expect(await failed(['pub', 'a'], off)).toMatchObject({
      status: 1,
      err: expect.stringContaining('bus_enabled') as string,
    });
  });

  it('end when they are interrupted', async () => {
    await startBus();
    const sub = await startSub('a');
    sub.io.interrupt();
    expect(await sub.done).toBe(0);
  });
});
