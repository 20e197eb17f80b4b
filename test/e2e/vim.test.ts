import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { prove } from './support/proof.js';

const ALTERNATE_SCREEN = ['\x1b[?1049h', '\x1b[?1049l'] as const;

describeGroup('vim', 'an editor', () => {
  test('a file is edited and saved, arrows and a resize in between', async () => {
    const { rec, client } = await atPrompt();
    client.write('vim -u NONE -N note.txt\r');
    await client.waitFor(ALTERNATE_SCREEN[0]);
    await client.waitFor('note.txt');
    await client.type(['i', 'h', 'é', 'l', 'l', 'o', '\x1b[D', '\x1b[D', 'X', '\x1b'], { gapsMs: 15 });
    client.resize(100, 30);
    await client.type(':wq\r', { gapsMs: 15 });
    await client.waitFor(ALTERNATE_SCREEN[1]);
    client.write('exit\r');
    const { recording } = await prove(rec, client);
    expect(readFileSync(join(rec.home, 'note.txt'), 'utf8')).toBe('hélXlo\n');
    expect(recording.lines.some((line) => line.ch === 'r' && line.d === '100x30')).toBe(true);
    // vim reads raw, with ECHO off: that is no password prompt.
    expect(recording.lines.filter((line) => line.noecho === true)).toEqual([]);
  });

  test('a hangup in the middle of it ends it as a hangup would', async () => {
    const { rec, client } = await atPrompt();
    client.write('vim -u NONE -N other.txt\r');
    await client.waitFor('other.txt');
    await client.type('ikept', { gapsMs: 10 });
    await client.waitFor('t');
    client.hangup();
    await client.exited;
    expect(await rec.event('session_recorded')).toMatchObject({ reason: 'hangup' });
    expect(rec.only().end?.sha256).toBe(rec.only().sha256);
  });
});
