import { describe, expect, onTestFinished, test } from 'vitest';
import type { SourcePosition } from '../../../../src/contract/spool-batch.js';
import type { SourceLine } from '../../../../src/workers/collector/source.js';
import { openContainer } from '../../../../src/workers/collector/sources/container.js';
import { createEngine } from '../../../../src/workers/collector/sources/engine.js';
import { at, fakeEngine, long, type FakeEngine } from './fake-engine.js';
import { manualTime, placeOf, readUntil, readWhile } from './support.js';

function follow(engine: Pick<FakeEngine, 'socketPath'>, position?: SourcePosition) {
  const time = manualTime();
  const client = createEngine(engine.socketPath);
  const source = openContainer(placeOf('container', 'omega'), client, { position, now: time.now });
  const close = async (): Promise<void> => {
    await source.close();
    client.close();
  };
  onTestFinished(close);
  /** Retries are due at once. */
  const hurry = { between: () => time.pass(20_000) };
  const take = (count: number) => readUntil(source, ({ length }) => length >= count, hurry);
  return { source, time, take, close };
}

const keys = (lines: readonly SourceLine[]): string[] => lines.map(({ eventKey }) => eventKey);

describe('lines', () => {
  test('come from both streams, in the order of the log, without the timestamp', async () => {
    const engine = await fakeEngine();
    const omega = engine.add('omega', { log: [at(0, 'one\n'), at(1, 'two\n', 2)] });
    const { take } = follow(engine);
    const { texts, lines } = await take(2);
    expect(texts).toEqual(['one', 'two']);
    expect(lines[0]).toMatchObject({ bytes: 4, receivedAt: 1_795_433_706_000 });
    expect(lines[0]?.eventKey).toBe(`${omega.id} 1795433706000000000 0`);
    engine.say(omega, at(2, 'three\n'));
    expect((await take(1)).texts).toEqual(['three']);
  });

  test('that the engine cut are joined, whole characters and all, while the other stream goes on', async () => {
    const engine = await fakeEngine();
    engine.pieceBytes = 1000;
    const bytes = Buffer.from(`${'x'.repeat(16_383)}ü${'y'.repeat(20_000)}`);
    const pieces = [
      bytes.subarray(0, 16_384),
      bytes.subarray(16_384, 32_768),
      Buffer.concat([bytes.subarray(32_768), Buffer.from('\n')]),
    ];
    const [first, ...rest] = pieces.map((piece) => at(5, piece));
    engine.add('omega', { log: [first!, at(6, 'between\n', 2), ...rest, at(7, 'a\xff\n')] });
    const { texts, lines } = await follow(engine).take(3);
    expect(texts).toEqual(['between', bytes.toString(), 'aÿ']);
    expect(lines[1]?.bytes).toBe(bytes.length + 1);
  });

  test("that fill the engine's buffer to the byte, or have no LF at the end of a run, are lines of their own", async () => {
    const engine = await fakeEngine();
    const full = 'f'.repeat(16_384);
    engine.add('omega', { log: [...long(1, full), at(1, '\n'), at(2, 'the end of a run'), at(3, 'next\n')] });
    expect((await follow(engine).take(3)).texts).toEqual([full, 'the end of a run', 'next']);
  });

  test('of gigabytes are cut, and held in bounds; the next one is whole', async () => {
    const engine = await fakeEngine();
    engine.add('omega', { log: [...long(1, 'g'.repeat(3 * 1024 * 1024)), at(1, '\n'), at(2, 'next\n')] });
    const { lines } = await follow(engine).take(2);
    expect(lines.map(({ text }) => text.length)).toEqual([65_536, 4]);
    expect(lines[0]!.bytes + lines[1]!.bytes).toBe(3 * 1024 * 1024 + 1 + 5);
  });

  test('one that is never ended holds up the other stream not at all, and is taken after 64 of it', async () => {
    const engine = await fakeEngine();
    const open = 'o'.repeat(16_384);
    const others = Array.from({ length: 70 }, (_, n) => at(n + 2, `${n}\n`, 2));
    const omega = engine.add('omega', { log: [at(1, open), ...others] });
    const { take } = follow(engine);
    const { texts } = await take(71);
    expect(texts.indexOf(open)).toBe(64);
    // What still comes of it is its rest, and no line.
    engine.say(omega, at(1, 'rest\n'), at(100, 'next\n'));
    expect((await take(1)).texts).toEqual(['next']);
  });

  test('of a terminal have no frames; CR goes, and the last one without LF waits', async () => {
    const engine = await fakeEngine();
    engine.pieceBytes = 7;
    const log = [at(1, 'one\r\n'), ...long(2, `${'x'.repeat(40_000)}\r\n`), at(3, 'tail')];
    const omega = engine.add('omega', { hasTerminal: true, log });
    const { take, source, time } = follow(engine);
    expect((await take(2)).texts).toEqual(['one', 'x'.repeat(40_000)]);
    engine.stop(omega);
    engine.containers.clear();
    const rest = await readWhile(source, () => (time.pass(20_000), !source.isFinished));
    expect(rest.map(({ text }) => text)).toEqual(['tail']);
  });
});

