import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.js';
import { openStore } from '../../src/store/open.js';
import { appendShard, data, generateSession, sidOf, START_S } from '../services/shard-lines.js';
import { createFakeIo, type FakeIo, type FakeIoOptions } from './fake-io.js';

let dir: string;
let artifacts: string;
const A = sidOf('a');
const A2 = A.replace(/1$|a$/, 'b');
const B = sidOf('b');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-cli-'));
  artifacts = join(dir, '.decnet', 'artifacts');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Runs a command as a user whose state is in `dir`. */
async function decnet(words: string, options: Partial<FakeIoOptions> = {}): Promise<FakeIo & { status: number }> {
  const io = createFakeIo({ cwd: dir, nowMs: (START_S + 60) * 1000, ...options });
  const env = { DECNET_CONFIG: join(dir, 'decnet.toml'), ...options.env };
  const status = await run(words.split(' ').filter(Boolean), { ...io, env });
  return Object.assign(Object.create(io, Object.getOwnPropertyDescriptors(io)) as FakeIo, { status });
}

beforeEach(() => {
  writeFileSync(join(dir, 'decnet.toml'), '');
});

/** What would act on a terminal, or hide: everything but text and line feeds. */
const RAW = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

describe('the command line', () => {
  it('prints its verbs and exits 2 without a verb, 0 when asked for help', async () => {
    expect(await decnet('')).toMatchObject({ status: 2, out: '', err: expect.stringContaining('record') as string });
    expect(await decnet('--help')).toMatchObject({
      status: 0,
      err: '',
      out: expect.stringContaining('verify') as string,
    });
    expect(await decnet('help play')).toMatchObject({
      status: 0,
      out: expect.stringContaining('--idle-limit') as string,
    });
  });

  it.each([
    ['frobnicate', "unknown command 'frobnicate'"],
    ['sessions --nope', "unknown option '--nope'"],
    ['sessions --limit 0', 'not a whole number above 0'],
    ['show', "missing required argument 'sid'"],
    ['path moon', 'Allowed choices are login-session'],
    ['verify', 'verify: give a session'],
    ['profile', 'profile: give a session or --file'],
    ['ingest --once --follow', 'exclude each other'],
    ['--set nonsense config', 'not of the form key=value'],
  ])('answers `decnet %s` with one line, a next step or not, and 2', async (words, why) => {
    const { status, out, err } = await decnet(words);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^decnet: .* \(E_USAGE\)\n( {2}next: .*\n)?$/);
    expect(err).toContain(why);
  });

  it('names the setting that is wrong, and exits 1', async () => {
    const { status, err } = await decnet('sessions', { env: { DECNET_INGEST_POLL_MS: 'soon' } });
    expect(status).toBe(1);
    expect(err).toMatch(/^decnet: ingest_poll_ms: .*DECNET_INGEST_POLL_MS\) \(E_CONFIG\)\n/);
  });

  it('says where things are, and where each setting is from', async () => {
    expect((await decnet('path db')).out).toBe(`${join(dir, '.decnet', 'decnet.db')}\n`);
    expect((await decnet('--state-dir other path artifacts')).out).toBe(`${join(dir, 'other', 'artifacts')}\n`);
    const { out } = await decnet('config --json --set busy_timeout_ms=7', { env: { DECNET_ABANDONED_AFTER_S: '9' } });
    expect(JSON.parse(out)).toMatchObject({
      busy_timeout_ms: { value: 7, origin: 'flag --set busy_timeout_ms' },
      abandoned_after_s: { value: 9, origin: 'environment DECNET_ABANDONED_AFTER_S' },
      ingest_poll_ms: { value: 1000, origin: 'default' },
    });
    expect((await decnet('config')).out).toMatch(/^ingest_poll_ms +1000 +default$/m);
  });

  it('does not record where there is no terminal', async () => {
    const { status, err } = await decnet('record');
    expect(status).toBe(1);
    expect(err).toMatch(/\(E_NO_TTY\)\n {2}next: /);
  });
});

