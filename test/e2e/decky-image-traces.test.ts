import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { DECKY_PATHS } from '../../src/deploy/container-limits.js';
import { PACKAGE_ROOT } from '../../src/native/package-root.js';
import { describeGroup } from './groups.js';
import { BENCH_LIMIT_MS, recorded, startDeckyBench, type DeckyBench } from './support/decky-bench.js';
import { deckySettings, listening, readLog, type DeckyContainer } from './support/decky-image.js';

/** What nothing inside may be called, or say. */
const TELLING = 'decnet|sessrec|honeypot|honeynet|decoy|decky';
/** What the login shell's path leads to. */
const PROGRAM = `${DECKY_PATHS.recorderDir}/login-session`;
const SERVICES = ['ssh', 'telnet'] as const;
/** The kernel's own. */
const PRUNE = '-path /proc -o -path /sys -o -path /dev';

describeGroup('images', 'from inside a decky', () => {
  let bench: DeckyBench;
  let deckies: Record<(typeof SERVICES)[number], DeckyContainer>;
  let base: Pick<DeckyContainer, 'exec'>;
  beforeAll(async () => {
    bench = await startDeckyBench();
    base = await bench.startBase();
    deckies = { ssh: await bench.start('ssh'), telnet: await bench.start('telnet') };
  }, BENCH_LIMIT_MS);
  afterAll(() => bench.close(), BENCH_LIMIT_MS);

  const inside = (service: (typeof SERVICES)[number], script: string): Promise<string> =>
    deckies[service].exec('sh', '-c', script);

  test('the search below finds what is there to be found', async () => {
    expect(await inside('ssh', `grep -aciE '${TELLING}' ${DECKY_PATHS.recorder}`)).toMatch(/^[1-9]\d*\n$/);
  });

  test.each(SERVICES)('%s: no process, environment, mount or account is called after us', async (service) => {
    // No shell's -c here: it would find itself.
    const { exec } = deckies[service];
    const telling = new RegExp(TELLING, 'i');
    const pids = (await exec('ls', '/proc')).split('\n').filter((name) => /^\d+$/.test(name));
    for (const pid of ['self', ...pids]) {
      for (const name of ['cmdline', 'environ', 'comm', 'mountinfo', 'cgroup'])
        expect(await exec('cat', `/proc/${pid}/${name}`), `${pid} ${name}`).not.toMatch(telling);
    }
    expect(await exec('env')).not.toMatch(telling);
    expect(await exec('ps', 'axeww')).not.toMatch(telling);
    for (const words of [['getent', 'passwd'], ['getent', 'group'], ['cat', '/etc/shells'], ['mount'], ['hostname']])
      expect(await exec(...words), words.join(' ')).not.toMatch(telling);
  });

  test.each(SERVICES)('%s: no file has such a name', async (service) => {
    const found = await inside(service, `find / \\( ${PRUNE} \\) -prune -o -print | grep -iE '${TELLING}'`);
    expect(found).toBe('');
  });

  test.each(SERVICES)('%s: no file says such a word that Debian did not write, but the recorder', async (service) => {
    const search = `find / \\( ${PRUNE} -o -path ${DECKY_PATHS.transcripts} \\) -prune -o -type f -print0 | xargs -0 grep -aliE '${TELLING}'`;
    const named = async (decky: Pick<DeckyContainer, 'exec'>): Promise<string[]> =>
      (await decky.exec('sh', '-c', search)).split('\n').filter((line) => line !== '');
    const own = new Set(await named(base));
    // Perl and net-tools know DECnet: only what is Debian's is hidden by that.
    expect([...own].filter((path) => !/perl|locale/.test(path))).toEqual([]);
    expect((await named(deckies[service])).filter((path) => !own.has(path))).toEqual([PROGRAM]);
  });

  test('a login that is not root can read neither the recorder nor what it wrote', async () => {
    const { words, env } = bench.openssh('ssh', 'ada', 'key');
    const script = `cat ${DECKY_PATHS.recorder} ${DECKY_PATHS.transcripts}/*; ls ${DECKY_PATHS.transcripts}; env; cat /proc/self/mountinfo`;
    const { stdout, stderr } = await bench.run([...words, `ada@${deckies.ssh.address}`, script], { env: env as never });
    expect(stderr.toString().match(/Permission denied/g)).toHaveLength(3);
    expect(stdout.toString()).toContain('SHELL=/bin/bash');
    expect(stdout.toString()).not.toMatch(new RegExp(TELLING, 'i'));
  });

  test('an account that root makes inside is recorded too', async () => {
    const { exec } = deckies.ssh;
    await exec('useradd', '-m', 'mallory');
    expect(await exec('getent', 'passwd', 'mallory')).toContain(`:${DECKY_PATHS.recorder}\n`);
    await exec('userdel', '-r', 'mallory');
  });

  test('the build left nothing: no users file, no kit, and the kit again changes nothing', async () => {
    expect(await inside('ssh', 'ls -A /tmp; find / -xdev -name users -type f -path "*build*"')).toBe('');
    const text = readFileSync(join(PACKAGE_ROOT, 'templates', '_shared', 'sessrec', 'install'), 'utf8');
    const state =
      'cat /etc/passwd /etc/group /etc/shells /etc/default/useradd; ls -lan /usr/libexec /usr/lib/login-session /etc/security /etc';
    const before = await inside('ssh', state);
    const install = (...args: string[]): Promise<string> => deckies.ssh.exec('sh', '-c', text, 'install', ...args);
    expect(await install('64999', '1234')).toBe('');
    expect(await inside('ssh', state)).toBe(before);
    // One line each, and nothing done.
    expect(await install('33', '1234')).toBe('login-session: uid 33 belongs to www-data\n');
    expect(await install('64999', '0')).toBe('login-session: the readers must not be the group of root\n');
    expect(await install('64999', '1000')).toBe('login-session: ada is in the group 1000, which reads recordings\n');
    expect(await install('64999')).toBe('login-session: usage: install RELAY_UID RELAY_GID\n');
    expect(await inside('ssh', state)).toBe(before);
  });

  test('a stop ends sessions in order, and a restart keeps the host keys', async () => {
    const decky = deckies.ssh;
    const { container, address } = decky;
    const keys = 'cat /etc/ssh/ssh_host_*_key.pub';
    const before = await inside('ssh', keys);
    expect(before.split('\n').filter((line) => line !== '')).toHaveLength(3);
    const { words, env } = bench.openssh('ssh', 'ada', 'key');
    const client = bench.terminal([...words, '-tt', `ada@${address}`], env);
    await client.waitFor(/\$ $/, { timeoutMs: 20_000 });
    await container.stop({ t: 10 });
    const { end } = await recorded(decky, 0);
    expect(['hangup', 'terminated', 'signal']).toContain(end?.reason);
    await client.exited;
    expect((await container.inspect()).State).toMatchObject({ ExitCode: 0, OOMKilled: false });

    await container.start();
    await listening(container, decky.exec, 'ssh', () => decky.log());
    expect(await inside('ssh', keys)).toBe(before);
    const again = await bench.run([...words, '-o', 'StrictHostKeyChecking=yes', `root@${address}`, 'echo', 'back'], {
      env: env as never,
    });
    expect(again.stdout.toString()).toBe('back\n');
  });

  test.each(SERVICES)(
    '%s: without the recorder, or where it could not do its work, no daemon starts',
    async (service) => {
      const { HostConfig } = await deckies[service].container.inspect();
      const binds = HostConfig.Binds ?? [];
      const without = (path: string): string[] => binds.filter((bind) => !bind.includes(`:${path}:`));
      const { recorder, recorderDir, recorderConfig, transcripts } = DECKY_PATHS;
      const cases: [binds: string[], options: string[], said: string][] = [
        [without(recorderDir), [], `rc.local: ${recorder} is not there`],
        [without(recorderConfig), [], `rc.local: ${recorderConfig} is not there`],
        [without(transcripts), [], `rc.local: ${transcripts} is not mounted`],
        [binds, ['no-new-privileges'], `rc.local: no new privileges: ${recorder} cannot serve a user`],
        [[...without(recorderDir), `/dev/null:${PROGRAM}:ro`], [], `rc.local: ${recorder} is not there`],
      ];
      for (const [given, securityOpt, said] of cases) {
        const settings = deckySettings(`omega-${service}`, given);
        const container = await bench.dockerd.docker.createContainer({
          ...settings,
          HostConfig: { ...settings.HostConfig, SecurityOpt: securityOpt },
        });
        onTestFinished(() => container.remove({ force: true }).catch(() => undefined));
        await container.start();
        await container.wait();
        expect((await container.inspect()).State.ExitCode).toBe(1);
        expect(await readLog(container)).toEqual([said]);
      }
    },
  );

  test('nothing but parts lies among the recordings', () => {
    for (const service of SERVICES)
      expect(readdirSync(deckies[service].transcripts).filter((name) => !name.startsWith('sessions-'))).toEqual([]);
  });
});
