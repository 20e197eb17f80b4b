import { expect, onTestFinished, test } from 'vitest';
import { createSourceOpener } from '../../../../src/workers/collector/sources/open-sources.js';
import { at, fakeEngine } from './fake-engine.js';
import { manualTime, readUntil, readWhile } from './support.js';

async function opened() {
  const engine = await fakeEngine();
  const said: string[] = [];
  const opener = createSourceOpener({
    engineSocket: engine.socketPath,
    group: 'root',
    log: (message) => said.push(message),
  });
  onTestFinished(() => opener.close());
  return { engine, opener, said };
}

test('labelled containers are found, running or not, two of one decky as two', async () => {
  const { engine, opener } = await opened();
  engine.add('omega-ssh', { labels: { 'decnet.decky': 'omega', 'decnet.service': 'ssh' } });
  engine.add('omega-telnet', { labels: { 'decnet.decky': 'omega' }, isRunning: false });
  expect(await opener.containers()).toEqual([
    { id: 'docker:omega-ssh', decky: 'omega', service: 'ssh', kind: 'container', at: 'omega-ssh', untrusted: false },
    {
      id: 'docker:omega-telnet',
      decky: 'omega',
      service: null,
      kind: 'container',
      at: 'omega-telnet',
      untrusted: false,
    },
  ]);
});

test('a label that names no decky, or no service, is refused, and said once', async () => {
  const { engine, opener, said } = await opened();
  engine.add('bad', { labels: { 'decnet.decky': '../etc' } });
  engine.add('worse', { labels: { 'decnet.decky': 'omega', 'decnet.service': 'a b' } });
  expect(await opener.containers()).toEqual([]);
  await opener.containers();
  expect(said).toHaveLength(2);
  expect(said[0]).toContain('decnet.decky is "../etc"');
});

test('one that was removed stays until its last line was handed out', async () => {
  const { engine, opener } = await opened();
  const omega = engine.add('omega', { labels: { 'decnet.decky': 'omega' }, log: [at(1, 'one\n'), at(2, 'two\n')] });
  const [place] = await opener.containers();
  const time = manualTime();
  const source = opener.open(place!, { position: undefined, now: time.now });
  onTestFinished(() => source.close());
  await readUntil(source, ({ length }) => length === 1, { limits: { maxLines: 1, maxBytes: 100 } });
  engine.stop(omega);
  engine.containers.clear();
  expect(await opener.containers()).toHaveLength(1);
  await readWhile(source, () => (time.pass(20_000), source.state().trouble === null));
  expect(await opener.containers()).toEqual([]);
});

test('an engine that does not answer, or answers 500, is E_ENGINE; none at all has no containers', async () => {
  const { engine, opener } = await opened();
  engine.failing = { path: '/json', status: 500 };
  await expect(opener.containers()).rejects.toMatchObject({
    code: 'E_ENGINE',
    message: expect.stringContaining('out of order') as string,
  });
  const away = createSourceOpener({ engineSocket: '/nowhere/engine.sock', group: 'root' });
  await expect(away.containers()).rejects.toMatchObject({ code: 'E_ENGINE' });
  expect(await createSourceOpener({ engineSocket: null, group: 'root' }).containers()).toEqual([]);
});