describe('decnet ingest', () => {
  it('is quiet about its progress in a pipe, and shows it on a terminal', async () => {
    appendShard(artifacts, 'omega/ssh', generateSession(A).text);
    expect(await decnet('ingest --once')).toMatchObject({
      status: 0,
      err: '',
      out: '17 lines, 1 session new, 1 computed\n',
    });
    appendShard(artifacts, 'omega/ssh', generateSession(B).text);
    const { err } = await decnet('ingest', { tty: true });
    expect(err).toMatch(/^\r.*lines read.*\r\u001b\[K$/s);
  });

  it('follows until it is interrupted, and says what came', async () => {
    appendShard(artifacts, 'omega/ssh', generateSession(A).text);
    const io = createFakeIo({ cwd: dir, nowMs: (START_S + 60) * 1000 });
    let waits = 0;
    const wait = async (ms: number) => {
      expect(ms).toBe(1000);
      if (++waits === 1) appendShard(artifacts, 'omega/ssh', generateSession(B).text);
      if (waits === 3) io.interrupt();
      return Promise.resolve();
    };
    expect(await run(['ingest', '--follow', '--json'], { ...io, wait })).toBe(0);
    const looks = io.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { computed: string[] });
    expect(looks.map((look) => look.computed)).toEqual([[A], [B]]);
  });

  it('tells of a sid that another decky claims', async () => {
    appendShard(artifacts, 'omega/ssh', generateSession(A).text);
    appendShard(artifacts, 'psi/ssh', generateSession(A).text);
    expect((await decnet('ingest')).err).toContain(`evidence conflict: ${A} in psi/ssh: claimed elsewhere, 17 lines`);
  });
});

describe('decnet sessions and show', () => {
  it('shows nothing that an attacker wrote as they wrote it', async () => {
    const evil = '\u001b]0;owned\u0007\u009b31m\u202eroot';
    appendShard(artifacts, 'omega/ssh', generateSession(A, { user: evil, typed: 'echo \u202eabc\r' }).text);
    await decnet('ingest');
    for (const words of ['sessions', `show ${A}`, 'sessions --json', `show ${A} --json`, `export ${A} --format text`]) {
      const { out, status } = await decnet(words, { tty: true });
      expect(status).toBe(0);
      expect(out).not.toMatch(RAW);
    }
    const rows = JSON.parse((await decnet('sessions --json')).out) as { user: string }[];
    expect(rows[0]?.user).toBe(evil);
  });

  it('lists what is asked for, and says so where there is nothing', async () => {
    expect(await decnet('sessions')).toMatchObject({
      status: 0,
      out: '',
      err: expect.stringContaining('ingest') as string,
    });
    expect((await decnet('sessions --json')).out).toBe('[]\n');
    appendShard(artifacts, 'omega/ssh', generateSession(A, { status: 3 }).text);
    appendShard(artifacts, 'psi/telnet', generateSession(B, { user: 'guest' }).header);
    await decnet('ingest');
    expect((await decnet('sessions')).out.split('\n')).toHaveLength(4);
    expect((await decnet('sessions --live')).out).toMatch(/guest.*live/);
    expect((await decnet('sessions --live')).out).not.toContain('omega');
    expect((await decnet('sessions --decky omega')).out).toMatch(/aaaaaaaa .* omega .* ended .* 3 {2}intact/);
  });

  it('takes the beginning of an id where only one has it', async () => {
    appendShard(artifacts, 'omega/ssh', generateSession(A).text + generateSession(A2).text);
    await decnet('ingest');
    expect(await decnet('show aaaa')).toMatchObject({
      status: 1,
      err: expect.stringContaining('E_AMBIGUOUS_SID') as string,
    });
    expect(await decnet('show ffff')).toMatchObject({
      status: 1,
      err: expect.stringContaining('E_NO_SUCH_SESSION') as string,
    });
    expect(await decnet('show %')).toMatchObject({
      status: 1,
      err: expect.stringContaining('E_NO_SUCH_SESSION') as string,
    });
    expect((await decnet(`show ${A}`)).out).toContain('intact: 16 lines');
  });
});

