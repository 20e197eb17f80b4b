import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../src/cli/run.js';
import { openStore } from '../../../src/store/open.js';
import { until } from '../../bus/temporary-bus.js';
import { createFakeIo, type FakeIo } from '../fake-io.js';

let dir: string;
const running: { io: FakeIo; done: Promise<number> }[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-cli-worker-'));
  mkdirSync(join(dir, '.decnet'));
  writeFileSync(join(dir, 'decnet.toml'), 'bus_enabled = false\nheartbeat_s = 30\n');
});
afterEach(async () => {
  for (const { io } of running) io.interrupt();
  await Promise.all(running.splice(0).map(({ done }) => done));
  rmSync(dir, { recursive: true, force: true });
});

/** Begins a command; `done` is its exit status. */
function start(words: readonly string[], env: Record<string, string> = {}, nowMs = Date.now()) {
  const whole = { DECNET_CONFIG: join(dir, 'decnet.toml'), ...env };
  const io = createFakeIo({ cwd: dir, env: whole, nowMs, columns: 200 });
  const begun = { io, done: run(words, io) };
  running.push(begun);
  return begun;
}

const store = () => openStore({ path: join(dir, '.decnet', 'decnet.db') });

describe('decnet worker', () => {
  it('runs one until it is told to end, and keeps a second one from running', async () => {
    const first = start(['worker', 'prober']);
    await until(() => first.io.err.includes('nothing configured'));
    expect(readFileSync(join(dir, '.decnet', 'run', 'prober.lock'), 'utf8')).toBe(`${process.pid}\n`);
    const second = start(['worker', 'prober']);
    expect(await second.done).toBe(100);
    expect(second.io.err).toBe(`decnet: prober is already running (pid ${process.pid}) (E_WORKER_RUNNING)\n`);
    const another = start(['worker', 'sniffer', '--once']);
    expect(await another.done).toBe(100);
    expect(another.io.err).toContain('decnet: sniffer: nothing configured (E_NOT_CONFIGURED)\n');
    first.io.interrupt();
    expect(await first.done).toBe(0);
    const opened = await store();
    expect(await opened.workerHealth.get('prober')).toMatchObject({ state: 'stopped', host: 'Analyst.example' });
    await opened.close();
  });

  it('leaves with 111 when something is thrown that nobody waits for', async () => {
    const worker = start(['worker', 'prober']);
    await until(() => worker.io.err.includes('nothing configured'));
    worker.io.stray(new TypeError('x is not a function'));
    expect(await worker.done).toBe(111);
    expect(worker.io.err).toMatch(/decnet: nobody waited for this: a bug: TypeError: x is not a function, at .*\n$/);
  });

  it('does so as a process, too: it drains, where Node alone would die at once', async () => {
    const stray = 'process.once("SIGUSR2", () => Promise.reject(new Error("nobody waits")))';
    const main = join(import.meta.dirname, '../../../src/cli/main.ts');
    const words = ['--import', 'tsx', '--import', `data:text/javascript,${encodeURIComponent(stray)}`, main];
    const child = spawn(process.execPath, [...words, '--state-dir', dir, 'worker', 'prober'], {
      env: { ...process.env, DECNET_CONFIG: join(dir, 'decnet.toml') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!err.includes('nothing configured') && (err + text).includes('nothing configured')) child.kill('SIGUSR2');
      err += text;
    });
    const [status] = (await once(child, 'close')) as [number | null];
    expect({ status, err }).toMatchObject({ status: 111 });
    expect(err).toContain('nobody waited for this: a bug: Error: nobody waits');
    const opened = await openStore({ path: join(dir, 'decnet.db') });
    expect(await opened.workerHealth.get('prober')).toMatchObject({ state: 'failed', pid: child.pid });
    await opened.close();
  }, 30_000);

  it('leaves with 100 for settings that cannot be used', async () => {
    const worker = start(['worker', 'prober', '--once'], { DECNET_HEARTBEAT_S: 'often' });
    expect(await worker.done).toBe(100);
    expect(worker.io.err).toMatch(/^decnet: heartbeat_s: .* \(E_CONFIG\)\n$/);
  });

  it.each([
    [
      'correlator',
      /correlator has no process of its own: profiler does its work \(E_USAGE\)\n {2}next: decnet worker profiler/,
    ],
    ['bouncer', /there is no worker named "bouncer" \(E_USAGE\)\n {2}next: decnet workers/],
  ])('says of %s what is wrong with it', async (name, message) => {
    const worker = start(['worker', name]);
    expect(await worker.done).toBe(2);
    expect(worker.io.err).toMatch(message);
  });

  it('tells the service manager when it is ready, that it lives, and that it ends', async () => {
    const path = join(dir, 'notify');
    const script = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('bound', flush=True)
while True: print(s.recv(65536).decode(), flush=True)`;
    const receiver = spawn('python3', ['-c', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void receiver.kill('SIGKILL'));
    const told: string[] = [];
    createInterface(receiver.stdout).on('line', (line) => told.push(line));
    await until(() => told.includes('bound'));
    const watched = { WATCHDOG_USEC: '20000', WATCHDOG_PID: String(process.pid) };
    const worker = start(['worker', 'prober'], { NOTIFY_SOCKET: path, ...watched });
    await until(() => told.includes('READY=1') && told.includes('WATCHDOG=1'));
    worker.io.interrupt();
    expect(await worker.done).toBe(0);
    await until(() => told.includes('STOPPING=1'));
    expect(told.slice(0, 3)).toEqual(['bound', 'STATUS=starting, 0 rounds', 'STATUS=unconfigured, 0 rounds']);
  });
});
