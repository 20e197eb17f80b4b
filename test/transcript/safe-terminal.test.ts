import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSafeTerminal } from '../../src/transcript/safe-terminal.js';
import { anyText } from './any-text.js';

const safe = (...chunks: string[]) => {
  const terminal = createSafeTerminal();
  return chunks.map((chunk) => terminal.write(chunk)).join('');
};

describe('what reaches the terminal of whoever watches', () => {
  it.each([
    ['text, CR, LF, tab, backspace', 'a\tb\b\r\né😀'],
    ['colours', '\x1b[1;38;5;208mx\x1b[0m\x1b[38:2::1:2:3m'],
    ['cursor movement', '\x1b[A\x1b[3B\x1b[10;20H\x1b[G\x1b7\x1b8\x1bM'],
    ['erasing and editing', '\x1b[K\x1b[2J\x1b[3P\x1b[@\x1b[L\x1b[M\x1b[X'],
  ])('%s pass', (_, text) => {
    expect(safe(text)).toBe(text);
  });

  it.each([
    ['a title', '\x1b]0;owned\x07'],
    ['the clipboard', '\x1b]52;c;cm0gLXJmIC8K\x1b\\'],
    ['a hyperlink', '\x1b]8;;http://evil\x1b\\'],
    ['DECRQSS', '\x1bP$q"p\x1b\\'],
    ['an APC', '\x1b_Gx\x1b\\'],
    ['device attributes', '\x1b[c\x1b[>c\x1b[=c\x1bZ'],
    ['status reports', '\x1b[5n\x1b[6n\x1b[?6n'],
    ['the same in 8 bits', '\x9b6n\x9d0;x\x9c'],
    ['mouse, focus and paste modes', '\x1b[?1000h\x1b[?1004h\x1b[?2004h\x1b[1;2;3;4;5T'],
    ['key modes', '\x1b[>4;2m\x1b[>1u\x1b[?1h\x1b='],
    ['window operations', '\x1b[21t\x1b[8;1;1t'],
    ['printing', '\x1b[5i'],
    ['mode queries', '\x1b[?25$p'],
    ['the version', '\x1b[>q'],
    ['the answerback, bell and NUL', '\x05\x07\0'],
    ['emptying the scroll-back', '\x1b[3J\x1b[0;3J'],
    ['test patterns and character sets', '\x1b#8\x1b%G'],
  ])('%s do not', (_, text) => {
    expect(safe(text)).toBe('');
  });

  it('stays shut when a sequence is spread over chunks', () => {
    expect(safe('a\x1b', ']0;ow', 'ned', '\x1b', '\\b')).toBe('ab');
    expect(safe('\x1b[', '1', '2;3', 'Hx')).toBe('\x1b[12;3Hx');
  });

  it('bounds numbers, their count, and what is repeated', () => {
    expect(safe('\x1b[99999999999999999999C')).toBe('\x1b[9999C');
    expect(safe(`\x1b[${'1;'.repeat(60)}m`).length).toBeLessThan(80);
    expect(safe('x\x1b[5b')).toBe('xxxxxx');
    expect(safe('x\x1b[999999999b')).toHaveLength(257);
  });

  it('shows bidi controls as what they are', () => {
    expect(safe('a\u202eb\u2066c')).toBe('a\\u{202e}b\\u{2066}c');
  });

  it('draws the lines of boxes without switching a character set', () => {
    expect(safe('\x1b(0lqk\x1b(Bq')).toBe('┌─┐q');
    expect(safe('\x1b)0q\x0eq\x0fq')).toBe('q─q');
  });

  it('clears the screen for a full reset, and puts attributes and scrolling back at the end', () => {
    expect(safe('\x1bc')).toBe('\x1b[0m\x1b[r\x1b[H\x1b[2J');
    expect(createSafeTerminal().end()).toBe('\x1b[0m\x1b[r');
  });

  it('lets nothing else through, whatever comes', () => {
    const allowed =
      /^(?:[\b\t\n\r\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]|[\ud800-\udbff][\udc00-\udfff]|\x1b\[[0-9;:]*m|\x1b\[[0-9]*(?:;[0-9]*)?[A-IL-MPSTXZ@`adefrsu]|\x1b\[[0-2]?[JK]|\x1b\[2J|\x1b[78DEM])*$/;
    const piece = fc.oneof(
      anyText,
      fc.constantFrom(
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1b',
        '\x9b',
        '1',
        ';',
        '?',
        '>',
        'm',
        'c',
        'n',
        'h',
        'T',
        'J',
        'q',
        '\x1bc',
        '\x1b(0',
        '\u202e',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (chunks) => {
        const out = safe(...chunks);
        expect(out).toMatch(allowed);
        expect(out).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      }),
      { numRuns: 500 },
    );
  });
});
