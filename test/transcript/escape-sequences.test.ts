import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTerminalParser, type TerminalToken } from '../../src/transcript/escape-sequences.js';
import { anyText } from './any-text.js';

const parse = (text: string) => createTerminalParser().parse(text);

/** Neighbouring texts as one: how a stretch is cut into reads does not matter. */
function merged(tokens: readonly TerminalToken[]): TerminalToken[] {
  const out: TerminalToken[] = [];
  for (const token of tokens) {
    const last = out.at(-1);
    if (token.kind === 'text' && last?.kind === 'text')
      out[out.length - 1] = { kind: 'text', text: last.text + token.text };
    else out.push(token);
  }
  return out;
}

describe('taking terminal text apart', () => {
  it('tells text, controls, CSI and escapes from each other', () => {
    expect(parse('a\r\x1b[1;31mé\x1b(0\x1b7\x1b[?25l\x1b[2 q')).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'control', code: 13 },
      { kind: 'csi', params: '1;31', intermediates: '', final: 'm' },
      { kind: 'text', text: 'é' },
      { kind: 'escape', intermediates: '(', final: '0' },
      { kind: 'escape', intermediates: '', final: '7' },
      { kind: 'csi', params: '?25', intermediates: '', final: 'l' },
      { kind: 'csi', params: '2', intermediates: ' ', final: 'q' },
    ]);
  });

  it.each([
    ['OSC ended by BEL', '\x1b]0;title\x07'],
    ['OSC ended by ST', '\x1b]0;title\x1b\\'],
    ['DCS, in which BEL is nothing', '\x1bP+q\x07544e\x1b\\'],
    ['APC', '\x1b_x\x1b\\'],
    ['PM', '\x1b^x\x1b\\'],
    ['SOS', '\x1bXx\x1b\\'],
    ['OSC in 8 bits', '\x9d0;title\x9c'],
    ['DCS in 8 bits', '\x90x\x9c'],
  ])('lets go of the content of an %s', (_, text) => {
    expect(parse(`a${text}b`)).toEqual([{ kind: 'text', text: 'a' }, { kind: 'string' }, { kind: 'text', text: 'b' }]);
  });

  it('takes an 8-bit CSI for one', () => {
    expect(parse('\x9b5n')).toEqual([{ kind: 'csi', params: '5', intermediates: '', final: 'n' }]);
  });

  it('begins anew at an ESC, and gives up at CAN', () => {
    expect(parse('\x1b[12\x1b[3C')).toEqual([{ kind: 'csi', params: '3', intermediates: '', final: 'C' }]);
    expect(parse('\x1b[12\x18x')).toEqual([{ kind: 'text', text: 'x' }]);
    expect(parse('\x1b]0;title\x1b[3C')).toEqual([{ kind: 'csi', params: '3', intermediates: '', final: 'C' }]);
  });

  it('acts on a control in the middle of a sequence', () => {
    expect(parse('\x1b[1\n2C')).toEqual([
      { kind: 'control', code: 10 },
      { kind: 'csi', params: '12', intermediates: '', final: 'C' },
    ]);
  });

  it('lets no string without an end swallow the rest of a session', () => {
    const shown = merged(parse(`\x1b]0;${'x'.repeat(70_000)}\nrm -rf /`));
    expect(shown.at(-1)).toEqual({ kind: 'text', text: 'rm -rf /' });
  });

  it('makes no text of the rest of a sequence that is too long', () => {
    expect(merged(parse(`\x1b[${'1;'.repeat(5000)}mx`))).toEqual([{ kind: 'text', text: 'x' }]);
  });

  it('takes ESC and a control from a keyboard for one key', () => {
    const keyboard = createTerminalParser({ keyboard: true });
    expect(keyboard.parse('\x1b\x7fx')).toEqual([
      { kind: 'escape', intermediates: '', final: '\x7f' },
      { kind: 'text', text: 'x' },
    ]);
  });

  it('makes the same of a stretch however it is cut', () => {
    const piece = fc.oneof(
      anyText,
      fc.constantFrom(
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1b\\',
        '\x1b',
        '12;3',
        'm',
        '\x07',
        '\x9b',
        '\x9c',
        '\x18',
        '?',
        ' ',
        'text',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(4), { minLength: 1 }), (pieces, sizes) => {
        const text = pieces.join('');
        const parser = createTerminalParser();
        const cut: TerminalToken[] = [];
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = (sizes[i % sizes.length] ?? 0) + 1;
          cut.push(...parser.parse(text.slice(at, at + size)));
          at += size;
        }
        expect(merged(cut)).toEqual(merged(parse(text)));
      }),
    );
  });
});
