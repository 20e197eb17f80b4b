import { expect, test } from 'vitest';
import { shell, terminal } from './support.js';

test('without a terminal the program has three pipes, stderr apart', async () => {
  const sh = shell('test -t 0 || echo no tty; echo wrong >&2; ls -l /proc/self/fd/0', { pty: false });
  await sh.waitFor('wrong\n', { stream: 'err' });
  await sh.waitFor('no tty\n');
  await sh.waitFor(/pipe:\[\d+\]\n/);
  await sh.exited;
  await sh.closed;
  expect(sh.errorOutput().toString()).toBe('wrong\n');
  expect(sh.name).toBeNull();
});

test('the end of input comes after all that was written', async () => {
  const wc = terminal({ file: '/usr/bin/wc', argv: ['wc', '-c'], pty: false });
  wc.write(Buffer.alloc(1_000_000));
  wc.endInput();
  await wc.waitFor('1000000\n');
  expect(await wc.exited).toEqual({ status: 0, signal: null });
});

test('bytes pass pipes as they are', async () => {
  const cat = terminal({ file: '/bin/cat', pty: false });
  const bytes = Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7) % 256));
  cat.write(bytes);
  cat.endInput();
  await cat.exited;
  await cat.closed;
  expect(cat.output().equals(bytes)).toBe(true);
});

test('hanging up ends the input and breaks the output', async () => {
  const cat = terminal({ file: '/bin/cat', pty: false });
  cat.write('x');
  await cat.waitFor('x');
  cat.hangup();
  expect(await cat.exited).toEqual({ status: 0, signal: null });
  const yes = shell('exec yes', { pty: false });
  await yes.waitFor('y\n');
  yes.hangup();
  expect(await yes.exited).toEqual({ status: null, signal: 'SIGPIPE' });
});

test('what only one kind of line has is refused on the other', () => {
  const piped = terminal({ file: '/bin/cat', pty: false });
  expect(() => piped.resize(1, 1)).toThrow('no terminal to resize');
  const onPty = terminal({ file: '/bin/cat' });
  expect(() => onPty.endInput()).toThrow('no end of its own');
});
