import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { startAgentBench, WITHIN_A_MINUTE, type AgentBench } from './support/agent-bench.js';
import { BASE_LIMIT_MS } from './support/base-image.js';

const LIMIT_MS = 240_000;
const INSIDE = '/var/lib/systemd/coredump/transcripts';

describeGroup('docker', 'the agent, beside a real decky', () => {
  let bench: AgentBench;
  beforeAll(async () => {
    bench = await startAgentBench();
    await bench.startAgent();
    await bench.stateIs('healthy');
  }, BASE_LIMIT_MS);
  afterAll(() => bench.close(), LIMIT_MS);

  const day = (plus: number): string => new Date(Date.now() + plus * 86_400_000).toISOString().slice(0, 10);
  const transcripts = (): string => join(bench.artifactsDir, 'omega', 'ssh', 'transcripts');
  const audit = () => bench.store((store) => store.audit.list('omega'));

  test(
    'another shell for root, from inside, makes the decky blind within a minute, with a finding; and it is well again when that is undone',
    async () => {
      await bench.inside('omega-ssh', 'usermod', '-s', '/bin/bash', 'root');
      const row = await bench.stateIs('blind');
      expect(row.reason).toContain('root has the shell /bin/bash');
      const [finding] = await bench.store((store) => store.findings.list({ kind: 'decky_blind' }));
      expect(finding).toMatchObject({ decky: 'omega' });
      await bench.inside('omega-ssh', 'usermod', '-s', '/usr/libexec/login-session', 'root');
      await bench.stateIs('healthy');
    },
    LIMIT_MS,
  );

  test(
    'what root inside does to modes and names of recordings is put right within a minute, and said',
    async () => {
      const [today, tomorrow] = [`sessions-${day(0)}.jsonl`, `sessions-${day(1)}.jsonl`];
      await bench.inside('omega-ssh', 'chmod', '0777', INSIDE);
      await bench.inside('omega-ssh', 'ln', '-s', '/etc/passwd', `${INSIDE}/sessions-${day(0)}.1.jsonl`);
      // Append-only names cannot be taken; beside them a name can be squatted.
      await bench.inside('omega-ssh', 'mv', `${INSIDE}/${tomorrow}`, `${INSIDE}/x`);
      await bench.inside('omega-ssh', 'mkfifo', `${INSIDE}/sessions-${day(1)}.1.jsonl`);
      expect(statSync(transcripts()).mode & 0o777).toBe(0o777);
      await vi.waitFor(async () => {
        expect(statSync(transcripts()).mode & 0o7777).toBe(0o2750);
        for (const squatted of [`sessions-${day(0)}.1.jsonl`, `sessions-${day(1)}.1.jsonl`]) {
          const stats = lstatSync(join(transcripts(), squatted), { throwIfNoEntry: false });
          expect(stats === undefined || stats.isFile()).toBe(true);
        }
        const said = (await audit()).map(({ reason }) => reason ?? '').join('\n');
        expect(said).toMatch(/transcripts was .* 2777, not/);
        expect(said).toContain('fifo');
        expect(said).toContain('symlink');
      }, WITHIN_A_MINUTE);
      for (const part of [today, tomorrow]) expect(lstatSync(join(transcripts(), part)).isFile()).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    'it is stopped, started and checked by order; an order that its agent was killed over is carried out by the next',
    async () => {
      await bench.orderIs(await bench.order('stop'), 'done');
      expect(await bench.stateIs('stopped')).toMatchObject({ containers: [{ running: false }] });
      await bench.orderIs(await bench.order('start'), 'done');
      await bench.stateIs('healthy');
      await bench.orderIs(await bench.order('check'), 'done');
      const killed = await bench.order('restart');
      await bench.store((store) => store.orders.move(killed, 'queued', { state: 'taken', taken_at: Date.now() }));
      await bench.startAgent();
      await bench.orderIs(killed, 'done');
      await bench.stateIs('healthy');
    },
    LIMIT_MS,
  );

  test(
    'a decky that a killed agent left held goes on',
    async () => {
      await bench.dockerd.docker.getContainer('omega-ssh').pause();
      await vi.waitFor(async () => {
        expect((await bench.dockerd.docker.getContainer('omega-ssh').inspect()).State.Paused).toBe(false);
      }, WITHIN_A_MINUTE);
    },
    LIMIT_MS,
  );

  test(
    'a removed decky is gone, and its recordings stay',
    async () => {
      await bench.orderIs(await bench.order('remove'), 'done');
      await bench.stateIs('gone');
      expect(await bench.dockerd.docker.listContainers({ all: true })).toEqual([]);
      expect(statSync(join(transcripts(), `sessions-${day(0)}.jsonl`)).size).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
