import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isConcealed } from '../../src/contract/session-event.js';
import type { RecordedSession } from '../../src/contract/recorded-session.js';
import { hasHiddenTyping, markHidden } from '../../src/keystroke/hidden.js';
import { createTape, PROMPT, sshHeader, type Tape } from './typing.js';

const gap = (): number => 90;

/** What was typed, hidden spans in ‹›. */
function marked(tape: Tape, session: RecordedSession = tape.session()): string {
  const input = markHidden(session).events.filter(({ ch }) => ch === 'i');
  return input
    .map((event) => (isConcealed(event) ? `‹${event.text}›` : event.text))
    .join('')
    .replaceAll('›‹', '');
}

test('a command that is echoed is not hidden', () => {
  expect(marked(createTape().type('ls -la /tmp\r', gap))).toBe('ls -la /tmp\r');
});

test('a password is hidden up to its Enter, corrections included, whatever the terminal’s mode and the header say', () => {
  const tape = createTape().type('read -s p\r', gap).blind('hunter2\x7f3\r', gap).type('id\r', gap);
  expect(marked(tape)).toBe('read -s p\r‹hunter2\x7f3\r›id\r');
  expect(marked(tape, tape.session(null))).toBe('read -s p\r‹hunter2\x7f3\r›id\r');
});

test('what the recorder saw typed with echo off is hidden even if the screen shows the same characters', () => {
  const tape = createTape();
  for (const char of 'pass\r') tape.wait(90).key(char, { noecho: true });
  expect(marked(tape)).toBe('‹pass\r›');
});

test.each([
  '[sudo] password for root: ',
  "root@203.0.113.5's password: ",
  'Enter passphrase for key "/x": ',
  'Mot de passe : ',
  'Password:',
])('what follows %j is hidden even if it is echoed', (prompt) => {
  const tape = createTape().type('su\r', gap).out(`\r\n${prompt}`).type('hunter2\r', gap).type('id\r', gap);
  expect(marked(tape)).toBe('su\r‹hunter2\r›id\r');
});

test('a command about passwords is no password prompt', () => {
  const text = 'echo password: secret\r';
  expect(marked(createTape().type(text, gap))).toBe(text);
});

test('stars for a password are no echo', () => {
  const tape = createTape();
  for (const char of 'sesame') tape.wait(90).key(char, { echo: '*' });
  expect(marked(tape.type('\r', gap))).toBe('‹sesame\r›');
});

test('a password is hidden though a program writes meanwhile', () => {
  const tape = createTape().type('ping host &\r', gap).type('read -s p\r', gap);
  for (const char of 'ic6mp4seq=')
    tape.wait(90).out('64 bytes from 203.0.113.7: icmp_seq=4 ttl=57\r\n').key(char, { echo: null });
  expect(marked(tape.type('\r', gap))).toBe('ping host &\rread -s p\r‹ic6mp4seq=\r›');
});

test('a password that the next command begins like is hidden, and the command is not', () => {
  // read -s and an own prompt: no new row after the password.
  const tape = createTape().type('read -s p\r', gap).blind('hunter2', gap);
  tape.wait(90).key('\r', { echo: PROMPT });
  expect(marked(tape.type('history\r', gap))).toBe('read -s p\r‹hunter2\r›history\r');
});

test.each([80, 400, 900])('echo that comes %i ms late, as from a far host, is echo', (lagMs) => {
  const tape = createTape().type('uname -a\r', gap).wait(1500).type('cat /etc/motd\r', gap).wait(1500);
  const late = tape.events.map((event) => (event.ch === 'o' ? { ...event, tUs: event.tUs + lagMs * 1000 } : event));
  late.sort((a, b) => a.tUs - b.tUs);
  expect(marked(tape, { ...tape.session(), events: late })).toBe('uname -a\rcat /etc/motd\r');
});

