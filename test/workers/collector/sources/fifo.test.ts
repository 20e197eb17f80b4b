import { execFileSync } from 'node:child_process';
import { constants, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFifo } from '../../../../src/workers/collector/sources/fifo.js';
import { manualTime, placeOf, readUntil, readWhile, temporaryDir } from './support.js';

function fifo() {
  const path = join(temporaryDir(), 'omega.fifo');
  execFileSync('mkfifo', [path]);
  const time = manualTime();
  const source = openFifo(placeOf('fifo', path), time);
  onTestFinished(() => source.close());
  return { path, source, time };
}

/** A writer that, like any, waits for a reader; the reader opens at its first read. */
async function writer(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_WRONLY);
  onTestFinished(() => file.close().catch(() => undefined));
  return file;
}

test('lines come as they are written, and ring', async () => {
  const { path, source } = fifo();
  await source.read({ maxLines: 1, maxBytes: 1 });
  const end = await writer(path);
  const rung = source.readable(new AbortController().signal);
  await end.write('one\ntw');
  await rung;
  await end.write('o\n');
  const { texts, lines, position } = await readUntil(source, ({ length }) => length === 2);
  expect(texts).toEqual(['one', 'two']);
  expect(new Set(lines.map(({ eventKey }) => eventKey)).size).toBe(2);
  expect(position).toMatchObject({ taken: 2 });
});

test('what a writer leaves without LF is a line, and the next writer begins a new one', async () => {
  const { path, source } = fifo();
  await source.read({ maxLines: 1, maxBytes: 1 });
  const first = await writer(path);
  await first.write('one\nhalf');
  await first.close();
  expect((await readUntil(source, ({ length }) => length === 2)).texts).toEqual(['one', 'half']);
  const second = await writer(path);
  await second.write('three\n');
  expect((await readUntil(source, ({ length }) => length === 1)).texts).toEqual(['three']);
});

test('writers that come and go lose nothing', async () => {
  const { path, source } = fifo();
  await source.read({ maxLines: 1, maxBytes: 1 });
  const wanted = Array.from({ length: 200 }, (_, n) => `line ${n}`);
  const written = (async () => {
    for (const text of wanted) {
      const end = await writer(path);
      await end.write(`${text}\n`);
      await end.close();
    }
  })();
  const { texts } = await readUntil(source, ({ length }) => length >= wanted.length);
  await written;
  expect(texts).toEqual(wanted);
});

test('a writer is held up when nobody reads: what is kept in between is bounded', async () => {
  const { path, source } = fifo();
  await source.read({ maxLines: 1, maxBytes: 1 });
  const end = await writer(path);
  let written = 0;
  const total = 32 * 1024 * 1024;
  const piece = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(32));
  const flood = (async () => {
    while (written < total) written += (await end.write(piece)).bytesWritten;
  })();
  // It has come to rest when nothing more gets through in as many turns as would do for all of it.
  for (let before = -1; before !== written;) {
    before = written;
    await readWhile(quiet(source), turns(200));
  }
  expect(written).toBeLessThan(4 * 1024 * 1024);
  const { lines } = await readUntil(source, ({ length }) => length >= total / 1024);
  await flood;
  expect(lines).toHaveLength(total / 1024);
});

test('a FIFO in its place is taken up, and the old one is read out', async () => {
  const { path, source, time } = fifo();
  await source.read({ maxLines: 1, maxBytes: 1 });
  const before = await writer(path);
  await before.write('old\n');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  time.pass(1001);
  const opened = writer(path);
  const old = await readUntil(source, ({ length }) => length === 1);
  const after = await opened;
  await before.write('old too\n');
  await after.write('new\n');
  const both = await readUntil(source, ({ length }) => length === 2);
  expect(old.texts).toEqual(['old']);
  expect(both.texts.toSorted()).toEqual(['new', 'old too']);
});

test('what is no FIFO is said, and left alone', async () => {
  const path = join(temporaryDir(), 'omega.fifo');
  writeFileSync(path, 'one\n');
  const source = openFifo(placeOf('fifo', path), manualTime());
  await source.read({ maxLines: 1, maxBytes: 1 });
  expect(source.state().trouble).toMatch(/it is no FIFO/);
  await source.close();
});

/** So many times true. */
function turns(count: number): () => boolean {
  let left = count;
  return () => left-- > 0;
}

/** A reader that looks and takes nothing, but lets the loop turn. */
function quiet(source: ReturnType<typeof openFifo>): typeof source {
  return {
    ...source,
    read: () => Promise.resolve(undefined),
    readable: () => new Promise((done) => setImmediate(done)),
  };
}
