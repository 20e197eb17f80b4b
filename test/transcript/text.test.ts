import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../src/transcript/text.js';
import { anyText } from './any-text.js';
import { event } from './event.js';

const shown = (...chunks: string[]) => plainText(chunks.map((chunk, i) => event(i, 'o', chunk)));

describe('the plain text of a session', () => {
  it('has the lines without colours, titles and modes', () => {
    expect(shown('\x1b]0;root@x\x07\x1b[?2004h\x1b[32mroot\x1b[0m# ls\r\n', '\x1b[01;34mbin\x1b[0m  etc\r\n')).toBe(
      'root# ls\nbin  etc\n',
    );
  });

  it('applies backspaces, carriage returns and erasing', () => {
    expect(shown('cart\b\bt\x1b[K\r\n', '10%\r20%\r100%\n', 'abc\x1b[2Dx\n')).toBe('cat\n100%\naxc\n');
  });

  it('takes stdout and stderr of a login without a terminal, and no input', () => {
    expect(plainText([event(1, 'o', 'a\n'), event(2, 'i', 'secret\n'), event(3, 'e', 'b\n')])).toBe('a\nb\n');
  });

  it('never has a control character but LF, and needs no memory for a cursor far away', () => {
    expect(shown('\x1b[999999999Cx\n').length).toBeLessThan(5000);
    fc.assert(
      fc.property(fc.array(anyText), (chunks) => {
        expect(shown(...chunks)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });
});
