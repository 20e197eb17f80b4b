import { spawn } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { repairTranscripts } from '../../src/deploy/permissions/repair-transcripts.js';
import { describeGroup } from './groups.js';
import { createDecky, RELAY_UID, type Decky } from './support/decky.js';
import { deckyLogin } from './support/decky-login.js';
import { runProgram, type RunResult } from './support/run-program.js';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = [process.execPath, '--import', 'tsx', join(import.meta.dirname, '../../src/cli/main.ts')];
/** An unprivileged user and group that every Debian has. */
const NOBODY = 65_534;
const AS_NOBODY = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--'];

/** An installation below a prefix, for nobody:nogroup. */
function installation() {
  const prefix = mkdtempSync(join(tmpdir(), 'decnet-init-'));
  chmodSync(prefix, 0o755);
  onTestFinished(() => rmSync(prefix, { recursive: true, force: true }));
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', TERM: 'xterm' };
  const config = ['--config', join(prefix, 'etc/decnet/decnet.toml')];
  const run = (words: readonly string[]): Promise<RunResult> =>
    runProgram(words, { env, cwd: ROOT, timeoutMs: 60_000 });
  return {
    prefix,
    env,
    stateDir: join(prefix, 'var/lib/decnet'),
    artifacts: join(prefix, 'var/lib/svcdata'),
    init: (...words: string[]) =>
      run([...MAIN, 'init', '--prefix', prefix, '--user', 'nobody', '--group', 'nogroup', ...words]),
    asRoot: (...words: string[]) => run([...MAIN, ...config, ...words]),
    asNobody: (...words: string[]) => run([...AS_NOBODY, ...MAIN, ...config, ...words]),
    words: [...MAIN, ...config],
  };
}

const json = (result: RunResult): unknown => JSON.parse(result.stdout.toString());
const steps = (result: RunResult): InitJson['steps'] => (json(result) as InitJson).steps;
const owner = (path: string): string => {
  const { uid, gid, mode } = lstatSync(path);
  return `${String(uid)}:${String(gid)} ${(mode & 0o7777).toString(8)}`;
};

interface InitJson {
  readonly steps: { did: string; path: string; was: object | null; error: string | null }[];
}

/** A session of that user from its first byte to its end; resolves to its sid. */
async function session(decky: Decky, user: 'root' | 'ada', n: number): Promise<string> {
  const login = deckyLogin(decky, user);
  onTestFinished(() => login.close());
  const started = await decky.log.waitFor('session_started', (params) => params['user'] === user, 20_000);
  login.write(`echo "this-is-${user}-$((${String(n)}*7))"; exit\r`);
  await login.exited;
  await decky.log.waitFor('session_recorded', (params) => params['sid'] === started.params['sid'], 20_000);
  return started.params['sid'] ?? '';
}

