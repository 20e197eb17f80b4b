import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeCell } from '../../src/transcript/escape-cell.js';
import { anyText } from './any-text.js';

describe('text in a cell of a table', () => {
  it('leaves ordinary text of any language alone', () => {
    const text = 'wget http://a/b?c=\\d "e" \u{1f600} 日本 çé العربية';
    expect(escapeCell(text)).toBe(text);
  });

  it('shows controls, bidi, zero-width and lone surrogates as escapes', () => {
    expect(escapeCell('a\n\r\t\x1b[31m\x07\x7f\x9b')).toBe('a\\n\\r\\t\\e[31m\\x07\\x7f\\x9b');
    expect(escapeCell('\u202egnp.exe\u200b\u2066\ufeff\u2028\u00ad')).toBe(
      '\\u{202e}gnp.exe\\u{200b}\\u{2066}\\u{feff}\\u{2028}\\u{ad}',
    );
    expect(escapeCell('\ud800\u{e0041}')).toBe('\\u{d800}\\u{e0041}');
  });

  it('lets nothing through that a terminal acts on', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeCell(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/);
      }),
    );
  });
});
