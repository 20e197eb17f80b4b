import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { HEAD_BYTES, headDigest, readHead } from '../../../std/file-head.js';
import { createLogSplitter } from '../../../syslog/split-log.js';
import type { ReadLimits, SourceLine } from '../source.js';
import { isFileOf, type FilePlace, type OpenedFile } from './file-identity.js';

/** One file, from a place in it to its end, and on when it grows. */
export interface FileReader {
  readonly inode: string;
  /** Behind the last line handed out. */
  readonly place: FilePlace;
  /** Waits to be handed out, by the file's size as it was at the last read. */
  readonly behindBytes: number;
  /** What is there now; `isAtEnd`: the file has no more. */
  read(limits: ReadLimits): Promise<{ lines: SourceLine[]; isAtEnd: boolean }>;
  /** It ends here: what has no LF is a line. */
  flush(): void;
  /** False: it was truncated or written anew since; it is another file now. */
  isSame(): Promise<boolean>;
  close(): Promise<void>;
}

const CHUNK_BYTES = 64 * 1024;
/** What one read goes through at most where no line is: a hole, or the rest of a line that was cut. */
const PASS_MAX_BYTES = 4 * 1024 * 1024;

/** `from`: undefined = its beginning. */
export async function createFileReader(
  opened: OpenedFile,
  from: FilePlace | undefined,
  now: () => number,
): Promise<FileReader> {
  const { file, inode } = opened;
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const pending: { line: SourceLine; to: number; isCut: boolean }[] = [];
  let at = from?.offset ?? 0;
  let size = opened.size;
  let head = await readHead(file, Math.min(at, HEAD_BYTES));
  let wholeHead: string | undefined;
  let place = placeAt(at, from?.isSkipping ?? false);

  const splitter = createLogSplitter({
    offset: at,
    isSkipping: from?.isSkipping ?? false,
    onLine({ text, from: begin, to, isCut }) {
      // The head up to the line's end: the same whenever it is read. The text: a file may be written anew under its old head.
      const eventKey = `${inode} ${digestUpTo(to)} ${begin} ${createHash('sha256').update(text).digest('hex')}`;
      pending.push({ line: { text, bytes: to - begin, receivedAt: now(), eventKey }, to, isCut });
    },
  });

  /** Of the head, as far as it reaches. */
  function digestUpTo(bytes: number): string {
    if (bytes < HEAD_BYTES || head.length < HEAD_BYTES) return headDigest(head.subarray(0, bytes));
    return (wholeHead ??= headDigest(head));
  }

  function placeAt(offset: number, isSkipping: boolean): FilePlace {
    const headBytes = Math.min(offset, head.length);
    return { inode, headBytes, headSha256: digestUpTo(headBytes), offset, isSkipping };
  }

  /** Returns how many bytes that were; 0 = the end. */
  async function readChunk(): Promise<number> {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    const bytes = chunk.subarray(0, bytesRead);
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, bytes.subarray(0, HEAD_BYTES - head.length)]);
    at += bytesRead;
    splitter.push(bytes);
    return bytesRead;
  }

  return {
    inode,
    get place() {
      return place;
    },
    get behindBytes() {
      return Math.max(0, size - place.offset);
    },
    async read({ maxLines, maxBytes }) {
      const lines: SourceLine[] = [];
      let [taken, passed, isAtEnd] = [0, 0, false];
      while (lines.length < maxLines && taken < maxBytes && passed < PASS_MAX_BYTES) {
        if (pending.length === 0) {
          const bytes = await readChunk();
          if (bytes === 0) isAtEnd = true;
          passed += bytes;
        }
        const few = pending.splice(0, maxLines - lines.length);
        for (const [index, { line, to, isCut }] of few.entries()) {
          lines.push(line);
          taken += line.bytes;
          place = placeAt(to, isCut);
          if (taken < maxBytes) continue;
          pending.unshift(...few.slice(index + 1));
          break;
        }
        if (few.length > 0) passed = 0;
        if (isAtEnd) break;
      }
      if (pending.length === 0 && splitter.doneTo > place.offset) place = placeAt(splitter.doneTo, splitter.isSkipping);
      size = isAtEnd ? at : (await file.stat()).size;
      return { lines, isAtEnd };
    },
    flush() {
      splitter.flush();
    },
    async isSame() {
      size = (await file.stat()).size;
      if (size < at) return false;
      return isFileOf({ file, inode, size }, placeAt(at, false));
    },
    close: () => file.close(),
  };
}
