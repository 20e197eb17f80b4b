import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../src/contract/session-event.js';
import type { SessionHeader } from '../../src/contract/recorded-session.js';
import { enteredCommands, HIDDEN_TEXT } from '../../src/transcript/commands.js';
import { anyText } from './any-text.js';
import { event } from './event.js';

const PROMPT = '\x1b]0;root@omega\x07\x1b[?2004hroot@omega:~# ';
const i = (text: string, more?: Partial<SessionEvent>) => event(1, 'i', text, more);
const o = (text: string) => event(1, 'o', text);

function header(tty: string | null, width = 80): SessionHeader {
  const login = { format: 1, t0Ns: 0, service: 'ssh', user: 'root', srcIp: null, tty };
  return { width, height: 24, timestamp: 0, env: {}, login };
}
const found = (events: readonly SessionEvent[], tty: string | null = 'pts/0', width = 80) =>
  enteredCommands({ header: header(tty, width), events }).map(({ text, source }) => [source, text]);

/** What is entered by these keys, one event each character. */
const typed = (keys: string) => found([o(PROMPT), ...Array.from(keys, (key) => i(key))]);

describe('what was entered in a session', () => {
  it('is its lines, numbered, with the time of the Enter', () => {
    const events = [event(1, 'i', 'l'), event(1.2, 'i', 's'), event(1.5, 'i', '\r'), event(3, 'i', 'id\r')];
    expect(enteredCommands({ header: null, events })).toEqual([
      { index: 0, tUs: 1_500_000, text: 'ls', source: 'typed' },
      { index: 1, tUs: 3_000_000, text: 'id', source: 'typed' },
    ]);
  });

  it.each([
    ['backspace', 'lx\x7fs\r', 'ls'],
    ['^H', 'lx\bs\r', 'ls'],
    ['backspace on nothing', '\x7f\x7fls\r', 'ls'],
    ['^W', 'ls /tmp\x17/etc\r', 'ls /etc'],
    ['^U', 'rm -rf\x15ls\r', 'ls'],
    ['^U and ^Y', 'ls\x15\x19\x19\r', 'lsls'],
    ['^K', 'lsxx\x1b[D\x1b[D\x0b\r', 'ls'],
    ['left, and insertion in the middle', 'ac\x1b[Db\r', 'abc'],
    ['left and right past the ends', 'b\x1b[D\x1b[D\x1b[Da\x1b[C\x1b[C\x1b[Cc\r', 'abc'],
    ['arrows of the application mode', 'ac\x1bODb\r', 'abc'],
    ['Home and End', 'b\x1b[Ha\x1b[Fc\r', 'abc'],
    ['Home and End as numbers', 'b\x1b[1~a\x1b[4~c\r', 'abc'],
    ['^A and ^E', 'b\x01a\x05c\r', 'abc'],
    ['Delete', 'axb\x1b[D\x1b[D\x1b[3~\r', 'ab'],
    ['^D inside a line', 'axb\x02\x02\x04\r', 'ab'],
    ['^T', 'sl\x14\r', 'ls'],
    ['Alt-B and Alt-D', 'ls foo bar\x1bb\x1bd\r', 'ls foo '],
    ['Alt-Backspace', 'ls a.b\x1b\x7fc\r', 'ls a.c'],
    ['Ctrl-Left', 'ls foo\x1b[1;5Dx\r', 'ls xfoo'],
    ['^V', 'a\x16\tb\r', 'a\tb'],
    ['a pasted line', '\x1b[200~ls -l\x1b[201~\r', 'ls -l'],
    ['a paste of two lines', '\x1b[200~a\rb\x1b[201~\r', 'a\nb'],
    ['letters of any script', 'echo é日😀\x7f\r', 'echo é日'],
    ['terminal replies in between', 'l\x1b[?1;2c\x1b[3;4R\x1b]11;rgb:0/0/0\x1b\\\x1b[Is\r', 'ls'],
    ['a mouse click', 'l\x1b[M !!s\r', 'ls'],
  ])('knows %s', (_, keys, text) => {
    expect(typed(keys)).toEqual([['typed', text]]);
  });

  it('has no line that was given up by ^C, and no empty one', () => {
    expect(typed('rm -rf /\x03\r\r  \rls\r')).toEqual([['typed', 'ls']]);
  });

  it('takes several lines that came in one read, and CR LF for one Enter', () => {
    expect(found([i('cd /tmp\r\nls\r\nid')])).toEqual([
      ['typed', 'cd /tmp'],
      ['typed', 'ls'],
      ['unfinished', 'id'],
    ]);
  });

  it('has what was typed and not entered at the end', () => {
    expect(typed('exi')).toEqual([['unfinished', 'exi']]);
  });

  it('reads a line from history off the screen', () => {
    const events = [o(PROMPT), i('\x1b[A'), o('cat /etc/shadow'), i('\x7f'), o('\b\x1b[K'), i('\r'), o('\r\n')];
    expect(found(events)).toEqual([['echoed', 'cat /etc/shado']]);
    const replaced = [
      o(PROMPT),
      i('\x1b[A'),
      o('ls -l'),
      i('\x1b[A'),
      o('\b\b\bid\x1b[K'.replace('id', '\b\bid')),
      i('\r'),
      o('\r\n'),
    ];
    expect(found(replaced)).toEqual([['echoed', 'id']]);
  });

  it('reads a completed line off the screen, also after a list of candidates', () => {
    const simple = [o(PROMPT), i('cat /et'), o('cat /et'), i('\t'), o('c/'), i('\r'), o('\r\n')];
    expect(found(simple)).toEqual([['echoed', 'cat /etc/']]);
    const listed = [...simple.slice(0, 4), o('\r\netc etx\r\n'), o(`${PROMPT}cat /et`), i('c\r'), o('c\r\n')];
    expect(found(listed)).toEqual([['echoed', 'cat /etc']]);
  });

  it('reads a searched line off the screen', () => {
    const events = [
      o(PROMPT),
      i('\x12'),
      o("\r(reverse-i-search)`': "),
      i('wg'),
      o("\b\b\bwg': wget x"),
      i('\r'),
      o(`\r${PROMPT}wget x\x1b[K\r\n`),
    ];
    expect(found(events)).toEqual([['echoed', 'wget x']]);
  });

  it('says so where the screen does not show the line simply', () => {
    const long = 'x'.repeat(90);
    expect(found([o(PROMPT), i('\x1b[A'), o(`echo ${long}`), i('y\r'), o('y\r\n')])).toEqual([['edited', 'y']]);
    expect(found([i('\x1b[A'), o('ls'), i('\r'), o('\r\n')])).toEqual([['edited', '']]);
    expect(found([o(PROMPT), i('\x1b[Ax\r')])).toEqual([['edited', 'x']]);
  });

  it('has no line where history brought up nothing', () => {
    expect(found([o(PROMPT), i('\x1b[A'), o('ls'), i('\x1b[B'), o('\b\b\x1b[K'), i('\r'), o('\r\n')])).toEqual([]);
  });

  it('gives one mark for concealed input, whatever its length and however often it was entered', () => {
    const secret = { noecho: true };
    const one = [i('su\r'), i('hunter2\r', secret), i('id\r')];
    const three = [i('su\r'), ...Array.from('a\rbb\rccc\r', (key) => i(key, secret)), i('id\r')];
    for (const events of [one, three])
      expect(found(events)).toEqual([
        ['typed', 'su'],
        ['hidden', HIDDEN_TEXT],
        ['typed', 'id'],
      ]);
  });

  it('shows nothing of a line of which a part was concealed', () => {
    const hidden = { hidden: true };
    expect(found([i('mysql -p'), i('hunter2', hidden), i('tail\r'), i('id\r')])).toEqual([
      ['hidden', HIDDEN_TEXT],
      ['typed', 'id'],
    ]);
    expect(found([i('x'), i('hunter2', hidden), i('tail')])).toEqual([['hidden', HIDDEN_TEXT]]);
  });

  it('takes keys typed at a full-screen program for no lines', () => {
    const events = [
      o(PROMPT),
      i('vim x\r'),
      o('\r\n\x1b[?1049h'),
      i('ihello\r'),
      i('\x1b:wq\r'),
      o('\x1b[?1049l'),
      i('id\r'),
    ];
    expect(found(events)).toEqual([
      ['typed', 'vim x'],
      ['typed', 'id'],
    ]);
  });

  it('has the command of a -c login, put together from its lines', () => {
    expect(found([event(0, 'c', 'top -b '), event(0, 'c', '-n 1'), i('q\r')])).toEqual([
      ['argv', 'top -b -n 1'],
      ['typed', 'q'],
    ]);
  });

  it('takes what is piped into a login without a terminal line by line, keys meaning nothing', () => {
    expect(found([i('uname -a\nec'), i('ho \x1b[A\x7fx\n'), i('id')], null)).toEqual([
      ['typed', 'uname -a'],
      ['typed', 'echo \x1b[A\x7fx'],
      ['unfinished', 'id'],
    ]);
  });

  it('never shows concealed text, whatever is typed around it', () => {
    const keys = fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\x03',
        '\x15',
        '\x19',
        '\x1b[A',
        '\x1b[D',
        '\t',
        '\x1b[200~',
        '\x1b[201~',
        '\x16',
        '\x1bO',
        '\x1b[',
      ),
      fc.string({ maxLength: 3 }),
    );
    const step = fc.record({ text: keys, secret: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const events = steps.map(({ text, secret }) =>
          secret ? i(`Zq${text}Zq`, { noecho: true }) : i(text.replace(/[Zq]/g, '')),
        );
        expect(JSON.stringify(found(events))).not.toMatch(/Z|q/);
      }),
    );
  });

  it('stops playing the keys of a line that is edited beyond reason, and says so', () => {
    const events = [i('a'.repeat(4000)), i('\x15\x19'.repeat(6000)), i('\r'), i('id\r')];
    expect(found(events).map(([source]) => source)).toEqual(['edited', 'edited']);
  });

  it('stops drawing a screen that is drawn beyond reason: of what was recalled then only the keys are known', () => {
    const recall = [o(PROMPT), i('\x1b[A'), o('ls -la'), i('\r'), o('\r\n')];
    // Each of them fills a row of 4096 cells.
    const flood = o('\x1b[4096Gx\n'.repeat(250_000));
    expect(found([...recall, flood, ...recall])).toEqual([
      ['echoed', 'ls -la'],
      ['edited', ''],
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('i', 'o', 'c', 'e'), anyText)), (pairs) => {
        enteredCommands({ header: null, events: pairs.map(([ch, text]) => event(1, ch as 'i', text)) });
      }),
    );
  });
});
