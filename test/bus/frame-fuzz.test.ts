import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameDecoder, type FrameFault } from '../../src/bus/frame.js';
import { BODY_MAX_BYTES, HEADER_MAX_BYTES } from '../../src/bus/limits.js';
import { rawFrame } from './raw-client.js';

interface Read {
  frames: { header: string; body: string }[];
  fault: FrameFault | null;
  isMidFrame: boolean;
}

interface SlowlyRead extends Omit<Read, 'fault'> {
  /** What is wrong with the frame where reading ends; of two, either may be seen first. */
  faults: FrameFault[];
}

/** The frames of docs/bus.md, read the slow way from all the bytes at once. */
function readSlowly(bytes: Buffer): SlowlyRead {
  const frames: Read['frames'] = [];
  const faults: FrameFault[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const lf = rest.indexOf('\n');
    const head = rest.subarray(0, lf === -1 ? rest.length : lf);
    if (head.length + (lf === -1 ? 0 : 1) > HEADER_MAX_BYTES) faults.push('header too long');
    if (head.some((byte) => byte < 0x20 || byte > 0x7e)) faults.push('header not ASCII');
    if (faults.length > 0 || lf === -1 || rest.length < lf + 5) break;
    const length = rest.readUInt32BE(lf + 1);
    if (length > BODY_MAX_BYTES) faults.push('body too long');
    if (faults.length > 0 || rest.length < lf + 5 + length) break;
    const header = head.toString('latin1');
    const words = header.split(' ');
    if (!/^[A-Z]{1,16}$/.test(words[0] ?? '') || words.includes('')) {
      faults.push('header malformed');
      break;
    }
    frames.push({ header, body: rest.toString('hex', lf + 5, lf + 5 + length) });
    rest = rest.subarray(lf + 5 + length);
  }
  return { frames, faults, isMidFrame: rest.length > 0 };
}

function decode(bytes: Buffer, pieceBytes: readonly number[]): Read {
  const frames: Read['frames'] = [];
  const decoder = createFrameDecoder(({ verb, args, body }) => {
    frames.push({ header: [verb, ...args].join(' '), body: body.toString('hex') });
    return true;
  });
  let fault: FrameFault | null = null;
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = pieceBytes[n % pieceBytes.length] ?? bytes.length;
    // What a socket hands out is its own again afterwards.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    fault = decoder.push(piece);
    piece.fill(0x5a);
    at += size;
  }
  return { frames, fault, isMidFrame: decoder.isMidFrame };
}

const length = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, BODY_MAX_BYTES - 1, BODY_MAX_BYTES, BODY_MAX_BYTES + 1, 0x7fffffff, 0x80000000, 0xffffffff),
);
const header = fc.constantFrom(
  'PUB a.b',
  'SUB >',
  'BYE',
  'HELLO x acks',
  'PUB  a',
  'pub a',
  '',
  ' ',
  'A'.repeat(17),
  'X y ',
);
const good = fc.tuple(header, fc.string({ maxLength: 30 })).map(([text, body]) => rawFrame(text, body));
const lying = fc.tuple(header, length, fc.uint8Array({ maxLength: 30 })).map(([text, claimed, body]) => {
  const bytes = Buffer.concat([Buffer.from(`${text}\n1234`), body]);
  bytes.writeUInt32BE(claimed, text.length + 1);
  return bytes;
});
const long = fc
  .integer({ min: HEADER_MAX_BYTES - 6, max: HEADER_MAX_BYTES + 6 })
  .map((n) => rawFrame(`X ${'y'.repeat(n)}`));
const noise = fc.uint8Array({ maxLength: 30 });
const stream = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: good }, lying, long, noise), { maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
    fc.nat(20),
  )
  .map(([pieces, flips, cut]) => {
    const bytes = Buffer.concat(pieces);
    for (const [place, byte] of flips) if (bytes.length > 0) bytes[place % bytes.length] = byte;
    return bytes.subarray(0, Math.max(0, bytes.length - cut));
  });

describe('the frame decoder, given frames, lies, flipped bytes and noise', () => {
  it('reads what the page says, up to the first fault, in any pieces', () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }),
        (bytes, pieces) => {
          const slow = readSlowly(bytes);
          for (const sizes of [[bytes.length], [1], pieces]) {
            const read = decode(bytes, sizes);
            expect(read.frames).toEqual(slow.frames);
            if (slow.faults.length > 0) expect(slow.faults).toContain(read.fault);
            else expect(read).toEqual({ frames: slow.frames, fault: null, isMidFrame: slow.isMidFrame });
          }
        },
      ),
      { numRuns: 250 },
    );
  });

  it('has nothing more to say after a fault', () => {
    fc.assert(
      fc.property(stream, stream, (bytes, more) => {
        const { frames, fault } = decode(bytes, [bytes.length]);
        fc.pre(fault !== null);
        expect(decode(Buffer.concat([bytes, more]), [bytes.length])).toMatchObject({ frames, fault });
      }),
      { numRuns: 100 },
    );
  });
});
