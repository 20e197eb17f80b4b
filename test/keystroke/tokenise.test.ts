import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionEvent } from '../../src/contract/session-event.js';
import { joinInput } from '../../src/keystroke/join-input.js';
import { tokenise } from '../../src/keystroke/tokenise.js';

function input(text: string | Uint8Array, tMs = 0): SessionEvent {
  const event = { tUs: tMs * 1000, ch: 'i', noecho: false } as const;
  return typeof text === 'string' ? { ...event, text } : { ...event, text: Buffer.from(text).toString(), bytes: text };
}

function keysOf(...events: SessionEvent[]): string[] {
  return tokenise(joinInput(events)).map(({ key, id }) => (key === 'char' ? id : key));
}

test.each([
  ['arrows in both modes', '\x1b[A\x1bOB\x1b[1;5C', ['arrow', 'arrow', 'arrow']],
  ['function keys', '\x1bOP\x1b[15~\x1b[3~\x1b[H\x1b[[A\x1b[Z', Array<string>(6).fill('function')],
  ['a key with Alt', '\x1bf\x1b\x7f\x1b\x1b[A', ['alt', 'alt', 'arrow']],
  ['a character of four bytes', 'a😀é', ['a', '😀', 'é']],
  ['a character with marks', 'e\u0301👍🏽', ['e\u0301', '👍🏽']],
  ['a family of joined characters', '👩\u200d👧', ['👩\u200d👧']],
  ['telnet’s Enter', 'x\r\ny\r\0', ['x', 'enter', 'y', 'enter']],
  [
    'control keys',
    '\x03\x04\x15\x17\x08\x7f\t\x01',
    ['abort', 'eof', 'ukill', 'wkill', 'backspace', 'backspace', 'tab', 'control'],
  ],
  ['the keypad’s Enter', '\x1bOM', ['enter']],
])('%s are one key each', (_, text, keys) => {
  expect(keysOf(input(text))).toEqual(keys);
});

test.each([
  ['device attributes', '\x1b[?64;1;2c\x1b[>0;276;0c'],
  ['a cursor position', '\x1b[12;40R'],
  ['a status', '\x1b[0n'],
  ['a mode', '\x1b[?2026;2$y'],
  ['a colour, ended by ST or BEL', '\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b]10;rgb:ffff/ffff/ffff\x07'],
  ['a DCS string', '\x1bP1+r544e=787465726d\x1b\\'],
  ['focus in and out', '\x1b[I\x1b[O'],
  ['a mouse by SGR', '\x1b[<0;12;5M\x1b[<0;12;5m'],
  ['a mouse by X10', '\x1b[M !!\x1b[M#\u0080!'],
  ['a window size', '\x1b[8;24;80t'],
  ['a key let go', '\x1b[97;1:3u'],
])('%s is the terminal’s own and no key', (_, text) => {
  expect(keysOf(input(text)).filter((key) => key !== 'reply')).toEqual([]);
});

test('an ESC by itself is a key if the next one comes later, and Alt if it comes at once', () => {
  expect(keysOf(input('\x1b'), input('f', 80))).toEqual(['escape', 'f']);
  expect(keysOf(input('\x1b'), input('f', 20))).toEqual(['alt']);
  expect(keysOf(input('\x1b['), input('A', 200))).toEqual(['arrow']);
  expect(keysOf(input('\x1b'))).toEqual(['escape']);
});

test('a string that is never ended swallows no key', () => {
  expect(keysOf(input('\x1b]11;ls\rid\r'))).toEqual(['alt', '1', '1', ';', 'l', 's', 'enter', 'i', 'd', 'enter']);
  expect(keysOf(input('\x1b_'), input('l', 900), input('s', 1800))).toEqual(['alt', 'l', 's']);
});

test('a bracketed paste is marked, up to its end or a second of silence', () => {
  const pasted = (...events: SessionEvent[]) =>
    tokenise(joinInput(events)).map(({ id, paste }) => [id, paste !== null]);
  expect(pasted(input('\x1b[200~a\x1b[201~b'))).toEqual([
    ['a', true],
    ['b', false],
  ]);
  expect(pasted(input('\x1b[20'), input('0~a'), input('\x1b[2'), input('01~b'))).toEqual([
    ['a', true],
    ['b', false],
  ]);
  expect(pasted(input('\x1b[200~a'), input('b', 1500), input('\x1b[201~', 1600))).toEqual([
    ['a', true],
    ['b', false],
  ]);
  expect(pasted(input('\x1b[200~a'), input('b'))).toEqual([
    ['a', false],
    ['b', false],
  ]);
});

const SAMPLES = [
  'a',
  ' ',
  'é',
  '日',
  '😀',
  'e\u0301',
  '\r',
  '\r\n',
  '\t',
  '\x7f',
  '\x1b[A',
  '\x1bOA',
  '\x1b[1;5D',
  '\x1b[3~',
];
const REPLIES = [
  '\x1b[?1;2c',
  '\x1b[3;9R',
  '\x1b]11;rgb:0/0/0\x07',
  '\x1b[I',
  '\x1b[<0;1;1M',
  '\x1b[M !!',
  '\x1bP0$r0m\x1b\\',
];
const PASTES = ['\x1b[200~two\rlines\x1b[201~', '\x1bx', '\x1b\x1b[A'];

test('keys are the same however their bytes are cut into events', () => {
  const pieces = fc.array(fc.constantFrom(...SAMPLES, ...REPLIES, ...PASTES), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(), { maxLength: 20 }), (texts, cuts) => {
      const bytes = Buffer.from(texts.join(''));
      const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
        (a, b) => a - b,
      );
      const events = places.slice(1).map((end, i) => input(new Uint8Array(bytes.subarray(places[i], end))));
      const strip = (all: SessionEvent[]) => tokenise(joinInput(all)).map(({ event: _, ...token }) => token);
      expect(strip(events)).toEqual(strip([input(new Uint8Array(bytes))]));
    }),
    { numRuns: 500 },
  );
});

test('any bytes are tokens that follow each other, each with the time of its first byte', () => {
  const reads = fc.array(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.nat(400)), { maxLength: 20 });
  fc.assert(
    fc.property(reads, (chunks) => {
      let tMs = 0;
      const events = chunks.map(([bytes, gap]) => input(bytes, (tMs += gap)));
      const joined = joinInput(events);
      let at = 0;
      for (const token of tokenise(joined)) {
        expect(token.start).toBeGreaterThanOrEqual(at);
        expect(token.end).toBeGreaterThan(token.start);
        expect(token.tUs).toBe(joined.spans.find(({ end }) => end > token.start)?.tUs);
        at = token.end;
      }
      expect(at).toBeLessThanOrEqual(joined.bytes.length);
    }),
    { numRuns: 500 },
  );
});
