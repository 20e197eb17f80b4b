import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSocket } from '../../../../src/workers/collector/sources/socket.js';
import { manualTime, placeOf, PLENTY, readUntil, readWhile, temporaryDir } from './support.js';

function socketSource(path = join(temporaryDir(), 'omega.sock')) {
  const time = manualTime();
  const source = openSocket(placeOf('socket', path), { ...time, group: 'root' });
  onTestFinished(() => source.close());
  return { path, source, time, served: () => readWhile(source, () => !existsSync(path)) };
}

async function sender(path: string): Promise<Socket> {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('each connection is a stream of its own, with lines or counted frames', async () => {
  const { path, source, served } = socketSource();
  await served();
  expect(statSync(path).mode & 0o777).toBe(0o660);
  const [lines, counted] = [await sender(path), await sender(path)];
  lines.write('<134>1 half ');
  counted.write('12 <134>1 a\nb c');
  lines.write('and half\n');
  const { texts } = await readUntil(source, ({ length }) => length === 2);
  expect(texts.toSorted()).toEqual(['<134>1 a\nb c', '<134>1 half and half']);
});

test('the end of a connection ends its line', async () => {
  const { path, source, served } = socketSource();
  await served();
  (await sender(path)).end('no LF');
  expect((await readUntil(source, ({ length }) => length === 1)).texts).toEqual(['no LF']);
});

test('connections that say nothing, or never finish a line, cost the others nothing; too many are turned away', async () => {
  const { path, source, served } = socketSource();
  await served();
  for (let n = 0; n < 63; n++) (await sender(path)).write('x'.repeat(n));
  const good = await sender(path);
  const away = await sender(path);
  await readWhile(source, () => !away.closed);
  good.write('good\n');
  expect((await readUntil(source, ({ length }) => length === 1)).texts).toEqual(['good']);
  expect(source.state().trouble).toMatch(/64 connections, and turned away 1/);
});

test('a sender that floods waits until it is read, and loses nothing', async () => {
  const { path, source, served } = socketSource();
  await served();
  const flood = await sender(path);
  const count = 20_000;
  for (let n = 0; n < count; n++) flood.write(`${n} ${'x'.repeat(1000)}\n`);
  await source.readable(new AbortController().signal);
  const { texts } = await readUntil(source, ({ length }) => length >= count);
  expect(texts.map((text) => Number(text.split(' ')[0]))).toEqual(Array.from({ length: count }, (_, n) => n));
});

test('a socket that nobody serves is taken over', async () => {
  const path = join(temporaryDir(), 'omega.sock');
  const dead = createServer();
  dead.listen(path);
  await once(dead, 'listening');
  // Left behind, as by a kill -9: a second name keeps the file when the server removes its own.
  const { linkSync, renameSync } = await import('node:fs');
  linkSync(path, `${path}.kept`);
  dead.close();
  await once(dead, 'close');
  renameSync(`${path}.kept`, path);
  const { source } = socketSource(path);
  const opened = readUntil(source, ({ length }) => length === 1);
  for (;;) {
    const socket = connect(path);
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    if (connected) {
      socket.end('one\n');
      break;
    }
  }
  expect((await opened).texts).toEqual(['one']);
});

test('one that is served, or is no socket, is left alone and said', async () => {
  const path = join(temporaryDir(), 'omega.sock');
  const other = createServer((socket) => socket.end());
  onTestFinished(() => void other.close());
  other.listen(path);
  await once(other, 'listening');
  const { source } = socketSource(path);
  await readWhile(source, () => source.state().trouble === null);
  expect(source.state().trouble).toMatch(/another program serves/);

  const file = join(temporaryDir(), 'omega.sock');
  writeFileSync(file, 'mine');
  const second = socketSource(file).source;
  await readWhile(second, () => second.state().trouble === null);
  expect(second.state().trouble).toMatch(/no socket/);
  expect(statSync(file).isFile()).toBe(true);
});

test('a socket that was cleaned away is made again, and is gone after the end', async () => {
  const { path, source, time, served } = socketSource();
  await served();
  await source.read(PLENTY);
  rmSync(path);
  time.pass(1001);
  await served();
  (await sender(path)).end('one\n');
  expect((await readUntil(source, ({ length }) => length === 1)).texts).toEqual(['one']);
  await source.close();
  expect(existsSync(path)).toBe(false);
});
