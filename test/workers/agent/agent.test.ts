import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { topics } from '../../../src/contract/topics.js';
import { DecnetError } from '../../../src/errors.js';
import { agentWorker } from '../../../src/workers/agent/agent.js';
import { createWorkerBench } from '../worker-bench.js';
import { createAgentBench, type AgentBench } from './agent-bench.js';
import { SOUND_PASSWD } from './fake-host.js';

let bench: AgentBench;
beforeEach(async () => {
  bench = await createAgentBench();
});
afterEach(() => bench.close());

const row = async () => (await bench.store.deckies.get('omega'))!;
const findings = () => bench.store.findings.list({ kind: 'decky_blind' });
const started = async (): Promise<void> => {
  await bench.start();
  await bench.passUntil('omega', 'healthy');
};

describe('the agent, looking at deckies', () => {
  it('proves a running decky by a login, writes its row, and rings after that', async () => {
    await started();
    expect(await row()).toMatchObject({
      ...{ decky: 'omega', state: 'healthy', reason: null, hostname: 'mail01', recorder_sha256: 'aa' },
      containers: [{ service: 'ssh', id: 'id-omega', name: 'omega-ssh', running: true }],
      addresses: { ssh: '0.0.0.0:2222' },
    });
    const event = await bench.event(topics.deckyState('omega'), 'healthy');
    expect(event.payload).toMatchObject({ decky: 'omega', state: 'healthy', before: 'deploying' });
    await bench.event(topics.deckyLifecycle('omega'), 'started');
    expect(await findings()).toEqual([]);
  });

  it('logs in again every ten minutes, and not oftener', async () => {
    await started();
    await bench.pass(500_000);
    expect(bench.host.proofs).toBe(1);
    await bench.pass(120_000);
    expect(bench.host.proofs).toBe(2);
  });

  it('a shell that does not record makes a decky blind, with one finding, within a minute; and well again is said', async () => {
    await started();
    bench.host.passwd = SOUND_PASSWD.replace('/root:/usr/libexec/login-session', '/root:/bin/bash');
    expect(await bench.passUntil('omega', 'blind')).toBeLessThan(60_000);
    await bench.pass(120_000);
    const [finding, ...more] = await findings();
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ decky: 'omega', stated_by: 'agent' });
    expect(finding!.summary).toContain('root has the shell /bin/bash');
    await bench.event(topics.deckyState('omega'), 'blind');
    const proofs = bench.host.proofs;
    bench.host.passwd = SOUND_PASSWD;
    expect(await bench.passUntil('omega', 'healthy')).toBeLessThan(60_000);
    expect(bench.host.proofs).toBe(proofs + 1);
    const lines = (await bench.store.outbox.take(9)).map(({ line }) => line);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(
      'decky_blind [relay@55555 decky="omega" state="blind" reason="ssh: /etc/passwd: root has',
    );
    expect(lines[1]).toMatch(/decky_healthy \[relay@55555 decky="omega" state="healthy" blind_s="\d+"\]/);
  });

  it('a recorder that was bent to another program makes it blind', async () => {
    await started();
    bench.host.link = '/bin/bash';
    expect(await bench.passUntil('omega', 'blind')).toBeLessThan(60_000);
    expect((await row()).reason).toBe('ssh: /usr/libexec/login-session leads to /bin/bash');
  });

  it('a login that is not recorded makes it blind, and is tried again each minute', async () => {
    bench.host.proof = 'no session appeared';
    await bench.start();
    await bench.passUntil('omega', 'blind');
    expect(await row()).toMatchObject({ reason: 'no session appeared' });
    bench.host.proof = new DecnetError('E_ENGINE', 'cannot reach it');
    await bench.pass(70_000);
    expect(await row()).toMatchObject({ state: 'blind', reason: 'cannot reach it (E_ENGINE)' });
    bench.host.proof = null;
    expect(await bench.passUntil('omega', 'healthy')).toBeLessThan(65_000);
    expect(await findings()).toHaveLength(1);
  });

  it.each([
    ['a daemon is configured otherwise', () => (bench.host.daemonFile = 'ForceCommand x')],
    ['it has another recorder', () => (bench.host.recorder = 'cc')],
    ['its containers were started again', () => bench.host.runs.set('omega', 7)],
  ])('logs in again when %s', async (_, change) => {
    await started();
    await bench.pass(60_000);
    expect(bench.host.proofs).toBe(1);
    change();
    await bench.pass(20_000);
    expect(bench.host.proofs).toBe(2);
    expect((await row()).state).toBe('healthy');
  });

  it('a decky that goes down by itself has failed; one that is no longer deployed is gone', async () => {
    await started();
    bench.host.running.clear();
    await bench.passUntil('omega', 'failed');
    expect((await row()).reason).toBe('ssh is not running');
    await bench.event(topics.deckyLifecycle('omega'), 'stopped');
    bench.host.fleetIs = { deckies: [] };
    await bench.passUntil('omega', 'gone');
    await bench.event(topics.deckyLifecycle('omega'), 'gone');
  });

  it('leaves the rows alone while a deploy is at work', async () => {
    bench.host.deploying = true;
    await bench.start();
    await bench.pass(30_000);
    expect(await bench.store.deckies.get('omega')).toBeUndefined();
    expect(bench.host.proofs + bench.host.patrols).toBe(0);
    bench.host.deploying = false;
    await bench.passUntil('omega', 'healthy');
  });

  it('patrols every 20 s, and what was put right stands in the log and in the audit', async () => {
    await started();
    bench.host.mends = ['transcripts/ was 777'];
    await bench.pass(25_000);
    expect(bench.log.join('\n')).toContain('omega: put right: transcripts/ was 777');
    expect(await bench.store.audit.list('omega')).toMatchObject([
      { actor: 'agent', action: 'put right', reason: 'transcripts/ was 777' },
    ]);
    expect(bench.host.patrols).toBe(2);
  });

  it('says what it knows again after a restart, with no second finding', async () => {
    bench.host.passwd = '';
    await bench.start();
    await bench.passUntil('omega', 'blind');
    await bench.stop();
    await bench.start();
    await bench.pass(30_000);
    expect(await findings()).toHaveLength(1);
  });
});

it('without an engine the agent has nothing configured', async () => {
  const plain = await createWorkerBench(agentWorker);
  await plain.start();
  expect((await plain.health())?.state).toBe('unconfigured');
  await plain.close();
});
