import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SourcePosition } from '../../../../src/contract/spool-batch.js';
import { openFile } from '../../../../src/workers/collector/sources/file.js';
import { manualTime, PLENTY, placeOf, readAll, temporaryDir } from './support.js';

function follow(
  path: string,
  { position, untrusted = false }: { position?: SourcePosition; untrusted?: boolean } = {},
) {
  const time = manualTime();
  const source = openFile(placeOf('file', path, untrusted), { position, now: time.now });
  onTestFinished(() => source.close());
  return { source, time };
}

function logFile(text = ''): string {
  const path = join(temporaryDir(), 'omega.log');
  writeFileSync(path, text);
  return path;
}

describe('a file that grows', () => {
  test('is read from its beginning, and on when it grows; what has no LF yet waits', async () => {
    const path = logFile('one\ntwo\nthr');
    const { source } = follow(path);
    expect((await readAll(source)).texts).toEqual(['one', 'two']);
    appendFileSync(path, 'ee\n');
    const more = await readAll(source);
    expect(more.texts).toEqual(['three']);
    expect(more.lines[0]?.bytes).toBe(6);
  });

  test('says how much of it waits, before its end is reached too', async () => {
    const path = logFile('0123456789\n'.repeat(20_000));
    const { source } = follow(path);
    await source.read({ maxLines: 10, maxBytes: 1e6 });
    expect(source.state().behindBytes).toBe(11 * 19_990);
    appendFileSync(path, '0123456789\n');
    await source.read({ maxLines: 10, maxBytes: 1e6 });
    expect(source.state().behindBytes).toBe(11 * 19_981);
    await readAll(source);
    expect(source.state().behindBytes).toBe(0);
  });

  test('rings when it is written to', async () => {
    const path = logFile('one\n');
    const { source } = follow(path);
    await readAll(source);
    const rung = source.readable(new AbortController().signal);
    appendFileSync(path, 'two\n');
    await rung;
    expect((await readAll(source)).texts).toEqual(['two']);
  });

  test('goes on behind the last line that was handed out, with the same ids however it is read', async () => {
    const path = logFile(Array.from({ length: 500 }, (_, n) => `line ${n} ${'x'.repeat(n % 50)}\n`).join(''));
    const whole = await readAll(follow(path).source);
    const parts: (typeof whole.lines)[number][] = [];
    let position: SourcePosition | undefined;
    for (;;) {
      const { source } = follow(path, position === undefined ? {} : { position });
      const batch = await source.read({ maxLines: 37, maxBytes: 700 });
      await source.close();
      if (batch === undefined) break;
      parts.push(...batch.lines);
      ({ position } = batch);
    }
    expect(parts.map(({ eventKey }) => eventKey)).toEqual(whole.lines.map(({ eventKey }) => eventKey));
    expect(new Set(parts.map(({ eventKey }) => eventKey)).size).toBe(500);
  });

  test('of a line without end keeps 64 KiB, goes on behind it, and does so after a restart too', async () => {
    const path = logFile('x'.repeat(200_000));
    const { source } = follow(path);
    const first = await readAll(source);
    expect(first.texts.map((text) => text.length)).toEqual([65_536]);
    appendFileSync(path, `${'x'.repeat(100_000)}\nnext\n`);
    expect((await readAll(source)).texts).toEqual(['next']);
    expect((await readAll(follow(path, { position: first.position! }).source)).texts).toEqual(['next']);
  });

  test('passes over a hole of NULs without stopping, in bounded reads', async () => {
    const path = logFile('one\n');
    truncateSync(path, 40 * 1024 * 1024);
    appendFileSync(path, 'two\n');
    const { source } = follow(path);
    let reads = 0;
    const texts: string[] = [];
    for (let batch = await source.read(PLENTY); batch !== undefined; batch = await source.read(PLENTY), reads++) {
      texts.push(...batch.lines.map(({ text }) => text));
    }
    expect(texts).toEqual(['one', 'two']);
    expect(reads).toBeGreaterThan(5);
  });
});

