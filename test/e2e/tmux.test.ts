import { expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { prove } from './support/proof.js';

describeGroup('tmux', 'a multiplexer', () => {
  test('a shell inside, detached from and attached to again', async () => {
    const { rec, client } = await atPrompt();
    const tmux = `tmux -f /dev/null -S ${rec.folder}/socket`;
    client.write(`${tmux} new -s one\r`);
    await client.waitFor('ready> ');
    client.write('echo inside-$((20+3))\r');
    await client.waitFor('inside-23');
    client.write('tmux detach\r');
    await client.waitFor('detached');
    client.resize(100, 40);
    client.write(`${tmux} attach\r`);
    await client.waitFor('inside-23');
    client.write('exit\r');
    await client.waitFor('exited');
    client.write('exit 5\r');
    const { exit } = await prove(rec, client);
    expect(exit.status).toBe(5);
  });

  test('a server that goes on in the background holds no login', async () => {
    const { rec, client } = await atPrompt();
    const tmux = `tmux -f /dev/null -S ${rec.folder}/socket`;
    client.write(`${tmux} new -d -s two 'exec sleep 600'; echo started-$?\r`);
    await client.waitFor('started-0');
    client.write('exit 6\r');
    const { exit } = await prove(rec, client);
    expect(exit.status).toBe(6);
    const second = rec.login({ args: ['-c', `${tmux} kill-server; echo killed-$?`] });
    await second.waitFor('killed-0');
    expect((await second.exited).status).toBe(0);
  });
});