describeGroup('uid', 'decnet init', () => {
  test('makes everything once, says it before in a dry run, and does nothing the second time', async () => {
    const { prefix, init, stateDir, artifacts } = installation();
    const dry = steps(await init('--dry-run', '--json'));
    expect(lstatSync(join(prefix, 'etc'), { throwIfNoEntry: false })).toBeUndefined();
    const made = steps(await init('--json'));
    expect(made.map(({ did, path }) => `${did} ${path}`)).toEqual(dry.map(({ did, path }) => `${did} ${path}`));
    expect(owner(join(prefix, 'etc/decnet/decnet.toml'))).toBe(`0:${NOBODY} 640`);
    expect(owner(stateDir)).toBe(`${NOBODY}:${NOBODY} 750`);
    expect(owner(join(stateDir, 'decnet.db'))).toBe(`${NOBODY}:${NOBODY} 640`);
    expect(owner(join(stateDir, 'deploy'))).toBe(`0:${NOBODY} 750`);
    expect(owner(artifacts)).toBe(`0:${NOBODY} 750`);
    expect(steps(await init('--json'))).toEqual([]);
    expect((await init()).stdout.toString()).toBe('nothing to do: all is there and as it should be\n');
  });

  test('puts a tree with wrong owners and modes right, and follows no link', async () => {
    const { init, stateDir, artifacts, prefix } = installation();
    await init();
    const transcripts = join(artifacts, 'omega/ssh/transcripts');
    mkdirSync(transcripts, { recursive: true, mode: 0o700 });
    writeFileSync(join(transcripts, 'sessions-2026-04-24.jsonl'), 'x', { mode: 0o600 });
    writeFileSync(join(stateDir, 'spool', '1.segment'), 'x', { mode: 0o600 });
    chmodSync(artifacts, 0o777);
    const outside = join(prefix, 'outside');
    mkdirSync(outside, { mode: 0o700 });
    writeFileSync(join(outside, 'file'), '', { mode: 0o600 });
    symlinkSync(join(outside, 'file'), join(transcripts, 'sessions-2026-04-25.jsonl'));
    symlinkSync(outside, join(artifacts, 'bent'));
    symlinkSync(outside, join(stateDir, 'bent'));
    symlinkSync(join(outside, 'file'), join(stateDir, 'spool', '2.segment'));
    const repaired = steps(await init('--json'));
    expect(repaired.map(({ path }) => path).toSorted()).toEqual(
      [
        artifacts,
        join(artifacts, 'omega'),
        join(artifacts, 'omega/ssh'),
        transcripts,
        join(transcripts, 'sessions-2026-04-24.jsonl'),
        join(stateDir, 'spool/1.segment'),
      ].toSorted(),
    );
    expect(owner(transcripts)).toBe(`${RELAY_UID}:${NOBODY} 2750`);
    expect(owner(join(transcripts, 'sessions-2026-04-24.jsonl'))).toBe(`${RELAY_UID}:${NOBODY} 640`);
    expect(owner(join(stateDir, 'spool/1.segment'))).toBe(`${NOBODY}:${NOBODY} 600`);
    expect([owner(outside), owner(join(outside, 'file'))]).toEqual(['0:0 700', '0:0 600']);
    expect(steps(await init('--json'))).toEqual([]);
  });

  test('what it made goes with --deinit, recordings and database only with --purge', async () => {
    const { init, stateDir, artifacts, prefix } = installation();
    await init();
    expect((await init('--deinit', '--dry-run')).stdout.toString()).toContain('would be removed');
    expect((await init('--deinit')).status).toBe(0);
    expect(lstatSync(join(prefix, 'etc/decnet'), { throwIfNoEntry: false })).toBeUndefined();
    expect(statSync(join(stateDir, 'decnet.db')).size).toBeGreaterThan(0);
    expect((await init('--deinit', '--purge')).status).toBe(0);
    for (const path of [stateDir, artifacts]) expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('something else in the place of a directory is told, and stays', async () => {
    const { init, stateDir, prefix } = installation();
    mkdirSync(join(prefix, 'var/lib'), { recursive: true });
    mkdirSync(join(prefix, 'elsewhere'));
    symlinkSync(join(prefix, 'elsewhere'), stateDir);
    const refused = await init();
    expect(refused.status).toBe(1);
    expect(refused.stderr.toString()).toContain(`decnet: ${stateDir} is there, and is not a directory (E_PLACE)`);
  });

  test('the user reads what root and a second user did in a decky, with no chown between', async () => {
    const { init, artifacts, asNobody } = installation();
    await init();
    mkdirSync(join(artifacts, 'omega'));
    const decky = await createDecky({ parent: join(artifacts, 'omega'), config: { min_free_bytes: 0 } });
    onTestFinished(() => decky.close());
    expect((await init()).status).toBe(0);
    expect(owner(decky.transcripts)).toBe(`${RELAY_UID}:${NOBODY} 2750`);

    const sids = [await session(decky, 'root', 1), await session(decky, 'ada', 2)];
    expect(await asNobody('ingest', '--once')).toMatchObject({ status: 0 });
    const listed = json(await asNobody('sessions', '--json')) as { sessions: { sid: string }[] } | { sid: string }[];
    const rows = Array.isArray(listed) ? listed : listed.sessions;
    expect(rows.map(({ sid }) => sid).toSorted()).toEqual(sids.toSorted());
    for (const [i, sid] of sids.entries()) {
      const said = `this-is-${i === 0 ? 'root' : 'ada'}-${String(7 * (i + 1))}`;
      expect((await asNobody('show', sid)).status).toBe(0);
      expect((await asNobody('play', sid, '--speed', '100')).stdout.toString()).toContain(said);
      expect(await asNobody('verify', sid)).toMatchObject({ status: 0 });
    }

    // Whoever is root inside shuts the door: one warning that names it, and no crash; the patrol opens it again.
    const home = '/var/lib/systemd/coredump/transcripts';
    expect(await decky.run(['chmod', '0', home])).toMatchObject({ status: 0 });
    const blind = await asNobody('ingest', '--once');
    expect(
      blind.stderr
        .toString()
        .split('\n')
        .filter((line) => line.includes(decky.transcripts)),
    ).toHaveLength(1);
    expect(blind.stderr.toString()).toContain(
      'permission denied (`decnet init`, as root, puts owners and modes right)',
    );
    expect(blind.stderr.toString()).not.toContain('    at ');
    const repairs = await repairTranscripts(decky.transcripts, { relayUid: RELAY_UID, gid: NOBODY });
    expect(repairs).toMatchObject([
      { path: decky.transcripts, was: { mode: 0o2000 }, now: { mode: 0o2750 }, error: null },
    ]);
    await decky.run(['sh', '-c', `chmod 0 ${home}/*.jsonl`]);
    expect(await repairTranscripts(decky.transcripts, { relayUid: RELAY_UID, gid: NOBODY })).toHaveLength(1);
    expect(await asNobody('ingest', '--once')).toMatchObject({ status: 0 });
    expect(await asNobody('verify', sids[0] ?? '')).toMatchObject({ status: 0 });
  });

  test('root and the user share the database, whoever comes first, and after a kill', async () => {
    const { init, asRoot, asNobody, words, stateDir, env } = installation();
    await init();
    const followed = spawn(words[0] ?? '', [...words.slice(1), 'ingest', '--follow'], {
      env,
      cwd: ROOT,
      stdio: 'ignore',
    });
    const gone = new Promise((resolve) => followed.on('exit', resolve));
    onTestFinished(() => void followed.kill('SIGKILL'));
    const wal = join(stateDir, 'decnet.db-wal');
    await vi.waitFor(() => expect(owner(wal)).toBe(`${NOBODY}:${NOBODY} 640`), { timeout: 30_000, interval: 50 });
    expect(owner(join(stateDir, 'decnet.db-shm'))).toBe(`${NOBODY}:${NOBODY} 640`);
    expect(await asNobody('ingest', '--once')).toMatchObject({ status: 0 });
    followed.kill('SIGKILL');
    await gone;
    expect(await asNobody('ingest', '--once')).toMatchObject({ status: 0 });
    expect(await asRoot('sessions')).toMatchObject({ status: 0 });
    expect(await asNobody('sessions')).toMatchObject({ status: 0 });
  });

  test('on the host itself it makes the system user and group, and takes them away again', async () => {
    // In namespaces of their own: /etc, /var/lib and /run are copies that nobody else sees.
    const main = MAIN.map((word) => `'${word}'`).join(' ');
    const script = `set -e
      work=$(mktemp -d); trap 'umount -l /etc /var/lib /run "$work"; rmdir "$work"' EXIT
      mount -t tmpfs own "$work"; cp -a /etc "$work/etc"; mkdir "$work/lib" "$work/run"
      mount --bind "$work/etc" /etc; mount --bind "$work/lib" /var/lib; mount --bind "$work/run" /run
      rm -rf /etc/decnet; userdel decnet 2>/dev/null || true; groupdel decnet 2>/dev/null || true
      ${main} init --dry-run >/dev/null; ! getent passwd decnet
      ${main} init
      getent passwd decnet | cut -d: -f1,6,7
      stat -c '%U:%G %a %n' /etc/decnet/decnet.toml /var/lib/decnet /var/lib/decnet/decnet.db /var/lib/svcdata
      ${main} init
      setpriv --reuid decnet --regid decnet --init-groups -- env -u HOME ${main} path artifacts
      ${main} init --deinit --purge
      ! getent passwd decnet; ! getent group decnet; ls /var/lib`;
    const env = { PATH: `/usr/sbin:/sbin:${process.env['PATH'] ?? ''}`, HOME: '/root', LANG: 'C.UTF-8' };
    const result = await runProgram(['unshare', '-m', 'bash', '-c', script], { env, cwd: ROOT, timeoutMs: 120_000 });
    const said = result.stdout.toString();
    expect(result.stderr.toString()).toBe('');
    expect(said).toContain('made: group decnet\nmade: user decnet\n');
    expect(said).toContain('decnet:/var/lib/decnet:/usr/sbin/nologin\n');
    expect(said).toContain(
      'root:decnet 640 /etc/decnet/decnet.toml\ndecnet:decnet 750 /var/lib/decnet\n' +
        'decnet:decnet 640 /var/lib/decnet/decnet.db\nroot:decnet 750 /var/lib/svcdata\n' +
        'nothing to do: all is there and as it should be\n/var/lib/svcdata\n',
    );
    expect(said).toContain('removed: user decnet\n');
    expect(result.status).toBe(0);
  });
});