describe('rotation', () => {
  test('the old file is read to its end first, and its last line without LF is one', async () => {
    const path = logFile('one\n');
    const { source, time } = follow(path);
    await readAll(source);
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'two\nlast');
    writeFileSync(path, 'new\n');
    expect((await readAll(source)).texts).toEqual(['two']);
    time.pass(1999);
    appendFileSync(`${path}.1`, ' words\nthe end');
    expect((await readAll(source)).texts).toEqual(['last words']);
    time.pass(2001);
    expect((await readAll(source)).texts).toEqual(['the end', 'new']);
  });

  test('while nobody read: the old file is found again by what it is', async () => {
    const path = logFile('one\n');
    const { position } = await readAll(follow(path).source);
    appendFileSync(path, 'two\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'new\n');
    const { source, time } = follow(path, { position: position! });
    const before = await readAll(source);
    time.pass(2001);
    expect([...before.texts, ...(await readAll(source)).texts]).toEqual(['two', 'new']);
  });

  test('a copied and truncated file is read from its beginning, even if it has grown beyond what was read', async () => {
    const path = logFile('one\n');
    const { source } = follow(path);
    const { lines } = await readAll(source);
    truncateSync(path, 0);
    appendFileSync(path, 'two and more than before\n');
    const again = await readAll(source);
    expect(again.texts).toEqual(['two and more than before']);
    expect(again.lines[0]?.eventKey).not.toBe(lines[0]?.eventKey);
  });

  test('written anew while nobody read: from its beginning', async () => {
    const path = logFile('one\n');
    const { position } = await readAll(follow(path).source);
    truncateSync(path, 0);
    appendFileSync(path, 'another\n');
    expect((await readAll(follow(path, { position: position! }).source)).texts).toEqual(['another']);
  });

  test('a line in the place of another has another id, even under the same head', async () => {
    const head = `${'h'.repeat(5000)}\n`;
    const path = logFile(`${head}one\n`);
    const { source } = follow(path);
    const { lines } = await readAll(source);
    truncateSync(path, head.length);
    await readAll(source);
    appendFileSync(path, 'two\n');
    const again = (await readAll(source)).lines;
    expect(again.at(-1)?.text).toBe('two');
    expect(again.at(-1)?.eventKey).not.toBe(lines.at(-1)?.eventKey);
  });
});

describe('what is no file to be read', () => {
  test('one that is not there is said, and read when it comes', async () => {
    const path = join(temporaryDir(), 'omega.log');
    const { source, time } = follow(path);
    await readAll(source);
    expect(source.state().trouble).toBe(`${path} is not there`);
    writeFileSync(path, 'one\n');
    time.pass(20_000);
    expect((await readAll(source)).texts).toEqual(['one']);
    expect(source.state().trouble).toBeNull();
  });

  test.each([
    ['a symbolic link', (path: string) => symlinkSync('/etc/passwd', path), /symbolic link/],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path]), /no regular file/],
    ['a directory', (path: string) => mkdirSync(path), /no regular file/],
    ['a second name of another file', (path: string) => linkSync(logFileBeside(path), path), /has 2 names/],
  ])('where a decky can write, %s is not read, and nothing waits', async (_, make, trouble) => {
    const path = join(temporaryDir(), 'log-spool.rfc5424');
    make(path);
    const { source } = follow(path, { untrusted: true });
    expect((await readAll(source)).texts).toEqual([]);
    expect(source.state().trouble).toMatch(trouble);
  });

  test('a decky that puts a link in the place of its file is read no further', async () => {
    const path = logFile('one\n');
    const { source, time } = follow(path, { untrusted: true });
    await readAll(source);
    rmSync(path);
    symlinkSync('/etc/passwd', path);
    await readAll(source);
    time.pass(2001);
    expect((await readAll(source)).texts).toEqual([]);
    expect(source.state().trouble).toMatch(/symbolic link/);
  });
});

function logFileBeside(path: string): string {
  const other = `${path}.other`;
  writeFileSync(other, 'secret\n');
  return other;
}
