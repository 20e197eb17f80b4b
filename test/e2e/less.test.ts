import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { prove } from './support/proof.js';

describeGroup('less', 'a pager', () => {
  test('pages down, searches, goes to the end and back, quits', async () => {
    const { rec, client } = await atPrompt();
    writeFileSync(
      join(rec.home, 'long.txt'),
      Array.from({ length: 5000 }, (_, i) => `line ${String(i)}${i === 3210 ? ' needle' : ''}\n`).join(''),
    );
    client.write('LESS= less long.txt\r');
    await client.waitFor('line 22');
    const steps = [
      [' ', 'line 45'],
      ['/needle\r', 'needle'],
      ['G', 'line 4999'],
      ['g', 'line 22'],
    ] as const;
    for (const [keys, shown] of steps) {
      client.write(keys);
      await client.waitFor(shown);
    }
    client.write('q');
    await client.waitFor('ready> ');
    client.write('exit 1\r');
    const { exit, recording } = await prove(rec, client, 'LESS= less long.txt\r /needle\rGgqexit 1\r');
    expect(exit.status).toBe(1);
    expect(recording.lines.filter((line) => line.noecho === true)).toEqual([]);
  });

  test('a program that prints into a pager is stopped with it', async () => {
    const { rec, client } = await atPrompt();
    client.write('yes | LESS= less\r');
    await client.waitFor('y\r\ny');
    client.write('q');
    await client.waitFor('ready> ');
    client.write('exit\r');
    await prove(rec, client, 'yes | LESS= less\rqexit\r');
  });
});
