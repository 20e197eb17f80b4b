import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployPaths } from '../../src/deploy/deploy-paths.js';
import { digestOf } from '../../src/deploy/rollout.js';
import { findLoginSession } from '../../src/native/find-login-session.js';
import type { Terminal } from '../../src/native/terminal.js';
import { describeGroup } from './groups.js';
import { startAgentBench, type AgentBench } from './support/agent-bench.js';
import { BASE_LIMIT_MS } from './support/base-image.js';

const LIMIT_MS = 240_000;

describeGroup('docker', 'a new login-session in a running decky', () => {
  let bench: AgentBench;
  beforeAll(async () => {
    bench = await startAgentBench();
  }, BASE_LIMIT_MS);
  afterAll(() => bench.close(), LIMIT_MS);

  const installed = (): string => deployPaths(bench.stateDir, bench.artifactsDir).files('omega', 'ssh').recorder;
  /** Of the recorders that run on this machine, by the kernel's word: from inside they cannot be seen. */
  const running = (): (string | null)[] =>
    readdirSync('/proc').flatMap((pid) => {
      try {
        const exe = `/proc/${pid}/exe`;
        if (!readlinkSync(exe).includes('/usr/lib/login-session/login-session')) return [];
        return [createHash('sha256').update(readFileSync(exe)).digest('hex')];
      } catch {
        return [];
      }
    });

  /** A login whose shell answers. */
  async function shell(): Promise<Terminal> {
    const login = bench.login();
    login.write('echo ready $((1 + 1))\r');
    await login.waitFor('ready 2', { timeoutMs: 20_000 });
    return login;
  }

  test(
    'new logins get it, a session that lives keeps its own and is recorded to its end',
    async () => {
      const fresh = bench.file('login-session', '');
      copyFileSync(findLoginSession(), fresh);
      // Another program to everybody but the loader.
      writeFileSync(fresh, Buffer.concat([readFileSync(fresh), Buffer.from(fresh)]));
      await bench.startAgent(`login_session=${fresh}`);
      await bench.stateIs('healthy');
      const before = digestOf(installed());
      const living = await shell();
      await bench.orderIs(await bench.order('update'), 'done');
      expect(digestOf(installed())).toBe(digestOf(fresh));
      expect(digestOf(installed())).not.toBe(before);
      const later = await shell();
      expect(running()).toEqual(expect.arrayContaining([before, digestOf(fresh)]));
      living.write('echo still $((40 + 2))\r');
      await living.waitFor('still 42', { timeoutMs: 20_000 });
      for (const login of [living, later]) {
        login.write('exit\r');
        await login.exited;
        await login.close();
      }
      const day = new Date().toISOString().slice(0, 10);
      const shard = readFileSync(join(bench.artifactsDir, 'omega/ssh/transcripts', `sessions-${day}.jsonl`), 'utf8');
      expect(shard).toContain('still 42');
      expect((await bench.stateIs('healthy')).state).toBe('healthy');
    },
    LIMIT_MS,
  );

  test(
    'one that does not record is taken out again',
    async () => {
      const before = digestOf(installed());
      const broken = bench.file('broken', '');
      copyFileSync('/bin/true', broken);
      await bench.startAgent(`login_session=${broken}`);
      await bench.stateIs('healthy');
      const order = await bench.orderIs(await bench.order('update'), 'failed');
      expect(order.reason).toContain('the one before is back');
      expect(digestOf(installed())).toBe(before);
      expect(existsSync(join(bench.stateDir, 'deploy', 'kept', 'omega-ssh'))).toBe(false);
      await bench.stateIs('healthy');
    },
    LIMIT_MS,
  );
});
