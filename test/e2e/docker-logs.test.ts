import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SourceLine } from '../../src/workers/collector/source.js';
import { createSourceOpener } from '../../src/workers/collector/sources/open-sources.js';
import { describeGroup } from './groups.js';
import { findCgroups, startDockerd, type Dockerd } from './support/dockerd.js';
import { readSource } from './support/read-source.js';

/** Numbered lines, a hundred at a time, on both streams, until told to stop; then a last line. */
const TALK = `
trap 'stop=1' USR1
i=0
while [ -z "$stop" ] && [ $i -lt 60000 ]; do
  for n in 0 1 2 3 4 5 6 7 8 9; do echo "out $((i + n))"; echo "err $((i + n))" >&2; done
  i=$((i + 10))
done
echo "total $i"
sleep 1000`;
const LIMIT_MS = 180_000;

/** Each line of a run of TALK, once, and each stream's in its order. */
function expectExactlyOnce(lines: readonly SourceLine[]): void {
  const total = Number(lines.find(({ text }) => text.startsWith('total'))?.text.split(' ')[1]);
  const numbers = (stream: string): number[] =>
    lines.filter(({ text }) => text.startsWith(stream)).map(({ text }) => Number(text.split(' ')[1]));
  const wanted = Array.from({ length: total }, (_, n) => n);
  expect(total).toBeGreaterThan(0);
  expect(numbers('out')).toEqual(wanted);
  expect(numbers('err')).toEqual(wanted);
  expect(new Set(lines.map(({ eventKey }) => eventKey)).size).toBe(lines.length);
}

const isTotal = (lines: readonly SourceLine[]): boolean => lines.some(({ text }) => text.startsWith('total'));
const hasAll = (lines: readonly SourceLine[]): boolean =>
  isTotal(lines) && lines.length > 2 * Number(lines.find(({ text }) => text.startsWith('total'))?.text.split(' ')[1]);

/** Processes that bear the name of the engine's folder. */
function processes(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name);
    } catch {
      return false;
    }
  });
}

/** What an engine leaves on a machine, as far as it bears the name of its folder. */
function traces(folder: string): string[] {
  const name = basename(folder);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const files = readdirSync(dirname(folder)).filter((entry) => entry === name);
  return [...mounts.filter((text) => text.includes(name)), ...processes(name), ...files, ...findCgroups(name)];
}

