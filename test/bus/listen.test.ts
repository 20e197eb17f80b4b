import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTemporaryBus, type TemporaryBus } from './temporary-bus.js';

let bus: TemporaryBus;
beforeEach(() => {
  bus = createTemporaryBus();
});
afterEach(() => bus.close());

const modeOf = (path: string) => lstatSync(path).mode & 0o777;

/** A socket whose server died without a word. */
function leaveStaleSocket(path: string): void {
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script, path]);
  expect(lstatSync(path).isSocket()).toBe(true);
}

describe('the socket of the bus', () => {
  it('has mode 0660 whatever the umask, and leaves nothing else behind', async () => {
    for (const umask of [0o000, 0o077]) {
      const before = process.umask(umask);
      try {
        const server = await bus.start();
        expect(modeOf(bus.socketPath)).toBe(0o660);
        expect(readdirSync(bus.directory)).toEqual(['bus.sock']);
        await server.close();
      } finally {
        process.umask(before);
      }
      expect(readdirSync(bus.directory)).toEqual([]);
    }
  });

  it('makes its directory where that is missing, closed to the world', async () => {
    const socketPath = join(bus.directory, 'run', 'decnet', 'bus.sock');
    await bus.start({ socketPath });
    expect(modeOf(socketPath)).toBe(0o660);
    expect(modeOf(join(bus.directory, 'run', 'decnet')) & 0o007).toBe(0);
  });

  it('is never taken from a server that answers', async () => {
    await bus.start();
    const { ino } = lstatSync(bus.socketPath);
    await expect(bus.start()).rejects.toMatchObject({ code: 'E_BUS_IN_USE' });
    expect(lstatSync(bus.socketPath).ino).toBe(ino);
    expect(readdirSync(bus.directory)).toEqual(['bus.sock']);
    const client = await bus.raw();
    client.say('HELLO x acks');
    expect(await client.hear()).toEqual({ header: 'OK HELLO x acks', body: '' });
  });

  it('is not taken from a server that is too busy to answer', async () => {
    const busy = createServer();
    busy.listen({ path: bus.socketPath, backlog: 1 });
    await once(busy, 'listening');
    // The kernel takes connections up for it, and then no more.
    const held = Array.from({ length: 8 }, () => connect(bus.socketPath).on('error', () => undefined));
    await expect(bus.start()).rejects.toMatchObject({ code: 'E_BUS_IN_USE' });
    for (const socket of held) socket.destroy();
    busy.close();
  });

  it('is taken over from a server that died', async () => {
    leaveStaleSocket(bus.socketPath);
    await bus.start();
    expect(modeOf(bus.socketPath)).toBe(0o660);
    const a = bus.client('a');
    expect(await a.subscribe('x').ready).toBe(true);
    expect(readdirSync(bus.directory)).toEqual(['bus.sock']);
  });

  it('is had by exactly one of many servers that start at once, on a stale socket or on none', async () => {
    for (const isStale of [true, false]) {
      if (isStale) leaveStaleSocket(bus.socketPath);
      const results = await Promise.allSettled(Array.from({ length: 12 }, () => bus.start()));
      const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(servers).toHaveLength(1);
      expect(await bus.client('a').subscribe('x').ready).toBe(true);
      await servers[0]?.close();
      expect(readdirSync(bus.directory)).toEqual([]);
    }
  });

  it.each(['a file', 'a directory', 'a link to a file'])('never touches %s that stands in its place', async (what) => {
    const target = join(bus.directory, 'precious');
    writeFileSync(target, 'keep');
    if (what === 'a file') writeFileSync(bus.socketPath, 'keep');
    else if (what === 'a directory') mkdirSync(bus.socketPath);
    else symlinkSync(target, bus.socketPath);
    await expect(bus.start()).rejects.toMatchObject({
      code: 'E_BUS_SOCKET',
      message: expect.stringContaining('no socket') as string,
    });
    expect(existsSync(bus.socketPath)).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('keep');
  });

  it('is left alone at the end when another server has made itself at home there', async () => {
    const first = await bus.start();
    rmSync(bus.socketPath);
    await bus.start();
    const { ino } = lstatSync(bus.socketPath);
    await first.close();
    expect(lstatSync(bus.socketPath).ino).toBe(ino);
  });

  it('says why where it cannot be made', async () => {
    const long = join(bus.directory, 'x'.repeat(120));
    await expect(bus.start({ socketPath: long })).rejects.toMatchObject({ code: 'E_BUS_SOCKET' });
    writeFileSync(join(bus.directory, 'file'), '');
    await expect(bus.start({ socketPath: join(bus.directory, 'file', 'bus.sock') })).rejects.toMatchObject({
      code: 'E_BUS_SOCKET',
    });
  });

  it('is for a group where there is one, and says so where a wanted one is missing', async () => {
    const own = process.getgid?.() ?? 0;
    await bus.start({ group: String(own) });
    expect(lstatSync(bus.socketPath).gid).toBe(own);
    expect(bus.serverLog).toEqual([]);
    await bus.start({ socketPath: join(bus.directory, 'other'), group: 'no-such-group' });
    expect(bus.serverLog).toEqual(['there is no group named no-such-group']);
  });
});
