import { expect, test } from 'vitest';
import type { Terminal } from '../../src/native/terminal.js';
import { describeGroup } from './groups.js';
import { childOf } from './support/client.js';
import { expectSound } from './support/proof.js';
import { PROMPT, recorder, type Recorder } from './support/recorder.js';

/** The login between two looks at its terminal's settings, by a shell that stays: `<settings>` comes before and after. */
function between(rec: Recorder, args: readonly string[], setting = 'stty -ixon quit ^X'): Terminal {
  const script = `${setting}; echo "<$(stty -g)>"; name=$1; shift; (exec -a "$name" "$0" "$@"); echo "status:$?:"; echo "<$(stty -g)>"`;
  return rec.login({
    args,
    through: (words) => ({ file: '/bin/bash', argv: ['bash', '--norc', '-c', script, rec.program, ...words] }),
  });
}

async function expectRestored(client: Terminal, status: number): Promise<void> {
  await client.exited;
  await client.closed;
  const text = client.output().toString();
  const settings = [...text.matchAll(/<([0-9a-f:]+)>/g)].map(([, found]) => found);
  expect(settings.length).toBeGreaterThanOrEqual(2);
  expect(settings.at(-1)).toBe(settings[0]);
  expect(text).toContain(`status:${String(status)}:`);
}

describeGroup('bash', "the client's terminal", () => {
  test('its settings are those of the inner one, and are back after an exit', async () => {
    const rec = recorder();
    const client = between(rec, ['-c', 'echo "<$(stty -g)>"; exit 3']);
    await expectRestored(client, 3);
    const settings = [
      ...client
        .output()
        .toString()
        .matchAll(/<([0-9a-f:]+)>/g),
    ].map(([, found]) => found);
    expect(new Set(settings).size).toBe(1);
    expectSound(rec.only());
  });

  test('they are back after a signal, whatever the program has done to its own', async () => {
    const rec = recorder();
    await expectRestored(between(rec, ['-c', 'stty raw -echo; kill -KILL $$']), 128 + 9);
    expectSound(rec.only());
  });

  test.each([
    ['SIGTERM', 128 + 15],
    ['SIGHUP', 128 + 1],
  ] as const)('they are back after %s to the recorder', async (signal, status) => {
    const rec = recorder();
    const client = between(rec, []);
    await client.waitFor(PROMPT);
    process.kill(childOf(client.pid), signal);
    await expectRestored(client, status);
    expectSound(rec.only());
  });

  test('it is open to others again afterwards', async () => {
    const rec = recorder();
    const without = ['--inh-caps=-sys_admin', '--bounding-set=-sys_admin'];
    const script = '"$@"; (exec 9<>"$(tty)") && echo "op""en"';
    const client = rec.login({
      args: ['-c', 'true'],
      through: (words) => ({
        file: '/usr/bin/setpriv',
        argv: ['setpriv', ...without, 'bash', '-c', script, 'bash', rec.program, ...words.slice(1)],
      }),
    });
    await client.waitFor('open');
  });
});