describeGroup('docker', 'the log of a real container', () => {
  let dockerd: Dockerd;
  let names = 0;
  beforeAll(async () => {
    dockerd = await startDockerd();
  }, LIMIT_MS);
  afterAll(async () => {
    await dockerd.close();
    expect(traces(dockerd.folder)).toEqual([]);
  }, LIMIT_MS);

  async function container(script: string, options: { tty?: boolean; logDriver?: string } = {}) {
    const name = `omega-${++names}`;
    const made = await dockerd.run(script, { name, labels: { 'decnet.decky': 'omega' }, ...options });
    onTestFinished(() => made.remove({ force: true }).catch(() => undefined));
    return { name, made };
  }

  const reader = (at: string, slownessMs = 0) => readSource({ engineSocket: dockerd.socketPath, at, slownessMs });

  test.each(['json-file', 'local'])(
    '%s: short, long, empty, and what is no UTF-8',
    { timeout: LIMIT_MS },
    async (logDriver) => {
      const long = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x; echo`;
      const script = `echo one; echo; printf 'a\\377b\\n'; ${long(40_000)}; ${long(16_384)}; ${long(200_000)}; printf 'end'; sleep 1000`;
      const { name, made } = await container(script, { logDriver });
      const said = await reader(name).until(({ length }) => length === 5);
      await made.kill();
      await made.start();
      const lines = await reader(name).until(({ length }) => length >= 11);
      const texts = ['one', 'a\ufffdb', 'x'.repeat(40_000), 'x'.repeat(16_384), 'x'.repeat(65_536)];
      expect(said.map(({ text }) => text)).toEqual(texts);
      expect(lines.slice(0, 11).map(({ text }) => text)).toEqual([...texts, 'end', ...texts, 'end'].slice(0, 11));
      expect(new Set(lines.map(({ eventKey }) => eventKey)).size).toBe(lines.length);
    },
  );

  test('the reader is killed again and again: each line once', { timeout: LIMIT_MS }, async () => {
    const { name, made } = await container(TALK);
    const reading = reader(name, 20);
    for (let kills = 0; kills < 6; kills++) {
      const { length } = reading.lines();
      await reading.until((lines) => lines.length > length);
      await reading.killAndRestart();
    }
    await made.kill({ signal: 'USR1' });
    expectExactlyOnce(await reading.until(hasAll));
  });

  test('the engine is restarted while the container talks: each line once', { timeout: LIMIT_MS }, async () => {
    const { name, made } = await container(TALK.replace('i=$((i + 10))', 'i=$((i + 10)); sleep 0.01'));
    const reading = reader(name);
    await reading.until(({ length }) => length > 500);
    await dockerd.stop();
    await dockerd.start();
    const { length } = reading.lines();
    await reading.until((lines) => lines.length > length + 500);
    await made.kill({ signal: 'USR1' });
    expectExactlyOnce(await reading.until(hasAll));
  });

  test('a burst comes whole and in order', { timeout: LIMIT_MS }, async () => {
    const { name } = await container(`seq 1 200000; echo total; sleep 1000`);
    const lines = await reader(name).until(isTotal);
    const wanted = Array.from({ length: 200_000 }, (_, n) => n + 1);
    expect(lines.slice(0, -1).map(({ text }) => Number(text))).toEqual(wanted);
  });

  test('a flood waits in the engine, not in the memory of a reader that is slow', { timeout: LIMIT_MS }, async () => {
    const { name, made } = await container(`yes ${'x'.repeat(1000)} | head -n 200000; exit 0`);
    await made.wait();
    const reading = reader(name, 20);
    await reading.until(({ length }) => length > 100);
    const before = reading.peakBytes();
    await reading.until(({ length }) => length > 4000);
    // 200 MB are to be had.
    expect(reading.peakBytes() - before).toBeLessThan(75 * 1024 * 1024);
  });

  test('a terminal: lines without CR, long ones joined', { timeout: LIMIT_MS }, async () => {
    const { name } = await container(`echo one; head -c 40000 /dev/zero | tr '\\0' x; echo; echo two; sleep 1000`, {
      tty: true,
    });
    const lines = await reader(name).until(({ length }) => length === 3);
    expect(lines.map(({ text }) => text)).toEqual(['one', 'x'.repeat(40_000), 'two']);
  });

  test(
    'removed by force: closed behind its last line; another of its name begins anew',
    { timeout: LIMIT_MS },
    async () => {
      const { name, made } = await container(`echo one; echo same; sleep 1000`);
      const reading = reader(name);
      await reading.until(({ length }) => length === 2);
      await made.remove({ force: true });
      const next = await dockerd.run(`echo same; echo two; sleep 1000`, { name });
      onTestFinished(() => next.remove({ force: true }));
      const lines = await reading.until(({ length }) => length === 4);
      expect(lines.map(({ text }) => text)).toEqual(['one', 'same', 'same', 'two']);
      expect(new Set(lines.map(({ eventKey }) => eventKey)).size).toBe(4);
    },
  );

  test('the engine of these tests sees neither our network nor our mounts', () => {
    const pids = processes(basename(dockerd.folder));
    expect(pids.length).toBeGreaterThan(1);
    for (const pid of pids) {
      for (const kind of ['net', 'mnt']) {
        expect(readlinkSync(`/proc/${pid}/ns/${kind}`)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
      }
    }
  });

  test('found by its label, running or ended; a log that cannot be read is said', { timeout: LIMIT_MS }, async () => {
    const opener = createSourceOpener({ engineSocket: dockerd.socketPath, group: 'root' });
    onTestFinished(() => opener.close());
    const ended = await container('exit 0');
    await ended.made.wait();
    const mute = await container('sleep 1000', { logDriver: 'none' });
    const places = await opener.containers();
    expect(places.map(({ at }) => at).toSorted()).toEqual([ended.name, mute.name].toSorted());
    const source = opener.open(
      places.find(({ at }) => at === mute.name)!,
      { position: undefined, now: Date.now },
    );
    onTestFinished(() => source.close());
    await expect
      .poll(async () => (await source.read({ maxLines: 1, maxBytes: 1 }), source.state().trouble), { timeout: 20_000 })
      .toMatch(/does not support reading/);
  });
});
