import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { NativeRelay, NativeRelayOptions } from '../../src/native/addon-types.js';
import { loadAddon } from '../../src/native/load-addon.js';
import { PACKAGE_ROOT } from '../../src/native/package-root.js';
import { TerminalOutput } from '../../src/native/terminal-output.js';
import { createTerminalStream, type TerminalStream } from '../../src/native/terminal-stream.js';
import { digestBeforeEnd, nativeError, ourDescriptors, shardLines, streamBytes, temporaryFolder } from './support.js';

const addon = loadAddon();

interface Relayed {
  readonly relay: NativeRelay;
  readonly dir: string;
  /** The client's own ends. */
  readonly typed: TerminalStream;
  readonly seen: TerminalOutput;
  /** Gives back all that the test itself holds. */
  readonly release: () => void;
}

/** `sh -c script` on an inner pty, relayed to a client on two pipes. */
function relayShell(script: string, more: Partial<NativeRelayOptions> = {}): Relayed {
  const dir = temporaryFolder();
  const pty = addon.openPty({ cols: 80, rows: 24 });
  const { pid } = addon.spawn({
    file: '/bin/sh',
    argv: ['sh', '-c', script],
    env: [`PATH=${process.env['PATH'] ?? ''}`],
    stdio: [pty.slave, pty.slave, pty.slave],
    newSession: true,
    ctty: true,
    leaveUnreaped: true,
  });
  const [input, output] = [addon.openPipe(), addon.openPipe()];
  const relay = addon.relay({
    clientIn: input.read,
    clientOut: output.write,
    shellIn: pty.master,
    shellOut: pty.master,
    pty: true,
    child: pid,
    transcriptsDir: dir,
    service: 'ssh',
    user: 'root',
    minFreeBytes: 0,
    ...more,
  });
  const seen = new TerminalOutput();
  const typed = createTerminalStream({ addon, fd: input.write, reads: false });
  const shown = createTerminalStream({ addon, fd: output.read, reads: true, onBytes: (bytes) => seen.push(bytes) });
  const release = (): void => {
    shown.drain();
    typed.close();
    shown.close();
    for (const fd of [input.read, output.write, pty.slave]) addon.closeFd(fd);
  };
  return { relay, dir, typed, seen, release };
}

test('a session relayed in this process is recorded as the client saw it', async () => {
  const before = ourDescriptors();
  const { relay, dir, typed, seen, release } = relayShell(
    'stty -echo; echo ready; read x; stty echo; echo "got $x"; exit 7',
  );
  await seen.waitFor('ready', 5000);
  typed.write(Buffer.from('secret\r'));
  await seen.waitFor('got secret', 5000);
  const result = await relay.done;
  release();
  const lines = shardLines(dir);
  expect(result).toMatchObject({ reason: 'exit', status: 7, signal: null, bytesIn: 7, undelivered: 0 });
  expect(result.bytesOut).toBe(seen.bytes().length);
  expect(streamBytes(lines, 'o')).toEqual(seen.bytes());
  expect(streamBytes(lines, 'i').toString()).toBe('secret\r');
  expect(lines.find(({ line }) => line.ch === 'i')?.line).toMatchObject({ sid: relay.sid, noecho: true });
  expect(lines.at(-1)?.line.end).toMatchObject({ reason: 'exit', status: 7, sha256: digestBeforeEnd(lines) });
  expect(result.anchor).toMatchObject({ lines: lines.length - 1, sha256: digestBeforeEnd(lines) });
  expect(ourDescriptors()).toEqual(before);
});

test('stop ends the session as terminated, with its end line', async () => {
  const { relay, dir, seen, release } = relayShell('echo ready; while :; do read x; done');
  await seen.waitFor('ready', 5000);
  relay.stop();
  relay.stop();
  expect(await relay.done).toMatchObject({ reason: 'terminated', signal: 'SIGHUP' });
  relay.stop();
  relay.resized();
  release();
  expect(shardLines(dir).at(-1)?.line.end).toMatchObject({ reason: 'terminated', signal: 'HUP' });
});

test('the end of the client is a hangup', async () => {
  const { relay, typed, seen, release } = relayShell('echo ready; while :; do read x; done');
  await seen.waitFor('ready', 5000);
  typed.finish();
  expect(await relay.done).toMatchObject({ reason: 'hangup' });
  release();
});

