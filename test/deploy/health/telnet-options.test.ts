import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTelnetOptions } from '../../../src/deploy/health/telnet-options.js';

const [SE, SB, WILL, WONT, DO, DONT, IAC] = [240, 250, 251, 252, 253, 254, 255];
const TYPE = 'xterm-0123456789abcdef';

function read(...bytes: number[]) {
  return createTelnetOptions(TYPE).read(Uint8Array.from(bytes));
}

describe('telnet options', () => {
  it('says which terminal it is when it is asked', () => {
    expect([...read(IAC, DO, 24).answer]).toEqual([IAC, WILL, 24]);
    const { answer } = read(IAC, SB, 24, 1, IAC, SE);
    expect([...answer]).toEqual([IAC, SB, 24, 0, ...Buffer.from(TYPE), IAC, SE]);
  });

  it('lets the other side echo, has a size, and wants nothing else', () => {
    expect([...read(IAC, WILL, 1).answer]).toEqual([IAC, DO, 1]);
    expect([...read(IAC, DO, 31).answer]).toEqual([IAC, WILL, 31, IAC, SB, 31, 0, 80, 0, 24, IAC, SE]);
    expect([...read(IAC, DO, 39, IAC, WILL, 5).answer]).toEqual([IAC, WONT, 39, IAC, DONT, 5]);
  });

  it('hands on text, and a byte 255 that is meant', () => {
    expect([...read(0x68, IAC, IAC, IAC, DO, 39, 0x69).text]).toEqual([0x68, 255, 0x69]);
  });

  it('reads the same in any pieces, whatever comes, and keeps little of it', () => {
    const byte = fc.oneof(fc.constantFrom(SE, SB, WILL, WONT, DO, DONT, IAC, 24, 31, 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 200 }), fc.nat(200), (bytes, cut) => {
        const whole = createTelnetOptions(TYPE).read(Uint8Array.from(bytes));
        const options = createTelnetOptions(TYPE);
        const parts = [
          options.read(Uint8Array.from(bytes.slice(0, cut))),
          options.read(Uint8Array.from(bytes.slice(cut))),
        ];
        expect(Buffer.concat(parts.map(({ text }) => text))).toEqual(whole.text);
        expect(Buffer.concat(parts.map(({ answer }) => answer))).toEqual(whole.answer);
      }),
    );
  });
});
