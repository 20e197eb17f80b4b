import { expect, test } from 'vitest';
import type { Terminal } from '../../src/native/terminal.js';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { prove } from './support/proof.js';

async function pressUntil(client: Terminal, key: string, text: string): Promise<void> {
  for (let presses = 1; ; presses++) {
    client.write(key);
    try {
      await client.waitFor(text, { timeoutMs: 2_000 });
      return;
    } catch (error) {
      if (presses === 5) throw error;
    }
  }
}

describeGroup('sudo', 'another user', () => {
  test('a command runs on the terminal of the shell', async () => {
    const { rec, client } = await atPrompt();
    client.write('sudo -k; sudo -u nobody sh -c "id -un; tty; exit 4"; echo "status-$?"\r');
    await client.waitFor('nobody\r\n/dev/pts/');
    await client.waitFor('status-4');
    client.write('exit\r');
    await prove(rec, client);
  });

  test('a password that sudo asks for is marked, and nothing else', async () => {
    const { rec, client } = await atPrompt();
    // As nobody, sudo asks for a password that nobody has.
    client.write(
      'setpriv --reuid 65534 --regid 65534 --clear-groups sudo -p "Ent""er it: " true; echo back-$((1+1))\r',
    );
    await client.waitFor('Enter it: ', { timeoutMs: 15_000 });
    client.write('hunter2\r');
    // PAM takes its time over a wrong one.
    await client.waitFor(/Enter it: |back-2/, { timeoutMs: 15_000 });
    // A ^C that comes between sudo's prompt and its read is taken note of only at the next one: press again, as people do.
    await pressUntil(client, '\x03', 'ready> ');
    client.write('exit\r');
    const { recording } = await prove(rec, client);
    const marked = recording.lines.filter((line) => line.noecho === true).map((line) => line.d);
    expect(marked.join('')).toMatch(/^hunter2\r/);
    expect(marked.join('')).not.toContain('exit');
  });
});