test("the client's new size is passed on and recorded", async () => {
  const outer = addon.openPty({ cols: 80, rows: 24 });
  const script = 'stty -echo; trap "stty size" WINCH; echo ready; while :; do read x; done';
  const { relay, dir, seen, release } = relayShell(script, { clientIn: outer.slave });
  await seen.waitFor('ready', 5000);
  addon.setSize(outer.master, 101, 33);
  relay.resized();
  await seen.waitFor('33 101', 5000);
  relay.stop();
  await relay.done;
  release();
  addon.closeFd(outer.master);
  addon.closeFd(outer.slave);
  expect(shardLines(dir).filter(({ line }) => line.ch === 'r')).toMatchObject([{ line: { d: '101x33' } }]);
});

test('three pipes are relayed without a pty, stderr apart', async () => {
  const dir = temporaryFolder();
  const pipes = Array.from({ length: 6 }, () => addon.openPipe());
  const [clientIn, clientOut, clientErr, shellIn, shellOut, shellErr] = pipes as [Pipe, Pipe, Pipe, Pipe, Pipe, Pipe];
  const child = addon.spawn({
    file: '/bin/sh',
    argv: ['sh', '-c', 'cat; echo wrong >&2'],
    env: [],
    stdio: [shellIn.read, shellOut.write, shellErr.write],
  });
  for (const fd of [shellIn.read, shellOut.write, shellErr.write]) addon.closeFd(fd);
  const relay = addon.relay({
    clientIn: clientIn.read,
    clientOut: clientOut.write,
    clientErr: clientErr.write,
    shellIn: shellIn.write,
    shellOut: shellOut.read,
    shellErr: shellErr.read,
    pty: false,
    transcriptsDir: dir,
    service: 'ssh',
    user: 'root',
    minFreeBytes: 0,
  });
  const typed = createTerminalStream({ addon, fd: clientIn.write, reads: false });
  typed.write(Buffer.from('bytes'));
  typed.finish();
  const result = await relay.done;
  expect(result).toMatchObject({ reason: 'exit', status: null, bytesIn: 5, bytesOut: 11 });
  expect(await child.exited).toEqual({ status: 0, signal: null });
  for (const fd of [clientIn.read, clientOut.read, clientOut.write, clientErr.read, clientErr.write]) addon.closeFd(fd);
  const lines = shardLines(dir);
  expect([streamBytes(lines, 'i'), streamBytes(lines, 'o'), streamBytes(lines, 'e')].map(String)).toEqual([
    'bytes',
    'bytes',
    'wrong\n',
  ]);
});

interface Pipe {
  readonly read: number;
  readonly write: number;
}

test('a relay that cannot start leaves the descriptors to their owner', () => {
  const before = ourDescriptors();
  const pipe = addon.openPipe();
  const options: NativeRelayOptions = {
    clientIn: pipe.read,
    clientOut: pipe.write,
    shellIn: pipe.read,
    shellOut: pipe.read,
    pty: true,
    transcriptsDir: '/nonexistent',
    service: 'ssh',
    user: 'root',
  };
  expect(nativeError(() => addon.relay(options))).toMatchObject({ code: 'ENOENT', errno: -2, syscall: 'open' });
  expect(nativeError(() => addon.relay({ ...options, shellIn: 1_000_000 }))).toMatchObject({
    code: 'EINVAL',
    syscall: 'relay',
  });
  expect(nativeError(() => addon.relay({ ...options, clientOut: 1_000_000 }))).toMatchObject({ code: 'EINVAL' });
  addon.closeFd(pipe.read);
  addon.closeFd(pipe.write);
  expect(ourDescriptors()).toEqual(before);
});

test('a worker thread that dies ends its sessions properly', () => {
  const dir = temporaryFolder();
  const worker = `
    const a = require('node-gyp-build')(process.cwd());
    const pty = a.openPty(), input = a.openPipe(), output = a.openPipe();
    a.relay({ clientIn: input.read, clientOut: output.write, shellIn: pty.master, shellOut: pty.master, pty: true,
              transcriptsDir: ${JSON.stringify(dir)}, service: 'ssh', user: 'root', minFreeBytes: 0 });
    process.exit(0);`;
  execFileSync(
    process.execPath,
    ['-e', `new (require('node:worker_threads').Worker)(${JSON.stringify(worker)}, { eval: true })`],
    {
      cwd: PACKAGE_ROOT,
      timeout: 5000,
      stdio: 'pipe',
    },
  );
  expect(shardLines(dir).at(-1)?.line.end).toMatchObject({ reason: 'terminated', status: null });
});
