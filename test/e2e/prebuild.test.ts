import { appendFileSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { prebuildManifest, type PrebuildFile } from '../../src/contract/prebuild-manifest.js';
import type { Verification } from '../../src/contract/verification.js';
import { openTerminal } from '../../src/native/terminal.js';
import { describeGroup, findProgram } from './groups.js';
import { ROOT, createPrebuiltPackage, mustRun, type PrebuiltPackage } from './support/prebuilt-package.js';
import { runProgram, type RunResult } from './support/run-program.js';
import { PROMPT, recorder, type LoginOptions } from './support/recorder.js';

const BUILD_MS = 800_000;
const START_MS = 20_000;

describeGroup('prebuild', 'the recorder for machines without a compiler', () => {
  let made: PrebuiltPackage;
  let files: readonly PrebuildFile[];

  beforeAll(async () => {
    made = await createPrebuiltPackage();
    files = prebuildManifest.parse(JSON.parse(readFileSync(join(made.prebuilds, 'manifest.json'), 'utf8'))).files;
    return made.remove;
  }, BUILD_MS);

  test('each architecture has an addon and a login-session, and file(1) says that they are for it', async () => {
    const words = { x64: 'x86-64', arm64: 'ARM aarch64' };
    expect(files.map(({ path }) => path)).toEqual(
      ['arm64', 'x64'].flatMap((arch) => [`linux-${arch}/decnet.glibc.node`, `linux-${arch}/login-session`]),
    );
    for (const { path, arch, kind } of files) {
      const said = await mustRun(['file', '-b', join(made.prebuilds, path)], { cwd: ROOT, timeoutMs: START_MS });
      expect(said).toContain(`, ${words[arch]},`);
      expect(said).toContain('stripped');
      if (kind === 'login-session') expect(said).toContain('static-pie linked');
    }
  });

  test('both login-sessions are linked with musl, small, and name no path of the machine that built them', () => {
    for (const { path, arch, kind, libc, size_bytes: sizeBytes } of files) {
      const text = readFileSync(join(made.prebuilds, path), 'latin1');
      if (kind === 'login-session') {
        expect(libc).toBe('musl');
        expect(text).not.toContain('GLIBC_TUNABLES');
        // With up to a page of 64 KiB between code and data.
        expect(sizeBytes).toBeLessThan(arch === 'arm64' ? 210_000 : 120_000);
      }
      for (const place of [ROOT, made.folder, '/tmp/tmp.']) expect(text).not.toContain(place);
    }
  });

  test(
    'the C tests pass as compiled for arm64',
    async () => {
      const said = await mustRun(['bash', join(ROOT, 'scripts/test-native-arm64')], { cwd: ROOT, timeoutMs: BUILD_MS });
      const [, passed, failed] = /(\d+) passed, (\d+) failed\n$/.exec(said) ?? [];
      expect(failed).toBe('0');
      expect(Number(passed)).toBeGreaterThan(100);
    },
    BUILD_MS,
  );

  /** A login through the arm64 recorder; the shell under it is this machine's own. */
  function arm64(): Pick<LoginOptions, 'through'> {
    const program = join(made.prebuilds, 'linux-arm64/login-session');
    if (process.arch === 'arm64') return { through: (words) => ({ file: program, argv: words }) };
    const emulator = findProgram('qemu-aarch64-static') ?? '';
    return {
      through: ([argv0 = '', ...words]) => ({ file: emulator, argv: ['qemu', '-0', argv0, program, ...words] }),
    };
  }

  test('the arm64 recorder records a session on a terminal, whole and in order', async () => {
    const recording = recorder();
    const terminal = recording.login(arm64());
    await terminal.waitFor(PROMPT, { timeoutMs: START_MS });
    await terminal.type('echo one $((6*7))\r', { gapsMs: 10 });
    await terminal.waitFor('one 42\r\n', { timeoutMs: START_MS });
    terminal.write('exit 3\r');
    expect(await terminal.exited).toEqual({ status: 3, signal: null });
    await terminal.closed;
    await recording.event('session_recorded');
    const session = recording.only();
    expect(session.bytes('o').equals(terminal.output())).toBe(true);
    const { end, sha256, counted } = session;
    expect(end).toMatchObject({ reason: 'exit', status: 3, sha256, lines: counted });
  });

  test('the arm64 recorder passes a command through, byte for byte, with its status', async () => {
    const recording = recorder();
    const terminal = recording.login({ ...arm64(), pty: false, args: ['-c', 'cat; exit 4'] });
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256));
    terminal.write(bytes);
    terminal.endInput();
    expect(await terminal.exited).toEqual({ status: 4, signal: null });
    await terminal.closed;
    expect(terminal.output().equals(bytes)).toBe(true);
    expect(await recording.event('session_exec')).toMatchObject({ status: '4', command: 'cat; exit 4' });
  });

  test('the package carries them: login-session is mode 0755 in the tarball and, whatever the umask, where it is installed', async () => {
    const listed = await mustRun(['tar', '-tvzf', made.tarball], { cwd: ROOT, timeoutMs: START_MS });
    for (const arch of ['x64', 'arm64']) {
      expect(listed).toMatch(new RegExp(`^-rwxr-xr-x .* package/prebuilds/linux-${arch}/login-session$`, 'm'));
      const installed = join(made.app, `node_modules/decnet/prebuilds/linux-${arch}/login-session`);
      expect(statSync(installed).mode & 0o777).toBe(0o755);
    }
    expect(listed).toMatch(/ package\/prebuilds\/manifest\.json$/m);
  });

  test('`npm pack` refuses binaries that are of other sources than the ones it packs', async () => {
    const tree = dirname(made.prebuilds);
    const check = (): Promise<RunResult> =>
      runProgram(['bash', join(tree, 'scripts/prebuild'), '--check'], { cwd: tree, timeoutMs: START_MS });
    expect((await check()).status).toBe(0);
    appendFileSync(join(tree, 'native/core/clock.c'), '/* changed since */\n');
    const { status, stderr } = await check();
    expect(status).toBe(1);
    expect(stderr.toString()).toContain('other sources');
  });

  test('installed without scripts and without a compiler, it finds its recorder and its addon', async () => {
    expect(
      ['gcc', 'cc', 'make', 'python3'].filter((name) => readdirSync(made.env['PATH'] ?? '').includes(name)),
    ).toEqual([]);
    const installed = join(made.app, 'node_modules/decnet/prebuilds', `linux-${process.arch}`);
    const path = await made.run('path', 'login-session');
    expect(path.stdout.toString().trim()).toBe(join(installed, 'login-session'));
    const script = `import('decnet').then(({ loadAddon }) => console.log(typeof loadAddon().relay))`;
    const said = await mustRun([process.execPath, '-e', script], { cwd: made.app, env: made.env, timeoutMs: START_MS });
    expect(said.trim()).toBe('function');
  });

  test('there, `record` records, says where, and passes the exit status on; the readers of files work', async () => {
    const [file, ...words] = made.argv('record');
    const terminal = openTerminal({ file, argv: [file, ...words], env: made.env, cwd: made.app });
    onTestFinished(() => terminal.close());
    await terminal.waitFor(PROMPT, { timeoutMs: START_MS });
    await terminal.type('echo typed here\r', { gapsMs: [110, 90, 140, 70] });
    await terminal.waitFor('typed here\r\n');
    terminal.write('exit 3\r');
    expect(await terminal.exited).toEqual({ status: 3, signal: null });
    await terminal.closed;
    expect(terminal.output().toString()).toContain('npm rebuild better-sqlite3');

    const artifacts = join(made.folder, 'state/artifacts');
    const [shard = ''] = readdirSync(artifacts, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.jsonl'),
    );
    const verified = await made.run('verify', '--file', join(artifacts, shard), '--json');
    expect(JSON.parse(verified.stdout.toString()) as Verification[]).toMatchObject([{ state: 'intact' }]);
    const profiled = await made.run('profile', '--file', join(artifacts, shard), '--json');
    // What was written at once is a paste, and no keystroke.
    expect(JSON.parse(profiled.stdout.toString())).toMatchObject([{ total_keystrokes: 'echo typed here\r'.length }]);
  });

  test('there, a verb that needs the database says what to do', async () => {
    const { status, stderr } = await made.run('sessions');
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(/^decnet: .*SQLite.*\(E_NATIVE_MISSING\)\n {2}next: npm rebuild better-sqlite3/);
  });

  test('there, each file is as its manifest says, and either recorder can be pulled to where a decky takes it', async () => {
    const listed = await made.run('prebuilds', 'list', '--json');
    expect(listed.status).toBe(0);
    const { files: checked } = JSON.parse(listed.stdout.toString()) as { files: { problem: unknown }[] };
    expect(checked.map(({ problem }) => problem)).toEqual([null, null, null, null]);
    for (const arch of ['x64', 'arm64']) {
      const to = join(made.folder, 'pulled', arch);
      const pulled = await made.run('prebuilds', 'pull', '--arch', arch, '--to', to);
      expect(pulled.stdout.toString().trim()).toBe(to);
      expect(readFileSync(to).equals(readFileSync(join(made.prebuilds, `linux-${arch}/login-session`)))).toBe(true);
      expect(statSync(to).mode & 0o7777).toBe(0o755);
    }
    const refused = await made.run('prebuilds', 'pull', '--prebuilds', made.folder, '--to', join(made.folder, 'no'));
    expect(refused.status).toBe(1);
    expect(refused.stderr.toString()).toContain('(E_PREBUILD_MISSING)');
  });
});