test('echo that comes later than 1 s and after the Enter is none', () => {
  const tape = createTape();
  for (const char of 'secret\r') tape.wait(90).key(char, { echo: null });
  expect(marked(tape.wait(1500).out('secret\r\n'))).toBe('‹secret\r›');
});

test.each([
  ['an insertion in the middle', ['x', 'xworld\b\b\b\b\b']],
  ['an insertion by its own sequence', ['x', '\x1b[1@x']],
  ['a line drawn again in colours', ['ls', '\b\x1b[0m\x1b[32ml\x1b[32ms\x1b[39m']],
  ['a line drawn again from its start', ['ls', '\r\x1b[Kroot@omega:~# ls']],
  ['a suggestion behind the cursor', ['l', 'l\x1b[90ms -la /tmp\x1b[39m\x1b[11D']],
])('%s shows a key', (_, [typed = '', echo = '']) => {
  const tape = createTape();
  for (const char of typed.slice(0, -1)) tape.wait(90).key(char);
  tape.wait(90).key(typed.slice(-1), { echo }).type('\r', gap);
  expect(marked(tape)).toBe(`${typed}\r`);
});

test('a paste echoed in one go, also of several lines, is not hidden', () => {
  const tape = createTape()
    .key('cd /tmp; ls -la\r', { echo: `cd /tmp; ls -la\r\ntotal 0\r\n${PROMPT}` })
    .wait(2000);
  tape.key('\x1b[200~echo one\rsleep 1\rid\x1b[201~', { echo: '\x1b[7mecho one\r\nsleep 1\r\nid\x1b[27m' });
  expect(marked(tape)).not.toContain('‹');
});

test('lines sent ahead of their prompts are not hidden once each stands behind its prompt', () => {
  const tape = createTape().key('sleep 5\rwget http://203.0.113.7/x\rid\r', { echo: 'sleep 5\r\n' });
  tape.wait(5000).out(`${PROMPT}wget http://203.0.113.7/x\r\n`).wait(300).out(`root@omega:/tmp# id\r\nuid=0(root)\r\n`);
  expect(marked(tape)).not.toContain('‹');
});

test('of lines sent ahead the one that is never shown is hidden', () => {
  const tape = createTape().key('read -s p\rhunter2\rid\r', { echo: 'read -s p\r\n' });
  expect(marked(tape.wait(300).out(`${PROMPT}id\r\nhunter2\r\n`))).toBe('read -s p\r‹hunter2\r›id\r');
});

test('arrows and control keys are never hidden by themselves', () => {
  const tape = createTape();
  for (const key of ['\x1b[A', '\x01', '\t', '\x1b[D', '\r']) tape.wait(90).key(key, { echo: null });
  expect(marked(tape)).toBe('\x1b[A\x01\t\x1b[D\r');
});

test('keys that are commands to a full-screen program are hidden, what it shows is not, nor what follows it', () => {
  const tape = createTape().type('vi x\r', gap).out('\x1b[?1049h\x1b[H\x1b[2J');
  for (const key of 'jjkk') tape.wait(90).key(key, { echo: '\x1b[4;1H' });
  tape.wait(90).key('\x1b', { echo: null });
  tape
    .type('\r', gap)
    .type('ihello there', gap)
    .wait(90)
    .key('\x1b', { echo: null })
    .wait(90)
    .key('q', { echo: '\x1b[?1049l' });
  tape.out(PROMPT).type('ls\r', gap);
  expect(marked(tape)).toBe('vi x\r‹jjkk\x1b\r›ihello there\x1b‹q›ls\r');
});

test('without a terminal nothing is echoed and nothing is hidden, but the answer to a password prompt is', () => {
  const tape = createTape().key('ls\n', { echo: null }).wait(1500).key('id\n', { echo: null });
  expect(marked(tape, tape.session(sshHeader('ssh', null)))).toBe('ls\nid\n');
  tape.out('Password: ').wait(500).key('hunter2\n', { echo: null });
  expect(marked(tape, tape.session(sshHeader('ssh', null)))).toBe('ls\nid\n‹hunter2\n›');
});

