import { readFileSync } from 'node:fs';
import type { Terminal } from '../src/native/terminal.js';

/** What the quickstart's user types into a shell, and how. */
export interface TypingResult {
  readonly exitStatus: number | null;
}

/** Typed at the no-echo prompt: must be nowhere in what is printed or stored but the shard. */
export const PASSWORD = 'correct-horse';

const LEFT = '\u001b[D';
const RIGHT = '\u001b[C';
const PASTE = '\u001b[200~for n in 1 2 3; do echo "pasted $n"; done\u001b[201~';
/** Set by the home directory's .bashrc: what the shell shows when it is ready. */
export const PROMPT = 'decoy$ ';

/**
 * Logs in, looks around, mistypes, edits with the arrow keys, answers a password prompt, pastes, resizes, and leaves with
 * `exit 3`. The gaps between keys are those of quickstart-gaps.json, in order. Throws E_TERMINAL when the shell does not
 * answer.
 */
export async function typeLikeAPerson(terminal: Terminal): Promise<TypingResult> {
  const gaps = createGaps();
  const wait = async (text: string): Promise<unknown> => terminal.waitFor(text, { timeoutMs: 15_000 });
  // Each word is typed character by character, but for keys that are one by themselves.
  const type = async (...words: string[]): Promise<unknown> => {
    const keys = words.flatMap((word) => (word.startsWith('\u001b') ? [word] : Array.from(word)));
    return terminal.type(keys, { gapsMs: gaps.next(keys.length) });
  };
  const command = async (line: string): Promise<void> => {
    await type(line, '\r');
    await wait('\n');
    await wait(PROMPT);
  };

  await wait(PROMPT);
  await command('uname -a');
  // A slip, seen at once and taken back.
  await type('cat /etc/hots', '\u007f', '\u007f', 'stname', '\r');
  await wait(PROMPT);
  // A forgotten letter, put in with the arrow keys.
  await type('ls -l /usr/lcal', LEFT, LEFT, LEFT, 'o', RIGHT, RIGHT, RIGHT, '\r');
  await wait(PROMPT);
  await type("read -s -p 'Password: ' pw", '\r');
  await wait('pw\r\n');
  await wait('Password: ');
  await type(PASSWORD, '\r');
  await wait(PROMPT);
  terminal.write(PASTE);
  await wait('done');
  await type('\r');
  await wait('pasted 3');
  await wait(PROMPT);
  terminal.resize(120, 40);
  await command('stty size');
  await type('exit 3', '\r');
  const { status } = await terminal.exited;
  return { exitStatus: status };
}

function createGaps(): { next(count: number): number[] } {
  const file = new URL('quickstart-gaps.json', import.meta.url);
  const { gaps_ms: all } = JSON.parse(readFileSync(file, 'utf8')) as { gaps_ms: number[] };
  let at = 0;
  return { next: (count) => Array.from({ length: count }, () => all[at++ % all.length] ?? 100) };
}
