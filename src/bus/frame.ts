import { BODY_MAX_BYTES, HEADER_MAX_BYTES } from './limits.js';

/** One frame of docs/bus.md. */
export interface Frame {
  readonly verb: string;
  readonly args: readonly string[];
  /** Good until the callback returns; to be copied by whoever keeps it. */
  readonly body: Buffer;
}

/** Why a stream of bytes cannot be followed any further. */
export type FrameFault = 'header too long' | 'header not ASCII' | 'header malformed' | 'body too long';

export interface FrameDecoder {
  /** Takes bytes in any pieces. Returns why it gave up, for good, or null. */
  push(chunk: Uint8Array): FrameFault | null;
  /** In the midst of a frame. */
  readonly isMidFrame: boolean;
  /** Frames that were complete. */
  readonly frameCount: number;
}

const LF = 0x0a;
const LENGTH_BYTES = 4;
const NO_BODY = Buffer.alloc(0);

/** @throws RangeError for what no frame can carry: callers check topics and sizes before. */
export function encodeFrame(verb: string, args: readonly string[], body: Uint8Array = NO_BODY): Buffer {
  const header = args.length === 1 ? `${verb} ${args[0]}\n` : `${[verb, ...args].join(' ')}\n`;
  if (header.length > HEADER_MAX_BYTES || body.length > BODY_MAX_BYTES) throw new RangeError('frame too long');
  const frame = Buffer.allocUnsafe(header.length + LENGTH_BYTES + body.length);
  frame.write(header, 0, 'latin1');
  frame.writeUInt32BE(body.length, header.length);
  frame.set(body, header.length + LENGTH_BYTES);
  return frame;
}

/**
 * Frames out of a stream. `onFrame` answers whether to go on; after false, or a fault, nothing more is read.
 * Holds at most one header and one body.
 */
export function createFrameDecoder(onFrame: (frame: Frame) => boolean): FrameDecoder {
  // The header of an unfinished frame, with its length; then its body.
  const head = Buffer.allocUnsafe(HEADER_MAX_BYTES + LENGTH_BYTES);
  let headBytes = 0;
  let headerBytes = 0;
  let body: Buffer | null = null;
  let bodyBytes = 0;
  let frameCount = 0;
  let fault: FrameFault | null = null;
  let stopped = false;
  // A publisher's headers are mostly alike.
  let lastHeader: string | null = null;
  let lastWords: Words = { verb: '', args: [] };

  function emit(header: string, content: Buffer): void {
    if (header !== lastHeader) {
      const words = parseHeader(header);
      if (typeof words === 'string') {
        fault = words;
        return;
      }
      lastHeader = header;
      lastWords = words;
    }
    frameCount++;
    if (!onFrame({ verb: lastWords.verb, args: lastWords.args, body: content })) stopped = true;
  }

  /** A frame that is in the chunk as a whole. Returns where it ends, or -1. */
  function readWhole(chunk: Buffer, from: number): number {
    const lf = chunk.indexOf(LF, from);
    if (lf === -1 || lf - from >= HEADER_MAX_BYTES || lf + 1 + LENGTH_BYTES > chunk.length) return -1;
    const length = chunk.readUInt32BE(lf + 1);
    const start = lf + 1 + LENGTH_BYTES;
    if (length > BODY_MAX_BYTES || start + length > chunk.length) return -1;
    emit(chunk.toString('latin1', from, lf), length === 0 ? NO_BODY : chunk.subarray(start, start + length));
    return start + length;
  }

  /** Copies what belongs to the header and its length. Returns how much was taken. */
  function readHead(chunk: Buffer, from: number): number {
    let at = from;
    if (headerBytes === 0) {
      const lf = chunk.indexOf(LF, from);
      const end = lf === -1 ? chunk.length : lf + 1;
      if (headBytes + end - from > HEADER_MAX_BYTES) {
        fault = 'header too long';
        return from;
      }
      chunk.copy(head, headBytes, from, end);
      headBytes += end - from;
      at = end;
      // What can be no header is not waited for.
      if (/[^ -~]/.test(chunk.toString('latin1', from, lf === -1 ? end : lf))) fault = 'header not ASCII';
      if (lf === -1 || fault !== null) return at;
      headerBytes = headBytes;
    }
    const take = Math.min(headerBytes + LENGTH_BYTES - headBytes, chunk.length - at);
    chunk.copy(head, headBytes, at, at + take);
    headBytes += take;
    if (headBytes < headerBytes + LENGTH_BYTES) return at + take;
    const length = head.readUInt32BE(headerBytes);
    if (length > BODY_MAX_BYTES) fault = 'body too long';
    else body = length === 0 ? NO_BODY : Buffer.allocUnsafe(length);
    return at + take;
  }

  function readBody(into: Buffer, chunk: Buffer, from: number): number {
    const take = Math.min(into.length - bodyBytes, chunk.length - from);
    chunk.copy(into, bodyBytes, from, from + take);
    bodyBytes += take;
    if (bodyBytes < into.length) return from + take;
    const header = head.toString('latin1', 0, headerBytes - 1);
    [headBytes, headerBytes, body, bodyBytes] = [0, 0, null, 0];
    emit(header, into);
    return from + take;
  }

  return {
    push(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let at = 0;
      // A body of no bytes is complete at the end of a chunk, too.
      while ((at < chunk.length || body?.length === 0) && fault === null && !stopped) {
        const whole = headBytes === 0 ? readWhole(chunk, at) : -1;
        if (whole !== -1) at = whole;
        else if (body !== null) at = readBody(body, chunk, at);
        else at = readHead(chunk, at);
      }
      return fault;
    },
    get isMidFrame() {
      return headBytes > 0;
    },
    get frameCount() {
      return frameCount;
    },
  };
}

const HEADER = /^[A-Z]{1,16}(?: [!-~]+)*$/;

type Words = Pick<Frame, 'verb' | 'args'>;

function parseHeader(text: string): Words | FrameFault {
  if (!HEADER.test(text)) return /[^ -~]/.test(text) ? 'header not ASCII' : 'header malformed';
  const [verb = '', ...args] = text.split(' ');
  return { verb, args };
}