test('once the recorded output was cut off a flood hides no key', () => {
  const tape = createTape().blind('secret\r', gap).wait(3000);
  const cutUs = tape.nowMs * 1000;
  tape.blind('rm -rf /tmp/x\r', gap);
  const session = { ...tape.session(), truncations: [{ tUs: cutUs, ch: 'o', why: 'cap' }] } as const;
  expect(marked(tape, session)).toBe('‹secret\r›rm -rf /tmp/x\r');
});

test('an event that is hidden in part is cut where it begins, and no byte is lost', () => {
  const tape = createTape().key('read -s p\rhunter2\r', { echo: 'read -s p\r\n' });
  const events = markHidden(tape.session()).events.filter(({ ch }) => ch === 'i');
  expect(events.map(({ text, hidden, tUs }) => [text, hidden, tUs])).toEqual([
    ['read -s p\r', false, 500_000],
    ['hunter2\r', true, 500_000],
  ]);
});

const chunk = fc.record({
  ch: fc.constantFrom('i' as const, 'o' as const, 'e' as const),
  text: fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('\r', '\r\n', 'Password: ', '\x1b[200~', '\x1b[201~', '\x1b[?1049h', '\x1b[A'),
  ),
  gapMs: fc.nat(1500),
  noecho: fc.boolean(),
});

test('whatever the events are, marking keeps every byte, loses no time, and does no more the second time', () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 40 }), (chunks) => {
      let tUs = 0;
      const events = chunks.map(({ ch, text, gapMs, noecho }) => {
        return { ch, text, tUs: (tUs += gapMs * 1000), noecho: noecho && ch === 'i' };
      });
      const session = { ...createTape().session(), events };
      const once = markHidden(session).events;
      const flat = (all: typeof once) =>
        all.map(({ ch, text, tUs: t }) => Array.from(text, (c) => `${ch}${t}${c}`)).flat();
      expect(flat(once)).toEqual(flat(events));
      expect(markHidden({ ...session, events: once }).events).toEqual(once);
    }),
    { numRuns: 300 },
  );
});

test('typing blind over more than 3 Enters, or 60 s, is hidden typing; a password tried three times is not', () => {
  const blind = (lines: readonly string[], waitMs = 0) => {
    const tape = createTape().type('stty -echo\r', gap);
    for (const line of lines) tape.blind(`${line}\r`, gap).wait(waitMs);
    return hasHiddenTyping(markHidden(tape.session()));
  };
  expect(blind(['hunter2', 'hunter3', 'hunter4'])).toBe(false);
  expect(blind(['ls', 'id', 'w', 'uname'])).toBe(true);
  expect(blind(['ls', 'id'], 70_000)).toBe(true);
});

test('four passwords with commands between them are no hidden typing', () => {
  const tape = createTape();
  for (let i = 0; i < 4; i++) tape.type('sudo -k id\r', gap).blind('hunter2\r', gap);
  expect(hasHiddenTyping(markHidden(tape.session()))).toBe(false);
});

test('no-echo lines of the recorder count even where they are empty', () => {
  const tape = createTape().type('stty -echo; cat\r', gap);
  for (let i = 0; i < 4; i++) tape.blind('\r', gap, true);
  expect(hasHiddenTyping(markHidden(tape.session()))).toBe(true);
});

test('reading in a pager for minutes is no hidden typing, but a shell that answers nothing is', () => {
  const pager = (answer: string | null) => {
    const tape = createTape().type('less x\r', gap).out('\x1b[?1049h\x1b[?1h\x1b=');
    for (let i = 0; i < 30; i++) tape.wait(4000).key(i % 5 === 4 ? '\r' : 'j', { echo: answer });
    return hasHiddenTyping(markHidden(tape.session()));
  };
  expect(pager('\r\x1b[K a line of the text\r\n:\x1b[K')).toBe(false);
  expect(pager(null)).toBe(true);
});
