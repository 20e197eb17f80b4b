import { expect, test } from 'vitest';
import type { SessionRow } from '../../src/contract/session-row.js';
import type { Verification } from '../../src/contract/verification.js';
import { describeGroup } from './groups.js';
import { decnet } from './support/decnet.js';
import { PROMPT } from './support/recorder.js';

/** A process of our own, with its modules still to be loaded. */
const START_MS = 20_000;

/** What a terminal must not get from a recording: a title, a question it would answer, an address for its clipboard. */
const TITLE = '\u001b]0;owned\u0007';
const CLIPBOARD = '\u001b]52;c;b3duZWQ=\u0007';
const QUESTION = '\u001b[6n';
const RED = '\u001b[31mred\u001b[0m';

describeGroup('bash', 'decnet record on a terminal', () => {
  test('what is typed becomes a session that is listed, verified and played safely; its exit status is passed on', async () => {
    const { open, run } = decnet();
    const terminal = open('record');
    await terminal.waitFor(PROMPT, { timeoutMs: START_MS });
    await terminal.type('echo one two\r', { gapsMs: 20 });
    await terminal.waitFor('one two\r\n');
    await terminal.waitFor(PROMPT);
    const hostile = (TITLE + CLIPBOARD + QUESTION + RED).replaceAll('\u001b', '\\033').replaceAll('\u0007', '\\007');
    terminal.write(`printf '${hostile}\\n'\r`);
    await terminal.waitFor(RED);
    await terminal.waitFor(PROMPT);
    terminal.write('exit 3\r');
    const told = await terminal.waitFor(/decnet: recorded ([0-9a-f]{8}), [^\r\n]*\r\n/, { timeoutMs: START_MS });
    expect(told.match).toContain('recording intact');
    expect(await terminal.exited).toEqual({ status: 3, signal: null });

    const listed = await run('sessions', '--json');
    const sessions = JSON.parse(listed.stdout.toString()) as SessionRow[];
    expect(sessions).toMatchObject([
      { kind: 'tty', state: 'ended', service: 'local', reason: 'exit', status: 3, verification: 'intact' },
    ]);
    const sid = sessions[0]?.sid ?? '';
    expect(told.match).toContain(sid.slice(0, 8));

    const verified = await run('verify', sid, '--json');
    expect(verified.status).toBe(0);
    expect(JSON.parse(verified.stdout.toString()) as Verification).toMatchObject({ sid, state: 'intact', places: [] });

    const played = await run('play', sid, '--speed', '1000');
    expect(played).toMatchObject({ status: 0, signal: null });
    const shown = played.stdout.toString();
    // readline leaves bracketed paste (which play does not pass on) and a CR between the two.
    expect(shown).toMatch(/ready> echo one two\r\n\r?one two\r\n/);
    expect(shown).not.toContain('\u001b[?2004');
    expect(shown).toContain(RED);
    for (const sequence of ['\u001b]', '\u0007', QUESTION]) expect(shown).not.toContain(sequence);
    // It was recorded, and what plays it raw is asked for.
    const raw = await run('play', sid, '--speed', '1000', '--raw');
    expect(raw.stdout.toString()).toContain(TITLE + CLIPBOARD + QUESTION + RED);
  });

  test('a shell that a signal ended has the status that shells give it', async () => {
    const { open, run } = decnet();
    const terminal = open('record');
    await terminal.waitFor(PROMPT, { timeoutMs: START_MS });
    terminal.write('kill -KILL $$\r');
    expect(await terminal.exited).toEqual({ status: 128 + 9, signal: null });
    const listed = await run('sessions', '--json');
    expect(JSON.parse(listed.stdout.toString())).toMatchObject([
      { reason: 'signal', signal: 'KILL', status: null, verification: 'intact' },
    ]);
  });

  test('without a terminal nothing is recorded, and it says so', async () => {
    const { run } = decnet();
    const { status, stdout, stderr } = await run('record');
    expect(status).not.toBe(0);
    expect(stdout.toString()).toBe('');
    expect(stderr.toString()).toMatch(/^decnet: record: .*\(E_NO_TTY\)/);
    expect((await run('sessions', '--json')).stdout.toString().trim()).toBe('[]');
  });
});