describe('decnet export', () => {
  const secret = 'hunter2';

  beforeEach(async () => {
    const { header, body } = generateSession(A, { typed: 'su\r' });
    const typed = Array.from(secret).map((key, at) => data(A, 3 + at / 10, 'i', key, ',"noecho":true'));
    appendShard(artifacts, 'omega/ssh', [header, ...body, data(A, 2.5, 'o', 'Password: '), ...typed].join(''));
    await decnet('ingest');
  });

  it.each(['asciicast --input', 'commands', 'commands --json', 'text'])(
    'hides no-echo input as one mark: %s',
    async (format) => {
      const { out } = await decnet(`export ${A} --format ${format}`);
      expect(out).not.toMatch(/hunter2|"h"|"n"/);
      if (format !== 'text') expect(out.match(/\[hidden\]/g)).toHaveLength(1);
    },
  );

  it('reveals it when asked to, and writes down who asked', async () => {
    const { out, status } = await decnet(`export ${A} --format asciicast --reveal --reason case-7`);
    expect(status).toBe(0);
    const typed = out
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as [number, string, string]);
    expect(
      typed
        .filter(([, ch]) => ch === 'i')
        .map(([, , text]) => text)
        .join(''),
    ).toBe(`su\r${secret}`);
    const store = await openStore({ path: join(dir, '.decnet', 'decnet.db') });
    const audit = await store.audit.list(A);
    await store.close();
    expect(audit).toMatchObject([{ actor: 'uid 1000 (op)', action: 'reveal', subject: A, reason: 'case-7' }]);
  });

  it('writes to a file that only its owner can read, and says why it cannot', async () => {
    expect(await decnet(`export ${A} -o cast.json`)).toMatchObject({ status: 0, out: '' });
    expect(statSync(join(dir, 'cast.json')).mode & 0o777).toBe(0o600);
    const { status, err } = await decnet(`export ${A} -o gone/cast.json`);
    expect(status).toBe(1);
    expect(err).toMatch(/^decnet: cannot write .*gone\/cast\.json: .* \(E_OUTPUT\)\n$/);
  });
});

describe('decnet profile', () => {
  const fixture = join(import.meta.dirname, '../fixtures/wget-scanme.jsonl');

  it('prints the rows of a shard, and the times of pairs of keys only when asked', async () => {
    const rows = JSON.parse((await decnet(`profile --file ${fixture} --json`)).out) as object[];
    expect(rows).toMatchObject([{ total_keystrokes: 21, kd_top_bigrams: [] }]);
    expect(rows[0]).not.toHaveProperty('digraphs');
    const { out } = await decnet(`profile --file ${fixture} --json --digraphs`);
    const [row] = JSON.parse(out) as { digraphs: { from: string; to: string; mean_ms: number }[] }[];
    expect(row?.digraphs).toContainEqual({ from: 'g', to: 'e', count: 1, mean_ms: 79 });
    expect(row?.digraphs).toContainEqual({ from: 't', to: ' ', count: 1, mean_ms: 83 });
    expect((await decnet(`profile --file ${fixture} --digraphs`)).out).toMatch(/t → space +1 +83\.0 ms/);
  });

  it('gives the stored row of a session, and draws its rhythm', async () => {
    appendShard(artifacts, 'omega/ssh', generateSession(A).text + generateSession(B).header);
    await decnet('ingest');
    expect(JSON.parse((await decnet(`profile ${A} --json`)).out)).toMatchObject({ sid: A, total_keystrokes: 7 });
    expect((await decnet(`profile ${A}`)).out).toMatch(/^rhythm +[▁▂▃▄▅▆▇█]{6}$/m);
    expect(await decnet(`profile ${B}`)).toMatchObject({
      status: 1,
      err: expect.stringContaining('it goes on') as string,
    });
  });
});

describe('decnet verify', () => {
  it('exits 0 when all is intact, and 1 when one line was put in', async () => {
    const { header, body, end } = generateSession(A);
    appendShard(artifacts, 'omega/ssh', header + body.join('') + end + generateSession(B).text);
    await decnet('ingest');
    expect(await decnet('verify --all')).toMatchObject({ status: 0, err: '' });
    appendShard(artifacts, 'omega/ssh', data(A, 9, 'i', 'x'));
    const { status, out, err } = await decnet('verify --all');
    expect(status).toBe(1);
    expect(out).toMatch(new RegExp(`${A} {2}added`));
    expect(err).toMatch(/^decnet: 1 of 2 recordings not intact \(E_NOT_INTACT\)\n/);
    expect((await decnet(`verify ${B}`)).status).toBe(0);
  });

  it('needs no database for a shard file, and says where to look', async () => {
    const { header, body, end } = generateSession(A);
    const path = appendShard(artifacts, 'omega/ssh', [header, ...body.toSpliced(3, 1), end].join(''));
    const { status, out } = await decnet(`verify --file ${path} --json`);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ sid: A, state: 'cut' }]);
    expect(await decnet('verify --file gone.jsonl')).toMatchObject({
      status: 1,
      err: expect.stringContaining('E_NO_SHARD') as string,
    });
  });

  it('does not call a session without an end intact, and blames nobody', async () => {
    const { header, body } = generateSession(A);
    const path = appendShard(artifacts, 'omega/ssh', header + body.join(''));
    expect(await decnet(`verify --file ${path}`)).toMatchObject({
      status: 1,
      err: '',
      out: expect.stringContaining('unsealed') as string,
    });
  });
});
