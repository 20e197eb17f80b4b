import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBusServer, type BusServer } from '../../src/bus/server.js';
import { loadAddon } from '../../src/native/load-addon.js';
import { describeGroup } from './groups.js';
import { runProgram } from './support/run-program.js';

describeGroup('bash', 'the bus as processes', () => {
  test.each(['scripts/bus/smoke.sh', 'scripts/bus/smoke-mutator.sh'])(
    '%s passes',
    async (script) => {
      const { status, stderr } = await runProgram(['bash', script], { timeoutMs: 120_000 });
      expect({ status, last: stderr.toString().trim().split('\n').at(-1) }).toMatchObject({
        status: 0,
        last: expect.stringMatching(/: ok$/) as string,
      });
    },
    120_000,
  );
});

describeGroup('uid', 'the bus and another uid', () => {
  let dir: string;
  let server: BusServer;
  const log: string[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'decnet-e2e-bus-'));
    chmodSync(dir, 0o755);
    log.length = 0;
  });
  afterEach(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** As uid 1000 of group `gid`, with no code of ours: orders a worker about, and rings an ordinary topic. */
  const tryAs1000 = (path: string, gid: number) =>
    runProgram([
      ...['setpriv', '--reuid', '1000', '--regid', String(gid), '--clear-groups', process.execPath, '-e'],
      `const frame = (header) => header + '\\n\\0\\0\\0\\0';
       const socket = require('net').connect(${JSON.stringify(path)});
       socket.on('error', (error) => { process.stdout.write(error.code); process.exit(1); });
       socket.on('close', () => process.stdout.write('served'));
       socket.resume().end(frame('HELLO op') + frame('PUB system.prober.control') + frame('PUB a') + frame('BYE'));`,
    ]);

  async function serve(controlUids: number[]): Promise<string> {
    const socketPath = join(dir, 'bus.sock');
    const peerOf = (fd: number) => loadAddon().peerCred(fd);
    server = await createBusServer({
      socketPath,
      group: '1000',
      controlUids,
      peerOf,
      log: ({ message }) => log.push(message),
    });
    return socketPath;
  }

  test('only the group may connect, and of it only a configured uid may control workers', async () => {
    const path = await serve([]);
    expect((await tryAs1000(path, 1001)).stdout.toString()).toBe('EACCES');
    expect((await tryAs1000(path, 1000)).stdout.toString()).toBe('served');
    expect(server.health()).toMatchObject({ published: 1, refused: 1 });
    expect(log).toEqual([
      expect.stringMatching(/^PUB of op \(pid \d+, uid 1000\) refused: not let to system\.prober\.control$/),
    ]);
    await server.close();
    expect((await tryAs1000(await serve([1000]), 1000)).stdout.toString()).toBe('served');
    expect(server.health()).toMatchObject({ published: 2, refused: 0 });
  });
});
