import { execFileSync, spawn } from 'node:child_process';
import { chownSync, lstatSync, openSync, closeSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { makeParts, type MakePartsOptions, type PartsResult } from '../../src/deploy/parts/make-parts.js';
import { repairTranscripts } from '../../src/deploy/permissions/repair-transcripts.js';
import { listParts } from '../../src/shard/list-parts.js';
import { verifySession } from '../../src/shard/verify.js';
import { loadAddon } from '../../src/native/load-addon.js';
import { describeGroup } from './groups.js';
import { createDecky, RELAY_UID, type Decky } from './support/decky.js';
import { deckyLogin } from './support/decky-login.js';
import { createFreezer, hasFreezer, type Freezer } from './support/freezer.js';
import { mountExt4 } from './support/frozen-disk.js';

const addon = loadAddon();
const GID = 12_345;
const DAY_MS = 86_400_000;
/** Root in a container has none of these. (CAP_SYS_PTRACE it has not either; this PID 1 has more than a container's, and its log needs it.) */
const BOUNDING = '-linux_immutable,-sys_admin,-sys_rawio,-mknod,-sys_module';
const HOME = '/var/lib/systemd/coredump/transcripts';

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const today = (): string => dayOf(Date.now());

async function deckyOnExt4(): Promise<Decky> {
  const disk = mountExt4(96 << 20);
  const decky = await createDecky({ parent: disk.path, config: { min_free_bytes: 0 } });
  onTestFinished(async () => {
    protect(decky, false);
    await decky.close();
  });
  chownSync(decky.transcripts, RELAY_UID, GID);
  await repairTranscripts(decky.transcripts, { relayUid: RELAY_UID, gid: GID });
  return decky;
}

/** Whether each regular file is append-only; or makes none so, before they are removed. */
function protect(decky: Decky, on?: false): Record<string, boolean> {
  const found: Record<string, boolean> = {};
  for (const name of readdirSync(decky.transcripts)) {
    const path = join(decky.transcripts, name);
    if (!lstatSync(path).isFile()) continue;
    const fd = openSync(path, 'r');
    if (on === false) addon.setAppendOnly(fd, false);
    found[name] = addon.isAppendOnly(fd);
    closeSync(fd);
  }
  return found;
}

function parts(decky: Decky, options: Partial<MakePartsOptions> = {}): Promise<PartsResult> {
  const own = { nowMs: Date.now(), relayUid: RELAY_UID, gid: GID, preallocateBytes: 1 << 20, addon };
  return makeParts(decky.transcripts, { ...own, ...options });
}

/** Root inside, without the capabilities that no decky has. */
function asRoot(...words: string[]): string[] {
  return ['setpriv', '--bounding-set', BOUNDING, '--', ...words];
}

/** Its program, tried on these names by `count` processes until `stop` says which inodes they have open for writing anywhere. */
async function thieves(decky: Decky, freezer: Freezer, names: readonly string[], count: number) {
  const program = join(decky.folder, 'thief');
  execFileSync('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'support/part-thief.c'), '-static']);
  const inodes: string[] = [];
  const children = await Promise.all(
    Array.from({ length: count }, async () => {
      const inside = decky.inside(...asRoot('/proc/self/fd/3', HOME, ...names));
      const [file = '', ...args] = freezer.among(inside);
      const fd = openSync(program, 'r');
      const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit', fd] });
      closeSync(fd);
      const lines = createInterface(child.stdout as NodeJS.ReadableStream);
      const exited = new Promise((resolve) => child.on('exit', resolve));
      await new Promise<void>((resolve, reject) => {
        void exited.then(() => reject(new Error('a thief ended')));
        lines.on('line', (line) => (line === 'ready' ? resolve() : inodes.push(line.replace('has ', ''))));
      });
      return { end: () => (child.stdin?.end(), exited) };
    }),
  );
  let stopped = false;
  const stop = async (): Promise<string[]> => {
    if (!stopped) await Promise.all(children.map((child) => child.end()));
    stopped = true;
    return inodes;
  };
  onTestFinished(async () => {
    await stop();
  });
  return { stop, inodes };
}

describeGroup('loop', 'parts that the host makes', () => {
  test("are empty, the relay's, readable to the group, with room of their own, and append-only", async () => {
    const decky = await deckyOnExt4();
    const names = [`sessions-${today()}.jsonl`, `sessions-${dayOf(Date.now() + DAY_MS)}.jsonl`];
    const made = await parts(decky);
    expect(made).toEqual({
      done: names.map((name) => ({ did: 'made', name, preallocated: true })),
      unprotected: null,
      crowded: false,
    });
    expect(protect(decky)).toEqual({ [names[0] ?? '']: true, [names[1] ?? '']: true });
    for (const name of names) {
      const { uid, gid, mode, size, blocks } = lstatSync(join(decky.transcripts, name));
      expect({ uid, gid, mode: mode & 0o7777, size }).toEqual({ uid: RELAY_UID, gid: GID, mode: 0o640, size: 0 });
      expect(blocks * 512).toBeGreaterThanOrEqual(1 << 20);
    }
    // Nothing to do: nobody is held for it.
    const freeze = (): never => expect.fail('frozen for nothing');
    expect(await parts(decky, { freeze })).toMatchObject({ done: [] });
  });

  test.skipIf(!hasFreezer)('are never open inside without O_APPEND, however fast somebody tries', async () => {
    const decky = await deckyOnExt4();
    const freezer = createFreezer();
    const coming = Array.from({ length: 40 }, (_, n) => `sessions-${today()}.${String(n + 1)}.jsonl`);
    const first = [`sessions-${today()}.jsonl`, `sessions-${dayOf(Date.now() + DAY_MS)}.jsonl`];
    const days = [1, 2, 3, 4, 5].map((n) => Date.now() + n * DAY_MS);
    const later = days.map((ms) => `sessions-${dayOf(ms + DAY_MS)}.jsonl`);
    const { stop } = await thieves(decky, freezer, [...first, ...coming.slice(0, 6), ...later], 3);
    for (let n = 0; n < 40; n++) await parts(decky, { next: n > 0, preallocateBytes: 4096, freeze: freezer.freeze });
    // And through five midnights.
    for (const nowMs of days) await parts(decky, { nowMs, freeze: freezer.freeze });
    expect(freezer.count).toBe(45);
    expect(await stop()).toEqual([]);
    const found = protect(decky);
    expect(Object.keys(found).length).toBe(46);
    expect(Object.values(found).every(Boolean)).toBe(true);
  });

  test.skipIf(!hasFreezer)(
    'who makes the parts before the host does is followed by one that they cannot have',
    async () => {
      const decky = await deckyOnExt4();
      const freezer = createFreezer();
      const squatted = [1, 2, 3].map((n) => `+sessions-${today()}.${String(n)}.jsonl`);
      await parts(decky);
      const { stop } = await thieves(decky, freezer, squatted, 2);
      for (let n = 0; n < 10; n++) await parts(decky, { preallocateBytes: 4096, freeze: freezer.freeze });
      const inodes = await stop();
      expect(inodes.length).toBeGreaterThan(0);
      await parts(decky);
      const last = readdirSync(decky.transcripts).filter((name) => name.includes(today())).length - 1;
      const live = lstatSync(join(decky.transcripts, `sessions-${today()}.${String(last)}.jsonl`));
      expect(inodes).not.toContain(String(live.ino));
      expect(Object.values(protect(decky)).every(Boolean)).toBe(true);
      const login = deckyLogin(decky, 'root', { args: ['-c', 'true'], bounding: BOUNDING });
      onTestFinished(() => login.close());
      await login.exited;
      expect((await decky.log.waitFor('session_started')).params).toMatchObject({
        protected: 'true',
        shard: `sessions-${today()}.${String(last)}.jsonl`,
      });
    },
  );

  test('keep every byte that is in them, whatever root inside tries, and recording goes on', async () => {
    const decky = await deckyOnExt4();
    // As it is after midnight: today's part was made yesterday.
    await parts(decky, { nowMs: Date.now() - DAY_MS });
    const name = `sessions-${today()}.jsonl`;
    const path = join(decky.transcripts, name);
    const login = deckyLogin(decky, 'root', { bounding: BOUNDING });
    onTestFinished(() => login.close());
    const started = await decky.log.waitFor('session_started');
    expect(started.params).toMatchObject({ protected: 'true', shard: name });
    const attempts = [
      `truncate -s 0 ${name}`,
      `dd if=/dev/zero of=${name} bs=1 count=9 conv=notrunc`,
      `rm -f ${name}`,
      `mv ${name} other`,
      `mv /tmp/mine ${name}`,
      `ln ${name} other`,
      `chattr -a ${name}`,
      `chmod 666 ${name}`,
      `chown 0 ${name}`,
      `fallocate -p -o 0 -l 10 ${name}`,
      `fallocate -z -o 0 -l 10 ${name}`,
      `fallocate -c -o 0 -l 4096 ${name}`,
      `rm -rf ${HOME}`,
      `mv ${HOME} ${HOME}2`,
      `umount ${HOME}`,
      `mount -t tmpfs x ${HOME}`,
    ];
    for (const [i, attempt] of attempts.entries()) {
      const before = readFileSync(path);
      login.write(`cd ${HOME}; touch /tmp/mine; ${attempt} 2>/dev/null; echo "tried-$?-$((${String(i)}+100))"\r`);
      const { match } = await login.waitFor(new RegExp(`tried-\\d+-${String(i + 100)}`), { timeoutMs: 10_000 });
      expect(match, attempt).not.toMatch(/^tried-0-/);
      const after = readFileSync(path);
      expect(after.subarray(0, before.length).equals(before), attempt).toBe(true);
    }
    // Room set aside becomes NULs in the middle: told, skipped, and nothing is lost.
    login.write(`fallocate -l 65536 ${name}; echo "filled-$((6*7))"\r`);
    await login.waitFor('filled-42');
    login.write('exit 3\r');
    expect((await login.exited).status).toBe(3);
    const ended = await decky.log.waitFor('session_recorded');
    const sid = started.params['sid'] ?? '';
    const recording = decky.recording(sid);
    expect(recording.parts).toEqual([name]);
    const listed = await listParts(decky.transcripts);
    const verified = await verifySession(
      listed.map((part) => part.path),
      sid,
    );
    expect(verified).toMatchObject({ state: 'intact', sha256Computed: ended.params['sha256'] });
  });

  test('have their names back from whatever was put there, without a wait, and nothing outside is touched', async () => {
    const decky = await deckyOnExt4();
    const [day, next] = [today(), dayOf(Date.now() + DAY_MS)];
    const outside = decky.path('/root/outside');
    const squat = `
      cd ${HOME}; echo mine >/root/outside
      ln -s /root/outside sessions-${day}.jsonl
      mkfifo sessions-${day}.1.jsonl
      mkdir sessions-${day}.2.jsonl
      mkdir -p sessions-${day}.3.jsonl/a/b; echo x >sessions-${day}.3.jsonl/a/b/c
      echo forged >sessions-${day}.4.jsonl; chown 1000 sessions-${day}.4.jsonl; chmod 666 sessions-${day}.4.jsonl
      echo linked >sessions-${next}.jsonl; ln sessions-${next}.jsonl elsewhere
      python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sessions-${next}.1.jsonl")'
      touch sessions-${day}.900.jsonl; echo far >sessions-${day}.901.jsonl; echo late >sessions-2999-01-01.jsonl`;
    expect(await decky.run(asRoot('bash', '-c', squat))).toMatchObject({ status: 0 });
    const { done } = await parts(decky);
    const told = done.map((one) => `${one.did} ${one.name}${'was' in one ? ` ${one.was}` : ''}`);
    expect(told).toEqual([
      `removed sessions-${day}.jsonl symlink`,
      `removed sessions-${day}.1.jsonl fifo`,
      `removed sessions-${day}.2.jsonl directory`,
      `set_aside sessions-${day}.3.jsonl directory`,
      `removed sessions-${next}.1.jsonl socket`,
      'set_aside sessions-2999-01-01.jsonl too_early',
      'removed elsewhere hard_link',
      `removed sessions-${day}.900.jsonl out_of_turn`,
      `set_aside sessions-${day}.901.jsonl out_of_turn`,
      ...[0, 1, 2, 3, 5].map((n) => `made sessions-${day}${n === 0 ? '' : `.${String(n)}`}.jsonl`),
      `made sessions-${next}.1.jsonl`,
      `kept sessions-${day}.4.jsonl foreign_owner`,
      `kept sessions-${next}.jsonl hard_link`,
    ]);
    expect(readFileSync(outside, 'utf8')).toBe('mine\n');
    expect(readFileSync(join(decky.transcripts, `sessions-${day}.4.jsonl`), 'utf8')).toBe('forged\n');
    const aside = done.flatMap((one) => ('as' in one && one.as !== null ? [one.as] : []));
    expect(aside.map((name) => lstatSync(join(decky.transcripts, name)).isDirectory())).toEqual([true, false, false]);
    const wrong = await repairTranscripts(decky.transcripts, { relayUid: RELAY_UID, gid: GID, dryRun: true });
    expect(wrong).toEqual([]);
    expect(await parts(decky)).toMatchObject({ done: [] });
  });

  test('come when the disk is full too, and a session goes on in the room that was set aside', async () => {
    const decky = await deckyOnExt4();
    await parts(decky);
    const login = deckyLogin(decky, 'root', { bounding: BOUNDING });
    onTestFinished(() => login.close());
    await decky.log.waitFor('session_started');
    await decky.run(['bash', '-c', `cat /dev/zero >${HOME}/fill 2>/dev/null; sync`], { timeoutMs: 30_000 });
    login.write('echo "still-$((6*7))"; exit 4\r');
    await login.waitFor('still-42');
    expect((await login.exited).status).toBe(4);
    expect((await decky.log.waitFor('session_recorded')).params).toMatchObject({ truncated: 'false' });
    const [recording] = decky.recordings();
    expect(recording?.bytes('o').toString()).toContain('still-42');
    const { done } = await parts(decky, { next: true });
    expect(done).toEqual([{ did: 'made', name: `sessions-${today()}.1.jsonl`, preallocated: false }]);
  });
});
