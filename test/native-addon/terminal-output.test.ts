import { expect, test } from 'vitest';
import { TerminalOutput } from '../../src/native/terminal-output.js';

const LONG_MS = 60_000;

test('what has been received already is found at once, and only once', async () => {
  const out = new TerminalOutput();
  out.push(Buffer.from('one two one'));
  expect(await out.waitFor('one', LONG_MS)).toEqual({ before: '', match: 'one' });
  expect(await out.waitFor('one', LONG_MS)).toEqual({ before: ' two ', match: 'one' });
  const third = out.waitFor('one', LONG_MS);
  out.push(Buffer.from(' o'));
  out.push(Buffer.from('ne'));
  expect(await third).toEqual({ before: ' ', match: 'one' });
});

test('a character cut by a read is whole for patterns, and its bytes stay exact', async () => {
  const out = new TerminalOutput();
  const bytes = Buffer.from('naïve ☃');
  for (const byte of bytes) out.push(Buffer.from([byte]));
  expect((await out.waitFor(/v. ☃/, LONG_MS)).before).toBe('naï');
  out.push(Buffer.from([0xff, 0xfe]));
  expect(out.bytes()).toEqual(Buffer.concat([bytes, Buffer.from([0xff, 0xfe])]));
});

test('a global or sticky pattern is matched from the cursor, whatever its lastIndex', async () => {
  const out = new TerminalOutput();
  const pattern = /b/gy;
  pattern.lastIndex = 7;
  out.push(Buffer.from('ab'));
  expect((await out.waitFor(pattern, LONG_MS)).match).toBe('b');
});

test('those who wait are served in the order they asked', async () => {
  const out = new TerminalOutput();
  const both = Promise.all([out.waitFor('x', LONG_MS), out.waitFor('x', LONG_MS)]);
  out.push(Buffer.from('1x2x'));
  expect((await both).map((found) => found.before)).toEqual(['1', '2']);
});

test('an output that ends without the pattern fails those who wait, and shows what was seen', async () => {
  const out = new TerminalOutput();
  const waiting = out.waitFor('password:', LONG_MS);
  out.push(Buffer.from('login: \x1b[0m'));
  out.end();
  await expect(waiting).rejects.toMatchObject({
    code: 'E_TERMINAL',
    message: '"password:" was not seen (the output ended); the last that was seen: "login: \\u001b[0m"',
  });
  await expect(out.waitFor('more', LONG_MS)).rejects.toMatchObject({ code: 'E_TERMINAL' });
  expect((await out.waitFor('login', LONG_MS)).match).toBe('login');
});

test('a pattern that does not come in time fails with the end of what was seen', async () => {
  const out = new TerminalOutput();
  out.push(Buffer.from(`${'-'.repeat(10_000)}tail`));
  const failure = (await out.waitFor(/never/, 1).catch((error: unknown) => error)) as Error;
  expect(failure.message).toMatch(/^\/never\/ was not seen \(not within 1 ms\); the last that was seen: "-+tail"$/);
  expect(failure.message.length).toBeLessThan(600);
});

test('who gives up makes way for those behind', async () => {
  const out = new TerminalOutput();
  out.push(Buffer.from('y'));
  const first = out.waitFor('x', 1);
  const second = out.waitFor('y', LONG_MS);
  await expect(first).rejects.toThrow('not within 1 ms');
  expect((await second).match).toBe('y');
});