describe('reading on', () => {
  test('many lines of one timestamp, read in any pieces, come once each and have their own ids', async () => {
    const engine = await fakeEngine();
    const log = Array.from({ length: 120 }, (_, n) => at(Math.floor(n / 40), `${n}\n`, n % 3 === 0 ? 2 : 1));
    engine.add('omega', { log });
    const whole = await follow(engine).take(120);
    expect(new Set(keys(whole.lines)).size).toBe(120);
    const parts: SourceLine[] = [];
    let position: SourcePosition | undefined;
    while (parts.length < 120) {
      const { source, close } = follow(engine, position);
      const some = await readUntil(source, ({ length }) => length > 0, { limits: { maxLines: 7, maxBytes: 10_000 } });
      parts.push(...some.lines);
      ({ position } = some);
      await close();
    }
    expect(keys(parts)).toEqual(keys(whole.lines));
  });

  test('a line that is stamped before the last one taken, and written after it, is not lost', async () => {
    const engine = await fakeEngine();
    const omega = engine.add('omega', { log: [at(1000, 'later\n')] });
    const first = follow(engine);
    const { position } = await first.take(1);
    await first.close();
    omega.log.push(at(999.9, 'stamped earlier\n', 2), at(1001, 'next\n'));
    expect((await follow(engine, position).take(2)).texts).toEqual(['stamped earlier', 'next']);
  });

  test('in the midst of a line that the engine cut, however long ago that began', async () => {
    const engine = await fakeEngine();
    const [head, tail] = long(0, `${'x'.repeat(20_000)}\n`);
    const others = Array.from({ length: 20 }, (_, n) => at(5000 + n * 1000, `${n}\n`, 2));
    const omega = engine.add('omega', { log: [head!, ...others] });
    const first = follow(engine);
    const before = await first.take(20);
    await first.close();
    omega.log.push(tail!, at(90_000, 'next\n'));
    const after = await follow(engine, before.position).take(2);
    expect(after.texts).toEqual(['x'.repeat(20_000), 'next']);
    const last = follow(engine, after.position);
    engine.say(omega, at(91_000, 'and on\n'));
    expect((await last.take(1)).texts).toEqual(['and on']);
  });

  test('when the engine has rotated away the last line taken, with all that is there', async () => {
    const engine = await fakeEngine();
    const omega = engine.add('omega', { log: [at(0, 'one\n'), at(1, 'two\n')] });
    const first = follow(engine);
    const { position } = await first.take(2);
    await first.close();
    omega.log.splice(0, 2, at(500, 'soon after\n'), at(9000, 'long after\n'));
    expect((await follow(engine, position).take(2)).texts).toEqual(['soon after', 'long after']);
  });

  test('after the connection broke off, and after 500s', async () => {
    const engine = await fakeEngine();
    const omega = engine.add('omega', { log: [at(1, 'one\n')] });
    const { take, source, time } = follow(engine);
    await take(1);
    engine.failing = { path: '/logs', status: 500 };
    engine.breakOff();
    await readWhile(source, () => (time.pass(20_000), !(source.state().trouble ?? '').includes('out of order')));
    engine.say(omega, at(2, 'two\n'));
    engine.failing = undefined;
    expect((await take(1)).texts).toEqual(['two']);
    expect(source.state().trouble).toBeNull();
  });

  test('nothing more is read than fits while nobody asks, and nothing of it is lost', async () => {
    const engine = await fakeEngine();
    const omega = engine.add('omega');
    const { take, source } = follow(engine);
    engine.say(omega, at(0, 'first\n'));
    await take(1);
    const text = 'x'.repeat(1000);
    const count = 30_000;
    for (let n = 0; n < count; n++) engine.say(omega, at(n + 1, `${text}\n`));
    await source.readable(new AbortController().signal);
    const held = await source.read({ maxLines: 1_000_000, maxBytes: 1e12 });
    expect(held!.lines.length).toBeLessThan(4000);
    const { lines } = await take(count - held!.lines.length);
    expect(new Set(keys([...held!.lines, ...lines])).size).toBe(count);
  });
});

describe('containers come and go', () => {
  test('one that stopped is read to its end, and again when it starts', async () => {
    const engine = await fakeEngine();
    const omega = engine.add('omega', { isRunning: false, log: [at(1, 'one\n')] });
    const { take, source, time } = follow(engine);
    expect((await take(1)).texts).toEqual(['one']);
    await readWhile(source, () => (time.pass(20_000), engine.asked.length < 1));
    omega.isRunning = true;
    engine.say(omega, at(2, 'two\n'));
    source.nudge();
    expect((await take(1)).texts).toEqual(['two']);
  });

  test('another one of the same name is read from its beginning, with ids of its own', async () => {
    const engine = await fakeEngine();
    const before = engine.add('omega', { log: [at(1, 'same\n')] });
    const { take } = follow(engine);
    const first = await take(1);
    engine.add('omega', { log: [at(1, 'same\n'), at(2, 'other\n')] });
    engine.stop(before);
    const second = await take(2);
    expect(second.texts).toEqual(['same', 'other']);
    expect(second.lines[0]?.eventKey).not.toBe(first.lines[0]?.eventKey);
  });

  test('one that does not exist, and an engine that does not answer, are said', async () => {
    const engine = await fakeEngine();
    const missing = follow(engine).source;
    await readWhile(missing, () => missing.state().trouble === null);
    expect(missing.state().trouble).toBe('there is no container omega');
    const away = follow({ socketPath: `${engine.socketPath}.away` }).source;
    await readWhile(away, () => away.state().trouble === null);
    expect(away.state().trouble).toMatch(/cannot ask for the container omega at .*ENOENT.*is the engine running/);
  });
});
